# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site gets another name: it is there under the old one or the new, whole, whenever the work is killed."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    backup,
    clone_source,
    door,
    engines,
    handover,
    operations,
    proof,
    remove,
    rename,
    upgrade,
    vhosts,
    within,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.operations import OperationError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.proof import ProofError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

from .sites import OLD, Killed, Server

CONF = "<?php\n$dolibarr_main_db_type = 'mysqli';\n"
STEPS = ["check", "documents", "close", "rest", "dump", "load", "swap-database", "swap-documents", "swap-release"]
STEPS += ["prove", "serve"]


class Host:
    """A host with the site norte, served by Nginx, which is to be called sur."""

    def __init__(self, root: Path) -> None:
        self.old, self.new = Places("norte", root), Places("sur", root)
        self.server = Server(
            login=Login("sur", "sur"), databases={"norte": {"a": 1, "b": 2}, "sur": {"a": 0}, "other": {"z": 1}}
        )
        self.norte = Server(login=Login("norte", "norte"), databases=self.server.databases)
        self.web = root / "etc/nginx"
        for place in (self.old, self.new):
            (place.releases / OLD / "htdocs").mkdir(parents=True)
            place.current.symlink_to(f"releases/{OLD}")
            for folder in (place.work, place.state, place.documents("live"), self.web / "sites-available"):
                folder.mkdir(parents=True, exist_ok=True)
            place.conf.write_text(CONF)
            (self.web / f"sites-available/{place.site}.conf").write_text("")
        (self.old.documents("live") / "invoice.pdf").write_text("mine")
        self.old.state.joinpath("secrets.json").write_text(json.dumps({"instance_unique_id": "id of norte"}))
        for name in ("identity.json", "keys.nginx"):
            self.old.state.joinpath(name).write_text("of norte")
        self.old.state.joinpath("tls").symlink_to("certificates/abc")
        (self.old.state / "certificates/abc").mkdir(parents=True)
        (self.old.state / "certificates/abc/key.pem").write_text("key")
        self.old.facts.write_text("{}")
        (self.web / "sites-enabled").mkdir()
        (self.web / "sites-enabled/norte.conf").symlink_to("../sites-available/norte.conf")

    @property
    def served(self) -> list[str]:
        return sorted(file.stem for file in (self.web / "sites-enabled").iterdir())

    def shape(self, place: Places) -> tuple[dict[str, int], list[str]]:
        documents = place.documents("live")
        return self.server.databases[place.site], sorted(file.name for file in documents.iterdir())

    def rename(self) -> Journal:
        return operations.carry_out(
            self.new, "rename", lambda stage, journal: rename.rename(stage, journal, self.old.site)
        )


@pytest.fixture(name="host")
def _host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host(tmp_path)
    monkeypatch.setattr(engines, "of", lambda places: host.norte if places.site == "norte" else host.server)
    monkeypatch.setattr(clone_source, "require_version", lambda _places, _other: "16.0.3")
    monkeypatch.setattr(upgrade, "require_space", lambda _stage, _source: None)
    monkeypatch.setattr(proof, "prove", lambda _places, _version: {})
    for name in ("start", "stop"):
        monkeypatch.setattr(door, name, lambda _places: None)
    monkeypatch.setattr(within, "end", lambda _site: None)
    monkeypatch.setattr(systemd_unit, "state", lambda _unit: SimpleNamespace(active=True))
    monkeypatch.setattr(systemd_unit, "order", lambda *_words, quiet=False: None)
    monkeypatch.setattr(vhosts, "TESTS", dict.fromkeys(SERVERS, ("true",)))
    monkeypatch.setattr(backup, "SETTINGS", tmp_path / "none.json")
    return host


