# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Entries of ``miclinik_sites`` in which every secret is declared that the argument specification marks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema

#: Constants of which the application keeps the values secret, and one whose value is.
CONSTANTS = ("MAIN_MAIL_SMTPS_PW_TICKET", "MAIN_MAIL_SMTPS_PW_EMAILING", "NOTE_EXPORTKEY", "PAYPAL_API_PASSWORD")
ADDRESS_CONSTANT = "NOTE_ENDPOINT"
#: A variable of conf.php that is secret.
VARIABLE = "dolibarr_main_auth_ldap_admin_pass"


def value(place: str) -> str:
    """Return the secret for ``place``: always the same, found nowhere else, and good enough for every rule."""
    return f"Zq{hashlib.sha256(place.encode()).hexdigest()[:24]}"


def declare(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``entry`` with every secret in it: of the schema, of constants, and in the address of its source."""
    full = _declare(entry, site_schema.site_options(), entry["name"])
    constants = {name: value(f"{entry['name']}.{name}") for name in CONSTANTS}
    constants[ADDRESS_CONSTANT] = f"https://me:{value(entry['name'] + ADDRESS_CONSTANT)}@example.org/hook"
    variables = {**full.get("conf_extra", {}), VARIABLE: value(f"{entry['name']}.{VARIABLE}")}
    # One that has a mail server has it for what is tested afterwards.
    full["mail"] = entry.get("mail") or _mail(full["mail"])
    if isinstance(full["webhooks"], list):
        full["webhooks"] = [_webhook(hook) for hook in full["webhooks"]]
    return full | {"constants": {**full.get("constants", {}), **constants}, "conf_extra": variables}


def _mail(secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has to be there for a password and a key of DKIM, which is one in PEM form."""
    lines = f"-----BEGIN PRIVATE KEY-----\n{secrets['dkim']['key']}\n-----END PRIVATE KEY-----\n"
    dkim = {"domain": "example.org", "selector": "site", "key": lines}
    return {**secrets, "server": "mail.example.org", "from": "site@example.org", "user": "site", "dkim": dkim}


def _webhook(secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return an address and a signing secret as they have to be, with what is searched for in them."""
    endpoint, secret = f"https://hooks.example.org/{secrets['endpoint']}", f"whsec_{secrets['secret']}+AAAAA"
    return {**secrets, "endpoint": endpoint, "secret": secret}


def _declare(entry: Mapping[str, Any], specs: Mapping[str, Any], path: str) -> dict[str, Any]:
    full = dict(entry)
    for key, spec in specs.items():
        here = f"{path}.{key}"
        if key == "login":
            # Becomes constants and variables of conf.php, as those below are; its two kinds exclude each other.
            continue
        if site_schema.is_secret(key, spec):
            full[key] = value(here)
        elif spec.get("no_log"):
            # An address goes with some kinds of sources only.
            if full.get(key):
                full[key] = f"https://me:{value(here)}@example.org/release.tgz?token={value(f'{here}?')}"
        elif "options" not in spec or not _holds_secret(spec["options"]):
            continue
        elif isinstance(full.get(key), str):
            # An expression, as inventories of scenarios have it for the source, stays what it is.
            assert key in ("source", "webhooks")
        elif spec["type"] == "dict":
            full[key] = _declare(full.get(key) or {}, spec["options"], here)
        else:
            items = full.get(key) or spec.get("default") or []
            full[key] = [_declare(item, spec["options"], f"{here}[{index}]") for index, item in enumerate(items)]
    return full


def _holds_secret(specs: Mapping[str, Any]) -> bool:
    return any(spec.get("no_log") or _holds_secret(spec.get("options", {})) for spec in specs.values())


def values(found: object) -> Iterator[str]:
    """Return all secrets inside ``found`` that ``value`` has made, as they are searched for."""
    if isinstance(found, Mapping):
        for item in found.values():
            yield from values(item)
    elif isinstance(found, (list, tuple)):
        for item in found:
            yield from values(item)
    elif isinstance(found, str):
        yield from (word for word in _words(found) if word.startswith("Zq") and len(word) == len(value("")))


def _words(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text).split()
