#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: rest_record
short_description: Ensures a record by the REST API
version_added: 0.1.0
description:
  - Sees to it that a third party, a product, a warehouse or any other record of the API is there with these fields, or
    that it is not.
  - The record is found by what it is known by to people (O(match)), and not by its id. It has to be one. What was
    written is read back, and the module fails where the application keeps something else.
  - It speaks to the API and needs nothing on the site's host. Let it run on the controller, by C(delegate_to).
requirements:
  - requests 2.28 or newer, where it runs
extends_documentation_fragment:
  - miclinik.hosting.rest
attributes:
  check_mode:
    support: full
    description: Reads only, and says what would change.
  diff_mode:
    support: full
    description: Shows the fields that change.
options:
  resource:
    description: The list that the record is in, as the API names it, such as V(thirdparties) or V(products).
    type: str
    required: true
  match:
    description:
      - What the record is known by, as fields of the API with their values, such as C(ref) or C(name). They are set
        when it is created, and never changed.
      - Values are compared as they are. Where there is one that differs in capitals or accents only, the module fails.
    type: dict
    required: true
  fields:
    description:
      - What else it shall have. Fields that are not named stay as they are, and a null empties one.
      - A day is V(2020-07-14), in O(timezone). C(code_client) may be V(-1), so that the site chooses the code;
        without it a customer has none.
    type: dict
    default: {}
  columns:
    description:
      - Columns of the database for fields in O(match), where they have another name than the field. Those of third
        parties, contacts, orders, invoices, proposals, warehouses and projects are known.
    type: dict
    default: {}
  timezone:
    description: Time zone of the site's PHP, for days.
    type: str
    default: UTC
  state:
    description: Whether the record has to be there.
    type: str
    choices: [present, absent]
    default: present
author:
  - miclinik.hosting maintainers (@miclinik)
"""

EXAMPLES = r"""
- name: Have a product for the shop
  miclinik.hosting.rest_record:
    url: https://norte.example.org
    key: "{{ norte_key }}"
    resource: products
    match: {ref: CONSULTA-30}
    fields: {label: Consultation of 30 minutes, price: "45.50", tva_tx: 21, type: 1, status: 1}
  delegate_to: localhost
  become: false

- name: Have a customer, whose code the site chooses
  miclinik.hosting.rest_record:
    url: https://norte.example.org
    key: "{{ norte_key }}"
    resource: thirdparties
    match: {name: "Mutua del Norte (Bilbao)"}
    fields: {client: 1, code_client: -1, email: cuentas@mutua.example.org, town: Bilbao}
  delegate_to: localhost
  become: false
"""

RETURN = r"""
id:
  description: Id of the record; null where there is none.
  returned: success
  type: int
record:
  description: The record as the API gives it now, or as it was before it was deleted.
  returned: success; in check mode with what would change
  type: dict
changes:
  description: Names of the fields that changed.
  returned: success
  type: list
  elements: str
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ansible.module_utils.basic import missing_required_lib
from ansible_collections.miclinik.hosting.plugins.module_utils.client import Client, ClientError, Limits, records
from ansible_collections.miclinik.hosting.plugins.module_utils.client.transport import REQUESTS_MISSING
from ansible_collections.miclinik.hosting.plugins.module_utils.host.discreet_module import DiscreetModule


def main() -> None:
    """Run the module."""
    module = DiscreetModule(
        argument_spec={
            "url": {"type": "str", "required": True},
            "key": {"type": "str", "required": True, "no_log": True},
            "ca_path": {"type": "path"},
            "allow_http": {"type": "bool", "default": False},
            "entity": {"type": "int"},
            "timeout": {"type": "float", "default": 30.0},
            "resource": {"type": "str", "required": True},
            "match": {"type": "dict", "required": True},
            "fields": {"type": "dict", "default": {}},
            "columns": {"type": "dict", "default": {}},
            "timezone": {"type": "str", "default": "UTC"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
        supports_check_mode=True,
    )
    given = module.params
    if REQUESTS_MISSING is not None:
        module.fail_json(
            msg=missing_required_lib("requests") + ". Or run this on the controller: delegate_to: localhost",
            exception=REQUESTS_MISSING,
        )
    try:
        zone = ZoneInfo(given["timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        module.fail_json(msg=f"timezone: there is no time zone {given['timezone']}")
    kind = records.Kind(given["resource"].strip("/"), given["columns"], zone)
    try:
        with Client(
            given["url"],
            given["key"],
            limits=Limits(read=given["timeout"]),
            allow_http=given["allow_http"],
            ca=given["ca_path"],
            entity=given["entity"],
        ) as client:
            if given["state"] == "present":
                done = records.ensure(client, kind, given["match"], given["fields"], check=module.check_mode)
            else:
                done = records.ensure_absent(client, kind, given["match"], check=module.check_mode)
    except ClientError as error:
        module.fail_json(msg=str(error))
    row = done.after or done.before or {}
    number = row.get("id")
    module.exit_json(
        changed=done.changed,
        id=int(number) if number not in (None, "") else None,
        record=row,
        changes=done.changes,
        diff=_diff(done, [*given["match"], *given["fields"]]),
    )


def _diff(done: records.Ensured, names: list[str]) -> dict[str, dict[str, object]]:
    """Return what changes of what the task names."""
    shown = done.changes or names
    return {
        side: {name: row.get(name) for name in shown} if row and done.changed else {}
        for side, row in (("before", done.before), ("after", done.after))
    }


if __name__ == "__main__":
    main()
