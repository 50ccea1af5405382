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
