# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Losses in any order, with runs between them: no state of a site's files leads to another instance id."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.secret_store import SecretError

from .lost_site import LostSite


def _damage(lost: LostSite, chance: random.Random) -> str:
    """Take something away, or put something wrong in its place; return what."""
    other = "e" * 64
    strokes: dict[str, Any] = {
        "secrets away": lambda: lost.secrets.unlink(missing_ok=True),
        "secrets broken": lambda: lost.state.is_dir() and lost.secrets.write_text("{"),
        "secrets empty": lambda: lost.state.is_dir() and lost.secrets.write_text(""),
        "secrets without id": lambda: _edit(lost, lambda values: values.pop("instance_unique_id", None)),
        "secrets without user": lambda: _edit(lost, lambda values: values.pop("users", None)),
        "secrets with another id": lambda: _edit(lost, lambda values: values.update(instance_unique_id=other)),
        "conf away": lambda: lost.conf.unlink(missing_ok=True),
        "conf cut off": lambda: lost.conf.exists() and lost.conf.write_text(lost.conf.read_text()[:40]),
        "record away": lambda: lost.record.unlink(missing_ok=True),
        "etc away": lambda: shutil.rmtree(lost.state, ignore_errors=True),
        "srv away": lambda: shutil.rmtree(lost.home, ignore_errors=True),
        "documents away": lambda: shutil.rmtree(lost.documents, ignore_errors=True),
        "bridge silent": lambda: setattr(lost, "answers", False),
        "bridge back": lambda: setattr(lost, "answers", True),
    }
    name = chance.choice(sorted(strokes))
    strokes[name]()
    return name


def _edit(lost: LostSite, change: Any) -> None:  # noqa: ANN401 (a callable)
    try:
        values = lost.stored()
        change(values)
    except (OSError, ValueError):
        return
    lost.store(values)


SEED = int(os.environ.get("MICLINIK_SEED") or random.randrange(10**9))  # noqa: S311


@pytest.mark.parametrize("turn", range(150))
def test_no_sequence_of_losses_changes_the_id(lost: LostSite, turn: int, tmp_path: Path) -> None:
    """Whatever is lost in whatever order, and however often it is run: one id, one key, or a stop."""
    chance = random.Random(f"{SEED} {turn}")  # noqa: S311
    assert lost.database is not None
    own, key = lost.stored()["instance_unique_id"], lost.stored()["users"]["shop"]["key"]
    data = {"sign": lost.database["sign"], "keys": dict(lost.database["keys"])}
    folder = tmp_path / "mysql" / "norte"
    folder.mkdir(parents=True)
    (folder / "llx_const.frm").write_text("")  # the database itself stays
    story = []
    for _ in range(chance.randint(1, 6)):
        story.append(_damage(lost, chance))
        if chance.random() < 0.6:
            try:
                lost.run()
                story.append("(run)")
            except (SecretError, BridgeError) as stop:
                story.append(f"(stopped: {stop})")
        told = f"MICLINIK_SEED={SEED}, turn {turn}: {story}"
        assert lost.database == data, told
        ids = {identity.conf_id(identity.conf_values(lost.conf))} if lost.conf.exists() else set()
        # The one that a stroke has put there may stay where it is, and goes nowhere.
        assert ids <= {own, "", "e" * 64}, told
        if "(run)" in story[-1:]:
            assert lost.stored()["instance_unique_id"] == own, told
            assert lost.stored()["users"]["shop"].get("key", key) == key, told
