# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs between two pictures of a host. Pure functions, but for the time at which a file was changed.

The texts stay on the host: what goes out is one line, before and after, and none that may hold a secret.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: A change: its ``section``, its ``subject`` there, ``what`` of it, what it ``was`` and ``is`` (empty: not there),
#: whose it is (``own``: this collection's), of which ``site`` (empty: the host's), and ``since`` when, 0 if unknown.
Change = dict[str, Any]

#: What is more in these since is by use, and no fault.
_GROWING = ("database tables",)
#: Names of two words among the values of an account.
_TWO_WORDS = ("valid until", "row security")
_MENTIONS_SECRET = re.compile(r"pass|secret|token|key|auth|credential", re.IGNORECASE)
#: A value with a secret inside, as in the address of a store of sessions: `tcp://host:6379?auth=…`, `user:…@host`.
_GIVES_SECRET = re.compile(r"(pass\w*|secret|token|key|auth)\s*[=:]|//[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
#: A setting of a pool of PHP-FPM, up to its value.
_SETTING = re.compile(r"php_(admin_)?(value|flag)\[[\w.]+\]\s*=")
_LENGTH = 200
#: More than this nobody reads, and something larger than a fault has happened.
_MOST = 60
#: By this link a certificate is exchanged: a renewal is no change that anybody has made.
_RENEWED = re.compile(rf"{layout.STATES}/[^/]+/tls")
_ADDED_COUNTS = ("/etc/", "/usr/local/lib/miclinik/")


def compare(was: Mapping[str, Any], now: Mapping[str, Any], since: Callable[[str], float]) -> list[Change]:
    """Return what differs; nothing where there is no earlier picture, and nothing of a part that was not looked at."""
    if not was or not now:
        return []
    moved = {site: path for site, path in was["releases"].items() if now["releases"].get(site, path) != path}
    # Of sites that were removed, or are not looked at this time, nothing is said.
    here = {*now["releases"]}
    gone = {*was["releases"]} - here
    found: list[Change] = []
    for section, before in was["parts"].items():
        after = now["parts"].get(section)
        if not before or after is None:
            continue
        kind, site = _section(section)
        if site in moved and kind == "database tables":
            continue
        for subject in sorted({*before, *after}):
            # Python writes those of its own accord; an older picture has them.
            if "/__pycache__" in subject:
                continue
            if before.get(subject) == after.get(subject) or _of_a_table_that_is_gone(subject, after):
                continue
            if _names(subject, gone) and not _names(subject, here):
                continue
            for change in _changes(kind, subject, before.get(subject), after.get(subject)):
                whole = {"section": kind, "subject": subject, "site": site, "own": False, "since": 0.0} | change
                if kind == "database tables" and not change["is"]:
                    whole["is"] = renamed(subject, before, after)
                if kind == "files":
                    whole["kept"] = "text" in (before.get(subject) or {})
                    whole["since"] = since(subject)
                    whole["own"] = _own(subject, before.get(subject), after.get(subject))
                    if any(f"/{name}/current/" in subject for name in moved):
                        continue
                found.append(whole)
    return found[:_MOST]


def _names(subject: str, sites: set[str]) -> bool:
    """Whether this is a file, a unit, a user or a group of one of these sites: /srv/x/norte, php@norte, norte-www."""
    words = re.split(r"[/@ .]", subject)
    return any(word == site or word.startswith(f"{site}-") for word in words for site in sites)


def _of_a_table_that_is_gone(subject: str, after: Mapping[str, Any]) -> bool:
    table = f"table {subject.removeprefix('column ').partition('.')[0]}"
    return subject.startswith("column ") and any(name.startswith("table ") for name in after) and table not in after


def _section(name: str) -> tuple[str, str]:
    words = name.split(" ")
    return " ".join(words[:2]), words[2] if len(words) > 2 else ""  # noqa: PLR2004 - database, what, whose


def _changes(kind: str, subject: str, was: Any, now: Any) -> Iterator[Change]:  # noqa: ANN401 (a text, or a mapping)
    if was is None and kind in _GROWING:
        return
    if kind == "files":
        yield from _of_file(subject, was, now)
    elif isinstance(was, Mapping) and isinstance(now, Mapping):
        for name in sorted({*was, *now}):
            if was.get(name, "") != now.get(name, ""):
                yield {"what": name, "was": _short(was.get(name, "")), "is": _short(now.get(name, ""))}
    elif was and now and _several(kind, subject, was):
        yield from _changes(kind, "", _parts(was), _parts(now))
    elif isinstance(was or now, Mapping):
        yield {"what": "", "was": "there" if was else "", "is": "there" if now else ""}
    elif kind == "firewall" and was is not None and now is not None:
        before, after = line_of(was, now)
        yield {"what": "rule", "was": before, "is": after}
    else:
        # What is there and empty is not what is not there.
        yield {"what": "", "was": _told(was), "is": _told(now)}


def _several(kind: str, subject: str, text: str) -> bool:
    """Whether a text holds values of several names."""
    if kind == "database account":
        return subject.startswith(("account ", "database "))
    return kind == "database tables" and subject.startswith("table ") and text.startswith("owner ")


def _parts(text: str) -> dict[str, str]:
    """Return the single values of an account or a table: JSON (MariaDB), or `name value, name value` (PostgreSQL)."""
    try:
        found = json.loads(text)
    except ValueError:
        pairs = [part for part in text.split(", ") if part]
        names = [next((name for name in _TWO_WORDS if part.startswith(name)), part.partition(" ")[0]) for part in pairs]
        return {name: part.removeprefix(name).strip() for name, part in zip(names, pairs, strict=True)}
    return (
        {name: json.dumps(value).strip('"') for name, value in found.items()} if isinstance(found, dict) else {"": text}
    )


def renamed(subject: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Say how a table or a column that is not there any more is called now, where only one can be it."""
    kind, _, name = subject.partition(" ")
    new = [other.partition(" ")[2] for other in now if other not in was and other.startswith(f"{kind} ")]
    if kind == "table":
        wanted = _columns(name, was)
        found = [other for other in new if wanted and _columns(other, now) == wanted]
    elif kind == "column":
        table = name.partition(".")[0]
        if table.endswith("_extrafields"):
            return ""  # people take columns of these away and make others, in the pages
        here = [other for other in new if other.startswith(f"{table}.") and now[f"column {other}"] == was[subject]]
        gone = [other for other in was if other.startswith(f"column {table}.") and other not in now]
        found = [other.partition(".")[2] for other in here] if len(gone) == 1 else []
    else:
        found = []
    return f"now called {found[0]}" if len(found) == 1 else ""


def _columns(table: str, tables: Mapping[str, Any]) -> dict[str, str]:
    start = f"column {table}."
    return {name.removeprefix(start): kind for name, kind in tables.items() if name.startswith(start)}


def _told(value: str | None) -> str:
    return "" if value is None else _short(value) or "empty"


def _of_file(path: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Iterator[Change]:
    if was is None or now is None:
        # A new folder does nothing: what is in it may.
        if was is not None or (now and now["kind"] != "folder" and path.startswith(_ADDED_COUNTS)):
            yield {"what": "", "was": _kind(was), "is": _kind(now)}
        return
    if was["kind"] == now["kind"] == "link" and _RENEWED.fullmatch(path):
        return
    if was["kind"] != now["kind"] or was.get("to") != now.get("to"):
        yield {"what": "kind", "was": _kind(was), "is": _kind(now)}
        return
    if was.get("digest") != now.get("digest") and "digest" in was:
        before, after = line_of(was["text"], now["text"]) if "text" in was and "text" in now else ("", "")
        yield {"what": "content", "was": before, "is": after}
    for name in ("owner", "group", "mode"):
        if was.get(name) != now.get(name):
            yield {"what": name, "was": was.get(name, ""), "is": now.get(name, "")}
    if was.get("acl") != now.get("acl"):
        yield {"what": "access list", "was": _set(was), "is": _set(now)}


def _set(entry: Mapping[str, Any]) -> str:
    return f"set ({entry['acl'][:8]})" if entry.get("acl") else "none"


def _kind(entry: Mapping[str, Any] | None) -> str:
    if not entry:
        return ""
    return f"link to {entry['to']}" if entry.get("to") else str(entry["kind"])


def line_of(was: str, now: str) -> tuple[str, str]:
    """The first line that differs, before and after; three stars where it may hold a secret."""
    gone, new = "", ""
    for line in difflib.ndiff(was.splitlines(), now.splitlines()) if len(was) + len(now) < 60_000 else ():  # noqa: PLR2004
        mark, text = line[:2], line[2:].strip()
        if mark == "- " and not gone:
            gone = text
        elif mark == "+ " and not new:
            new = text
        elif mark == "  " and (gone or new):
            break
    return _quoted(gone), _quoted(new)


def _quoted(line: str) -> str:
    """Return a line as it may be shown: one that speaks of a secret and gives anything may give that, however short."""
    if not (_MENTIONS_SECRET.search(line) and len(line.split()) > 1) and not _GIVES_SECRET.search(line):
        return _short(line)
    # What is set may be named: `disable_functions` speaks of passthru.
    setting = _SETTING.match(line)
    return f"{setting[0]} ***" if setting else "***"


def _short(value: Any) -> str:  # noqa: ANN401 (a text, or a number)
    text = "***" if _GIVES_SECRET.search(str(value)) else " ".join(str(value).split())
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"


def _own(path: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> bool:
    """Whether a file is this collection's: it says so, or is where only its files are."""
    text = (was or {}).get("text") or (now or {}).get("text") or ""
    return "miclinik" in PurePosixPath(path).as_posix() or "miclinik.hosting" in text[:400]
