# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the certificates that sites have. Runs on the host; takes about 5 ms a site, which is openssl's start."""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files

LINEAGES = Path("etc/letsencrypt/live")
RENEWALS = Path("etc/letsencrypt/renewal")
#: certbot's name for the certificate of a site is this and the site's name.
LINEAGE = "miclinik-"
#: What certbot was last asked for a site, and why it failed when it did.
ACME_RECORD = "acme.json"
_DAY = 86400
_NAME = re.compile(r"(?:DNS|IP Address):([^,\s]+)")
_ASK = ["openssl", "x509", "-noout", "-subject", "-issuer", "-enddate", "-ext", "subjectAltName", "-nameopt", "RFC2253"]


def read(root: Path = Path("/")) -> dict[str, dict[str, Any]]:
    """Return what is known of each site's certificate, by site; a site without one that can be read is left out."""
    found = {}
    for link in sorted(layout.below(root, layout.STATES).glob(f"*/{files.LINK}")):
        facts = describe(link.parent)
        if facts:
            found[link.parent.name] = facts | {"deployed": deployed(link.parent.name, root)}
    return found


def describe(state: Path) -> dict[str, Any]:
    """Return what the certificate of one site says; nothing when there is none."""
    try:
        pem = (state / files.LINK / files.CERTIFICATE).read_text(encoding="ascii")
        shown = subprocess.run(
            _ASK, input=pem, check=True, capture_output=True, text=True, env=programs.environment()
        ).stdout
    except (OSError, UnicodeError, subprocess.CalledProcessError):
        return {}
    lines = dict(re.findall(r"^(subject|issuer|notAfter)=(.*)$", shown, re.MULTILINE))
    self_signed = lines["subject"] == lines["issuer"]
    return {
        "names": sorted(_spelled(name) for name in _NAME.findall(shown)),
        "days_left": int((ssl.cert_time_to_seconds(lines["notAfter"]) - time.time()) // _DAY),
        "self_signed": self_signed,
        "sound": files.sound(state),
        "pem": pem if self_signed else "",
        "acme": acme_record(state),
    }


def _spelled(name: str) -> str:
    """Return a name as sites write theirs: openssl writes IPv6 addresses in full, 2001:DB8:0:0:0:0:0:7."""
    found = text_names.address(name)
    return str(found) if found else name.lower()


def lineages(root: Path = Path("/")) -> list[str]:
    """Return the sites whose certificates certbot renews."""
    return sorted(
        file.name.removeprefix(LINEAGE).removesuffix(".conf") for file in (root / RENEWALS).glob(f"{LINEAGE}*.conf")
    )


def acme_record(state: Path) -> dict[str, str]:
    """Return ``directory`` of the last order and ``failure``; empty when certbot was never asked."""
    try:
        record: dict[str, str] = json.loads((state / ACME_RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record


def deployed(name: str, root: Path = Path("/")) -> bool:
    """Return whether the site's certificate is the one that certbot holds, and so renews."""
    chain = root / LINEAGES / f"{LINEAGE}{name}" / "fullchain.pem"
    present = layout.below(root, layout.STATES) / name / files.LINK / files.CERTIFICATE
    return chain.is_file() and present.is_file() and chain.read_bytes() == present.read_bytes()


def untrusted(root: Path) -> list[str]:
    """Return the names of local authorities that are not among those that programs trust."""
    bundle = root / "etc/ssl/certs/ca-certificates.crt"
    trusted = bundle.read_text(encoding="utf-8", errors="replace") if bundle.is_file() else ""
    return [
        file.name
        for file in sorted((root / "usr/local/share/ca-certificates").glob("*.crt"))
        if file.read_text(encoding="utf-8", errors="replace").strip() not in trusted
    ]
