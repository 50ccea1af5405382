# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a clone is made from, where it is a snapshot."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import clone_source, proof, restic
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import Run, Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import NEXT

from . import backed_up
from .sites import OLD, Server

DOCUMENTS = [".miclinik-site", "[odd] *.txt", "invoice.pdf"]


class Hosts:
    """A snapshot of norte, and a host of another site, staging, that has nothing else of it."""

    def __init__(self, root: Path, repository: Repository) -> None:
        stage, self.norte = backed_up.site(root)
        documents = stage.places.documents("live")
        (documents / ".miclinik-site").write_text("of norte")
        (documents / "api/temp").mkdir(parents=True)
        (documents / "api/temp/routes.php").write_text("of norte")
        stage.places.conf.write_text(stage.places.conf.read_text() + "$dolibarr_main_instance_unique_id='of norte';\n")
        self.snapshot = Run(stage.places, self.norte, Settings(), repository).take().snapshot
        self.repository = repository
        places = Places("staging", root)
        (places.releases / OLD / "htdocs").mkdir(parents=True)
        places.current.symlink_to(f"releases/{OLD}")
        for folder in (places.work, places.state, places.documents("live")):
            folder.mkdir(parents=True, exist_ok=True)
        (places.documents("live") / ".miclinik-site").write_text("of staging")
        places.facts.write_text(json.dumps({"clone_of": "norte"}))
        places.conf.write_text("<?php\n$dolibarr_main_db_type='mysqli';\n")
        self.secrets: dict[str, Any] = {"instance_unique_id": "of staging", "users": {"tester": {"key": "k2"}}}
        self.server = Server(login=Login("staging", "staging"), databases={"staging": {"a": 9}})
        self.stage = Stage(places, self.server)
        self.journal = Journal.begin(places.journal, "clone", "1", {})

    def bring(self, **order: str) -> clone_source.Brought:
        (self.stage.places.state / "secrets.json").write_text(json.dumps(self.secrets))
        return clone_source.from_snapshot(self.stage, self.journal, {"source": "norte", "snapshot": "latest", **order})


@pytest.fixture(name="hosts")
def _hosts(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Hosts:
    monkeypatch.setattr(restic, "read_environment", lambda _file: repository.environment)
    monkeypatch.setattr(proof, "prove", lambda _places: {"schema": {"version": "16.0.3"}})
    return Hosts(tmp_path, repository)


def test_documents_and_database_are_those_of_the_snapshot_and_the_sign_is_its_own(hosts: Hosts) -> None:
    brought = hosts.bring()
    assert [step.name for step in hosts.journal.steps] == ["turn", "check", "fetch", "documents"]
    documents = hosts.stage.places.documents(NEXT)
    assert sorted(file.name for file in documents.iterdir() if file.is_file()) == DOCUMENTS
    assert (documents / ".miclinik-site").read_text() == "of staging"
    assert not (documents / "api/temp/routes.php").exists()
    assert json.loads(brought.dump.read_text()) == brought.rows == {"a": 1, "b": 2, "c": 3}
    assert (brought.version, brought.keys) == ("16.0.3", ["of norte"])
    assert hosts.journal.facts["snapshot"] == hosts.snapshot
    # Nothing of what is served is touched, and of the other site's secrets nothing is left when the copy goes.
    assert hosts.server.databases["staging"] == {"a": 9}
    hosts.stage.forget(NEXT)
    left = [file for file in hosts.stage.places.home.rglob("*") if file.is_file() and b"k1" in file.read_bytes()]
    assert left == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clone_of": ""}, "'staging' is declared as a site of its own"),
        ({"id": backed_up.IDENTIFIER}, "'staging' and 'norte' have one instance id"),
        ({"key": "k1"}, r"API keys of 'staging' are those of 'norte' \(tester\)"),
        ({"version": "22.0.4"}, "the snapshot is of version 16.0.3, and 'staging' of 22.0.4"),
        ({"engine": "pgsql"}, "the snapshot's database is of mariadb, and that of 'staging' on postgresql"),
        ({"snapshot": "ffffffff"}, "no snapshot of 'norte' called ffffffff"),
    ],
)
def test_what_could_not_be_a_clone_is_refused(
    hosts: Hosts, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], words: str
) -> None:
    places = hosts.stage.places
    if "clone_of" in change:
        places.facts.write_text(json.dumps(change))
    if "engine" in change:
        places.conf.write_text(f"<?php\n$dolibarr_main_db_type='{change['engine']}';\n")
    hosts.secrets["instance_unique_id"] = change.get("id", "of staging")
    hosts.secrets["users"]["tester"]["key"] = change.get("key", "k2")
    monkeypatch.setattr(proof, "prove", lambda _places: {"schema": {"version": change.get("version", "16.0.3")}})
    with pytest.raises(StageError, match=words):
        hosts.bring(snapshot=change.get("snapshot", "latest"))
    assert hosts.server.databases["staging"] == {"a": 9}
    assert os.path.lexists(places.documents("live"))
