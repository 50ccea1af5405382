# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How people log in to a site's pages beside the application's own passwords (``login``): a directory, or OpenID.

What is declared becomes the variables of conf.php and the constants that the application reads, before anything else
looks at an entry: from then on they are kept, hidden and set like those that an operator writes himself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

AUTHENTICATION = "dolibarr_main_authentication"
#: The application's own passwords come first: its administrator gets in whatever a directory does, which never sees his
#: password. Up to 19 the application ends in 500 where a directory refuses both him and nobody (Dolibarr #25975).
_OWN = "dolibarr"
_LDAP, _OPENID = "ldap", "openid_connect"
#: PHP 8.2 takes no port beside a scheme, 8.4 none without: so it is the scheme's own.
_PORTS = {"ldap": 389, "ldaps": 636}
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_OIDC = "MAIN_AUTHENTICATION_OIDC_"
_CONSTANTS = {
    "CLIENT_ID": "client_id",
    "CLIENT_SECRET": "client_secret",
    "AUTHORIZE_URL": "authorize_url",
    "TOKEN_URL": "token_url",
    "USERINFO_URL": "userinfo_url",
    "LOGOUT_URL": "logout_url",
    "SCOPES": "scopes",
    "LOGIN_CLAIM": "claim",
}
_NEEDED = {
    _LDAP: ("servers", "base_dn"),
    _OPENID: ("client_id", "client_secret", "authorize_url", "token_url", "userinfo_url"),
}
_DEFAULTS = {"attribute": "uid", "scopes": "openid profile email", "claim": "email"}
_NOWHERE = "cn=miclinik-nowhere"
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def expanded(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``entry`` with what its ``login`` comes to in ``conf_extra`` and ``constants``, and without secrets there.

    What an operator has written there himself stays.
    """
    ldap, openid = _given(entry, "ldap"), _given(entry, "openid")
    if not ldap and not openid:
        return dict(entry)
    constants = {f"{_OIDC}{name}": _value(openid, key) for name, key in _CONSTANTS.items()} if openid else {}
    if openid:
        # Read by 23 and newer; before, it is the module that has to be on.
        constants[f"{_OIDC}ON"] = 1
    if ldap.get("starttls"):
        constants["LDAP_SERVER_USE_TLS"] = 1
    if _searches(ldap):
        constants["LDAP_USER_DN"] = ldap["base_dn"]
    variables = _variables(ldap) if ldap else {}
    variables[AUTHENTICATION] = ",".join([_OWN] + [_LDAP] * bool(ldap) + [_OPENID] * bool(openid))
    shown = {"ldap": {**ldap, "password": None}, "openid": {**openid, "client_secret": None}}
    return {
        **entry,
        "login": {key: value for key, value in shown.items() if _given(entry, key)},
        "constants": {name: value for name, value in constants.items() if value} | (entry.get("constants") or {}),
        "conf_extra": variables | (entry.get("conf_extra") or {}),
    }


def _given(entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return dict((entry.get("login") or {}).get(kind) or {})


def _value(given: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 (as it is written)
    return given.get(key) or _DEFAULTS.get(key)


def _searches(ldap: Mapping[str, Any]) -> bool:
    """Return whether the application looks for a user, and does not make his name of his login."""
    return bool(ldap.get("bind_dn") or ldap.get("filter"))


def _variables(ldap: Mapping[str, Any]) -> dict[str, Any]:
    servers = [server.rstrip("/") for server in ldap["servers"]]
    found = {
        "host": ",".join(servers),
        "port": str(_PORTS[urlsplit(servers[0]).scheme]),
        "version": "3",
        # With `activedirectory` an empty password opens the API's /login: such a directory takes it for a good one.
        "servertype": "openldap",
        "login_attribute": _value(ldap, "attribute"),
        # Whom a search has not found is tried below this as well, and is not to be let in: it is nowhere.
        "dn": f"{_NOWHERE},{ldap['base_dn']}" if _searches(ldap) else ldap["base_dn"],
        "admin_login": ldap.get("bind_dn"),
        "admin_pass": ldap.get("password"),
        "filter": ldap.get("filter"),
    }
    # All of them, since the application reads those that are not there as well.
    return {f"dolibarr_main_auth_ldap_{name}": value or "" for name, value in found.items()}


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with a site's ``login``; the types of its keys were checked before."""
    ldap, openid = _given(entry, "ldap"), _given(entry, "openid")
    for key, kind, given in (("ldap", _LDAP, ldap), ("openid", _OPENID, openid)):
        for name in _NEEDED[kind] if given else ():
            if not given.get(name):
                yield f"login.{key}.{name}", "is missing", "Write it, or leave the others out"
    if ldap and openid:
        # 22 (https://github.com/Dolibarr/dolibarr/pull/35119).
        seen = "is there beside login.ldap, with which a version lets nobody in who sends no password"
        yield "login.openid", seen, "Keep one of them"
    if (ldap or openid) and entry.get("clone_of"):
        yield "login", "is given, and the PHP of a clone reaches no network", "Leave it out: passwords are checked"
    if (ldap or openid) and (entry.get("conf_extra") or {}).get(AUTHENTICATION):
        yield f"conf_extra.{AUTHENTICATION}", "is given, and login as well", "Leave one of them out"
    yield from _ldap(ldap)
    for name in ("authorize_url", "token_url", "userinfo_url", "logout_url"):
        url = openid.get(name)
        if url and (not url.startswith("https://") or re.search(r"[\s?#]", url)):
            mend = "Write an https:// address without a query: the application adds one, and asks by HTTPS alone"
            yield f"login.openid.{name}", f"is {url!r}", mend


def _ldap(ldap: Mapping[str, Any]) -> Iterator[Rest]:
    schemes = set()
    for index, server in enumerate(ldap.get("servers") or []):
        parts = urlsplit(server)
        at = f"login.ldap.servers[{index}]"
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.rstrip("/") or "," in server:
            yield at, f"is {server!r}", "Write scheme and host, as in ldaps://ldap.example.org"
            continue
        schemes.add(parts.scheme)
        if re.search(r":\d*$", parts.netloc):
            yield at, f"is {server!r}, with a port", "Leave it out: PHP takes 389 for ldap:// and 636 for ldaps://"
        if parts.scheme == "ldap" and parts.hostname not in _HERE and not ldap.get("starttls"):
            mend = "Write ldaps://, or starttls: true: passwords would cross the network in clear"
            yield at, f"is {server!r}, which is not encrypted", mend
        if parts.scheme == "ldaps" and ldap.get("starttls"):
            yield "login.ldap.starttls", f"is true, and {server} is encrypted from the start", "Leave it out"
    if len(schemes) > 1:
        yield "login.ldap.servers", "has ldap:// and ldaps://", "Write the same for all: they have one port"
    if bool(ldap.get("bind_dn")) != bool(ldap.get("password")):
        missing = "password" if ldap.get("bind_dn") else "bind_dn"
        yield f"login.ldap.{missing}", "is missing", "Write both, or none of bind_dn and password"
    if ldap.get("attribute") and not _ATTRIBUTE.fullmatch(ldap["attribute"]):
        yield "login.ldap.attribute", f"is {ldap['attribute']!r}", "Write the name of an attribute, as in uid"
    if ldap.get("filter") and "%1%" not in ldap["filter"]:
        yield "login.ldap.filter", "is without %1%, for which the login is put", "Write it, as in (&(uid=%1%)(staff=1))"
