# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes and places the certificates of sites, but for an authority's. Runs on the host, with openssl."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts as tls_facts
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files as tls_files
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import renewal
from ansible_collections.miclinik.hosting.plugins.module_utils.tls.files import CertificateError

#: The longest common name (RFC 5280, ub-common-name). Clients read the alternative names only.
_COMMON_NAME = 64


def ensure(site: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """Bring one site to its certificate; return ``changed``, and ``reason`` when it was.

    ``site`` holds ``name``, ``state`` (its folder), ``mode``, ``names`` and, for ``provided``, ``certificate`` and
    ``key`` as text. Raises CertificateError.
    """
    state = Path(site["state"])
    if site["mode"] == "provided":
        pair = (_bytes(site["certificate"]), _bytes(site["key"]))
        if tls_files.holds(state, *pair):
            return {"changed": False}
        if not check:
            tls_files.place(state, *pair)
        return {"changed": True, "reason": "the provided one is not in place"}
    seen = tls_facts.describe(state)
    wanted = {"domain": site["names"][0], "aliases": site["names"][1:]}
    reason = renewal.self_signed(wanted, seen) if site["mode"] == "selfsigned" else renewal.placeholder(seen)
    if reason and not check:
        tls_files.place(state, *self_signed(site["names"]))
    return {"changed": True, "reason": reason} if reason else {"changed": False}


def self_signed(names: list[str], days: int = renewal.SELF_SIGNED_DAYS) -> tuple[bytes, bytes]:
    """Return a new certificate for ``names``, and its key: ECDSA on P-256, which every browser of today speaks."""
    with tempfile.TemporaryDirectory() as folder:  # root's alone
        settings, key = Path(folder, "request.cnf"), Path(folder, "key.pem")
        settings.write_text(_request(names), encoding="ascii")
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key))
        made = _openssl("req", "-x509", "-new", "-config", str(settings), "-key", str(key), "-days", str(days))
        return made, key.read_bytes()


def _request(names: list[str]) -> str:
    fits = len(names[0]) <= _COMMON_NAME
    subject = [f"CN = {names[0]}"] if fits else ["O = miclinik.hosting"]
    alternatives = ",".join(f"{'IP' if text_names.is_address(name) else 'DNS'}:{name}" for name in names)
    return "\n".join(
        (
            *("[req]", "prompt = no", "distinguished_name = subject", "x509_extensions = extensions"),
            *("[subject]", *subject),
            "[extensions]",
            "basicConstraints = critical, CA:FALSE",
            "keyUsage = critical, digitalSignature",
            "extendedKeyUsage = serverAuth",
            "subjectKeyIdentifier = hash",
            f"subjectAltName = {alternatives}",
            "",
        )
    )


def _openssl(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["openssl", *arguments], check=False, capture_output=True, env=programs.environment())
    except FileNotFoundError:
        raise CertificateError("the program openssl is missing. Install the package openssl.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise CertificateError(f"openssl {arguments[0]} failed: {said}")
    return done.stdout


def _bytes(text: str) -> bytes:
    return f"{text.strip()}\n".encode()
