# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules, constants and the company: idempotent, read back, refused with the mend."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .sites import TREE, BridgedSite

MODULES = ("societe", "product", "commande", "facture", "stock", "api")


@pytest.fixture
def table(installed: BridgedSite) -> Path:
    """Put a table of routes there, as the API keeps it in production mode; return its path."""
    path = installed.documents / "api" / "temp" / "routes.php"
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in (path.parent, path.parent.parent):
        folder.chmod(0o777)
    path.write_text("<?php\n")
    return path


def test_modules_are_switched_on_and_off_with_what_hangs_on_them(installed: BridgedSite) -> None:
    installed.ok("module", "disable", "societe", "commande", "facture", "stock", "product", "api")
    assert not set(MODULES) & set(installed.ok("module", "list")["enabled"])
    foreseen = installed.ok("--check", "module", "enable", "commande")
    assert (foreseen["changed"], foreseen["switched_on"]) == (True, ["commande", "societe"])
    assert foreseen["came_along"] == ["societe"]
    assert "commande" not in installed.ok("module", "list")["enabled"]
    on = installed.ok("module", "enable", "commande")
    assert (on["changed"], on["switched_on"], on["came_along"]) == (True, ["commande", "societe"], ["societe"])
    assert {"commande", "societe"} <= set(installed.ok("status")["modules"])
    again = installed.ok("module", "enable", "commande", "Societe")
    assert (again["changed"], again["switched_on"]) == (False, [])
    told = installed.ok("--check", "module", "disable", "societe")
    assert (told["switched_off"], told["came_along"]) == (["commande", "societe"], ["commande"])
    off = installed.ok("module", "disable", "societe")
    assert (off["switched_off"], off["came_along"]) == (["commande", "societe"], ["commande"])
    assert not installed.ok("module", "disable", "societe")["changed"]


def test_tables_without_which_no_product_is_deleted_on_postgresql(installed: BridgedSite) -> None:
    """Dolibarr#37110: they are of a module that is off."""
    table, wanted = "llx_product_attribute_combination", []
    if installed.server.engine == "pgsql" and (TREE / f"install/mysql/tables/{table}-variants.sql").is_file():
        wanted = [table]
        installed.sql(f"DROP TABLE IF EXISTS {table} CASCADE")
    installed.ok("module", "disable", "variants")
    foreseen = installed.ok("--check", "module", "enable", "product")
    assert foreseen["tables"] == wanted
    made = installed.ok("module", "enable", "product")
    assert (made["tables"], made["changed"] or not wanted) == (wanted, True)
    assert "variants" not in made["enabled"]
    if wanted:
        assert installed.sql(f"SELECT COUNT(*) FROM {table}") == ["0"]  # noqa: S608 (a constant of this test)
    again = installed.ok("module", "enable", "product")
    assert (again["tables"], again["changed"]) == ([], False)
    assert installed.ok("module", "enable", "societe")["tables"] == []


def test_folders_of_modules_that_are_on_are_made_again(installed: BridgedSite) -> None:
    installed.ok("module", "enable", "societe", "api")
    for name in ("societe", "api"):
        shutil.rmtree(installed.documents / name, ignore_errors=True)
    gone = installed.ok("module", "list", given={"declared": ["societe", "API"]})["folders"]
    assert {"api/temp", "societe/temp"} <= set(gone)
    foreseen = installed.ok("--check", "module", "enable", "societe", "api")
    assert (foreseen["changed"], foreseen["folders"]) == (True, gone)
    assert not (installed.documents / "api").exists()
    made = installed.ok("module", "enable", "societe", "api")
    assert (made["changed"], made["switched_on"], made["folders"]) == (True, [], gone)
    assert made["diff"]["after"]["folders"] == gone
    assert all((installed.documents / name).is_dir() for name in gone)
    again = installed.ok("module", "enable", "societe", "api")
    assert (again["changed"], again["folders"]) == (False, [])
    assert installed.ok("module", "list", given={"declared": ["societe"]})["folders"] == []


