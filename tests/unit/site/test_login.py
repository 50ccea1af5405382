# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `login` comes to, and what of it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import php_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, login, sites

SITE: dict[str, Any] = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
LDAP: dict[str, Any] = {"servers": ["ldaps://ldap.example.org"], "base_dn": "ou=people,dc=example,dc=org"}
SEARCH = {"bind_dn": "cn=reader,dc=example,dc=org", "password": "of the reader 4711"}
OPENID: dict[str, Any] = {
    "client_id": "norte",
    "client_secret": "of the client 4711",
    "authorize_url": "https://id.example.org/authorize",
    "token_url": "https://id.example.org/token",
    "userinfo_url": "https://id.example.org/userinfo",
}


def _site(**kinds: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever an operator may write)
    return SITE | {"login": kinds}


def test_a_directory() -> None:
    entry = _site(ldap=LDAP | SEARCH | {"servers": ["ldaps://a.example.org", "ldaps://b.example.org/"]})
    (site,) = sites.plan([entry])
    assert site["conf_extra"] == {
        "dolibarr_main_authentication": "dolibarr,ldap",
        "dolibarr_main_auth_ldap_host": "ldaps://a.example.org,ldaps://b.example.org",
        "dolibarr_main_auth_ldap_port": "636",
        "dolibarr_main_auth_ldap_version": "3",
        "dolibarr_main_auth_ldap_servertype": "openldap",
        "dolibarr_main_auth_ldap_login_attribute": "uid",
        "dolibarr_main_auth_ldap_dn": "cn=miclinik-nowhere,ou=people,dc=example,dc=org",
        "dolibarr_main_auth_ldap_admin_login": "cn=reader,dc=example,dc=org",
        "dolibarr_main_auth_ldap_filter": "",
    }
    assert site["constants"] == {"LDAP_USER_DN": "ou=people,dc=example,dc=org"}
    assert php_needs.of_site(site) == ["ldap"]
    # The password is where those are that an operator writes for conf.php himself.
    assert "4711" not in str(site)
    stored = declared.secrets([entry])["norte"]["stored"]
    assert stored == {"conf_extra": {"dolibarr_main_auth_ldap_admin_pass": "of the reader 4711"}}
    variables = promises.conf_extra(site, stored)
    assert variables["dolibarr_main_auth_ldap_admin_pass"] == "of the reader 4711"


def test_a_directory_on_the_host_and_one_that_begins_in_clear() -> None:
    (site,) = sites.plan([_site(ldap=LDAP | {"servers": ["ldap://127.0.0.1"]})])
    assert site["conf_extra"]["dolibarr_main_auth_ldap_port"] == "389"
    assert site["conf_extra"]["dolibarr_main_auth_ldap_dn"] == LDAP["base_dn"]
    assert site["conf_extra"]["dolibarr_main_auth_ldap_admin_pass"] == ""
    (site,) = sites.plan([_site(ldap=LDAP | {"servers": ["ldap://l.example.org"], "starttls": True})])
    assert site["constants"] == {"LDAP_SERVER_USE_TLS": 1}


def test_a_provider() -> None:
    entry = _site(openid=OPENID)
    (site,) = sites.plan([entry])
    assert site["conf_extra"] == {"dolibarr_main_authentication": "dolibarr,openid_connect"}
    assert site["constants"] == {
        "MAIN_AUTHENTICATION_OIDC_CLIENT_ID": "norte",
        "MAIN_AUTHENTICATION_OIDC_AUTHORIZE_URL": "https://id.example.org/authorize",
        "MAIN_AUTHENTICATION_OIDC_USERINFO_URL": "https://id.example.org/userinfo",
        "MAIN_AUTHENTICATION_OIDC_SCOPES": "openid profile email",
        "MAIN_AUTHENTICATION_OIDC_LOGIN_CLAIM": "email",
        "MAIN_AUTHENTICATION_OIDC_ON": 1,
    }
    # By its name the application's address of tokens is a secret as well.
    secret = {"CLIENT_SECRET": "of the client 4711", "TOKEN_URL": "https://id.example.org/token"}
    secret = {f"MAIN_AUTHENTICATION_OIDC_{name}": value for name, value in secret.items()}
    assert site["secret_constants"] == sorted(secret)
    assert "4711" not in str(site)
    stored = declared.secrets([entry])["norte"]["stored"]
    assert stored == {"constants": secret}


