# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which sites there are many of, and what is counted while one comes or goes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.bench import setups, sites
from tests.bench.host import TestHost
from tests.bench.traffic import Call, Place


def _many(tmp_path: Path, source: str = "") -> sites.Sites:
    return sites.Sites(setups.Bench(TestHost("bench-sites"), tmp_path), source, tmp_path / "report.json")


def test_two_are_of_the_tree(tmp_path: Path) -> None:
    many = _many(tmp_path, "/tree")
    many.add(1)
    many.add(3)
    wanted = json.loads((tmp_path / "group_vars/miclinik.json").read_text())["miclinik_sites"]
    assert [(site["name"], site["source"]["type"]) for site in wanted] == [
        ("clinic1", "directory"),
        ("clinic2", "directory"),
        ("clinic3", "sandbox"),
        ("clinic4", "sandbox"),
    ]


def test_calls_that_fail_while_one_comes_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Traffic:
        def __init__(self, places: Sequence[Place], **_: Any) -> None:  # noqa: ANN401 (as the real one takes it)
            self.calls = [Call(place.domain, 0, 0.25, "502" if place.domain == "b" else "") for place in places]

        def __enter__(self) -> Traffic:
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(sites, "Traffic", Traffic)
    many = _many(tmp_path)
    many.places = {name: Place("127.0.0.1", name, "the-key", tls=False) for name in "abc"}
    assert many.under_traffic("one more", lambda: None) == 1
    assert json.loads((tmp_path / "report.json").read_text()) == {
        "one more, s": 0.0,
        "one more: calls of the others": 3,
        "one more: of these failed": 1,
        "one more: slowest, s": 0.2,
    }


def test_what_looks_at_the_host_is_a_program() -> None:
    compile(sites.LOOK, "look", "exec")
