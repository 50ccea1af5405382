# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people did to the release that is served does not go without a word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import by_hand
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree

from tests import application_tree

RELEASE = "/srv/miclinik/norte/releases/22.0.4-0123456789ab"


def _compare(app: Path, **seen: Any) -> tuple[list[tuple[str, str, str]], list[str]]:  # noqa: ANN401
    return by_hand.compare("norte", "22.0.4-0123456789ab", {"added": [], "changed": {}} | seen, source_tree.find(app))


def test_nothing_was_done(tmp_path: Path) -> None:
    assert _compare(application_tree.make(tmp_path / "app")) == ([], [])


def test_an_add_on_that_the_source_lacks_stops(tmp_path: Path) -> None:
    app = application_tree.make(tmp_path / "app")
    added = [f"htdocs/custom/{name}" for name in "abcdef"]
    assert _compare(app, added=added) == (
        [
            (
                "source",
                "lacks what was put into the served release by hand: htdocs/custom/a, htdocs/custom/b, "
                "htdocs/custom/c, htdocs/custom/d, htdocs/custom/e and 1 more",
                "Put it into the source, or take it out of the release "
                f"(mv {RELEASE}/htdocs/custom/a /root/, and so on)",
            )
        ],
        [],
    )
    for name in "abcdef":
        (app / "custom" / name).mkdir(parents=True)
    assert _compare(app, added=added) == ([], [])


def test_a_hand_edit_that_the_source_lacks_is_told(tmp_path: Path) -> None:
    app = application_tree.make(tmp_path / "app")
    seen = {"htdocs/index.php": "0123456789abcdef", "htdocs/old.php": "0123456789abcdef"}
    problems, told = _compare(app, changed=seen)
    assert problems == []
    assert told == [
        "site 'norte': changed by hand in the served release, and replaced by the source's: htdocs/index.php, "
        f"htdocs/old.php. What they were stays in {RELEASE}."
    ]
    (app / "old.php").write_text("<?php\n")
    same = {f"htdocs/{name}": release_files.digest(str(app / name)) for name in ("index.php", "old.php")}
    assert _compare(app, changed=same) == ([], [])