def test_an_unknown_module_is_refused_before_anything_changes(installed: BridgedSite) -> None:
    before = installed.ok("module", "list")["enabled"]
    error = installed.error("module", "enable", "stock", "societ")
    assert error["code"] == "unknown_module"
    assert installed.version() in error["message"]
    assert error["mend"].startswith("Near names: societe, ")
    assert installed.ok("module", "list")["enabled"] == before


def test_the_module_of_users_stays_on(installed: BridgedSite) -> None:
    assert installed.error("module", "disable", "user")["code"] == "kept_module"


def test_a_stale_table_of_routes_is_dropped(installed: BridgedSite, table: Path) -> None:
    installed.ok("module", "disable", "stock")
    table.write_text("<?php\n")
    assert installed.ok("status")["route_cache"]
    assert not installed.ok("module", "disable", "stock")["route_cache_dropped"]
    assert table.exists()
    assert installed.ok("module", "enable", "stock")["route_cache_dropped"]
    assert not table.exists()
    assert not installed.ok("status")["route_cache"]


def test_constants_keep_what_they_are_given(installed: BridgedSite) -> None:
    set_ = installed.ok("constant", "set", "MICLINIK_TEST", "50")
    assert (set_["changed"], set_["entity"], set_["value"]) == (True, 0, "50")
    assert not installed.ok("constant", "set", "MICLINIK_TEST", given={"value": 50})["changed"]
    assert installed.ok("constant", "get", "MICLINIK_TEST")["value"] == "50"
    difficult = 'it\'s "50" % \\ <b> ñ'
    assert installed.ok("constant", "set", "MICLINIK_TEST", given={"value": difficult})["changed"]
    assert not installed.ok("constant", "set", "MICLINIK_TEST", given={"value": difficult})["changed"]
    assert installed.ok("constant", "get", "MICLINIK_TEST")["value"] == difficult
    assert installed.ok("constant", "set", "MICLINIK_TEST", given={"value": True})["value"] == "1"
    assert installed.ok("constant", "set", "MICLINIK_TEST", given={"value": False})["value"] == "0"
    assert installed.ok("constant", "get", "MICLINIK_TEST")["set"]
    foreseen = installed.ok("--check", "constant", "unset", "MICLINIK_TEST")
    assert foreseen["diff"] == {"before": {"MICLINIK_TEST": "0"}, "after": {"MICLINIK_TEST": None}}
    assert installed.ok("constant", "unset", "MICLINIK_TEST")["changed"]
    assert not installed.ok("constant", "unset", "MICLINIK_TEST")["changed"]
    assert not installed.ok("constant", "get", "MICLINIK_TEST")["set"]


def _rows(site: BridgedSite, name: str) -> list[str]:
    return site.sql(f"SELECT CONCAT(entity, '=', value) FROM llx_const WHERE name = '{name}' ORDER BY entity")  # noqa: S608


def test_there_is_a_way_back(installed: BridgedSite) -> None:
    """What was there is told by entity, since a value is set in two of them."""
    name = "MICLINIK_BACK"
    set_ = installed.ok("constant", "set", name, "a")
    assert set_["former"] == {"0": None, "1": None}
    assert installed.ok("constant", "unset", name)["former"] == {"0": "a", "1": "a"}
    for entity, other in (("0", "1"), ("1", "0")):
        installed.ok("--entity", entity, "constant", "set", name, "before")
        former = installed.ok("--check", "constant", "set", name, "after")["former"]
        assert installed.ok("constant", "set", name, "after")["former"] == former == {entity: "before", other: None}
        assert _rows(installed, name) == ["0=after", "1=after"]
        installed.ok("--entity", entity, "constant", "set", name, former[entity])
        installed.ok("--entity", other, "constant", "unset", name)
        assert _rows(installed, name) == [f"{entity}=before"]
        installed.ok("constant", "unset", name)
    assert installed.ok("constant", "set", "MICLINIK_BACK_KEY", "abcdef")["former"] == {"0": None, "1": None}
    assert installed.ok("constant", "unset", "MICLINIK_BACK_KEY")["former"] == {"0": "********", "1": "********"}
    assert installed.ok("constant", "unset", "MICLINIK_BACK_KEY")["former"] == {}


