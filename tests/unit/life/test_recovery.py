# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host that has nothing of a site gets its secrets, and comes to be the same site."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.life import choice, recovery
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import Run, Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.life.choice import Chosen
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

from . import backed_up
from .test_manifest import manifest


@pytest.fixture
def bare(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> tuple[Places, Chosen]:
    """Return a host that has lost all of a site, of which there is a snapshot with certificate and record."""
    monkeypatch.setattr(os, "chown", lambda *_words: None)
    stage, server = backed_up.site(tmp_path / "root")
    places = stage.places
    (places.state / "tls").mkdir()
    (places.state / "tls/key.pem").write_text("key")
    (places.state / "tls/key.pem").chmod(0o600)
    (places.state / "tls/authority.crt").symlink_to("key.pem")
    (places.state / identity.RECORD).write_text("{}")
    Run(places, server, Settings(), repository).take()
    shutil.rmtree(tmp_path / "root")
    return places, choice.choose(repository, places, "latest")


def test_secrets_come_back_and_no_record_that_it_is_installed(
    bare: tuple[Places, Chosen], repository: Repository
) -> None:
    places, chosen = bare
    assert not recovery.has_secrets(places)
    names = recovery.take_secrets(places, repository, chosen)
    assert sorted(names) == ["secrets.json", "tls/authority.crt", "tls/key.pem"]
    assert names[-1] == "secrets.json"
    assert json.loads((places.state / "secrets.json").read_text())["instance_unique_id"] == backed_up.IDENTIFIER
    assert (places.state / "tls/key.pem").stat().st_mode & 0o777 == 0o600
    assert not (places.state / identity.RECORD).exists()
    assert list(places.work.iterdir()) == []
    assert recovery.has_secrets(places)
    assert not recovery.is_installed(places)
    recovery.require_same(places, chosen.manifest)


def test_a_snapshot_without_secrets(bare: tuple[Places, Chosen], repository: Repository) -> None:
    places, chosen = bare
    for file in Path(repository.environment["RESTIC_REPOSITORY"]).rglob("secrets.json"):
        file.unlink()
    with pytest.raises(StageError, match=r"does not hold .*secrets\.json"):
        recovery.take_secrets(places, repository, chosen)
    assert not places.state.exists()


def test_a_new_site_of_that_name_is_another_one(bare: tuple[Places, Chosen]) -> None:
    places, chosen = bare
    places.state.mkdir(parents=True)
    (places.state / "secrets.json").write_text(json.dumps({"instance_unique_id": "f" * 64}))
    with pytest.raises(StageError, match="this host has another site that is called 'norte'"):
        recovery.require_same(places, chosen.manifest)


WANTED = {"engine": "mariadb", "php": "8.2", "version": "22.0.4"}


@pytest.mark.parametrize("given", [WANTED, WANTED | {"php": "8.4"}, WANTED | {"version": ""}])
def test_what_fits(given: dict[str, str]) -> None:
    recovery.require_wanted(manifest(), **given)


@pytest.mark.parametrize(
    ("given", "said", "words"),
    [
        (WANTED | {"engine": "postgresql"}, {}, "Set miclinik_database_engine: mariadb"),
        (
            WANTED | {"version": "24.0.0"},
            {},
            "is of version 22.0.4, and the site's source in the inventory holds 24.0.0",
        ),
        (WANTED | {"php": "8.5"}, {}, "ran on PHP 8.2, and this host has PHP 8.5, on which it does not run"),
        (WANTED | {"php": "8.4", "version": ""}, {"version": "11.0.4"}, "restore it on a host with PHP 8.2"),
    ],
)
def test_what_does_not_fit(given: dict[str, str], said: dict[str, Any], words: str) -> None:
    with pytest.raises(StageError, match=words):
        recovery.require_wanted(manifest(**said), **given)
