# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bridge is told to set, and the smoke test to expect, for one and the same inventory entry."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.filter.promises import FilterModule
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites, webhooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.smoke import pending as smoke_pending
from ansible_collections.miclinik.hosting.plugins.plugin_utils.timer import watched as timer_watched

from tests.application_tree import entry

USERS = {
    "integration": {"key": "key-1", "password": "password-1"},
    "reports": {"key": "key-2", "password": "password-2"},
}
USERS_GIVEN = [{"login": "integration"}]
SECRETS: dict[str, dict[str, Any]] = {"norte": {"users": USERS}}


def _sites(**api: Any) -> list[Site]:  # noqa: ANN401 (whatever an operator may write)
    users = [
        {"login": "integration", "rights": ["produit.lire"], "email": "robot@example.org"},
        {"login": "reports", "lastname": "Reports"},
    ]
    return sites.plan(
        [
            entry(
                company={"name": "Clínica Norte", "country": "ES", "currency": "EUR"},
                language="es_ES",
                modules=["societe", "Product"],
                constants={"MAIN_SIZE_LISTE_LIMIT": 50},
                api={"users": users} | api,
            )
        ]
    )


def test_settings() -> None:
    assert promises.settings(_sites(), SECRETS) == [
        {
            "name": "norte",
            "modules": ["api", "societe", "product"],
            "modules_off": [],
            "switches": {
                "API_PRODUCTION_MODE": 1,
                "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE": 1,
                "API_EXPLORER_DISABLED": 0,
                "API_DISABLE_LOGIN_API": 0,
                "API_ENABLE_LOGIN_API": 1,
                "MAIN_MODULE_API_LOGIN_DISABLED": None,
                "MAIN_DISALLOW_UNSECURED_SELECT_INTO_EXTRAFIELDS_FILTER": 1,
            },
            "constants": {"MAIN_SIZE_LISTE_LIMIT": 50},
            "company": {"name": "Clínica Norte", "country": "ES", "currency": "EUR", "language": "es_ES"},
            "users": [
                {
                    "login": "integration",
                    "lastname": "integration",
                    "firstname": None,
                    "email": "robot@example.org",
                    "language": None,
                    "groups": None,
                    "rights": ["produit.lire"],
                    "admin": False,
                    "existing": False,
                    "key": "key-1",
                    "password": "password-1",
                },
                {
                    "login": "reports",
                    "lastname": "Reports",
                    "firstname": None,
                    "email": None,
                    "language": None,
                    "groups": None,
                    "rights": [],
                    "admin": False,
                    "existing": False,
                    "key": "key-2",
                    "password": "password-2",
                },
            ],
            "groups": [],
            "enforce": "repair",
        }
    ]


def test_settings_of_people() -> None:
    users = [
        {"login": "ana", "groups": ["Ventas"], "language": "es_ES"},
        {"login": "old", "state": "disabled"},
        {"login": "admin", "email": "admin@example.org"},
    ]
    api = {"users": [{"login": "integration"}, {"login": "reports", "state": "absent"}]}
    groups = [{"name": "Ventas", "rights": ["produit.lire"]}, {"name": "Alt", "state": "absent"}]
    (site,) = sites.plan([entry(users=users, groups=groups, api=api)])
    assert [user["login"] for user in site["api"]["users"]] == ["integration"]
    secrets = {"norte": SECRETS["norte"] | {"people": {"ana": {"password": "first-one"}, "old": {"password": "x"}}}}
    (setting,) = promises.settings([site], secrets, "report")
    assert setting["enforce"] == "report"
    assert [group["state"] for group in setting["groups"]] == ["present", "absent"]
    assert setting["users"][1:] == [
        {"login": "ana", "groups": ["Ventas"], "language": "es_ES", "admin": False, "existing": False}
        | {"state": "present", "first_password": "first-one"},
        {"login": "old", "admin": False, "existing": False, "state": "disabled"},
        # The installer has made it: it is nobody else's.
        {"login": "admin", "email": "admin@example.org", "admin": True, "existing": True, "state": "present"},
        {"login": "reports", "state": "absent"},
    ]
    (site,) = sites.plan([entry(enforce="repair")])
    assert promises.settings([site], secrets, "report")[0]["enforce"] == "repair"


def test_settings_without_explorer_and_login() -> None:
    (setting,) = promises.settings(_sites(explorer=False, login=False), SECRETS)
    assert {name: value for name, value in setting["switches"].items() if name.startswith("API_")} == {
        "API_PRODUCTION_MODE": 1,
        "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE": 0,
        "API_EXPLORER_DISABLED": 1,
        "API_DISABLE_LOGIN_API": 1,
        "API_ENABLE_LOGIN_API": 0,
    }


def test_settings_without_api() -> None:
    (setting,) = promises.settings(_sites(enabled=False), SECRETS)
    assert (setting["modules"], setting["modules_off"], setting["users"]) == (["societe", "product"], ["api"], [])


