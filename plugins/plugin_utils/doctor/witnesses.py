# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the logs said while our own requests failed, as causes. Pure functions over the lines of the window.

A line of a known kind gets its own words and its mend; any other stands for itself, with the layer whose log it is.
Nothing here is asked of a site whose checks pass: logs of healthy hosts hold complaints as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    LIKELY,
    POSSIBLE,
    Case,
    Finding,
    quote,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.known_lines import KNOWN, OWNED, SPACE

#: A request's way, in the order in which it is gone. The first layer that breaks explains those behind it.
WAY = (
    *("name", "address", "firewall", "port", "tls", "vhost", "rewrite", "auth", "socket", "pool", "php", "bootstrap"),
    *("db-login", "schema", "key", "user", "entity", "rights", "module", "route", "answer"),
)

#: Which layer a log is of, where its line is of no known kind; the first that fits.
_LAYERS = (
    ("kernel", "pool"),
    ("miclinik-php", "php"),
    ("php", "php"),
    ("mariadb", "db-login"),
    ("mysql", "db-login"),
    ("postgresql", "db-login"),
    ("nginx", "vhost"),
    ("apache2", "vhost"),
    ("dolibarr.log", "answer"),
)
#: Lines that say that something else has failed, or that it is as it should be.
_NOISE = re.compile(
    r"limiting (?:requests|connections)|process_control_timeout|log_buffer|io_uring|DBUS|systemd-modules"
    r"|was not found or is a directory|\(2: No such file or directory\), client|AH00558|could be too small"
    r"|PHP (?:Deprecated|Notice)|PHP Warning:\s+Undefined|connection to client lost|administrator command"
    r"|Primary script unknown|SSL_do_handshake|peer closed connection in SSL"
    r"|no live upstreams|Deadline expired|AH01071: Got error 'PHP message: PHP (?:Deprecated|Notice)"
)
_FOR_LAYER = {
    "pool": "see the journal of the unit that is named (journalctl -u), and what was changed last on the host",
    "php": "see the file that is named, and PHP's settings; run the role php if they are not the inventory's",
    "db-login": "see the database server's own log around that line",
    "vhost": "see the web server's configuration; run the role of the web server, which writes the vhost anew",
    "answer": "see what the line names",
}


def testimony(case: Case, known: Sequence[Finding] = ()) -> list[Finding]:
    """Return what the logs say of the site's failing checks, in the order of a request's way; what the rules have said
    already by the same name is left out.
    """
    if not case.failed():
        return []
    named = {entry.id for entry in known}
    found: dict[str, tuple[int, Finding]] = {}
    lines: list[Mapping[str, Any]] = case.host.get("lines", [])
    for line in lines:
        if not line["ours"] or line["site"] not in ("", case.site["name"]) or _NOISE.search(line["text"]):
            continue
        layer, entry = _finding(case, line)
        if entry.id not in named:
            found.setdefault(entry.id, (WAY.index(layer), entry))
    return [entry for _, entry in sorted(found.values(), key=lambda pair: pair[0])]


def _finding(case: Case, line: Mapping[str, Any]) -> tuple[str, Finding]:
    source = str(line["source"]).rpartition("/")[2]
    times = f" ({line['count']} times)" if line["count"] > 1 else ""
    seen = (f"{source}: {line['text']}{times}", *(f"check {entry.check}: {entry.seen}" for entry in _first(case)))
    for witness in KNOWN:
        if shown := witness.seen_in(line["text"]):
            groups = {name: value or "" for name, value in shown.groupdict().items()}
            cause, mend = witness.cause.format(**groups), witness.mend.format(**groups)
            found = Finding(witness.id, cause, seen, mend, witness.confidence, case.site["name"], run=witness.run)
            return witness.layer, found
    layer = next((layer for word, layer in _LAYERS if word in str(line["source"])), "answer")
    cause = f"A log says why, or what followed: {line['text'][:120]}"
    return layer, Finding(f"log-{layer}", cause, seen, _FOR_LAYER[layer], POSSIBLE, case.site["name"])


def _first(case: Case) -> list[Result]:
    return [entry for entry in case.failed() if entry.check != "inside"][:1]


def writes(case: Case) -> Iterator[Finding]:
    """Folders that take no file, as the doctor has tried."""
    found = case.here.get("writes", [])
    if not found:
        return
    said = " ".join(fault["text"] for fault in found)
    shown = tuple(f"{fault['place']}: {fault['text']}" for fault in found[:3])
    first = found[0]["place"]
    if "No space" in said or "quota" in said:
        starved = "has no room, or no inodes, left"
        yield Finding("write-no-space", f"The site cannot write: {first} {starved}", shown, SPACE)
    elif "Read-only" in said:
        mend = "see why it is read-only (mount, drop-ins of the unit: ReadWritePaths, ReadOnlyPaths), and undo that"
        yield Finding("write-read-only", f"The site cannot write: {first} is read-only for it", shown, mend)
    elif first == "/tmp" and "No such file" in said:  # noqa: S108
        # With PrivateTmp it is a folder below the host's /tmp, which a cleaner may take away while the unit runs.
        anew = f"systemctl restart {case.site['fpm_unit']}"
        cause = "The site's PHP has lost its /tmp: the folder that systemd made for it was removed while it runs"
        yield Finding("private-tmp", cause, shown, anew, run=(anew,))
    else:
        yield Finding("write-refused", f"The site cannot write in {first}", shown, OWNED)


