# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which snapshot is taken where nobody names one, and what is said where that cannot be known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.life import choice, recovery
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import Run, Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

from . import backed_up
from .sites import Server


class Hosts:
    """Hosts whose snapshots are in one repository, and one that has nothing of any site."""

    def __init__(self, root: Path, repository: Repository) -> None:
        self.root, self.repository = root, repository
        self.bare = Places("norte", root / "bare")

    def take(self, *marks: str, host: str = "one", name: str = "norte", sign: str = backed_up.IDENTIFIER) -> str:
        root = self.root / host
        if not root.exists():
            stage, _ = backed_up.site(root, name)
            file = stage.places.state / "secrets.json"
            file.write_text(json.dumps(json.loads(file.read_text()) | {"instance_unique_id": sign}))
        places = Places(name, root)
        engine = Server(databases={"norte": {"a": 1}})
        return Run(places, engine, Settings(), self.repository, marks).take().snapshot

    def choose(self, which: str = "latest", at: str = "", places: Places | None = None) -> choice.Chosen:
        return choice.choose(self.repository, places or self.bare, which, at, renamed=True)

    @property
    def here(self) -> Places:
        return Places("norte", self.root / "one")


@pytest.fixture(name="hosts")
def _hosts(tmp_path: Path, repository: Repository) -> Hosts:
    return Hosts(tmp_path / "hosts", repository)


def test_those_that_were_made_by_the_way_are_named_where_there_are_no_others(hosts: Hosts) -> None:
    """Seen: no snapshot of 'norte', where remove.yml had just made one."""
    made = hosts.take("before-remove")
    with pytest.raises(StageError) as caught:
        hosts.choose()
    assert str(caught.value) == (
        "all snapshots of 'norte' were made because something was about to be done with it, and none of them is taken"
        f" unless it is named: {made} of 2026-11-27T01:00:01 (site norte, host h, before-remove)"
    )
    assert hosts.choose(made).snapshot == made


def test_on_a_bare_host_nobody_goes_back_behind_the_end_of_a_site_unawares(hosts: Hosts) -> None:
    timed, last = hosts.take(), hosts.take("before-remove")
    with pytest.raises(StageError, match=f"newer than the one of 2026-11-27T01:00:01: name .* {last} or {timed}$"):
        hosts.choose()
    assert hosts.choose(timed).snapshot == timed
    assert hosts.choose(at="2026-11-27T01:00:01.9").snapshot == timed


def test_newer_ones_that_are_passed_over_are_told(hosts: Hosts) -> None:
    timed, extra = hosts.take(), hosts.take("before-restore")
    for places in (hosts.bare, hosts.here):
        chosen = hosts.choose(places=places)
        assert chosen.snapshot == timed
        assert chosen.notes == [
            "newer ones, made because something was about to be done with the site:"
            f" {extra} of 2026-11-27T01:00:02 (site norte, host h, before-restore)"
        ]
    assert hosts.choose(extra).notes == []


def test_of_two_sites_of_one_name_the_own_one_is_taken_or_nobody_knows(hosts: Hosts) -> None:
    """A repository of several hosts: the last snapshot may be of another clinic."""
    mine, other = hosts.take(), hosts.take(host="two", sign="ff" * 32)
    assert hosts.choose(places=hosts.here).snapshot == mine
    with pytest.raises(StageError, match=f"there were 2 sites called 'norte'.* {mine} of .*, {other} of "):
        hosts.choose()
    assert {hosts.choose(one).manifest.sign for one in (mine, other)} == {
        identity.expected(Places("norte", hosts.root / host).state) for host in ("one", "two")
    }


def test_a_site_that_was_called_otherwise_then(hosts: Hosts) -> None:
    """A rename was the last thing that happened before the host was lost."""
    made = hosts.take(name="norte")
    sur = Places("sur", hosts.root / "bare")
    with pytest.raises(StageError, match=f"no snapshot of a site 'sur'. .*called otherwise: {made} of .*site norte"):
        hosts.choose(places=sur)
    chosen = hosts.choose(made, places=sur)
    assert (chosen.snapshot, chosen.manifest.site) == (made, "norte")
    recovery.require_gone(sur, chosen.manifest)
    with pytest.raises(StageError, match=f"no snapshot of 'sur' called {made}"):
        choice.choose(hosts.repository, sur, made)  # as a clone
    # What is there still is not made twice.
    shutil.copytree(hosts.here.state, sur.state.parent / "norte")
    with pytest.raises(StageError, match=r"is called 'norte' on this host: playbooks/rename.yml"):
        recovery.require_gone(sur, chosen.manifest)


def test_before_the_first_one(hosts: Hosts) -> None:
    hosts.take()
    with pytest.raises(StageError, match="from before 2020-01-01: the first one is of 2026-11-27T01:00:01"):
        hosts.choose(at="2020-01-01")


def test_an_empty_repository(hosts: Hosts) -> None:
    with pytest.raises(StageError, match="has no snapshot of a site 'norte', nor of another one"):
        hosts.choose()
