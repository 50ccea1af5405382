# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules themselves: what they return, what they keep to themselves, and how they fail."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from .conftest import Host, failure

KEY = "0123456789abcdef0123456789abcdef01234567"
PASSWORD = "p4ssword-of-the-test"
DIFF = {"before": {"enabled": False}, "after": {"enabled": True}}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def module(norte: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a module on the host and returns its result."""
    monkeypatch.setattr(bridge_client.Bridge.__init__, "__defaults__", (norte.run, None))

    def run(name: str, arguments: dict[str, Any], check: bool = False) -> dict[str, Any]:
        main = importlib.import_module(f"ansible_collections.miclinik.hosting.plugins.modules.{name}").main
        with patch_module_args(arguments | {"_ansible_check_mode": check}), pytest.raises(SystemExit) as ended:
            main()
        result: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert ended.value.code == (1 if result.get("failed") else 0)
        return result

    return run


def user(**more: object) -> dict[str, Any]:
    """Return the bridge's answer about one user."""
    answer = {
        "command": "user ensure",
        "login": "shop",
        "changed": True,
        "changes": ["created"],
        "user": {"login": "shop"},
    }
    return answer | {"diff": {"before": {}, "after": {"login": "shop"}}} | more


def test_rest_api_does_all_sites_and_returns_no_secret(norte: Host, module: Run) -> None:
    norte.put_site("sur")
    norte.answers = [{"ok": True, "changed": True, "answers": [user()]}] * 2
    sites = [
        {"name": name, "constants": {"SMTP_PW": "hush"}, "users": [{"login": "shop", "key": KEY, "password": PASSWORD}]}
        for name in ("norte", "sur")
    ]
    result = module("rest_api", {"sites": sites})
    assert result["changed"]
    assert sorted(result["sites"]) == ["norte", "sur"]
    assert result["sites"]["sur"]["changes"] == ["user shop: created"]
    assert [entry["before_header"] for entry in result["diff"]] == ["site norte", "site sur"]
    text = json.dumps(result)
    assert KEY not in text
    assert PASSWORD not in text
    assert "hush" not in text
    assert sorted(words[3] for words, _ in norte.asked) == ["norte", "sur"]


def test_rest_api_goes_on_with_the_others_when_a_site_fails(norte: Host, module: Run) -> None:
    norte.answers = [{"ok": True, "changed": True, "answers": [user()]}]
    result = module("rest_api", {"sites": [{"name": "oeste"}, {"name": "norte"}]})
    assert result["failed"]
    assert result["msg"] == f"site 'oeste': {norte.state}/oeste/site.json is missing. Run the role application."
    assert [error["site"] for error in result["errors"]] == ["oeste"]
    assert result["sites"]["norte"]["changed"]
    assert result["changed"]


def test_rest_user_fails_with_what_was_seen_and_the_mend(norte: Host, module: Run) -> None:
    norte.answers = [failure("unknown_right", failed_command="user ensure")]
    result = module("rest_user", {"site": "norte", "login": "shop", "rights": ["produit.lire"], "password": PASSWORD})
    assert result["failed"]
    assert result["errors"] == [
        {
            "site": "norte",
            "code": "unknown_right",
            "expected": "`miclinikctl user ensure` to succeed",
            "seen": "It was seen.",
            "mend": "Mend it.",
        }
    ]
    assert PASSWORD not in json.dumps(result)


def test_rest_user_passes_on_what_is_asked_for(norte: Host, module: Run) -> None:
    norte.answers = [{"ok": True, "changed": True, "answers": [user()]}]
    result = module("rest_user", {"site": "norte", "login": "shop", "rights": [], "exact": False, "key": KEY})
    args = {"login": "shop", "enabled": True, "rights": [], "exact": False, "key": KEY, "existing": True}
    assert norte.asked[0][1] == [{"command": "user ensure", "args": args}]
    assert result["changes"] == ["created"]
    assert result["diff"] == {"before": "{}\n", "after": '{\n  "login": "shop"\n}\n'}


def test_rest_user_disables(norte: Host, module: Run) -> None:
    norte.answers = [{"ok": True, "changed": False, "answers": [user(command="user disable", changed=False)]}]
    result = module("rest_user", {"site": "norte", "login": "shop", "state": "disabled"})
    assert norte.asked[0][1] == [{"command": "user disable", "args": {"login": "shop"}}]
    assert not result["changed"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("rest_user", {"login": "shop"}),
        ("app_module", {"name": ["api"]}),
        ("app_constant", {"name": "A", "value": "hush"}),
        ("rest_key", {"login": "shop"}),
    ],
)
def test_check_mode_before_the_site_is_made_says_changed(
    norte: Host, module: Run, name: str, arguments: dict[str, Any]
) -> None:
    result = module(name, {"site": "este"} | arguments, check=True)
    assert result["changed"]
    assert result["pending"] == f"{norte.state}/este/site.json is missing."
    assert "hush" not in json.dumps(result)
    assert module(name, {"site": "este"} | arguments)["failed"]