def late(case: Case) -> Iterator[Finding]:
    """What gave no answer in time: whoever hangs is the cause, or waits for it; of a busy host that works, nobody."""
    if not case.failed():
        return
    parts = {
        "files": "the site's files (a disk that hangs, such as NFS?)",
        "resolved": "the name server",
        "application": "the application on the host",
        "database": "the database",
        "writes": "the folders that the site writes to",
        "loopback": "the web server on the host itself",
    }
    missing = [name for name in (*case.host.get("late", []), *case.here.get("late", [])) if name in parts]
    if missing:
        first = missing[0]
        shown = f"no answer in time from: {', '.join(missing)}"
        mends = {
            "resolved": "see /etc/resolv.conf on the host, and whether its name server answers",
            "files": "see mount and the kernel's log for what hangs",
        }
        mend = mends.get(first, "see what it waits for: locks of the database, a name server, a disk that hangs")
        cause = f"No answer in time from {parts[first]}"
        waited = case.shown("timeout") or case.shown("connect")
        if first == "application" and not waited and (answers := quote(case.failed("status", "login", "reads"), 1)):
            # The host is busy, and whoever was refused could not be looked up: the answer's words are what there is.
            cause, shown = "The application answers, and refuses the API's user", "; ".join((*answers, shown))
            mend = (
                "run playbooks/doctor.yml again when the host is less busy: is the user enabled, valid today, of this"
                " entity, and are key, password and rights those on record? The role rest_api brings them back"
            )
        # What calculates may have been slow because the host is busy, or waits for another.
        sure = POSSIBLE if first in ("application", "database", "loopback") else LIKELY
        yield Finding(f"late-{first}", cause, (shown, *case.host.get("holders", [])[:3]), mend, sure)


def silent(case: Case) -> Iterator[Finding]:
    """Nobody answers, though what would answer runs."""
    unit, called = case.unit("web"), case.here.get("loopback", "")
    dropped, waited = case.shown("connect"), case.shown("timeout")
    shown = tuple(f"smoke check {entry.check}: {entry.seen}" for entry in [*dropped, *waited][:2])
    if dropped and unit and unit["active"] and "timed out" in called + dropped[0].seen and not called.startswith("200"):
        cause = "Packets to the web server are dropped, on the host itself as well"
        mend = "see nft list ruleset (or iptables -S) for a rule that is not ours; run the role baseline for ours"
        yield Finding("firewall", cause, (*shown, f"on the host itself: {called}"), mend, LIKELY)
    elif called.startswith("no answer") and (still := [one for one in waited if one.check in ("tls", "not-found")]):
        # Neither of them needs PHP.
        cause = "The web server takes connections and gives no answer"
        mend = (
            f"see what it waits for (journalctl -u {unit.get('name', 'nginx')}, a disk that hangs), then restart it:"
            f" systemctl restart {unit.get('name', 'nginx')}"
        )
        seen = f"smoke check {still[0].check}: {still[0].seen}"
        yield Finding("web-server-hangs", cause, (seen, f"on the host itself: {called}"), mend, LIKELY)
    elif waited and called.startswith("no answer"):
        cause = "PHP takes calls and gives no answer in time: its workers wait for something"
        mend = (
            "see what they wait for: auto_prepend_file and own code, the database (SHOW PROCESSLIST, pg_stat_activity),"
            " a name server, another host"
        )
        yield Finding("php-sleeps", cause, (*shown, f"on the host itself: {called}"), mend, LIKELY)


#: What is over when it has happened: whoever was ended by it can be started again.
_OVER = ("oom-kill",)


def of_down(case: Case) -> list[Finding]:
    """Return what the journals of services that do not run say of why, in known words."""
    found = []
    for role in ("web", "php", "database"):
        unit = case.unit(role)
        # What was stopped by somebody has nothing to say: its lines are of its start.
        for text in unit.get("log", []) if unit and not unit["active"] and unit["result"] != "success" else []:
            line = {"source": unit["name"], "text": text, "count": 1}
            if any(witness.seen_in(text) for witness in KNOWN) and not _NOISE.search(text):
                entry = _finding(case, line)[1]
                if entry.id in _OVER:
                    again = f"systemctl reset-failed {unit['name']}; systemctl start {unit['name']}"
                    entry = replace(entry, mend=f"{again}; that it does not happen again: {entry.mend}", run=(again,))
                found.append(entry)
    return found[:1]


RULES = (writes, late, silent)
