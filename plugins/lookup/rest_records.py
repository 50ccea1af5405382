# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads records of a site by its REST API."""

from __future__ import annotations

DOCUMENTATION = """
name: rest_records
author: miclinik.hosting maintainers (@miclinik)
version_added: 0.1.0
short_description: Reads records by the REST API
description:
  - Returns the records of a list of the API that fit a filter, all pages of it. It runs on the controller.
requirements:
  - requests 2.28 or newer
options:
  _terms:
    description: Lists of the API, such as V(products) or V(setup/dictionary/countries).
    type: list
    elements: str
    required: true
  url:
    description: URL of the site, with or without C(/api/index.php).
    type: str
    required: true
    env: [{name: MICLINIK_BASE_URL}]
  key:
    description: Key of the API user.
    type: str
    required: true
    env: [{name: MICLINIK_API_KEY}]
  ca_path:
    description: File of the authorities to check the certificate with, instead of the public ones.
    type: path
    env: [{name: MICLINIK_CA}]
  allow_http:
    description: Send the key without TLS, to another host than this one.
    type: bool
    default: false
  entity:
    description: For multicompany, the entity to work in.
    type: int
  timeout:
    description: Seconds to wait for an answer.
    type: float
    default: 30.0
  where:
    description:
      - What the records have, by columns of the database. A value is equal, a list is one of these, a null is nothing.
      - A mapping compares otherwise, by C(eq), C(ne), C(lt), C(le), C(gt), C(ge), C(like), C(notlike), C(contains),
        C(startswith), C(isin) or C(notin). All have to hold.
    type: dict
    default: {}
  query:
    description: What else stands in the query, such as C(sortfield), C(mode), C(properties).
    type: dict
    default: {}
"""
EXAMPLES = """
- name: Name the customers of two towns that came this year
  ansible.builtin.debug:
    msg: "{{ lookup('miclinik.hosting.rest_records', 'thirdparties', wantlist=true, url='https://norte.example.org',
      key=norte_key, where=wanted, query={'mode': 1, 'sortfield': 't.nom'}) | map(attribute='name') }}"
  vars:
    wanted:
      t.town: [Bilbao, "L'Hospitalet"]
      t.datec: {ge: "2026-01-01"}
"""
RETURN = """
_raw: {description: The records as the API gives them., type: list, elements: dict}
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    Client,
    ClientError,
    Field,
    Filter,
    Limits,
    UsageError,
)

COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "like", "notlike", "contains", "startswith", "isin", "notin")


class LookupModule(LookupBase):  # type: ignore[misc]
    """The lookup ``miclinik.hosting.rest_records``."""

    def run(self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: object) -> list[Any]:
        """Return the records."""
        self.set_options(var_options=variables, direct=kwargs)
        try:
            where = _filter(self.get_option("where"))
            with Client(
                str(self.get_option("url")),
                str(self.get_option("key")),
                limits=Limits(read=self.get_option("timeout")),
                allow_http=self.get_option("allow_http"),
                ca=self.get_option("ca_path"),
                entity=self.get_option("entity"),
            ) as client:
                query = self.get_option("query")
                return [row for term in terms for row in client.rows(str(term), where, **query)]
        except ClientError as error:
            raise AnsibleLookupError(f"miclinik.hosting.rest_records: {error}") from None


def _filter(where: Mapping[str, Any]) -> Filter | None:
    parts = [part for column, value in where.items() for part in _compared(Field(str(column)), value)]
    return reduce(and_, parts) if parts else None


def _compared(column: Field, value: Any) -> Iterable[Filter]:  # noqa: ANN401 (any YAML)
    if isinstance(value, list):
        return [column.isin(value)]
    if not isinstance(value, Mapping):
        return [column.eq(value)]
    unknown = set(value) - set(COMPARISONS)
    if unknown or not value:
        raise UsageError(
            f"where: {', '.join(sorted(unknown)) or 'nothing'} is no comparison; {', '.join(COMPARISONS)} are"
        )
    return [getattr(column, name)(operand) for name, operand in value.items()]
