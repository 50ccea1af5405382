# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site is, as an inventory: one order, no secret, and what preflight takes."""

from __future__ import annotations

from typing import Any

import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import export
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules


def user(login: str, **other: object) -> dict[str, Any]:
    found = {"login": login, "lastname": login, "firstname": "", "email": "", "language": "", "admin": False}
    found |= {"state": "present", "rights": [], "groups": [], "entity": 1, "key": None, "third_party": None}
    return found | other


ANSWERS: list[dict[str, Any]] = [
    {"command": "module list", "enabled": ["user", "societe", "api"]},
    {"command": "company show", "company": {"name": "Norte", "country": "ES", "language": "es_ES", "logo": "n.png"}},
    {
        "command": "constant list",
        "constants": {"B_TEXT": "{{ x }}", "A_KEY": "********", "API_EXPLORER_DISABLED": "1", "EMPTY": ""},
        "secret": ["A_KEY"],
        "entities": {"2": {"A": "1"}},
    },
    {"command": "extrafield list", "extra_fields": {}},
    {
        "command": "numbering show",
        "numbering": {"invoice": {"model": "terre"}, "product": {"model": "gone"}},
        "models": {"invoice": ["terre", "mercure"]},
    },
    {"command": "rights default", "default_rights": ["societe.lire"]},
    {
        "command": "user list",
        "users": [
            user("admin", admin=True),
            user("robot", key="encrypted", rights=["b.x", "a.x"]),
            user("ana", lastname="Ana", groups=["Caja"]),
            user("luis", state="disabled"),
            user("client", third_party=3),
        ],
    },
    {
        "command": "dictionary changed",
        "dictionaries": {"vat_rates": [{"country": "ES", "code": "", "rate": 7.5, "npr": 0}]},
        "unclear": ["units X"],
        "known": True,
    },
    {"command": "group list", "groups": [{"name": "Caja", "note": "", "rights": []}]},
]


def written() -> str:
    entry, lost = export.entry("norte", "https://erp.example.org/erp", "22.0.4", "admin", ANSWERS)
    return export.text(entry, lost, "22.0.4")


def test_it_is_what_preflight_takes() -> None:
    text = written().replace("!unsafe ", "").replace("{{ vault_norte_robot_key }}", "0a1b2c3d" * 5)
    text = text.replace("{{ vault_norte_admin_password }}", "Jk8-wq2_Lm4-Zt7")
    (site,) = yaml.safe_load(text)["miclinik_sites"]
    assert [str(problem) for problem in rules.check([site])] == []
    assert (site["domain"], site["base_path"], site["modules"]) == ("erp.example.org", "/erp", ["societe"])
    assert site["api"]["explorer"] is False
    assert [one["login"] for one in site["users"]] == ["ana"]
    assert site["api"]["users"][0]["rights"] == ["a.x", "b.x"]
    assert site["numbering"] == {"invoice": {"model": "terre"}}


def test_secrets_are_named_and_what_is_lost_is_told() -> None:
    text = written()
    assert 'A_KEY: "{{ vault_norte_constant_a_key }}"' in text
    assert 'B_TEXT: !unsafe "{{ x }}"' in text
    assert "********" not in text
    for words in ("company.logo (n.png)", "user luis, who is disabled", "user client, who is of a third party"):
        assert f"# - {words}" in text
    assert "# - constants of entity 2" in text
    assert "EMPTY" not in text


def test_switches_of_the_api_are_keys_and_no_constants() -> None:
    given = {"explorer": True, "login": True}
    own = promises._constants(given)
    assert {name for name in own if not name.startswith("MAIN_MODULE_")} <= export._SWITCHES


def _entry(*, files: dict[str, str] | None = None, **other: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    answers = [answer | other.get(answer["command"].replace(" ", "_"), {}) for answer in ANSWERS]
    return export.entry("norte", "https://erp.example.org", "22.0.4", "admin", answers, files)


def test_rows_of_dictionaries_that_cannot_be_declared_are_told() -> None:
    entry, lost = _entry()
    assert entry["dictionaries"] == {"vat_rates": [{"country": "ES", "code": "", "rate": 7.5, "npr": 0}]}
    assert any(line.startswith("dictionary units X: another row has its code") for line in lost)
    entry, lost = _entry(dictionary_changed={"dictionaries": {}, "unclear": [], "known": False})
    assert "dictionaries" not in entry
    assert any("no folder install/mysql/data" in line for line in lost)


def test_a_logo_that_was_put_beside_it() -> None:
    assert export.logos(ANSWERS) == {"logo": "n.png"}
    entry, lost = _entry()
    assert "logo" not in entry["company"]
    assert "company.logo (n.png): a file, which export --files FOLDER brings" in lost
    entry, lost = _entry(files={"logo": "norte/n.png"})
    assert (entry["company"]["logo"], any("logo" in line for line in lost)) == ("norte/n.png", False)


def test_constants_of_entities_where_people_can_choose_one() -> None:
    entry, lost = _entry()
    assert ("entities" in entry, "constants of entity 2" in lost) == (False, True)
    named = {"2": {"A": "1", "A_KEY": "********"}, "10": {"EMPTY": ""}}
    entry, lost = _entry(
        module_list={"enabled": ["api", "multicompany"]}, constant_list={"entities": named, "secret": ["A_KEY"]}
    )
    secret = "{{ vault_norte_entity_2_constant_a_key }}"
    assert entry["entities"] == [{"id": 2, "constants": {"A": "1", "A_KEY": secret}}]
    assert not any("entity 2" in line for line in lost)


def test_what_the_api_is_told() -> None:
    off = {"constants": {"API_DISABLE_LOGIN_API": "1"}}
    assert _entry(constant_list=off)[0]["api"]["login"] is False
    assert _entry()[0]["api"]["explorer"] is False
    # On 24 the endpoint is off unless it was switched on.
    for constants, login in (({}, False), ({"API_ENABLE_LOGIN_API": "1"}, True)):
        answers = [one | ({"constants": constants} if one["command"] == "constant list" else {}) for one in ANSWERS]
        entry, _ = export.entry("norte", "https://x", "24.0.0-beta", "admin", answers)
        assert {key: entry["api"][key] for key in ("explorer", "login")} == {"explorer": True, "login": login}
