# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was encrypted with one site's id is encrypted with another's, wherever a dump has it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import reseal

from .sites import Server

OLD, NEW = "a" * 64, "b" * 64


def _php(code: str, *words: str) -> str:
    return subprocess.run(["php", "-r", code, *words], check=True, capture_output=True, text=True).stdout


def _seal(clear: str, key: str, seed: str = "0123456789abcdef") -> str:
    """As dolEncrypt() does."""
    code = 'echo openssl_encrypt($argv[1], "AES-256-CTR", $argv[2], 0, $argv[3]);'
    return f"dolcrypt:AES-256-CTR:{seed}:{_php(code, clear, key, seed)}"


def _open(sealed: str, key: str) -> str:
    """As dolDecrypt() does."""
    code = '$p = explode(":", $argv[1]); echo openssl_decrypt($p[3], $p[1], $argv[2], 0, $p[2]);'
    return _php(code, sealed, key)


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"])
def test_values_are_encrypted_anew_and_the_rest_stays(tmp_path: Path, engine: str) -> None:
    values = [_seal("sk_live_1234567890", OLD), _seal("Clínica\nlíneas", OLD, "fedcba9876543210")]
    lost = _seal("of somebody else, long enough", "c" * 64, "00000000ffffffff")
    if engine == "mariadb":
        rows = f"(1,'A','{values[0]}','x'),\n(2,'B','{{\\\"k\\\":\\\"{values[1]}\\\"}}','dolcrypt');\n"
        text = "INSERT INTO `llx_const` VALUES\n" + rows + "INSERT INTO `llx_user_rib` " + f"VALUES (1,'{lost}');\n"
    else:
        text = f"COPY public.llx_const (rowid, name, value) FROM stdin;\n1\tA\t{values[0]}\n2\tB\tx{values[1]}\n\\.\n"
        text += f"COPY public.llx_user_rib (rowid, iban) FROM stdin;\n1\t{lost}\n\\.\n"
    file = tmp_path / "clone.sql"
    file.write_text(text, encoding="utf-8")
    unreadable = reseal.reseal(file, "php", ["", OLD], NEW)
    assert unreadable == reseal.Unreadable([lost], ["llx_user_rib"])
    fresh = file.read_text(encoding="utf-8")
    expected = text
    for old in values:
        (new,) = [
            word.decode() for word in reseal._SEALED.findall(fresh.encode()) if word.startswith(old[:37].encode())
        ]
        assert new != old
        assert _open(new, NEW) == _open(old, OLD)
        # The seed stays: the application finds an API key by its text.
        assert new.rsplit(":", 1)[0] == old.rsplit(":", 1)[0]
        expected = expected.replace(old, new)
    assert fresh == expected


def test_a_dump_with_nothing_encrypted_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "clone.sql"
    file.write_text("INSERT INTO `a` VALUES (1,'dolcrypt: is no value');\n")
    assert reseal.reseal(file, "/no/such/php", [OLD], NEW) == reseal.Unreadable([], [])


def test_what_no_key_opens_is_cleared_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(answers=["0\n", "2\n"])
    monkeypatch.setattr(server, "columns", lambda _database: {"llx_user_rib": {"rowid", "iban"}})
    told = reseal.clear(server, "s$next", reseal.Unreadable(["dolcrypt:A:x"], ["llx_user_rib"]))
    assert told == ["encrypted with none of the keys of the site it comes from, and cleared: llx_user_rib.rowid (2)"]
    asked = [words.partition(" WHERE ")[0] for words in server.asked]
    assert asked == [
        "s$next: SELECT COUNT(*) FROM llx_user_rib",
        "s$next: SELECT COUNT(*) FROM llx_user_rib",
        "s$next: UPDATE llx_user_rib SET rowid = ''",
    ]
    assert server.asked[2].endswith(" WHERE CONCAT(rowid, '') IN ('dolcrypt:A:x')")
    assert reseal.clear(server, "s$next", reseal.Unreadable([], [])) == []
