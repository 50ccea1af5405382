# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A program that stands for restic, and a repository of its."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import operations, restic
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository

FAKE = Path(__file__).with_name("fake_restic.py")
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for somebody else."""
    monkeypatch.setattr(operations, "PAUSE", 0.0)
    monkeypatch.setattr(operations, "PATIENCE", -1.0)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have ``restic`` be found, and nothing of the host be touched; return a folder."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "restic").write_text(f'#!/bin/sh\nexec {sys.executable} -I -S {FAKE} "$@"\n')
    (folder / "restic").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setattr(restic, "_PAUSE", 0.01)
    monkeypatch.setattr(restic, "WORK", tmp_path / "work-of-backup")
    monkeypatch.setattr(restic, "CACHE", tmp_path / "cache-of-backup")
    return tmp_path


@pytest.fixture
def repository(program: Path) -> Repository:
    """Return a repository that is there and empty."""
    (program / "password").write_text(f"{PASSWORD}\n")
    found = Repository(
        {"RESTIC_REPOSITORY": str(program / "store"), "RESTIC_PASSWORD_FILE": str(program / "password")}, patience=0.2
    )
    found.run("init")
    return found
