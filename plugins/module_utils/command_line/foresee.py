# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an operation on a whole site would do, for ``--check``: told from files, without touching anything."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import FAILED, CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: What is said, and whether something would change.
Foreseen = tuple[str, bool]


def operation(host: Host, site: str, name: str, given: Mapping[str, Any]) -> Foreseen:
    """Return what ``miclinikctl SITE name`` would do with these options. Raises CallError where it would fail."""
    places = Places(site, host.root)
    _require_quiet(places, name)
    if name in _TOLD:
        return _TOLD[name](host, places, given)
    return _PLAIN[name].format(site=site, **given), True


def _require_quiet(places: Places, name: str) -> None:
    try:
        journal = Journal.read(places.journal)
    except JournalError as error:
        raise CallError(str(error)) from None
    if journal and journal.state == RUNNING and name not in ("recover", "open", "close"):
        raise CallError(
            f"{journal.operation} {journal.identifier} of {places.site} is under way, or was killed:"
            f" miclinikctl {places.site} recover",
            FAILED,
        )


def _upgrade(_host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    releases = sorted(folder.name for folder in places.releases.glob("*") if folder.is_dir())
    wanted = str(given["to"])
    if wanted not in releases:
        raise CallError(
            f"{places.site} has no release {wanted!r}. Unpacked are: {', '.join(releases) or 'none'}."
            " playbooks/upgrade.yml brings another one"
        )
    served = places.current.resolve().name if places.current.exists() else "nothing"
    if served == wanted:
        return f"{places.site} is at {wanted} already", False
    return f"{places.site} would be closed, kept as it is, and brought from {served} to {wanted}", True


def _close(_host: Host, places: Places, _given: Mapping[str, Any]) -> Foreseen:
    if places.closed.exists():
        return f"{places.site} is closed already", False
    return f"{places.site} would let nobody in, and its jobs would wait", True


def _open(_host: Host, places: Places, _given: Mapping[str, Any]) -> Foreseen:
    if places.closed.exists():
        return f"{places.site} would let people in again", True
    return f"{places.site} is open already", False


def _recover(_host: Host, places: Places, _given: Mapping[str, Any]) -> Foreseen:
    journal = Journal.read(places.journal)
    if journal and journal.state == RUNNING:
        return f"{journal.operation} {journal.identifier} would be taken back, or brought to its end", True
    return "nothing of it was killed", False


def _restore(host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    _require_repository(host)
    chosen = f"the last snapshot before {given['at']}" if given.get("at") else f"the snapshot {given['snapshot']}"
    last = backup_state.sentence(backup_state.read(places.site, host.root), time.time())
    return (
        f"{places.site} would be closed and brought back to {chosen}; what it has now is kept aside. Backup: {last}",
        True,
    )


def _backup(host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    _require_repository(host)
    marks = f" with the marks {', '.join(given['tag'])}" if given.get("tag") else ""
    return f"a snapshot of {places.site} would be made{marks}", True


def _backup_test(host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    _require_repository(host)
    return f"the snapshot {given['snapshot']} of {places.site} would be restored beside it, and taken away again", True


def _backup_check(host: Host, _places: Places, _given: Mapping[str, Any]) -> Foreseen:
    _require_repository(host)
    return "the repository of snapshots would be read, and the outcome put on record", True


def _rollback(_host: Host, places: Places, _given: Mapping[str, Any]) -> Foreseen:
    if not (places.work / f"{layout.BEFORE}.json").is_file():
        raise CallError("nothing is kept of what the site was before an upgrade: restore a snapshot")
    return (
        f"{places.site} would be brought back to what it was before its last upgrade; what it is now is kept aside",
        True,
    )


def _require_repository(host: Host) -> None:
    if not layout.below(host.root, f"{layout.BACKUP}/settings.json").is_file():
        raise CallError("there is no repository of snapshots: set miclinik_backup and run site.yml")


def _remove(_host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    if given["yes_remove"] != places.site:
        raise CallError(f"--yes-remove is {given['yes_remove']!r}, and the site is {places.site!r}")
    there = [str(place) for place in (places.home, places.state, places.work) if place.exists()]
    last = "nothing of it would be kept" if given.get("without_snapshot") else "after a last snapshot"
    return f"{places.site} would be taken off this host, {last}: database, account, units, {', '.join(there)}", True


def _clone(host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    source = str(given["source"])
    if source == places.site and not given.get("snapshot") and not given.get("at"):
        raise CallError(f"{source} is the site itself: name another one, or a snapshot")
    if source not in host.sites() and not given.get("snapshot") and not given.get("at"):
        raise CallError(f"there is no site {source!r} on this host. Sites: {', '.join(host.sites())}")
    return f"the data of {places.site} would be replaced by those of {source}, made harmless", True


def _adopt(_host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    # Here and below, since completion imports this file, and has no time for what these import.
    from ansible_collections.miclinik.hosting.plugins.module_utils.life import adopt, switch  # noqa: PLC0415

    known = switch.record(places)
    if given["undo"]:
        if not known:
            raise CallError(f"{places.site} was not adopted on this host: there is nothing to go back to")
        return f"{places.site} would be closed, and {known['from']} be served again", True
    if not given["source"]:
        raise CallError("--from is missing: name the folder of the old site")
    if adopt.is_done(places, given["source"]):
        return f"{places.site} was adopted from there already", False
    if not Path(given["source"]).is_dir():
        raise CallError(f"there is no folder {given['source']} on this host")
    return f"{places.site} would take over what is in {given['source']}, after a snapshot", True


def _rename(host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    from ansible_collections.miclinik.hosting.plugins.module_utils.life import handover, remove  # noqa: PLC0415

    source = str(given["source"])
    done = handover.is_done(places, source)
    if given["done"]:
        return f"{source} is called {places.site} {'already' if done else 'not yet'}: that is all --done says", False
    if given["finish"]:
        left = remove.there(Places(source, places.root))
        return (f"what is left of {source} would be taken away" if left else f"nothing is left of {source}"), left
    if done:
        return f"{source} is called {places.site} already", False
    if source == places.site or source not in host.sites():
        raise CallError(f"there is no other site {source!r} on this host. Sites: {', '.join(host.sites())}")
    what = "have its secrets and certificates, no more" if given["prepare"] else f"take the place of {source}"
    return f"{places.site} would {what}", True


def _cron(_host: Host, places: Places, given: Mapping[str, Any]) -> Foreseen:
    if given["due"]:
        return f"would be run for {places.site}: {', '.join(given['due'])}", True
    return f"no job of {places.site} is due", False


def _resend(_host: Host, _places: Places, given: Mapping[str, Any]) -> Foreseen:
    name, letters = given["name"], given["ids"] or given["dead"]
    if not letters and not given["waiting"]:
        return f"nothing waits for {name}, and it has no dead letters", False
    return f"would be tried again for {name}: {given['waiting']} that wait, {len(letters)} dead letters", True


_TOLD = {
    "adopt": _adopt,
    "upgrade": _upgrade,
    "close": _close,
    "open": _open,
    "recover": _recover,
    "restore": _restore,
    "backup run": _backup,
    "backup test": _backup_test,
    "backup check": _backup_check,
    "rollback": _rollback,
    "remove": _remove,
    "clone": _clone,
    "rename": _rename,
    "cron run": _cron,
    "webhook resend": _resend,
}
_PLAIN = {
    "database-password": "{site} would get another password of its database, without a call that fails",
    "mail test": "a mail to {address} would be sent by the application",
    "webhook test": "an event for a test would be sent to {name}",
    "webhook secret": "the secret of {name} {what}",
}
