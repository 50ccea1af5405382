# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificate and key are exchanged as one, and never left in a state that a server cannot use."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files

from tests.certificates import PEM, Authority, key_pem, new_key

AUTHORITY = Authority()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_first_and_second_time(tmp_path: Path) -> None:
    pair = AUTHORITY.issue(["norte.example.org"])
    assert not files.sound(tmp_path)
    assert files.place(tmp_path, *pair)
    assert (tmp_path / "tls/certificate.pem").read_bytes() == pair[0]
    assert (tmp_path / "tls/key.pem").read_bytes() == pair[1]
    assert (_mode(tmp_path / "tls/certificate.pem"), _mode(tmp_path / "tls/key.pem")) == (0o644, 0o600)
    assert _mode(tmp_path / "tls") == 0o755
    assert files.sound(tmp_path)
    assert not files.place(tmp_path, *pair)


def test_another_pair_takes_its_place_and_the_old_key_goes(tmp_path: Path) -> None:
    first, second = AUTHORITY.issue(["norte.example.org"]), AUTHORITY.issue(["norte.example.org"])
    files.place(tmp_path, *first)
    old = (tmp_path / "tls").resolve()
    assert files.place(tmp_path, *second)
    assert (tmp_path / "tls/key.pem").read_bytes() == second[1]
    assert not old.exists()
    assert list((tmp_path / "certificates").iterdir()) == [(tmp_path / "tls").resolve()]


def test_a_pair_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    pair = AUTHORITY.issue(["norte.example.org"])
    files.place(tmp_path, *pair)
    with pytest.raises(files.CertificateError, match=r"^certificate and key cannot be used together: \[X509: KEY_VALU"):
        files.place(tmp_path, pair[0], key_pem(new_key()))
    assert (tmp_path / "tls/key.pem").read_bytes() == pair[1]
    assert list((tmp_path / "certificates").iterdir()) == [(tmp_path / "tls").resolve()]


@pytest.mark.parametrize(("name", "mode"), [("key.pem", 0o644), ("certificate.pem", 0o600)])
def test_wrong_modes_are_mended(tmp_path: Path, name: str, mode: int) -> None:
    pair = AUTHORITY.issue(["norte.example.org"])
    files.place(tmp_path, *pair)
    (tmp_path / "tls" / name).chmod(mode)
    assert not files.sound(tmp_path)
    assert files.place(tmp_path, *pair)
    assert files.sound(tmp_path)


@pytest.mark.parametrize("name", ["key.pem", "certificate.pem"])
def test_damage_is_mended(tmp_path: Path, name: str) -> None:
    pair = AUTHORITY.issue(["norte.example.org"])
    files.place(tmp_path, *pair)
    (tmp_path / "tls" / name).write_bytes(b"")
    assert not files.sound(tmp_path)
    assert files.place(tmp_path, *pair)
    assert files.holds(tmp_path, *pair)


def test_a_key_with_a_passphrase_is_refused_and_nobody_asked(tmp_path: Path) -> None:
    key = new_key()
    certificate = AUTHORITY.sign("x", key.public_key(), ["norte.example.org"])
    with pytest.raises(files.CertificateError):
        files.place(tmp_path, certificate.public_bytes(PEM), key_pem(key, b"words"))
    assert not (tmp_path / "tls").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls/mine").write_text("mine")
    with pytest.raises(files.CertificateError, match="is not the link that this collection makes"):
        files.place(tmp_path, *AUTHORITY.issue(["norte.example.org"]))
    assert (tmp_path / "tls/mine").read_text() == "mine"
