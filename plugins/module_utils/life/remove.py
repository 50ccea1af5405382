# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes a site off its host, with all that it has there, after a last snapshot of it.

Nothing of it is taken back: whoever is interrupted calls it again, and it goes on where it was. What has to be known
of the site until its end is on record from the beginning.
"""

from __future__ import annotations

import contextlib
import grp
import json
import pwd
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity, route_table
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import jobs
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file, programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup, door, engines, operations
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine, Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout, several
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certbot
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts as tls_facts
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks

#: systemd's units that have the site's name behind an @.
UNITS = "etc/systemd/system"
#: When systemd's timers went off last.
_STAMPS = "/var/lib/systemd/timers"
#: Of templates/web/logrotate.j2.
_LOG_ROTATION = "/etc/logrotate.d/00-miclinik"
_RECORD = "removing.json"

Say = Callable[[str], None]


@dataclass
class Record:
    """What is known of a site until nothing is left of it. ``snapshot`` is empty where none was made."""

    engine: str = ""
    host: str = ""
    port: str = ""
    database: str = ""
    user: str = ""
    documents: str = ""
    snapshot: str = ""


def there(places: Places) -> bool:
    """Return whether the host has anything of the site."""
    return any(place.exists() for place in (places.home, places.state, places.work / _RECORD))


def remove(places: Places, *, without_snapshot: bool, say: Say) -> None:
    """Take the site away. Raises StageError, BackupError and what the parts raise."""
    if refusal := several.refusal("remove"):
        raise StageError(refusal)
    with operations.turn(places):
        operations.recover(places)
        record = _record(places)
        if not record.snapshot and not without_snapshot:
            say("make a last snapshot")
            record.snapshot = _snapshot(places)
            _keep(places, record)
        say("close the site, and take it out of the web server")
        _out_of_the_web(places)
        say("end its units")
        _units(places)
        say("drop its databases")
        _databases(places, record)
        say("delete its files")
        _files(places, record)
        _account(places)
    # The lock was in it.
    shutil.rmtree(places.work, ignore_errors=True)


def _record(places: Places) -> Record:
    file = places.work / _RECORD
    if file.is_file():
        return Record(**json.loads(file.read_text(encoding="utf-8")))
    conf = identity.conf_values(places.conf)
    record = Record(documents=str(places.documents(layout.LIVE)))
    if conf.get("db_name"):
        engine = engines.of(places)
        _refuse_others(places, engine)
        record.engine, record.host, record.port = engine.name, engine.login.host, engine.login.port
        record.database, record.user = engine.login.database, engine.login.user
    _keep(places, record)
    return record


def _keep(places: Places, record: Record) -> None:
    (places.work / _RECORD).write_text(json.dumps(asdict(record)), encoding="utf-8")


def _refuse_others(places: Places, engine: Engine) -> None:
    """Raise StageError where the database is not the site's own, or not its alone."""
    name = engine.login.database
    for conf in sorted(layout.below(places.root, layout.HOMES).glob("*/conf.php")):
        values = identity.conf_values(conf)
        if conf.parent.name != places.site and (values.get("db_name"), values.get("db_host")) == (
            name,
            identity.conf_values(places.conf).get("db_host"),
        ):
            raise StageError(
                f"the database '{name}' is that of the site '{conf.parent.name}' as well: see both conf.php"
            )
    if engine.login.local and engine.there(name):
        sign, own = engine.sign(name), identity.expected(places.state)
        if sign and own and sign != own:
            raise StageError(
                f"the database '{name}' carries the sign of another site: put the site's own into {places.conf}, or the"
                " other's data would be lost with it"
            )


def _snapshot(places: Places) -> str:
    if not backup.SETTINGS.is_file():
        raise StageError(
            "there is no repository for a last snapshot: set miclinik_backup and run site.yml, or say that nothing of"
            " the site is to be kept (remove_without_snapshot: true, or --without-snapshot)"
        )
    return backup.before(places, engines.of(places), "remove")


def _out_of_the_web(places: Places) -> None:
    with contextlib.suppress(FileNotFoundError):  # its folder may be gone already
        door.mark(places, "its removal")
    for server in SERVERS.values():
        files = [
            layout.below(places.root, f"{server.folder}/{folder}/{places.site}.conf")
            for folder in ("sites-enabled", "sites-available")
        ]
        if not any(file.is_symlink() or file.exists() for file in files):
            continue
        for file in files:
            file.unlink(missing_ok=True)
        if systemd_unit.state(server.unit).active:
            systemd_unit.order("reload", server.unit)


