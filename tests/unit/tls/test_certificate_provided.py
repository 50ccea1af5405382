# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Provided certificates are judged on the controller, to the word, before anything changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.tls import provided as tls_provided

from tests.certificates import PEM, Authority, key_pem, new_key

DOMAIN, ALIAS = "sur.example.org", "www.sur.example.org"


@pytest.fixture(scope="module")
def authority() -> Authority:
    """An intermediate one."""
    return Authority("test intermediate", Authority("test root"))


def _problems(folder: Path, certificate: bytes | None, key: bytes | None, **site: Any) -> list[str]:  # noqa: ANN401
    for name, content in (("certificate.pem", certificate), ("key.pem", key)):
        if content is not None:
            (folder / name).write_bytes(content)
    entry = {
        "name": "sur",
        "domain": DOMAIN,
        "source": {"type": "sandbox"},
        "tls": {"mode": "provided", "certificate": "certificate.pem", "key": "key.pem"},
    }
    found = tls_provided.check([entry | site], folder, Path.read_bytes)
    return [str(problem) for problem in found]


def test_a_good_pair_with_its_chain(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue([DOMAIN, ALIAS])
    assert _problems(tmp_path, certificate + authority.pem, key, aliases=[ALIAS]) == []


def test_without_a_chain_it_is_good_too(tmp_path: Path, authority: Authority) -> None:
    assert _problems(tmp_path, *authority.issue([DOMAIN])) == []


def test_names_count_in_any_case(tmp_path: Path, authority: Authority) -> None:
    assert _problems(tmp_path, *authority.issue([DOMAIN]), domain="Sur.Example.ORG") == []


def test_a_star_stands_for_one_label(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue(["*.example.org"])
    assert _problems(tmp_path, certificate, key) == []
    assert _problems(tmp_path, certificate, key, aliases=["example.org", ALIAS]) == [
        "site 'sur': tls.certificate: is for *.example.org, and not for example.org, www.sur.example.org."
        " Have it made for the domain and every alias, or take these aliases away."
    ]


def test_an_address_is_a_name_of_another_kind(tmp_path: Path, authority: Authority) -> None:
    assert _problems(tmp_path, *authority.issue(["192.0.2.7"]), domain="192.0.2.7") == []
    assert _problems(tmp_path, *authority.issue([DOMAIN]), domain="192.0.2.7") == [
        "site 'sur': tls.certificate: is for sur.example.org, and not for 192.0.2.7."
        " Have it made for the domain and every alias, or take these aliases away."
    ]


def test_no_name_at_all(tmp_path: Path, authority: Authority) -> None:
    key = new_key()
    certificate = authority.sign(DOMAIN, key.public_key()).public_bytes(PEM)
    assert _problems(tmp_path, certificate, key_pem(key)) == [
        "site 'sur': tls.certificate: names no host as subjectAltName. Have it made anew: browsers read no other name."
    ]


def test_the_key_of_another(tmp_path: Path, authority: Authority) -> None:
    certificate, _ = authority.issue([DOMAIN])
    assert _problems(tmp_path, certificate, key_pem(new_key())) == [
        "site 'sur': tls.key: is not the key of the first certificate in tls.certificate."
        " Give the two that belong together; in a chain the site's own certificate is the first."
    ]


def test_a_key_with_a_passphrase(tmp_path: Path, authority: Authority) -> None:
    certificate, _ = authority.issue([DOMAIN])
    assert _problems(tmp_path, certificate, key_pem(new_key(), b"secret words")) == [
        "site 'sur': tls.key: has a passphrase. Give it without one: a server that starts by itself cannot type it."
        " Ansible Vault may encrypt the file."
    ]


def test_files_of_another_kind(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue([DOMAIN])
    assert _problems(tmp_path, b"no certificate", key) == [
        "site 'sur': tls.certificate: is no certificate in PEM form. Give -----BEGIN CERTIFICATE----- and its chain."
    ]
    assert _problems(tmp_path, certificate, b"a secret that is no key") == [
        "site 'sur': tls.key: is no private key in PEM form. Give the certificate's key."
    ]


def test_files_that_are_not_there(tmp_path: Path) -> None:
    assert _problems(tmp_path, None, None) == [
        f"site 'sur': tls.{key}: {tmp_path}/{name} cannot be read ([Errno 2] No such file or directory:"
        f" '{tmp_path}/{name}'). Name a file that can."
        for key, name in (("certificate", "certificate.pem"), ("key", "key.pem"))
    ]


def test_dates(tmp_path: Path, authority: Authority) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert _problems(tmp_path, *authority.issue([DOMAIN], begins=-9, ends=-1)) == [
        f"site 'sur': tls.certificate: ended on {yesterday:%Y-%m-%d}. Renew it."
    ]
    soon = datetime.now(UTC) + timedelta(days=2)
    assert _problems(tmp_path, *authority.issue([DOMAIN], begins=2)) == [
        f"site 'sur': tls.certificate: begins on {soon:%Y-%m-%d}. Wait, or look at the controller's clock."
    ]


def test_an_old_intermediate(tmp_path: Path) -> None:
    root = Authority("test root")
    middle = Authority("test intermediate", root)
    old = root.sign(middle.name, middle.key.public_key(), ca=True, begins=-9, ends=-1).public_bytes(PEM)
    certificate, key = middle.issue([DOMAIN])
    yesterday = datetime.now(UTC) - timedelta(days=1)
    assert _problems(tmp_path, certificate + old, key) == [
        f"site 'sur': tls.certificate: number 2 of the chain ended on {yesterday:%Y-%m-%d}. Renew it."
    ]


def test_a_chain_in_disorder(tmp_path: Path, authority: Authority) -> None:
    certificate, key = authority.issue([DOMAIN])
    stranger = Authority("another authority")
    assert _problems(tmp_path, certificate + authority.pem + stranger.pem, key) == [
        "site 'sur': tls.certificate: number 2 of the chain is not signed by the next."
        " Order it: the site's own, then each one's issuer; leave out what does not belong to it."
    ]


def test_other_modes_have_no_files(tmp_path: Path) -> None:
    assert _problems(tmp_path, None, None, tls={"mode": "selfsigned"}) == []


def test_a_controller_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_provided, "CRYPTOGRAPHY_MISSING", "ImportError: no cryptography")
    assert _problems(tmp_path, None, None) == [
        "site 'sur': tls.mode: is provided, and the controller has no Python library cryptography. Install it."
    ]