def test_whom_a_filter_does_not_find_is_not_let_in_by_his_name() -> None:
    (site,) = sites.plan([_site(ldap=LDAP | {"filter": "(&(uid=%1%)(employeeType=staff))"})])
    assert site["conf_extra"]["dolibarr_main_auth_ldap_dn"].startswith("cn=miclinik-nowhere,")
    assert site["constants"]["LDAP_USER_DN"] == LDAP["base_dn"]


def test_without_it_nothing_is_otherwise() -> None:
    (plain,), (empty,) = sites.plan([SITE]), sites.plan([_site(ldap={}, openid={})])
    assert plain["conf_extra"] == empty["conf_extra"] == {}
    assert plain["constants"] == {}


def test_what_an_operator_has_written_himself_stays() -> None:
    own = {"conf_extra": {"dolibarr_main_auth_ldap_version": "2"}, "constants": {"X": 1}}
    (site,) = sites.plan([_site(ldap=LDAP | {"starttls": False}) | own])
    assert site["conf_extra"]["dolibarr_main_auth_ldap_version"] == "2"
    assert site["constants"] == {"X": 1}


@pytest.mark.parametrize("kinds", [{}, {"ldap": LDAP}, {"ldap": LDAP | SEARCH}, {"openid": OPENID}])
def test_what_is_taken(kinds: dict[str, Any]) -> None:
    assert list(login.check(_site(**kinds))) == []


@pytest.mark.parametrize(
    ("more", "key", "seen"),
    [
        ({"login": {"ldap": {"base_dn": "dc=x"}}}, "login.ldap.servers", "is missing"),
        ({"login": {"ldap": {"servers": ["ldaps://a.b"]}}}, "login.ldap.base_dn", "is missing"),
        ({"login": {"openid": OPENID | {"client_secret": ""}}}, "login.openid.client_secret", "is missing"),
        ({"login": {"openid": OPENID, "ldap": LDAP}}, "login.openid", "is there beside login.ldap"),
        ({"login": {"ldap": LDAP}, "clone_of": "sur"}, "login", "reaches no network"),
        (
            {"login": {"ldap": LDAP}, "conf_extra": {login.AUTHENTICATION: "dolibarr"}},
            f"conf_extra.{login.AUTHENTICATION}",
            "and login as well",
        ),
        ({"login": {"openid": OPENID | {"token_url": "http://a/t"}}}, "login.openid.token_url", "is 'http://a/t'"),
        ({"login": {"openid": OPENID | {"token_url": "https://a/?t"}}}, "login.openid.token_url", "is 'https://a/?t'"),
        *(
            ({"login": {"ldap": LDAP | given}}, f"login.ldap.{key}", seen)
            for given, key, seen in (
                ({"servers": ["ldap.example.org"]}, "servers[0]", "is 'ldap.example.org'"),
                ({"servers": ["ldap://a,ldap://b"]}, "servers[0]", "is 'ldap://a,ldap://b'"),
                ({"servers": ["ldaps://a:1636"]}, "servers[0]", "with a port"),
                ({"servers": ["ldap://a.example.org"]}, "servers[0]", "is not encrypted"),
                ({"servers": ["ldaps://a"], "starttls": True}, "starttls", "is encrypted from the start"),
                ({"servers": ["ldaps://a", "ldap://127.0.0.1"]}, "servers", "has ldap:// and ldaps://"),
                ({"bind_dn": "cn=a"}, "password", "is missing"),
                ({"password": "4711"}, "bind_dn", "is missing"),
                ({"attribute": "uid)(x"}, "attribute", "is 'uid)(x'"),
                ({"filter": "(uid=x)"}, "filter", "is without %1%"),
            )
        ),
    ],
)
def test_what_is_refused(more: dict[str, Any], key: str, seen: str) -> None:
    ((where, told, _),) = login.check(SITE | more)
    assert where == key
    assert seen in told
    assert "4711" not in told
