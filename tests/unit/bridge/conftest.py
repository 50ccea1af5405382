# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host in a temporary folder, and a bridge on it that answers what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.database import remains

from .lost_site import PASSWORD, LostSite


class Host:
    """A host's files, and a runner that records what it was asked and answers from a list."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "etc"
        self.command = folder / "lib" / "miclinikctl"
        self.answers: list[Any] = []
        self.asked: list[tuple[list[str], Any]] = []

    def put_bridge(self) -> None:
        """Put the bridge's file there."""
        self.command.parent.mkdir(parents=True, exist_ok=True)
        self.command.write_text("<?php\n")

    def put_site(self, name: str, **facts: str) -> Path:
        """Put a site's facts there; return its folder."""
        folder = self.state / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "site.json").write_text(
            json.dumps({"name": name, "php": "/usr/bin/php8.2", "documents": str(folder / "documents")} | facts)
        )
        return folder

    def run(self, words: Sequence[str], text: str) -> tuple[int, str, str]:
        """Answer with the next of ``answers``: a mapping, or the tuple itself."""
        self.asked.append((list(words), json.loads(text) if text else None))
        answer = self.answers.pop(0)
        if isinstance(answer, tuple):
            code, out, err = answer
            return int(code), str(out), str(err)
        return (0 if answer["ok"] else 1), json.dumps(answer), ""

    def bridge(self, name: str) -> bridge.Bridge:
        """Return a bridge that is answered here."""
        return bridge.Bridge(name, runner=self.run)


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """Return a bare host: neither bridge nor site are there."""
    made = Host(tmp_path)
    monkeypatch.setattr(bridge, "STATE", made.state)
    monkeypatch.setattr(bridge, "COMMAND", made.command)
    monkeypatch.setattr(secret_store, "STATE", made.state)
    return made


@pytest.fixture
def norte(host: Host) -> Host:
    """Return a host with the bridge and the site ``norte``."""
    host.put_bridge()
    host.put_site("norte")
    return host


def failure(code: str, message: str = "It was seen.", mend: str = "Mend it.", **more: object) -> dict[str, Any]:
    """Return a failure as the bridge words it."""
    return {"ok": False, "command": "x", "error": {"code": code, "message": message, "mend": mend}, **more}


@pytest.fixture
def lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LostSite:
    """Return a site that was installed, with an API user."""
    monkeypatch.setattr(remains, "MARIADB_DATA", tmp_path / "mysql")
    made = LostSite(tmp_path)
    made.ensure(database_password=PASSWORD)
    made.run()
    return made
