# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates for tests: ``python -m tests.certificates FOLDER NAME...`` writes ca.pem, certificate.pem and key.pem.

The certificate is signed by an intermediate authority, as bought ones are; the chain is in its file.
"""

from __future__ import annotations

import datetime
import ipaddress
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PEM = serialization.Encoding.PEM


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key: ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    """Return the key as a file holds it."""
    lock = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, lock)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass
class Authority:
    """An authority; ``issuer`` signs its certificate, or it does so itself."""

    name: str = "test authority"
    issuer: Authority | None = None
    key: ec.EllipticCurvePrivateKey = field(default_factory=new_key)

    def __post_init__(self) -> None:
        signer = self.issuer or self
        self.certificate = signer.sign(self.name, self.key.public_key(), ca=True)

    def sign(
        self,
        subject: str,
        public: ec.EllipticCurvePublicKey,
        names: Sequence[str] = (),
        *,
        ca: bool = False,
        begins: float = -1,
        ends: float = 30,
    ) -> x509.Certificate:
        """Return a certificate; ``begins`` and ``ends`` are days from now."""
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(subject))
            .issuer_name(_name(self.name))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=begins))
            .not_valid_after(now + datetime.timedelta(days=ends))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if ca:
            usage = dict.fromkeys(
                (
                    "digital_signature",
                    "content_commitment",
                    "key_encipherment",
                    "data_encipherment",
                    "key_agreement",
                    "encipher_only",
                    "decipher_only",
                ),
                False,
            )
            builder = builder.add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
        if names:
            alternatives = [_alternative(name) for name in names]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """The authority's own certificate."""
        return self.certificate.public_bytes(PEM)

    def issue(self, names: Sequence[str], *, begins: float = -1, ends: float = 30) -> tuple[bytes, bytes]:
        """Return a certificate for ``names``, and its key."""
        key = new_key()
        signed = self.sign(names[0], key.public_key(), names, begins=begins, ends=ends)
        return signed.public_bytes(PEM), key_pem(key)


def main(folder: str, names: Sequence[str]) -> None:
    """Write the three files."""
    root = Authority("test root")
    middle = Authority("test intermediate", root)
    certificate, key = middle.issue(names)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for name, content in (("ca.pem", root.pem), ("certificate.pem", certificate + middle.pem), ("key.pem", key)):
        (place / name).write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
