# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Checks the certificates that operators provide, on the controller, before anything on a host changes.

Needs the Python library cryptography, which ansible-core brings.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import renewal as tls_renewal
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

CRYPTOGRAPHY_MISSING: str | None = None
try:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
except ImportError:  # reported as a problem
    CRYPTOGRAPHY_MISSING = traceback.format_exc()

#: Returns the content of a file of the controller, decrypted where Ansible Vault has encrypted it.
Read = Callable[[Path], bytes]
#: Key, what was seen, and the mend.
Wrong = tuple[str, str, str]


class _BadFileError(Exception):
    """Three texts: key, what was seen, and the mend."""

    def __init__(self, key: str, seen: str, mend: str) -> None:
        super().__init__(key, seen, mend)
        self.wrong: Wrong = (key, seen, mend)


def check(entries: Sequence[Mapping[str, Any]], base: paths.Base, read: Read) -> list[Problem]:
    """Return what is wrong with the files of every site whose mode is ``provided``. No key is repeated in it."""
    problems: list[Problem] = []
    for site in sites.plan(entries):
        if site["tls"]["mode"] == "provided":
            problems.extend(Problem(f"site '{site['name']}'", *wrong) for wrong in _check(site, base, read))
    return problems


def _check(site: Mapping[str, Any], base: paths.Base, read: Read) -> list[Wrong]:
    if CRYPTOGRAPHY_MISSING is not None:
        return [("tls.mode", "is provided, and the controller has no Python library cryptography", "Install it")]
    contents: dict[str, bytes] = {}
    problems: list[Wrong] = []
    for key in ("certificate", "key"):
        path = paths.find(base, site["tls"][key])
        try:
            contents[key] = read(path)
        except Exception as error:  # the loader's own are many: no file, no right to it, no password for the vault
            said = str(error).partition("\n")[0].rstrip(".")
            problems.append((f"tls.{key}", f"{path} cannot be read ({said})", "Name a file that can"))
    if problems:
        return problems
    try:
        chain = _chain(contents["certificate"])
        public = _public_key(contents["key"])
    except _BadFileError as error:
        return [error.wrong]
    return [*_key(chain[0], public), *_dates(chain), *_names(site, chain[0]), *_order(chain)]


def _chain(content: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        seen = "is no certificate in PEM form"
        raise _BadFileError("tls.certificate", seen, "Give -----BEGIN CERTIFICATE----- and its chain") from None


def _public_key(content: bytes) -> bytes:
    try:
        key = serialization.load_pem_private_key(content, password=None)
    except TypeError:
        mend = "Give it without one: a server that starts by itself cannot type it. Ansible Vault may encrypt the file"
        raise _BadFileError("tls.key", "has a passphrase", mend) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _BadFileError("tls.key", "is no private key in PEM form", "Give the certificate's key") from None
    return _bytes(key.public_key())


def _bytes(key: PublicKeyTypes) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.DER, form)


def _key(leaf: x509.Certificate, public: bytes) -> list[Wrong]:
    if _bytes(leaf.public_key()) == public:
        return []
    mend = "Give the two that belong together; in a chain the site's own certificate is the first"
    return [("tls.key", "is not the key of the first certificate in tls.certificate", mend)]


def _dates(chain: Sequence[x509.Certificate]) -> list[Wrong]:
    now = datetime.now(UTC)
    for place, certificate in enumerate(chain, 1):
        which = "" if len(chain) == 1 else f"number {place} of the chain "
        if certificate.not_valid_after_utc < now:
            seen = f"{which}ended on {certificate.not_valid_after_utc:%Y-%m-%d}"
            return [("tls.certificate", seen, "Renew it")]
        if certificate.not_valid_before_utc > now:
            seen = f"{which}begins on {certificate.not_valid_before_utc:%Y-%m-%d}"
            return [("tls.certificate", seen, "Wait, or look at the controller's clock")]
    return []


def _names(site: Mapping[str, Any], leaf: x509.Certificate) -> list[Wrong]:
    try:
        covered = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return [
            ("tls.certificate", "names no host as subjectAltName", "Have it made anew: browsers read no other name")
        ]
    hosts = [name.lower() for name in covered.get_values_for_type(x509.DNSName)]
    addresses = covered.get_values_for_type(x509.IPAddress)
    missing = [name for name in tls_renewal.names(site) if not _covers(name, hosts, addresses)]
    if not missing:
        return []
    shown = ", ".join([*hosts, *map(str, addresses)])
    mend = "Have it made for the domain and every alias, or take these aliases away"
    return [("tls.certificate", f"is for {shown}, and not for {', '.join(missing)}", mend)]


def _covers(name: str, hosts: Sequence[str], addresses: Sequence[object]) -> bool:
    if text_names.is_address(name):
        return ip_address(name) in addresses
    # A star stands for exactly one label (RFC 6125, 6.4.3).
    return name in hosts or f"*.{name.partition('.')[2]}" in hosts


def _order(chain: Sequence[x509.Certificate]) -> list[Wrong]:
    for place, (certificate, issuer) in enumerate(pairwise(chain), 1):
        try:
            certificate.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            seen = f"number {place} of the chain is not signed by the next"
            mend = "Order it: the site's own, then each one's issuer; leave out what does not belong to it"
            return [("tls.certificate", seen, mend)]
    return []
