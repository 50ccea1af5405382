# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives the site's user of the database another password, while new calls wait in front of PHP.

What is recorded in secrets.json is what holds: a run that failed or was killed is brought back to it, and the new one
is recorded when it has been proven.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_rotation, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engine, proof
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import held_calls, systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import pools

OPERATION = "database-password"
#: What is recorded of each, and of one that the inventory gives and nobody has put in place yet.
_NOW, _NEXT = "database_password", "database_password_next"
#: Which rotation has recorded it.
_SINCE = "database_password_since"
#: As the template application/conf.php.j2 writes it.
_LINE = re.compile(r"^\$dolibarr_main_db_pass = '(?:[^'\\]|\\.)*';$", re.MULTILINE)
#: Seconds that those who came before may wait for a worker of PHP, and that a worker takes to log in at the database.
#: The web server has a limit of calls that wait: where it takes longer, nothing is changed.
_PATIENCE, _LOGGING_IN = 5.0, 0.5


def offer(places: Places, password: str) -> bool:
    """Have the next rotation take this password of the inventory; return whether it is not the recorded one."""
    with key_rotation.alone(Bridge(places.site)):
        values = _record(places)
        if values.get(_NOW) == password:
            return False
        secret_store.write(_file(places), {**values, _NEXT: password})
    return True


def withdraw(places: Places) -> None:
    """Take the offer back, of an order that was not accepted."""
    with key_rotation.alone(Bridge(places.site)):
        secret_store.write(_file(places), _without_next(_record(places)))


def rotate(stage: Stage, journal: Journal) -> None:
    """Put another password in place, a generated one unless one was offered. The caller takes back what fails."""
    places, server = stage.places, stage.engine
    with key_rotation.alone(Bridge(places.site)):
        with journal.step("check", "see whether another password can be given"):
            values = _record(places)
            old = str(values.get(_NOW) or "")
            new = str(values.get(_NEXT) or secret_store.password())
            engine.refuse_elsewhere(server.login, "Another password")
            _require_lines(places)
            if _NEXT not in values and _is_declared(places):
                raise StageError(
                    "database.password is in the inventory: write another one there, and run"
                    " playbooks/rotate_keys.yml with rotate_keys_database"
                )
            if not old:
                raise StageError(f"{_file(places)} has no password of the database: run playbooks/site.yml first")
            if not server.admits(old):
                # Somebody has changed it there by hand: what is asked for is the mend.
                journal.warnings.append("the database did not take the password on record; it takes the new one now")
        sockets = _sockets(places)
        with journal.step("hold", "have new calls wait"), held_calls.held(sockets):
            try:
                _let_in(sockets)
                with journal.step("change", "change it in the database and in conf.php, and start PHP anew"):
                    server.set_password(new)
                    _put(places, new)
                with journal.step("prove", "log in by the new one, and by the old one in vain"):
                    _prove(stage, new, old)
                with journal.step("record", "record the new one"):
                    secret_store.write(_file(places), _without_next(values) | {_NOW: new, _SINCE: journal.identifier})
            except Exception:
                _restore(stage)  # before those who wait are let in
                raise


def is_recorded(stage: Stage, journal: Journal) -> bool:
    """Return whether the rotation of ``journal`` has come as far as its record, so that its password holds."""
    return _record(stage.places).get(_SINCE) == journal.identifier


def settle(stage: Stage) -> None:
    """Have database and conf.php hold the recorded password, and let everybody in. Can be called again after a kill."""
    _restore(stage)
    held_calls.let_through(_sockets(stage.places))


def _restore(stage: Stage) -> None:
    places, server = stage.places, stage.engine
    values = _record(places)
    if _NEXT in values:
        secret_store.write(_file(places), _without_next(values))
    recorded = str(values.get(_NOW) or "")
    if recorded and server.login.local:
        if not server.admits(recorded):
            server.set_password(recorded)
        if identity.conf_values(places.conf).get("db_pass") != recorded:
            _put(places, recorded)
        # Of a run that was killed PHP may have read the other one.
        systemd_unit.order("restart", places.usual["fpm_unit"])


def _prove(stage: Stage, new: str, old: str) -> None:
    if stage.engine.admits(old) or not stage.engine.admits(new):
        raise StageError("the database does not take the new password alone")
    if not proof.status(stage.places)["database"]["reachable"]:
        raise StageError("the application does not reach its database by the new password")


def _file(places: Places) -> Path:
    return places.state / layout.SECRETS


def _record(places: Places) -> dict[str, Any]:
    try:
        return secret_store.load(_file(places))
    except secret_store.SecretError as error:
        raise StageError(str(error)) from error


def _without_next(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != _NEXT}


def _is_declared(places: Places) -> bool:
    return bool(json.loads(places.facts.read_text(encoding="utf-8")).get("database_password_declared"))


def _sockets(places: Places) -> list[Path]:
    return [layout.below(places.root, path) for path in places.usual["sockets"].values()]


def _require_lines(places: Places) -> None:
    found = _LINE.findall(places.conf.read_text(encoding="utf-8"))
    if len(found) != 1:
        raise StageError(f"{places.conf} has {len(found)} lines that set $dolibarr_main_db_pass, and should have one")


def _put(places: Places, password: str) -> None:
    """Write the password into conf.php, owner and mode as they are, and have PHP read it."""
    text, status = places.conf.read_text(encoding="utf-8"), places.conf.stat()
    quoted = password.replace("\\", "\\\\").replace("'", "\\'")
    new = places.conf.with_name(f".{places.conf.name}.new-{os.getpid()}")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(_LINE.sub(lambda _: f"$dolibarr_main_db_pass = '{quoted}';", text))
        stream.flush()
        os.fsync(stream.fileno())
        os.fchown(stream.fileno(), status.st_uid, status.st_gid)
        os.fchmod(stream.fileno(), status.st_mode & 0o7777)
    new.replace(places.conf)
    systemd_unit.order("restart", places.usual["fpm_unit"])


def _let_in(sockets: Iterable[Path]) -> None:
    """Return when a worker has taken all who came before; a question of ours stands behind them. Raises StageError."""
    for path in sockets:
        if not pools.ask(str(held_calls.aside(path)), _PATIENCE):
            raise StageError(
                f"PHP does not answer at {path} within {_PATIENCE:g} s: it does not run, or has more calls than it can"
                " take. Nothing was changed: try again when it has less to do"
            )
    time.sleep(_LOGGING_IN)
