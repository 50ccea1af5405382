# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Self-signed certificates as openssl makes them, and what is read of a host's certificates."""

from __future__ import annotations

import json
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certificates
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts as tls_facts
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files as tls_files
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from tests.certificates import Authority

NAMES = ["norte.example.org", "www.norte.example.org", "192.0.2.7"]


def _site(state: Path, mode: str = "selfsigned", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": "norte", "state": str(state), "mode": mode, "names": NAMES, **more}


def test_what_is_in_a_self_signed_certificate(tmp_path: Path) -> None:
    pem, key = certificates.self_signed(NAMES)
    made = x509.load_pem_x509_certificate(pem)
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == NAMES[:2]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == NAMES[2:]
    assert made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert isinstance(made.public_key(), ec.EllipticCurvePublicKey)
    assert (made.not_valid_after_utc - datetime.now(UTC)).days in {396, 397}
    assert key.startswith(b"-----BEGIN PRIVATE KEY-----")
    # As strict as Python 3.13 and newer are by themselves.
    context = ssl.create_default_context(cadata=pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    assert _shake_hands(context, tmp_path, pem, key) == "TLSv1.3"


def _shake_hands(client: ssl.SSLContext, folder: Path, pem: bytes, key: bytes) -> str | None:
    """Let the client meet a server with this pair, in memory."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "pem").write_bytes(pem)
    (folder / "key").write_bytes(key)
    server.load_cert_chain(folder / "pem", folder / "key")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    here = client.wrap_bio(down, up, server_hostname=NAMES[0])
    there = server.wrap_bio(up, down, server_side=True)
    for _ in range(3):
        for end in (here, there):
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return here.version()


def test_a_name_too_long_for_a_common_name() -> None:
    name = ".".join(["a" * 60, "b" * 60, "example.org"])
    made = x509.load_pem_x509_certificate(certificates.self_signed([name])[0])
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [name]


def test_no_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(programs, "FOLDERS", ())
    with pytest.raises(tls_files.CertificateError, match=r"^the program openssl is missing\. Install"):
        certificates.self_signed(NAMES)


def test_openssl_that_fails() -> None:
    with pytest.raises(tls_files.CertificateError, match=r"^openssl req failed: "):
        certificates.self_signed(["not a name,and:more"])


def test_self_signed_is_made_once(tmp_path: Path) -> None:
    site = _site(tmp_path)
    assert certificates.ensure(site, check=True) == {"changed": True, "reason": "there is none that can be used"}
    assert list(tmp_path.iterdir()) == []
    assert certificates.ensure(site, check=False)["changed"]
    made = (tmp_path / "tls/certificate.pem").read_bytes()
    assert certificates.ensure(site, check=False) == {"changed": False}
    assert (tmp_path / "tls/certificate.pem").read_bytes() == made


def test_a_certificate_for_an_ipv6_address_is_made_once(tmp_path: Path) -> None:
    site = _site(tmp_path) | {"names": ["2001:db8::5", "xn--clnica-4va.es"]}
    assert certificates.ensure(site, check=False)["changed"]
    assert tls_facts.describe(tmp_path)["names"] == ["2001:db8::5", "xn--clnica-4va.es"]
    assert certificates.ensure(site, check=False) == {"changed": False}


def test_other_names_want_another_one(tmp_path: Path) -> None:
    certificates.ensure(_site(tmp_path), check=False)
    answer = certificates.ensure(_site(tmp_path) | {"names": NAMES[:2]}, check=False)
    assert answer == {
        "changed": True,
        "reason": "the present one is for 192.0.2.7, norte.example.org, www.norte.example.org",
    }
    assert tls_facts.describe(tmp_path)["names"] == sorted(NAMES[:2])


def test_an_old_one_is_renewed(tmp_path: Path) -> None:
    tls_files.place(tmp_path, *certificates.self_signed(NAMES, days=20))
    answer = certificates.ensure(_site(tmp_path), check=False)
    assert answer["reason"] in {"the present one ends in 19 days", "the present one ends in 20 days"}
    assert tls_facts.describe(tmp_path)["days_left"] in {396, 397}


def test_provided(tmp_path: Path) -> None:
    pem, key = (content.decode() for content in Authority().issue(NAMES))
    site = _site(tmp_path, "provided", certificate=f"\n{pem}", key=key.rstrip())
    assert certificates.ensure(site, check=True) == {"changed": True, "reason": "the provided one is not in place"}
    assert certificates.ensure(site, check=False)["changed"]
    assert (tmp_path / "tls/certificate.pem").read_text() == pem
    assert certificates.ensure(site, check=False) == {"changed": False}


def test_a_placeholder_never_replaces_a_real_one(tmp_path: Path) -> None:
    assert certificates.ensure(_site(tmp_path, "acme"), check=False)["changed"]
    tls_files.place(tmp_path, *Authority().issue(["old.example.org"]))
    assert certificates.ensure(_site(tmp_path, "acme"), check=False) == {"changed": False}


def test_facts(tmp_path: Path) -> None:
    own, issued = certificates.self_signed(NAMES), Authority().issue(["Sur.example.org"], ends=9.5)
    state = tmp_path / "etc/miclinik"
    for name, pair in (("norte", own), ("sur", issued)):
        tls_files.place(state / name, *pair)
    (state / "este/tls").mkdir(parents=True)
    (state / "sur/acme.json").write_text(json.dumps({"directory": "https://ca"}))
    (state / "norte/acme.json").write_text("not JSON")
    live = tmp_path / "etc/letsencrypt/live/miclinik-sur/fullchain.pem"
    live.parent.mkdir(parents=True)
    live.write_bytes(issued[0])
    assert tls_facts.read(tmp_path)["sur"]["deployed"] is True
    live.write_bytes(b"newer")
    found = tls_facts.read(tmp_path)
    assert set(found) == {"norte", "sur"}
    assert found["norte"].pop("days_left") in {396, 397}
    assert found == {
        "norte": {
            "names": sorted(NAMES),
            "self_signed": True,
            "sound": True,
            "pem": own[0].decode(),
            "acme": {},
            "deployed": False,
        },
        "sur": {
            "names": ["sur.example.org"],
            "days_left": 9,
            "self_signed": False,
            "sound": True,
            "pem": "",
            "acme": {"directory": "https://ca"},
            "deployed": False,
        },
    }


def test_lineages(tmp_path: Path) -> None:
    assert tls_facts.lineages(tmp_path) == []
    renewal = tmp_path / "etc/letsencrypt/renewal"
    renewal.mkdir(parents=True)
    for name in ("miclinik-sur.conf", "miclinik-este.conf", "example.org.conf"):
        (renewal / name).touch()
    assert tls_facts.lineages(tmp_path) == ["este", "sur"]


def test_the_hook_works_beside_the_files_that_it_is_delivered_with(tmp_path: Path) -> None:
    hook = Path(__file__).parents[3] / "templates/acme/hook"
    assert sorted(file.name for file in hook.iterdir() if file.suffix == ".py") == ["certificate_files.py", "deploy.py"]
    done = subprocess.run(
        ["python3", "-IB", "-c", f"import sys; sys.path.insert(0, {str(hook)!r}); import deploy; deploy.main()"],
        env={"PATH": "/usr/bin:/bin", "RENEWED_LINEAGE": f"{tmp_path}/miclinik-nobody"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert (
        done.stderr == f"{tmp_path}/miclinik-nobody should be a certificate of a site under /etc/miclinik, and is not\n"
    )
