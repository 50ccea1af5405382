# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the smoke test verifies a site's certificate with, and what it says when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site

_PUBLIC = "https://acme-v02.api.letsencrypt.org/"
_ASK_AGAIN = "run the role acme"
_ELSE = "set smoke_ca_path to a file with the authority's certificate, or smoke_validate_certs: false"


def trust(site: Site, seen: Mapping[str, Any], ca_path: str, validate_certs: bool) -> dict[str, Any]:
    """Return arguments of the module ``smoke``; ``seen`` is what ``host_facts`` says of the site's certificate."""
    if not site["encrypted"]:
        checked: dict[str, Any] = {} if validate_certs else {"validate_certs": False}
        if site["tls_ahead"] and seen.get("pem"):
            checked["proxy_ca_content"] = seen["pem"]
        return {"plain": True} | checked if site["scheme"] == "https" else {}
    if not validate_certs:
        return {"validate_certs": False}
    mode = site["tls"]["mode"]
    if mode == "acme":
        return _acme(site, seen, ca_path)
    if seen.get("pem"):
        return {"ca_content": seen["pem"]}
    return {"tls_mend": _ELSE} | ({"ca_path": ca_path} if ca_path else {})


def _acme(site: Site, seen: Mapping[str, Any], ca_path: str) -> dict[str, Any]:
    private = ca_path and not site["tls"]["directory"].startswith(_PUBLIC)
    mend = _ELSE
    if seen.get("self_signed"):
        failure = seen["acme"].get("failure") or "it was not asked yet."
        mend = f"the authority has given no certificate: {failure} Then {_ASK_AGAIN} again"
    return {"tls_mend": mend} | ({"ca_path": ca_path} if private else {})
