# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is deployed under traffic, and what counts as noticed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import deployments, setups
from tests.bench.traffic import KINDS, Call, Place, Traffic


def test_each_deployment_changes_what_is_wanted(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "main.inc.php").touch()
    files = tmp_path / "files"
    files.mkdir()
    wanted = setups.variables(str(tree), "mariadb")
    seen = []
    for what, change in deployments._changes(wanted, tree, files):
        change()
        content = sorted((file.name, file.read_bytes()) for file in tmp_path.glob("*/*"))
        seen.append((json.dumps(wanted), content))
        assert what == "nothing" or seen[-1] != seen[-2], what
    assert [site["name"] for site in wanted["miclinik_sites"]] == [setups.SITE, "sur"]


def test_what_fails_and_what_is_slow_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    calls = [Call("POST", 0, 0.1, ""), Call("POST", 1, 0.2, "502"), Call("page", 2, 1.5, ""), Call("page", 3, 0.3, "")]
    assert deployments._tell("a module", 3, calls) == 2
    out, err = capsys.readouterr()
    assert out == "| a module | 3 | 4 | 1 | 1500 ms | 300 ms |\n"
    assert err.splitlines() == ["  1 x POST: 502", "  1 x page: slow"]
    assert deployments._tell("nothing", 0, [Call("page", 0, 0.1, "")]) == 0


def test_calls_that_were_under_way_are_counted() -> None:
    traffic = Traffic([Place("127.0.0.1", "norte.example.org", "the-key")])
    traffic.calls = [Call("page", began, 2, "") for began in (0, 3, 9.5, 12)]
    assert [call.began for call in traffic.between(4, 10)] == [3, 9.5]
    assert "the-key" not in repr(traffic)
    assert {kind.kept for kind in KINDS} == {True, False}
