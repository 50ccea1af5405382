# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What root has left deep in the documents."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_owners
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import HOME, case, stroke


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    (tmp_path / "produit/AB/deep").mkdir(parents=True)
    (tmp_path / "api/temp/x").mkdir(parents=True)
    (tmp_path / "produit/AB/deep/f.pdf").touch()
    return tmp_path


def _look(documents: Path) -> list[str]:
    site = {"user": pwd.getpwuid(os.geteuid()).pw_name, "documents": str(documents)}
    return [entry["path"].removeprefix(f"{documents}/") for entry in probe_owners.look(site)]


def test_deep_folders_and_files(documents: Path) -> None:
    assert _look(documents) == []
    (documents / "produit/AB/deep/f.pdf").chmod(0)
    (documents / "api/temp/x").chmod(0o500)
    assert _look(documents) == ["produit/AB/deep/f.pdf"]
    (documents / "produit/AB/deep").chmod(0o500)
    assert _look(documents)[0] == "produit/AB/deep"
    # The first two levels are looked at elsewhere.
    (documents / "produit/AB/deep").chmod(0o700)
    (documents / "produit/AB/deep/f.pdf").chmod(0o600)
    (documents / "produit").chmod(0o500)
    assert _look(documents) == []


def test_whom_nobody_knows(documents: Path) -> None:
    assert probe_owners.look({"user": "no-such-user", "documents": str(documents)}) == []


def test_it_is_named_with_its_command() -> None:
    found = [{"path": f"{HOME}/documents/produit/AB/deep", "seen": "root:root 0755"}]
    (finding,) = diagnose(stroke(case(), "here:owners", found))
    assert (finding.id, finding.confidence) == ("documents-shut", CERTAIN)
    assert finding.evidence[0].endswith("documents: produit/AB/deep (root:root 0755)")
    assert finding.run == (f"chown -R norte: {HOME}/documents/ && chmod -R u+rwX {HOME}/documents/",)
