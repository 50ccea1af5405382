# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Programs are found whoever became root, and however: `su` leaves the user's PATH, without the sbin folders."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_host
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/bin:/bin", "/usr/bin:/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin"),
        ("/opt/bin:/usr/sbin::", "/opt/bin:/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/sbin:/bin"),
        ("", ":".join(programs.FOLDERS)),
        (":".join(programs.FOLDERS), ":".join(programs.FOLDERS)),
    ],
)
def test_the_path_has_the_administrators_folders(monkeypatch: pytest.MonkeyPatch, path: str, expected: str) -> None:
    monkeypatch.setenv("PATH", path)
    monkeypatch.setenv("OTHER", "kept")
    assert programs.environment()["PATH"] == expected
    assert programs.environment()["OTHER"] == "kept"


def test_a_program_of_those_folders_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "php-fpm9").write_text("#!/bin/sh\necho found\n", encoding="utf-8")
    (tmp_path / "php-fpm9").chmod(0o755)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert probe_host.run("php-fpm9") == ""
    monkeypatch.setattr(programs, "FOLDERS", (str(tmp_path),))
    assert probe_host.run("php-fpm9") == "found\n"


def test_a_program_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "FOLDERS", (str(tmp_path),))
    assert not programs.there("soffice")
    (tmp_path / "soffice").write_text("#!/bin/sh\n", encoding="utf-8")
    assert not programs.there("soffice")  # nobody may run it
    (tmp_path / "soffice").chmod(0o755)
    assert programs.there("soffice")


def _calls(file: Path) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"subprocess.run", "subprocess.Popen"}
    ]


def test_whatever_runs_a_program_on_a_host_says_where_to_look() -> None:
    calling = {
        file: _calls(file)
        for folder in ("module_utils", "modules")
        for file in (ROOT / "plugins" / folder).rglob("*.py")
    }
    assert sum(map(len, calling.values())) >= 10
    lacking = [
        f"{file.name}:{call.lineno}"
        for file, calls in calling.items()
        for call in calls
        if "env" not in {keyword.arg for keyword in call.keywords}
    ]
    assert lacking == []
