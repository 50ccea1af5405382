# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place that knows what differs between the application's versions and databases.

Measured on Dolibarr 15.0.3, 16.0.3, 20.0.2 and 22.0.4, with PHP 8.2 and 8.4. A version between two measured ones is
expected to behave as the older of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

#: feature: {first major version: behaviour}
TABLE: dict[str, dict[int, object]] = {
    # A list without entries: 200 [] or 404. Third parties answer 404 in every version.
    "empty_list_status": {15: 404, 20: 200},
    # What creates answers with the bare id; with PostgreSQL older versions write it as a string.
    "created_id": {15: int},
    "created_id_postgresql": {15: str, 20: int},
    # /status says more than version and lock, unless $dolibarr_main_prod is set.
    "status_environment": {15: False, 20: True},
    # Authorization: Bearer carries a key.
    "bearer": {15: False, 22: True},
    # Least seconds that a wrong key costs.
    "wrong_key_seconds": {15: 0.0, 20: 1.0},
    # A stored (encrypted) key sent as the key.
    "stored_key_status": {15: 401, 20: 503},
    # Right or module missing.
    "forbidden_status": {15: 401, 20: 403},
    # sqlfilters that is no filter: refused, or taken and all rows given.
    "bad_filter_status": {15: 200, 20: 400},
    # The same with a subquery or a function in it: refused by the filter's own grammar, or by the database.
    "subquery_status": {15: 503, 20: 400},
    # sqlfilters without parentheses.
    "bare_filter_status": {15: 503, 20: 200},
    # `properties` names the members wanted.
    "properties": {15: False, 22: True},
    # Script in the query string: refused by the application's filter, in words, with this status.
    "waf_query_status": {15: 200, 20: 403},
    # Letters beyond the 16 bits of old Unicode are kept in a label; else each of their bytes becomes a question mark.
    "wide_letters": {15: False, 22: True},
    # JSON sent under the content type of a form.
    "json_as_form": {15: (400, "application/json"), 22: (403, "text/html")},
    # DELETE of a product that an order uses, and whether the body is an error or a bare 0.
    "delete_used_product": {15: (200, 0), 20: (409, None)},
    # DELETE of an unused product. 20 needs modMrp for it, 22 on PostgreSQL modVariants.
    "delete_product_status": {15: 200, 20: 409, 22: 200},
    "delete_product_status_postgresql": {15: 200, 20: 409, 22: 500},
}


@dataclass(frozen=True)
class Features:
    """What the version at hand does. `database` is mariadb or postgresql."""

    version: str
    database: str

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0])

    def __getitem__(self, feature: str) -> object:
        """Behaviour of this version.

        :raises KeyError: there is no such feature, or the version is older than 15.
        """
        rows = TABLE.get(f"{feature}_{self.database}") or TABLE[feature]
        known = [first for first in rows if first <= self.major]
        if not known:
            raise KeyError(f"{feature} was not measured on {self.version}")
        return rows[max(known)]