def test_the_new_name_is_given_what_the_site_is_known_by_and_no_record_of_an_installation(host: Host) -> None:
    rename.prepare(host.new, "norte")
    rename.prepare(host.new, "norte")  # as a run that was interrupted
    assert sorted(item.name for item in host.new.state.iterdir()) == ["certificates", "secrets.json", "tls"]
    assert (host.new.state / "tls/key.pem").read_text() == "key"
    assert (host.new.state / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_it_takes_the_place_of_what_it_was_called(host: Host) -> None:
    rename.prepare(host.new, "norte")
    journal = host.rename()
    assert [step.name for step in journal.steps] == STEPS
    assert host.served == ["sur"]
    assert host.shape(host.new) == ({"a": 1, "b": 2}, ["invoice.pdf"])
    # Until the end nothing of the old one is taken away.
    assert host.shape(host.old) == ({"a": 1, "b": 2}, ["invoice.pdf"])
    assert (host.old.closed.exists(), host.new.closed.exists()) == (True, False)
    assert handover.is_done(host.new, "norte")


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_is_there_under_one_of_its_names(
    host: Host, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The old one, until somebody may have come to the new one: what was written there would be lost."""
    rename.prepare(host.new, "norte")
    true = Journal.step

    def killed(journal: Journal, name: str, about: str) -> object:
        manager = true(journal, name, about)
        if name == step:
            manager.__enter__()
            if step == "serve":
                handover.hand_over(host.old, host.new, ["nginx"])
            raise Killed
        return manager

    monkeypatch.setattr(Journal, "step", killed)
    with pytest.raises(Killed):
        host.rename()
    monkeypatch.setattr(Journal, "step", true)
    for _ in range(2):
        operations.recover(host.new)
    if step == "serve":
        assert (host.served, host.shape(host.new)) == (["sur"], ({"a": 1, "b": 2}, ["invoice.pdf"]))
        assert handover.is_done(host.new, "norte")
        return
    assert host.served == ["norte"]
    assert host.shape(host.old) == ({"a": 1, "b": 2}, ["invoice.pdf"])
    assert not host.old.closed.exists()
    assert not handover.is_done(host.new, "norte")
    # And the next run does it.
    host.rename()
    assert (host.served, host.shape(host.new)) == (["sur"], ({"a": 1, "b": 2}, ["invoice.pdf"]))


def test_what_does_not_work_under_its_new_name_is_served_under_the_old_one(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename.prepare(host.new, "norte")

    def fail(_places: Places, _version: str) -> None:
        raise ProofError("PHP does not answer")

    monkeypatch.setattr(proof, "prove", fail)
    with pytest.raises(OperationError, match="PHP does not answer"):
        host.rename()
    assert (host.served, host.old.closed.exists()) == (["norte"], False)
    with pytest.raises(StageError, match="'norte' is served still: nothing of it is taken away"):
        rename.finish(host.new, "norte", print)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("este", "rename_from: there is no site 'este' on this host"),
        ("remote", r"rename_from: the database of 'norte' is on db\.example\.org"),
        ("other", "rename_to: 'sur' is a site of its own on this host, with another instance id"),
        ("lost", "holds no instance id: run playbooks/doctor.yml"),
    ],
)
def test_what_cannot_be_renamed_is_refused_before_anything_is_made(host: Host, given: str, words: str) -> None:
    if given == "remote":
        host.norte.login = Login("norte", "norte", host="db.example.org")
    if given == "other":
        host.new.state.joinpath("secrets.json").write_text(json.dumps({"instance_unique_id": "id of sur"}))
    if given == "lost":
        host.old.state.joinpath("secrets.json").write_text("{}")
    before = sorted(host.new.state.iterdir())
    with pytest.raises(StageError, match=words):
        rename.prepare(host.new, "este" if given == "este" else "norte")
    assert sorted(host.new.state.iterdir()) == before


def test_a_site_that_was_not_prepared_is_refused(host: Host) -> None:
    with pytest.raises(OperationError, match="'sur' was not made to take the place of 'norte'"):
        host.rename()
    assert host.served == ["norte"]


def test_in_the_end_nothing_is_left_under_the_old_name_and_its_logs_are_the_former_ones(
    host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    logs = tmp_path / "var/log/nginx"
    logs.mkdir(parents=True)
    for name, text in (("norte.api.log", "now"), ("norte.api.log.1", "yesterday"), ("sur.api.log", "")):
        (logs / name).write_text(text)
    (logs / "norte.api.log.2.gz").write_bytes(gzip.compress(b"before"))
    rename.prepare(host.new, "norte")
    host.rename()
    gone = []
    monkeypatch.setattr(remove, "remove", lambda places, **given: gone.append((places.site, given["without_snapshot"])))
    assert rename.finish(host.new, "norte", print)
    assert gone == [("norte", True)]
    assert {file.name for file in logs.iterdir()} == {f"sur.api.log{end}" for end in ("", ".1", ".2.gz", ".3.gz")}
    assert (logs / "sur.api.log.1").read_text() == "now"
    assert [gzip.decompress((logs / f"sur.api.log.{n}.gz").read_bytes()) for n in (2, 3)] == [b"yesterday", b"before"]
    assert "sur$before" not in host.server.databases


def test_what_waits_for_receivers_of_webhooks_stays(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The roles write the new name's file when all is done: until then the relay would know nobody."""
    old, new = (place.state / "webhooks.json" for place in (host.old, host.new))
    old.write_text('[{"name": "erp", "token": "t0ken"}]')
    old.chmod(0o640)
    rename.prepare(host.new, "norte")
    host.rename()
    seen: list[str] = []
    monkeypatch.setattr(remove, "remove", lambda *_places, **_given: seen.append(new.read_text()))
    assert rename.finish(host.new, "norte", print)
    assert seen == [old.read_text()]
    assert new.stat().st_mode & 0o777 == 0o640
    assert sorted(file.name for file in host.new.state.glob("*webhooks*")) == ["webhooks.json"]
    # What the roles have written meanwhile counts.
    new.write_text("[]")
    assert rename.finish(host.new, "norte", print)
    assert seen[1:] == ["[]"]


def test_where_nothing_is_left_there_is_nothing_to_do(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remove, "there", lambda _places: False)
    assert not rename.finish(host.new, "norte", print)


def test_the_data_that_names_the_old_folder_is_told(host: Host, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_text(
        "INSERT INTO `llx_const` VALUES\n(1,'/srv/miclinik/norte/documents/x'),\n(2,'y');\n"
        "INSERT INTO `llx_user` VALUES\n(1,'/srv/miclinik/nortes/z');\n"
    )
    assert rename._naming(dump, Path("/srv/miclinik/norte")) == ["llx_const"]
    assert Stage(host.new, host.server).served() == OLD