def test_app_module_switches_both_ways(norte: Host, module: Run) -> None:
    answer = {"command": "module enable", "changed": False, "switched_on": [], "switched_off": [], "came_along": []}
    answer |= {"enabled": ["api"], "route_cache_dropped": False, "diff": {"before": {}, "after": {}}}
    norte.answers = [{"ok": True, "changed": False, "answers": [answer]}] * 2
    assert not module("app_module", {"site": "norte", "name": ["api"]})["changed"]
    module("app_module", {"site": "norte", "name": ["api"], "state": "disabled"})
    assert [text[0]["command"] for _, text in norte.asked] == ["module enable", "module disable"]


def test_app_constant_wants_a_value_and_keeps_its_type(norte: Host, module: Run) -> None:
    assert "value" in module("app_constant", {"site": "norte", "name": "A"})["msg"]
    answer = {"command": "constant set", "changed": False, "name": "A", "diff": {"before": {}, "after": {}}}
    norte.answers = [{"ok": True, "changed": False, "answers": [answer]}] * 2
    module("app_constant", {"site": "norte", "name": "A", "value": True, "entity": 0})
    module("app_constant", {"site": "norte", "name": "A", "state": "absent"})
    assert norte.asked[0][1] == [{"command": "constant set", "args": {"name": "A", "value": True, "entity": 0}}]
    assert norte.asked[1][1] == [{"command": "constant unset", "args": {"name": "A"}}]


def test_app_status_works_without_a_site(norte: Host, module: Run) -> None:
    result = module("app_status", {"site": "este"})
    assert (result["changed"], result["schema"]["state"]) == (False, "unknown")
    assert result["schema"]["reasons"] == [f"{norte.state}/este/site.json is missing."]
    norte.answers = [{"ok": True, "command": "status", "changed": False, "schema": {"state": "installed"}}]
    assert module("app_status", {"site": "norte"})["schema"] == {"state": "installed"}
    norte.answers = [(255, "", "")]
    assert module("app_status", {"site": "norte"})["failed"]


def test_app_install_reads_the_secrets_of_each_site(norte: Host, module: Run) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": PASSWORD})
    diff = {"before": {"state": "none"}, "after": {"state": "installed"}}
    norte.answers = [{"ok": True, "changed": True, "before": "none", "state": "installed", "steps": {}, "diff": diff}]
    result = module("app_install", {"sites": [{"name": "norte", "database": {"password": "hush"}}]})
    assert result["sites"] == {"norte": {"changed": True, "before": "none", "state": "installed", "steps": {}}}
    assert norte.asked[0][1]["password"] == PASSWORD
    assert PASSWORD not in json.dumps(result)
    assert "hush" not in json.dumps(result)


def test_site_secrets_returns_what_it_keeps(norte: Host, module: Run) -> None:
    site = {"name": "norte", "api": {"users": [{"login": "shop"}]}}
    first = module("site_secrets", {"sites": [site]})
    assert first["changed"]
    assert first["secrets"]["norte"] == secret_store.load(norte.state / "norte" / "secrets.json")
    assert first["generated"]["norte"][-1] == "users.shop.key"
    second = module("site_secrets", {"sites": [site]})
    assert not second["changed"]
    assert second["secrets"] == first["secrets"]
    norte.answers = [{"ok": True, "changed": False}] * 2
    assert module("site_secrets", {"sites": [site | {"instance_unique_id": "x"}]})["failed"]


def test_rest_api_takes_what_a_site_says_of_people(norte: Host, module: Run) -> None:
    entry: dict[str, Any] = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
    entry |= {"enforce": "report"}
    entry |= {"groups": [{"name": "Ventas", "rights": ["produit.lire"]}, {"name": "Alt", "state": "absent"}]}
    entry |= {"users": [{"login": "ana", "groups": ["Ventas"]}, {"login": "eva", "state": "absent"}]}
    known = {"users": {"api": {"key": KEY, "password": PASSWORD}}, "people": {"ana": {"password": "first-of-ana-1"}}}
    given = json.loads(json.dumps(promises.settings(sites.plan([entry]), {"norte": known})))
    told = {"ok": True, "changed": True, "answers": [user(login="ana", changes=["enabled"], diff=DIFF)]}
    norte.answers = [{"ok": True, "changed": False, "answers": [{"changed": False, "set": True}]}, told]
    result = module("rest_api", {"sites": given})
    assert (result["changed"], result["told"]) == (False, ["site 'norte': user ana: would be enabled"])
    commands = [order["command"] for order in norte.asked[-1][1]]
    assert commands[-5:] == ["group ensure", "user ensure", "user ensure", "user remove", "group remove"]
    assert "first-of-ana-1" not in json.dumps(result)
