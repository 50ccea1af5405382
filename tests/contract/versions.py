# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one place that knows what differs between the application's versions, databases and modules.

Measured on Dolibarr 15.0.3, 16.0.3, 20.0.2 and 22.0.4, with PHP 8.2 and 8.4, on 17.0.2, 19.0.2 and 20.0.0 with PHP 8.2
and MariaDB, and PHP 8.4 and PostgreSQL, and on a tree that calls itself 23.1.0 and 24.0.0-beta with PHP 8.2 and
MariaDB. A version between two measured ones is expected to behave as the older of the two, one newer than all as the
newest.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Modules that change an answer of the suite by tables that they bring; the tables stay when the module is off again.
MODULES = ("mrp", "variants")

#: feature, _module and _database where it matters: {first major version: behaviour}; None: this name says nothing
TABLE: dict[str, dict[int, object]] = {
    # A list without entries: 200 [] or 404. Third parties answer 404 in every version.
    "empty_list_status": {15: 404, 19: 200},
    # What creates answers with the bare id; with PostgreSQL older versions write it as a string.
    "created_id": {15: int},
    "created_id_postgresql": {15: str, 20: int},
    # The same of orders and invoices.
    "created_document_id": {15: int},
    "created_document_id_postgresql": {15: str, 19: int},
    # /status says more than version and lock, unless $dolibarr_main_prod is set.
    "status_environment": {15: False, 20: True},
    # Authorization: Bearer carries a key.
    "bearer": {15: False, 22: True},
    # Least seconds that a wrong key costs.
    "wrong_key_seconds": {15: 0.0, 20: 1.0},
    # A stored (encrypted) key sent as the key.
    "stored_key_status": {15: 401, 19: 503},
    # Right or module missing.
    "forbidden_status": {15: 401, 20: 403},
    # sqlfilters that is no filter: refused, or taken and all rows given.
    "bad_filter_status": {15: 200, 17: 400},
    # The same with a subquery or a function in it: refused by the filter's own grammar, or by the database.
    "subquery_status": {15: 503, 17: 400},
    # A subquery without parentheses as the list of `in`: the database refuses its words run together, or runs it. 22
    # does the first once MAIN_DISALLOW_UNSECURED_SELECT_INTO_EXTRAFIELDS_FILTER is 1; others have no such setting.
    "listed_subquery_status": {15: 503, 19: 200, 22: 503},
    # What a word without quotes is in a filter. PostgreSQL compares no text with a number.
    "bare_word": {15: "column", 17: "0", 22: "column"},
    "number_in_text_status": {15: 200},
    "number_in_text_status_postgresql": {15: 503},
    # sqlfilters without parentheses.
    "bare_filter_status": {15: 503, 17: 400, 19: 200},
    # `properties` names the members wanted.
    "properties": {15: False, 19: True},
    # Script in the query string: refused by the application's filter, in words, with this status.
    "waf_query_status": {15: 200, 19: 403},
    # Letters beyond the 16 bits of old Unicode are kept in a label; else each of their bytes becomes a question mark.
    "wide_letters": {15: False, 19: True},
    "wide_letters_postgresql": {15: None, 16: True},
    # Two dots in a reference are taken out.
    "dots_in_reference": {15: "..", 16: ""},
    # JSON sent under the content type of a form.
    "json_as_form": {15: (400, "application/json"), 22: (403, "text/html")},
    # Validating an order with a line of a product that is not on sale, which is what a product without `status` is.
    "validate_off_sale_status": {15: 200, 23: 500},
    # A member of an answer that is the class's own business is sent back with a change: 24 refuses "element", "user"
    # and others, so that no third party or order can be put back whole.
    "inner_member_status": {15: 200, 24: 400},
    # DELETE of a product that an order uses, and whether the body is an error or a bare 0.
    "delete_used_product": {15: (200, 0), 17: (409, None)},
    # DELETE of an unused product. 20 asks for a table that module mrp brings, 22 for one of module variants, and
    # PostgreSQL does not forgive that within a transaction. mrp on 20 with PostgreSQL was not measured.
    "delete_product_status": {15: 200, 20: 409, 22: 200},
    "delete_product_status_mrp_mariadb": {15: None, 20: 200, 22: None},
    "delete_product_status_postgresql": {15: 200, 20: 409, 22: 500},
    "delete_product_status_variants_postgresql": {15: None, 22: 200},
}


@dataclass(frozen=True)
class Features:
    """What the version at hand does. `database` is mariadb or postgresql, `modules` those of `MODULES` that count."""

    version: str
    database: str
    modules: frozenset[str] = frozenset()

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.partition(".")[0])

    def __getitem__(self, feature: str) -> object:
        """Behaviour of this version.

        :raises KeyError: there is no such feature, or the version is older than 15.
        """
        names = [f"{feature}_{module}_{self.database}" for module in sorted(self.modules)]
        for name in (*names, f"{feature}_{self.database}"):
            behaviour = self._row(name, TABLE.get(name, {15: None}))
            if behaviour is not None:
                return behaviour
        return self._row(feature, TABLE[feature])

    def _row(self, name: str, rows: dict[int, object]) -> object:
        known = [first for first in rows if first <= self.major]
        if not known:
            raise KeyError(f"{name} was not measured on {self.version}")
        return rows[max(known)]
