# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By which server a site sends its mails: the key ``mail``, and the application's constants that it comes to.

Read in CMailFile.class.php and smtps.class.php of Dolibarr 16.0.3, 22.0.4 and 24.0.0, which have the same names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import addresses as site_addresses
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

PORTS = {"starttls": 587, "tls": 465, "none": 25}
#: What the secrets of the key are called in ``secrets.json``.
PASSWORD, DKIM_KEY = "mail_password", "mail_dkim_key"
_OURS = re.compile(
    r"MAIL_SMTP_USE_FROM_FOR_HELO|MAIN_MAIL_(SENDMODE|SMTP_(SERVER|PORT)|SMTPS_(ID|PW)|EMAIL_(TLS|STARTTLS|FROM|DKIM_\w+))"
)
_DNS = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_PRIVATE = re.compile(r"-----BEGIN (RSA )?PRIVATE KEY-----\s.*\s-----END (RSA )?PRIVATE KEY-----\s*", re.DOTALL)


def completed(mail: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key with the port, and with the server's name and the sender as mail has them."""
    full = dict(mail)
    if mail["server"]:
        full["server"] = text_names.canonical(mail["server"])
        full["port"] = mail["port"] or PORTS[mail["encryption"]]
    if mail["from"]:
        full["from"] = text_names.mailbox(mail["from"])
    return full


def constants(site: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constants of a site's ``mail``, None for those that must not be set.

    A secret that the inventory gives, and that is lost, is left in the application as it is.
    """
    mail, declared = site["mail"], site["declared"]
    found: dict[str, Any] = {"MAIN_MAIL_EMAIL_FROM": mail["from"]} if mail["from"] else {}
    if not mail["server"]:
        return found
    signs = bool(mail["dkim"]["domain"])
    found |= {
        # The other of its two ways signs nothing.
        "MAIN_MAIL_SENDMODE": "swiftmailer" if signs else "smtps",
        "MAIN_MAIL_SMTP_SERVER": mail["server"],
        "MAIN_MAIL_SMTP_PORT": mail["port"],
        "MAIN_MAIL_EMAIL_TLS": int(mail["encryption"] == "tls"),
        "MAIN_MAIL_EMAIL_STARTTLS": int(mail["encryption"] == "starttls"),
        "MAIN_MAIL_SMTPS_ID": mail["user"] or None,
        # As whom it greets: up to 21 by the name of the very server that it calls, which many refuse.
        "MAIL_SMTP_USE_FROM_FOR_HELO": None if text_names.is_address(site["domain"]) else site["domain"],
        "MAIN_MAIL_EMAIL_DKIM_ENABLED": int(signs),
        "MAIN_MAIL_EMAIL_DKIM_DOMAIN": mail["dkim"]["domain"] or None,
        "MAIN_MAIL_EMAIL_DKIM_SELECTOR": mail["dkim"]["selector"] or None,
    }
    for name, secret in (("MAIN_MAIL_SMTPS_PW", PASSWORD), ("MAIN_MAIL_EMAIL_DKIM_PRIVATE_KEY", DKIM_KEY)):
        if secret not in declared:
            found[name] = None
        elif secrets.get(secret):
            found[name] = secrets[secret]
    return found


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the key of an entry of ``miclinik_sites``; no secret is repeated."""
    mail = entry.get("mail") or {}
    if mail.get("from"):
        try:
            text_names.mailbox(mail["from"])
        except text_names.HostNameError as error:
            yield "mail.from", error.seen, error.mend
    if not mail.get("server"):
        others = [name for name in ("port", "encryption", "user", "password", "dkim") if mail.get(name)]
        if others:
            yield "mail.server", f"is missing, and mail.{others[0]} is given", "Name the server that takes the mails"
        return
    if entry.get("clone_of"):
        yield "mail.server", "is given for a clone, from which no mail may leave", "Leave `mail` out"
        return
    yield from site_addresses.host("mail.server", mail["server"])
    if mail["server"].startswith("127.") or mail["server"] == "::1":
        yield "mail.server", f"is {mail['server']!r}, which the application takes for no host", "Write localhost"
    yield from site_addresses.port("mail.port", mail.get("port"))
    if not mail.get("from"):
        yield "mail.from", "is missing", "Write the address that the application sends from"
    yield from _log_in(mail)
    yield from _dkim(mail.get("dkim") or {})
    for name in sorted(filter(_OURS.fullmatch, map(str, entry.get("constants") or {}))):
        yield f"constants.{name}", "is what `mail` sets", "Leave one of the two out"


def _log_in(mail: Mapping[str, Any]) -> Iterator[Rest]:
    for given, lacking in (("user", "password"), ("password", "user")):
        if mail.get(given) and not mail.get(lacking):
            yield f"mail.{lacking}", f"is missing, and mail.{given} is given", "Give both, or none of them"
    if (mail.get("encryption") or "starttls") == "starttls" and not mail.get("user"):
        yield (
            "mail.encryption",
            "is starttls, and there is no mail.user: without one the application sends in the clear",
            "Give user and password, or write encryption: tls, or none on a private network",
        )


def _dkim(dkim: Mapping[str, Any]) -> Iterator[Rest]:
    if not any(dkim.values()):
        return
    for name in ("domain", "selector", "key"):
        if not dkim.get(name):
            yield f"mail.dkim.{name}", "is missing", "A signature takes domain, selector and key"
        elif name != "key" and not _DNS.fullmatch(dkim[name]):
            yield f"mail.dkim.{name}", f"is {dkim[name]!r}", "Write it as DNS has it, in lower-case letters"
    if dkim.get("key") and not _PRIVATE.fullmatch(dkim["key"]):
        yield "mail.dkim.key", "is no private key in PEM form", "Make one: openssl genrsa 2048, and keep its lines"