def test_what_the_operator_sets_counts_more() -> None:
    (site,) = _sites()
    site["constants"] = {"API_PRODUCTION_MODE": 0}
    (setting,) = promises.settings([site], SECRETS)
    assert (setting["switches"]["API_PRODUCTION_MODE"], setting["constants"]) == (0, {})
    assert not promises.checks([site], SECRETS, FACTS, "192.0.2.7")[0]["production"]


def test_secret_constants_come_from_the_record() -> None:
    given = entry(
        constants={"MAIN_MAIL_SMTPS_PW": "mail-secret", "MAIN_SIZE_LISTE_LIMIT": 50}, api={"users": USERS_GIVEN}
    )
    # What was declared once and is no more is on record still, and is no longer ours to set.
    constants = {"MAIN_MAIL_SMTPS_PW": "mail-secret", "CRON_KEY": "of-old"}
    (setting,) = promises.settings(sites.plan([given]), {"norte": {"users": USERS, "constants": constants}})
    assert setting["constants"]["MAIN_MAIL_SMTPS_PW"] == "mail-secret"
    assert setting["constants"]["MAIN_SIZE_LISTE_LIMIT"] == 50
    assert "CRON_KEY" not in setting["constants"]


FACTS: dict[str, Any] = {"versions": {"norte": "22.0.4"}, "certificates": {}}


def _checked(**api: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever an operator may write)
    (check,) = promises.checks(_sites(**api), SECRETS, FACTS, "192.0.2.7")
    return check


def test_checks() -> None:
    expected = {
        "name": "norte",
        "base_url": "http://norte.example.org",
        "connect_to": "192.0.2.7:80",
        "modules": ["societe", "Product"],
        "expected_version": "22.0.4",
        "explorer": True,
        "login_enabled": True,
        "api_enabled": True,
        "production": True,
        "login": "integration",
        "password": "password-1",
        "key": "key-1",
    }
    check = _checked()
    assert {key: check[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.0.2.7", "192.0.2.7:80"),
        ("erp.example.org", "erp.example.org:80"),
        ("203.0.113.7:8080", "203.0.113.7:8080"),
        ("2001:db8::5", "[2001:db8::5]:80"),
        ("[2001:db8::5]:8080", "[2001:db8::5]:8080"),
        ("fe80::5%eth0", "[fe80::5%eth0]:80"),
        ("", None),
    ],
)
def test_where_a_site_is_called(address: str, expected: str | None) -> None:
    (check,) = promises.checks(_sites(), SECRETS, FACTS, address)
    assert check["connect_to"] == expected


def test_a_site_behind_a_proxy_is_called_through_it_too() -> None:
    (site,) = sites.plan(
        [entry(api={"users": USERS_GIVEN}, proxy={"trusted": ["192.0.2.1"], "tls": True, "port": 8443})]
    )
    (check,) = promises.checks([site], SECRETS, FACTS, "192.0.2.7", ca_path="/ca.pem", validate_certs=False)
    assert check["base_url"] == "https://norte.example.org:8443"
    assert check["connect_to"] == "192.0.2.7:80"
    assert (check["proxied"], check["proxy_ca_path"], check["validate_certs"]) == (True, "/ca.pem", False)
    (watched,) = timer_watched.watched([site], FACTS, ca_path="/ca.pem")
    assert {"proxied", "proxy_ca_path"} & set(watched) == set()


def test_checks_of_what_is_off() -> None:
    check = _checked(explorer=False, login=False)
    assert (check["explorer"], check["login_enabled"], check["api_enabled"]) == (False, False, True)


def test_checks_without_api_hold_no_secret() -> None:
    check = _checked(enabled=False)
    assert check["api_enabled"] is False
    assert not {"login", "password", "key"} & set(check)


def test_a_version_that_is_not_known_is_not_expected() -> None:
    for versions in ({}, {"norte": ""}):
        (check,) = promises.checks(_sites(), SECRETS, FACTS | {"versions": versions}, "h")
        assert check["expected_version"] is None


def test_filters() -> None:
    assert FilterModule().filters() == {
        "conf_extra": promises.conf_extra,
        "disk_watched": timer_watched.disk,
        "rest_api_settings": promises.settings,
        "rest_api_routes": promises.routes,
        "smoke_checks": promises.checks,
        "smoke_pending": smoke_pending.reasons,
        "smoke_watched": timer_watched.watched,
        "webhooks_relayed": webhooks.relayed,
    }


def test_sites_with_an_explorer_have_a_table_of_routes() -> None:
    applied = {"norte": {"modules": ["api", "product"]}}
    assert promises.routes(_sites(), applied) == [
        {
            "name": "norte",
            "domain": "norte.example.org",
            "encrypted": False,
            "prefix": "",
            "documents": "/srv/miclinik/norte/documents",
            "current": "/srv/miclinik/norte/current",
            "port": 80,
            "modules": ["api", "product"],
        }
    ]
    assert promises.routes(_sites(explorer=False), applied) == []
    assert promises.routes(_sites(enabled=False), applied) == []
