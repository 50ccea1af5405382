# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused before a site gets another one's data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import clone, clone_source, engines, proof
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError

from .sites import Server

VERSION = "22.0.4"


def _site(root: Path, name: str, *, clone_of: str = "", key: str = "", kind: str = "mysqli", extra: str = "") -> Stage:
    places = Places(name, root)
    for folder in (places.state, places.work, places.home):
        folder.mkdir(parents=True)
    places.facts.write_text(json.dumps({"clone_of": clone_of}))
    users = {"integration": {"key": key or f"key-of-{name}"}}
    places.state.joinpath("secrets.json").write_text(json.dumps({"instance_unique_id": name * 3, "users": users}))
    places.conf.write_text(f"<?php\n$dolibarr_main_db_type = '{kind}';\n{extra}")
    return Stage(places, Server())


@pytest.fixture(autouse=True)
def _engines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "of", lambda _places: Server())


@pytest.fixture(name="says")
def _says(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, Any]]:
    says = {name: {"schema": {"version": VERSION}, "upgrade_pending": False} for name in ("norte", "staging")}
    monkeypatch.setattr(proof, "status", lambda places: says[places.site])
    monkeypatch.setattr(proof, "prove", lambda places: says[places.site])
    return says


@pytest.mark.parametrize("word", ["snapshot", "at", "repository"])
def test_what_speaks_of_a_snapshot_never_copies_the_site_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """Seen: with another repository alone the site of that name on this host was copied, and the repository left."""
    stage = _site(tmp_path, "staging", clone_of="norte")
    stage.places.current.symlink_to("releases/x")
    asked: list[str] = []

    def bring(_stage: Stage, _journal: Journal, order: Any) -> clone_source.Brought:  # noqa: ANN401
        asked.extend(name for name in order if name != "source")
        raise StageError("enough")

    monkeypatch.setattr(clone_source, "from_snapshot", bring)
    journal = Journal.begin(stage.places.journal, "clone", "1", {})
    with pytest.raises(StageError, match="enough"):
        clone.clone(stage, journal, {"source": "norte", word: "x"})
    assert asked == [word]


@pytest.mark.parametrize(
    ("name", "declared", "words"),
    [
        ("staging", "norte", "cannot be a clone of itself"),
        ("sur", "norte", "there is no site 'sur' on this host"),
        ("norte", "", r"declared as a site of its own, and its data would be replaced .*: norte for it"),
        ("norte", "este", "declared as a clone of este"),
    ],
)
def test_a_site_gets_the_data_of_the_one_that_the_inventory_names(
    tmp_path: Path, name: str, declared: str, words: str
) -> None:
    _site(tmp_path, "norte")
    target = _site(tmp_path, "staging", clone_of=declared)
    with pytest.raises(StageError, match=words):
        clone_source._source(target, name)


def test_the_site_that_is_named_is_found(tmp_path: Path) -> None:
    _site(tmp_path, "norte")
    assert clone_source._source(_site(tmp_path, "staging", clone_of="norte"), "norte").places.site == "norte"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "pgsql"}, r"another engine \(mysqli, not pgsql\)"),
        ({"key": "key-of-norte"}, r"API keys of 'staging' are those of 'norte' \(integration\)"),
        ({"extra": "$dolibarr_main_db_encryption = '1';"}, "db_encryption"),
    ],
)
def test_a_copy_that_could_not_be_its_own_is_refused(
    tmp_path: Path, says: dict[str, Any], given: dict[str, str], words: str
) -> None:
    assert says
    source, target = _site(tmp_path, "norte"), _site(tmp_path, "staging", **given)
    with pytest.raises(StageError, match=words):
        clone_source._require_alike(target, source)


def test_another_version_is_refused(tmp_path: Path, says: dict[str, Any]) -> None:
    source, target = _site(tmp_path, "norte"), _site(tmp_path, "staging")
    assert clone_source._require_alike(target, source) == VERSION
    says["norte"]["schema"]["version"] = "22.0.5"
    with pytest.raises(StageError, match=r"'staging' is of version 22\.0\.4, and 'norte' of 22\.0\.5"):
        clone_source._require_alike(target, source)


def test_one_instance_id_for_two_is_refused(tmp_path: Path, says: dict[str, Any]) -> None:
    assert says
    source, target = _site(tmp_path, "norte"), _site(tmp_path, "staging")
    kept = json.loads((source.places.state / "secrets.json").read_text())
    kept["users"] = {}
    (target.places.state / "secrets.json").write_text(json.dumps(kept))
    with pytest.raises(StageError, match="one instance id"):
        clone_source._require_alike(target, source)


def test_a_site_with_which_something_is_under_way_is_left_alone(tmp_path: Path) -> None:
    places = _site(tmp_path, "norte").places
    with (
        clone_source.left_alone(places),
        pytest.raises(StageError, match="cannot be copied now"),
        clone_source.left_alone(places),
    ):
        raise AssertionError
    Journal.begin(places.journal, "upgrade", "1", {})
    with pytest.raises(StageError, match="upgrade of 'norte' was killed"), clone_source.left_alone(places):
        raise AssertionError


def test_what_it_decrypts_with_is_told_apart(tmp_path: Path) -> None:
    lines = "$dolibarr_main_instance_unique_id = 'one';\n$dolibarr_main_dolcrypt_key = 'two';"
    assert clone_source.keys_of(_site(tmp_path, "norte", extra=lines).places) == ["two", "one"]


def test_who_was_logged_in_is_not_somebody_else_afterwards(tmp_path: Path) -> None:
    places = _site(tmp_path, "staging").places
    kept = places.home / "conf.php"
    for folder in ("sessions", "signed-in"):
        (places.home / folder).mkdir()
        (places.home / folder / "sess_abc").write_text("user 5")
    clone._forget_log_ins(places)
    assert sorted(place.name for place in places.home.rglob("*")) == ["conf.php", "sessions", "signed-in"]
    assert kept.is_file()
