# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Another password of the database: proven before it is recorded, and taken back from wherever it was killed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_rotation, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    database_password,
    engines,
    operations,
    proof,
    units,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.database_password import OPERATION
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE, FAILED, Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import held_calls, systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import pools

from . import sites
from .sites import Killed, Server

CONF = "<?php\n$dolibarr_main_db_user = 'norte';\n$dolibarr_main_db_pass = '{}';\n$dolibarr_main_db_type = 'mysqli';\n"


class Site:
    """A site of files, whose PHP is a list of the orders that it got."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.stage, self.server = sites.stage(root)
        self.places, self.reachable = self.stage.places, True
        self.orders: list[tuple[str, ...]] = []
        self.asked: list[str] = []
        self.secrets = self.places.state / "secrets.json"
        self.secrets.write_text(json.dumps({"database_password": "old", "users": {}}))
        self.places.conf.write_text(CONF.format("old"))
        self.places.facts.write_text(json.dumps({"database_password_declared": False}))
        patch.setattr(systemd_unit, "order", lambda *words, quiet=False: self.orders.append(words))
        patch.setattr(pools, "ask", self._ask)
        patch.setattr(proof, "status", lambda _: {"database": {"reachable": self.reachable}})
        patch.setattr(database_password, "_LOGGING_IN", 0)
        patch.setattr(key_rotation, "alone", lambda _: ExitStack())

    def _ask(self, path: str, _seconds: float) -> dict[str, int]:
        self.asked.append(Path(path).name)
        return {"active": 1}

    def rotate(self) -> Journal:
        journal = Journal.begin(self.places.journal, OPERATION, "1", {})
        try:
            database_password.rotate(self.stage, journal)
        finally:
            journal.end()
        return journal

    def seen(self) -> tuple[str, str, dict[str, Any], list[str]]:
        """Return the password of the database, conf.php, the record, and what is in the folder of the sockets."""
        folder = next(iter(database_password._sockets(self.places))).parent
        names = sorted(path.name for path in folder.iterdir())
        return self.server.password, self.places.conf.read_text(), json.loads(self.secrets.read_text()), names


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with ExitStack() as open_:
        # The path of a socket has 107 bytes at most.
        found = Site(Path(open_.enter_context(TemporaryDirectory())), monkeypatch)
        for path in database_password._sockets(found.places):
            path.parent.mkdir(parents=True, exist_ok=True)
            listening = open_.enter_context(socket.socket(socket.AF_UNIX))
            listening.bind(str(path))
            listening.listen()
        yield found


SOCKETS = ["api.sock", "quarantine.sock", "web.sock"]


def _recorded(password: str) -> dict[str, Any]:
    """Return the secrets of a site whose password was changed by the operation 1."""
    return {"database_password": password, "database_password_since": "1", "users": {}}


OLD = ("old", CONF.format("old"), {"database_password": "old", "users": {}}, SOCKETS)


def test_it_is_changed_everywhere(site: Site) -> None:
    site.places.conf.chmod(0o440)
    journal = site.rotate()
    password = site.server.password
    assert len(password) == 32
    assert site.seen() == (password, CONF.format(password), _recorded(password), SOCKETS)
    assert site.places.conf.stat().st_mode & 0o777 == 0o440
    assert site.orders == [("restart", "miclinik-php@norte.service")]
    assert sorted(site.asked) == [f".{name}.aside" for name in SOCKETS]
    assert [step.name for step in journal.steps] == ["check", "hold", "change", "prove", "record"]
    assert password not in site.places.journal.read_text()


def test_one_of_the_inventory_is_taken(site: Site) -> None:
    site.places.facts.write_text(json.dumps({"database_password_declared": True}))
    with pytest.raises(StageError, match=r"^database.password is in the inventory: write another one there"):
        site.rotate()
    assert not database_password.offer(site.places, "old")
    assert site.seen() == OLD
    assert database_password.offer(site.places, "not accepted")
    database_password.withdraw(site.places)
    assert site.seen() == OLD
    assert database_password.offer(site.places, "it's \\ new")
    site.rotate()
    assert site.seen()[:2] == ("it's \\ new", CONF.format("it\\'s \\\\ new"))
    assert site.seen()[2:] == (_recorded("it's \\ new"), SOCKETS)


@pytest.mark.parametrize(
    ("conf", "recorded", "message"),
    [
        (CONF, "", "secrets.json has no password of the database: run playbooks/site.yml first$"),
        ("<?php\n", "old", r"conf.php has 0 lines that set \$dolibarr_main_db_pass, and should have one$"),
        (CONF + CONF, "old", "conf.php has 2 lines"),
    ],
)
def test_what_it_does_not_understand_is_left_alone(site: Site, conf: str, recorded: str, message: str) -> None:
    site.places.conf.write_text(conf.format("old", "old"))
    site.secrets.write_text(json.dumps({"database_password": recorded}))
    with pytest.raises(StageError, match=message):
        site.rotate()
    assert (site.server.password, site.orders) == ("old", [])


def test_one_that_the_database_does_not_take_is_replaced(site: Site) -> None:
    """Somebody has changed it there by hand: another one is what is asked for, and the mend."""
    site.server.password = "of somebody"
    journal = site.rotate()
    password = site.server.password
    assert len(password) == 32
    assert site.seen() == (password, CONF.format(password), _recorded(password), SOCKETS)
    assert journal.warnings == ["the database did not take the password on record; it takes the new one now"]


def test_what_the_application_cannot_use_is_taken_back(site: Site) -> None:
    site.reachable = False
    with pytest.raises(StageError, match="does not reach its database by the new password"):
        site.rotate()
    assert site.seen() == OLD


class Stop(BaseException):
    """A kill between two statements: nothing in the program catches it."""


@pytest.mark.parametrize("at", range(5))
def test_killed_anywhere_it_is_brought_back_to_the_record(site: Site, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """The record decides: before it is written the old one holds, and after that the new one."""
    left = [at]

    def dying(name: str, holder: Any) -> None:  # noqa: ANN401 (a module or an object)
        real = getattr(holder, name)

        def call(*words: Any, **named: Any) -> Any:  # noqa: ANN401
            if left[0] == 0:
                raise Stop
            left[0] -= 1
            return real(*words, **named)

        monkeypatch.setattr(holder, name, call)

    with monkeypatch.context() as patch:
        monkeypatch = patch
        dying("set_password", Server)
        dying("_put", database_password)
        dying("_prove", database_password)
        dying("write", secret_store)
        dying("end", Journal)
        # A kill leaves the sockets held, and closes nothing.
        patch.setattr(held_calls._Detour, "_leave", lambda _: None)
        with pytest.raises(Stop):
            site.rotate()
    assert any(name.endswith(".aside") for name in site.seen()[3])
    for _ in range(2):
        database_password.settle(site.stage)
        password = site.server.password
        assert (password == "old") is (at < 4)
        secrets = OLD[2] if at < 4 else _recorded(password)
        assert site.seen() == (password, CONF.format(password), secrets, SOCKETS)


@pytest.mark.parametrize(
    ("at", "state", "words"),
    [
        ("prove", FAILED, "it was killed"),
        ("record", DONE, "it was killed, after it had taken effect: it was brought to its end"),
    ],
)
def test_what_is_said_of_a_killed_one_is_what_became_of_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, at: str, state: str, words: str
) -> None:
    """Seen: it was called a failure, the site as before, with the new password in place."""
    real = Journal.step

    @contextmanager
    def dying(self: Journal, name: str, about: str) -> Iterator[Any]:
        with real(self, name, about) as step:
            yield step
            if name == at:
                raise Stop

    monkeypatch.setattr(Journal, "step", dying)
    monkeypatch.setattr(engines, "of", lambda _places: site.server)
    monkeypatch.setattr(units, "start_server", lambda _engine: None)
    with pytest.raises(Stop):
        operations.carry_out(site.places, OPERATION, database_password.rotate)
    journal = operations.recover(site.places)
    assert journal is not None
    assert (journal.state, journal.problem or "".join(journal.warnings)) == (state, words)
    assert (site.server.password == "old") is (state == FAILED)
    assert site.places.conf.read_text() == CONF.format(site.server.password)


def test_of_a_kill_in_the_server_as_well(site: Site) -> None:
    with sites.killed(site.server, 0), pytest.raises(Killed):
        site.rotate()
    database_password.settle(site.stage)
    assert site.seen() == OLD