def _units(places: Places) -> None:
    folder = places.root / UNITS
    files = [file for file in folder.glob(f"miclinik-*@{places.site}.*") if not file.is_dir()]
    wanted = [link for link in folder.glob(f"*/miclinik-*@{places.site}.*") if link.is_symlink()]
    names = sorted({file.name for file in [*files, *wanted]} | {places.usual["fpm_sockets"], places.usual["fpm_unit"]})
    systemd_unit.order("disable", "--now", *names, quiet=True)
    for path in [*files, *wanted]:
        path.unlink(missing_ok=True)
    for drop in folder.glob(f"miclinik-*@{places.site}.*.d"):
        shutil.rmtree(drop)
    for stamp in layout.below(places.root, _STAMPS).glob(f"stamp-miclinik-*@{places.site}.timer"):
        stamp.unlink()
    systemd_unit.order("daemon-reload")
    systemd_unit.order("reset-failed", *names, quiet=True)


def _databases(places: Places, record: Record) -> None:
    if not record.engine or record.host:
        return  # on another server: whoever looks after it takes it away
    engine = engines.at(record.engine, Login(record.database, record.user, port=record.port), places.work)
    for part in layout.PARTS:
        engine.drop(layout.database(record.database, part))
    engine.drop_user()


def _files(places: Places, record: Record) -> None:
    site, root = places.site, places.root
    documents = Path(record.documents)
    for part in layout.PARTS:
        _away(documents if part == layout.LIVE else documents.with_name(f"{documents.name}.{part}"))
    _away(places.home)
    _away(layout.below(root, f"{layout.PHP}/{site}"))
    _away(layout.below(root, f"/run/miclinik-php/{site}"))
    for server in SERVERS.values():
        for name in places.usual["logs"].values():
            for file in layout.below(root, server.logs).glob(f"{name}*"):
                file.unlink()
    layout.below(root, str(route_table.RECORDS / f"{site}.json")).unlink(missing_ok=True)
    _log_rotation(places)
    _metrics(site)
    _webhooks(places)
    if site in tls_facts.lineages(root):
        certbot.forget(site, check=False)
    _away(places.state)


def _log_rotation(places: Places) -> None:
    """Take out what names the site's account: logrotate reads nothing of a file that names one who is gone."""
    file = layout.below(places.root, _LOG_ROTATION)
    if file.is_file():
        text = file.read_text(encoding="utf-8")
        of_the_site = rf"(?m)^{re.escape(str(places.usual['documents']))}/\*\.log {{\n(?:.*\n)*?}}\n"
        if (kept := re.sub(of_the_site, "", text)) != text:
            atomic_file.replace(file, kept)


def _metrics(site: str) -> None:
    """Take away what says of a site's backups and jobs how old they are, which somebody would be alerted of."""
    with contextlib.suppress(OSError, ValueError, KeyError):  # no jobs on this host
        folder = json.loads(jobs.SETTINGS.read_text(encoding="utf-8"))["metrics"]
        (Path(folder) / f"miclinik-cron-{site}.prom").unlink(missing_ok=True)
    with contextlib.suppress(backup.BackupError):  # no backups, no metrics
        if folder := backup.Settings.read(backup.SETTINGS).metrics:
            (Path(folder) / f"miclinik-backup-{site}.prom").unlink(missing_ok=True)


def _webhooks(places: Places) -> None:
    """Take away what waits for the site's receivers; of a renamed one it is the new name's."""
    states = layout.below(places.root, layout.STATES)
    own: set[str] = set()
    kept: set[str] = set()
    for file in hooks.files(states):
        with contextlib.suppress(OSError, ValueError):
            (own if file.parent.name == places.site else kept).update(hook.ident for hook in hooks.read(file))
    (states / places.site / hooks.FILE).unlink(missing_ok=True)  # so that the relay takes no more
    for ident in own - kept:
        shutil.rmtree(layout.below(places.root, str(hooks.SPOOL)) / ident, ignore_errors=True)


def _away(place: Path) -> None:
    if place.is_symlink():
        place.unlink()
    elif place.is_mount():
        # What is on the disk goes, and the disk from the site's folder; /etc/fstab is its administrator's.
        for item in place.iterdir():
            _away(item)
        _run("umount", str(place))
        shutil.rmtree(place)  # with what lay there before something was mounted over it
    elif place.is_dir():
        shutil.rmtree(place)
    elif place.exists():
        place.unlink()


def _account(places: Places) -> None:
    """Delete the site's Unix user and groups; another's user of the same name is left alone."""
    usual = places.usual
    with contextlib.suppress(KeyError):
        if pwd.getpwnam(usual["user"]).pw_dir == usual["home"]:
            _run("userdel", usual["user"])
    for group in _groups(usual):
        _run("groupdel", group)


def _groups(usual: layout.Layout) -> Iterator[str]:
    for name in (usual["web_group"], usual["group"]):
        with contextlib.suppress(KeyError):
            grp.getgrnam(name)
            yield name


def _run(*words: str) -> None:
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=programs.environment())
    if done.returncode:
        raise StageError(f"`{' '.join(words)}` failed: {done.stderr.strip() or done.returncode}")
