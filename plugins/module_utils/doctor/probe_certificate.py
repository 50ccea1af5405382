# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's certificate as it is on record, and as the web server gives it. Runs on the host and changes nothing.

The web server has read its files when it was last loaded: after a renewal that loaded nothing the two are not the same.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import PATIENCE, run
from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts, files

_DAY = 86400
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_ASK = ("openssl", "x509", "-noout", "-startdate", "-enddate", "-issuer_hash")


def look(site: Mapping[str, Any], root: Path = Path("/")) -> dict[str, Any]:
    """Return what `tls.facts` says, and of the file ``begins_in`` (seconds, 0 where it has begun), ``changed`` (when)
    and ``alone`` (no certificate of its issuer in the file nor on the host); ``other`` where another one is given, with
    ``given_days_left``, the days after which that one ends.
    """
    found = facts.describe(Path(site["state"]))
    path = Path(site["state"]) / files.LINK / files.CERTIFICATE
    try:
        chain = _PEM.findall(path.read_text(encoding="ascii"))
        changed = path.stat().st_ctime
    except (OSError, UnicodeError):
        return found
    if not found or not chain:
        return found
    own = dates(run(*_ASK, text=chain[0]))
    known = (root / "etc/ssl/certs" / f"{own['issuer']}.0").exists()
    found |= {
        "begins_in": max(0, round(own["begins"] - time.time())),
        "changed": round(changed, 3),
        "alone": len(chain) == 1 and not found["self_signed"] and not known,
    }
    given = served(site)
    if given and given != ssl.PEM_cert_to_DER_cert(chain[0]):
        shown = dates(run(*_ASK, text=ssl.DER_cert_to_PEM_cert(given)))
        found |= {"other": True, "given_days_left": int((shown["ends"] - time.time()) // _DAY)}
    return found


def dates(shown: str) -> dict[str, Any]:
    """Return when a certificate ``begins`` and ``ends`` (seconds since 1970), and the hash of its ``issuer``."""
    lines = dict(re.findall(r"^(notBefore|notAfter)=(.*)$", shown, re.MULTILINE))
    issuer = re.search(r"^[0-9a-f]{8}$", shown, re.MULTILINE)
    begins, ends = (ssl.cert_time_to_seconds(lines[name]) if name in lines else 0 for name in ("notBefore", "notAfter"))
    return {"begins": begins, "ends": ends, "issuer": issuer[0] if issuer else ""}


def served(site: Mapping[str, Any]) -> bytes:
    """Return the certificate that the web server gives for the site's name on the host itself; nothing without one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host_token.LOOPBACK, site["listen"]), PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=site["domain"]) as tls,
        ):
            return tls.getpeercert(binary_form=True) or b""
    except (OSError, ValueError):
        return b""