def test_a_constant_holds_for_every_entity(installed: BridgedSite) -> None:
    """Callers of the API choose whose constants count: one that is in entity 1 alone is none for the others."""
    assert installed.ok("--entity", "1", "constant", "set", "MICLINIK_ALL", "a")["entity"] == 1
    assert _rows(installed, "MICLINIK_ALL") == ["1=a"]
    foreseen = installed.ok("--check", "constant", "set", "MICLINIK_ALL", "a")
    label = "MICLINIK_ALL (entity 0)"
    assert (foreseen["changed"], foreseen["diff"]) == (True, {"before": {label: None}, "after": {label: "a"}})
    assert _rows(installed, "MICLINIK_ALL") == ["1=a"]
    assert installed.ok("constant", "set", "MICLINIK_ALL", "a")["changed"]
    assert _rows(installed, "MICLINIK_ALL") == ["0=a", "1=a"]
    assert not installed.ok("constant", "set", "MICLINIK_ALL", "a")["changed"]
    # The application's pages write into entity 1, which goes before entity 0.
    installed.ok("--entity", "1", "constant", "set", "MICLINIK_ALL", "b")
    assert installed.ok("constant", "get", "MICLINIK_ALL")["value"] == "b"
    assert installed.ok("constant", "set", "MICLINIK_ALL", "a")["changed"]
    assert _rows(installed, "MICLINIK_ALL") == ["0=a", "1=a"]
    assert installed.ok("constant", "unset", "MICLINIK_ALL")["changed"]
    assert _rows(installed, "MICLINIK_ALL") == []


@pytest.mark.parametrize("entity", ["abc", "", "-1", "1e3", "0x1", "1 ", "99999999999"])
def test_an_entity_is_a_number(installed: BridgedSite, entity: str) -> None:
    for command in (("get", "MICLINIK_ALL"), ("set", "MICLINIK_ALL", "a"), ("unset", "MICLINIK_ALL")):
        error = installed.error("--entity", entity, "constant", *command)
        assert (error["code"], error["message"]) == (
            "usage",
            f'"entity" wants a number from 0 on, and is "{entity}".',
        )
    assert _rows(installed, "MICLINIK_ALL") == []


def test_an_entity_that_a_command_does_not_take_is_told(installed: BridgedSite) -> None:
    error = installed.error("--entity", "2", "module", "enable", "stock")
    assert error["message"] == 'The command "module enable" does not take --entity.'


def test_an_entity_that_the_site_does_not_have_is_refused(installed: BridgedSite) -> None:
    installed.sql("CREATE TABLE llx_entity (rowid integer)")
    if installed.server.engine == "pgsql":
        installed.sql(f"ALTER TABLE llx_entity OWNER TO {installed.name}")
    try:
        installed.sql("INSERT INTO llx_entity VALUES (2)")
        installed.ok("--entity", "2", "constant", "set", "MICLINIK_SOME", "a")
        assert installed.error("--entity", "3", "constant", "set", "MICLINIK_SOME", "a")["code"] == "unknown_entity"
        installed.ok("--entity", "2", "constant", "unset", "MICLINIK_SOME")
    finally:
        installed.sql("DROP TABLE llx_entity")


def test_what_another_entity_has_set_gives_way_to_a_switch_only(installed: BridgedSite) -> None:
    installed.ok("--entity", "2", "constant", "set", "MICLINIK_TWO", "own")
    installed.ok("constant", "set", "MICLINIK_TWO", "a")
    assert _rows(installed, "MICLINIK_TWO") == ["0=a", "1=a", "2=own"]
    order = {"command": "constant set", "args": {"name": "MICLINIK_TWO", "value": "a", "everywhere": True}}
    assert installed.ok("batch", given=[order])["changed"]
    assert _rows(installed, "MICLINIK_TWO") == ["0=a", "1=a", "2=a"]
    assert not installed.ok("batch", given=[order])["changed"]
    installed.ok("batch", given=[{"command": "constant unset", "args": {"name": "MICLINIK_TWO", "everywhere": True}}])
    assert _rows(installed, "MICLINIK_TWO") == []


