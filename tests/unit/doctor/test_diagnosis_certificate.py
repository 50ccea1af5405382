# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates that are renewed and not loaded, that have not begun, and that come without their chain."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_certificate
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .cases import case, failed, promised

DOMAIN = "norte.example.org"


def _ill(said: str, site: dict[str, Any] | None = None, **seen: object) -> Case:
    ill = case(failed("tls", "", said), site=site)
    ill.here["certificate"].update(seen)
    return ill


EXPIRED, EARLY = "certificate has expired", "certificate is not yet valid"
LOCAL, FIRST = "unable to get local issuer certificate", "unable to verify the first certificate"


@pytest.mark.parametrize(
    ("ill", "name"),
    [
        # The web server was loaded at 1000.
        (_ill(EXPIRED, other=True, changed=1060.0), "certificate-unloaded"),
        (_ill(LOCAL, other=True, changed=1060.0), "certificate-unloaded"),
        (_ill(EXPIRED, other=True, changed=900.0), "certificate-expired"),
        (_ill(EXPIRED, days_left=-1), "certificate-expired"),
        (_ill(EARLY, begins_in=7200), "certificate-early"),
        (_ill(EARLY), "certificate-early"),
        (_ill(LOCAL, alone=True), "certificate-chain"),
        (_ill(FIRST, alone=True), "certificate-chain"),
        (_ill(FIRST), "certificate-untrusted"),
    ],
)
def test_what_is_wrong_with_it(ill: Case, name: str) -> None:
    assert [entry.id for entry in diagnose(ill)] == [name]


def test_one_that_was_renewed_wants_no_other() -> None:
    (found,) = diagnose(_ill(EXPIRED, other=True, changed=1060.0))
    assert found.run == ("systemctl reload nginx",)
    assert found.evidence[0].startswith("the one on record was put there 60 s after nginx was last loaded")


def test_a_self_signed_one_has_no_chain() -> None:
    ill = _ill("self-signed certificate", promised(tls={"mode": "selfsigned"}), alone=True)
    assert [entry.id for entry in diagnose(ill)] == ["certificate-untrusted"]


def _pair(folder: Path, begins: int, issuer: str = "test authority") -> None:
    """Write a certificate that is signed by somebody, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DOMAIN)]))
    made = (
        builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(hours=begins))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    )
    folder.mkdir(parents=True)
    (folder / files.CERTIFICATE).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / files.KEY).write_bytes(key.private_bytes(*form))


@pytest.mark.parametrize("begins", [-1, 2])
def test_file_and_what_is_given(tmp_path: Path, begins: int) -> None:
    state = tmp_path / "norte"
    _pair(state / files.LINK, begins)
    _pair(tmp_path / "before", -1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "before" / files.CERTIFICATE, tmp_path / "before" / files.KEY)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def give() -> None:
            with context.wrap_socket(server.accept()[0], server_side=True) as tls:
                tls.read(1)

        threading.Thread(target=give, daemon=True).start()
        site = {"state": str(state), "listen": server.getsockname()[1], "domain": DOMAIN}
        found = probe_certificate.look(site, tmp_path)
    assert (found["alone"], found["other"], found["given_days_left"]) == (True, True, 29)
    assert (found["begins_in"] > 7000) is (begins > 0)


def test_where_nobody_gives_one_it_is_not_another(tmp_path: Path) -> None:
    _pair(tmp_path / files.LINK, -1)
    assert "other" not in probe_certificate.look({"state": str(tmp_path), "listen": 1, "domain": DOMAIN})
    assert probe_certificate.look({"state": str(tmp_path / "none"), "listen": 1, "domain": DOMAIN}) == {}