def test_what_holds_is_left_alone_where_that_is_asked_for(installed: BridgedSite) -> None:
    """The application ships its own values in entity 0 or in 1, and not in both."""

    def given(value: str, **more: bool) -> bool:
        order = {"command": "constant set", "args": {"name": "MICLINIK_ONE", "value": value, **more}}
        return bool(installed.ok("batch", given=[order])["changed"])

    for entity in ("0", "1"):
        installed.ok("--entity", entity, "constant", "set", "MICLINIK_ONE", "a")
        assert not given("a", holding=True)
        assert _rows(installed, "MICLINIK_ONE") == [f"{entity}=a"]
        assert given("b", holding=True)
        assert not given("b")
        assert _rows(installed, "MICLINIK_ONE") == ["0=b", "1=b"]
        installed.ok("constant", "unset", "MICLINIK_ONE")
    # What is hidden by the current entity's own does not hold.
    installed.ok("constant", "set", "MICLINIK_ONE", "a")
    installed.ok("--entity", "1", "constant", "set", "MICLINIK_ONE", "b")
    assert given("a", holding=True)
    assert not given("a")
    installed.ok("constant", "unset", "MICLINIK_ONE")


@pytest.mark.parametrize("name", ["X_PASS", "X_PASSWORD", "X_PW", "X_KEY", "X_TOKEN", "X_SECRET"])
def test_secret_constants_are_stored_and_not_shown(installed: BridgedSite, name: str) -> None:
    secret = f"hush-hush-{name}"
    outputs = [installed.run("constant", "set", name, given={"value": secret}).stdout for _ in range(2)]
    outputs.append(installed.run("constant", "get", name).stdout)
    assert [secret in output for output in outputs] == [False, False, False]
    assert '"changed":true' in outputs[0]
    assert '"changed":false' in outputs[1]
    assert installed.ok("constant", "get", name)["value"] == "********"
    assert not installed.ok("constant", "set", name, given={"value": secret})["changed"]
    assert installed.ok("constant", "unset", name)["changed"]


def test_a_switch_of_a_module_is_no_constant_to_set(installed: BridgedSite) -> None:
    error = installed.error("constant", "set", "MAIN_MODULE_STOCK", "1")
    assert error["code"] == "module_constant"
    assert error["mend"] == "Use: miclinikctl module enable|disable stock"


@pytest.mark.parametrize(
    ("name", "value", "code"), [("bad-name", "1", "bad_name"), ("X_Y", [1], "bad_value"), ("X_Y", "", "bad_value")]
)
def test_nonsense_is_refused(installed: BridgedSite, name: str, value: object, code: str) -> None:
    assert installed.error("constant", "set", name, given={"value": value})["code"] == code


def test_the_company(installed: BridgedSite) -> None:
    wanted = {"name": "Clínica 'Norte'", "country": "es", "currency": "eur", "language": "es_ES"}
    first = installed.ok("company", "ensure", given=wanted)
    country = installed.sql("SELECT rowid FROM llx_c_country WHERE code = 'ES'")[0]
    assert first["changed"]
    assert first["constants"]["MAIN_INFO_SOCIETE_COUNTRY"].startswith(f"{country}:ES:")
    assert first["constants"]["MAIN_INFO_SOCIETE_NOM"] == "Clínica 'Norte'"
    assert first["constants"]["MAIN_MONNAIE"] == "EUR"
    assert first["constants"]["MAIN_LANG_DEFAULT"] == "es_ES"
    second = installed.ok("company", "ensure", given=wanted)
    assert (second["changed"], second["diff"]) == (False, {"before": {}, "after": {}})
    # The label is that of whoever saved it: another language of it is no change.
    installed.ok("constant", "set", "MAIN_INFO_SOCIETE_COUNTRY", f"{country}:ES:España")
    assert not installed.ok("company", "ensure", given=wanted)["changed"]
    assert installed.error("company", "ensure", given={"country": "ZZ"})["code"] == "unknown_country"
    assert installed.error("company", "ensure", given={"currency": "ZZZ"})["code"] == "unknown_currency"
    assert installed.error("company", "ensure", given={"language": "español"})["code"] == "unknown_language"
    assert installed.error("company", "ensure", given={"city": "x"})["code"] == "usage"
