# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What rules and logs say, and what was changed, as one list: the cause before what follows, with its commands.

Pure functions, no I/O.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_counters
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import (
    changes,
    putting_back,
    putting_back_database,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    CERTAIN,
    POSSIBLE,
    Case,
    Finding,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.identity import CAUSES

#: Changes that are told behind what a rule is sure of: there may be two faults.
_BESIDE = 2
#: What shuts everything below a folder.
_SHUT = ("mode", "owner", "group", "kind", "access list", "")


def _on_the_way(case: Case, known: Sequence[Finding]) -> Iterator[Finding]:
    """A folder above what a rule found shut was changed: that is why, and not what lies in it."""
    named = " ".join(" ".join((entry.cause, *entry.evidence)) for entry in known if entry.confidence == CERTAIN)
    found = [
        entry
        for entry in changes.concerns(case)
        if ((entry["section"] == "files" and entry["what"] in _SHUT) or (entry["section"] == "mounts" and entry["is"]))
        and f"{entry['subject'].rstrip('/')}/" in named
    ]
    # A rule that speaks of the folder itself knows more of it.
    found = [entry for entry in found if not re.search(re.escape(entry["subject"]) + r"(?![\w/.-])", named)]
    # Nor is it news of what is lost as a whole.
    if found and not any(entry.id in CAUSES for entry in known):
        first = min(found, key=lambda entry: (entry["section"] == "files", len(entry["subject"])))
        seen = tuple(changes.evidence(entry) for entry in found[: changes.LINES])
        cause = f"{changes.said(first)}, and was not when all was well: what lies below cannot be reached"
        yield Finding(
            f"changed-{changes.layer(first)}", cause, seen, changes.mend(first, case), run=changes.commands(first, case)
        )


def _of_the_user(case: Case, known: Sequence[Finding]) -> Iterator[Finding]:
    """The site's user has another number, or is gone: that is why nothing is its own, and no reason to give it all."""
    user = case.site["user"]
    subject = ("accounts", f"user {user}")
    found = [entry for entry in changes.concerns(case) if (entry["section"], entry["subject"]) == subject]
    named = any(re.search(rf"\b{re.escape(user)}\b", " ".join(entry.evidence)) for entry in known)
    if found and (named or any(entry.id.startswith(("php", "conf")) for entry in known)):
        first, gone = found[0], "" if found[0]["is"] else " any more"
        cause = f"The site's user {user} is not what it was{gone}: by its number, files were its own"
        seen = tuple(changes.evidence(entry) for entry in found)
        yield Finding("changed-accounts", cause, seen, changes.mend(first, case), run=changes.commands(first, case))


#: What a finding's name begins with that speaks of the site's account, or of a setting of the server.
_OF_ACCOUNT = ("database-account", "database-password", "database-no-grant", "database-schema-closed", "database-host")
_OF_SERVER = ("database-read-only", "database-connections", "database-account-limit", "database-lock", "database-late")


def _speaks_of(finding: Finding, change: Mapping[str, Any]) -> bool:
    """Whether a finding is about what was changed, by the name of it in its words."""
    section, subject = change["section"], str(change["subject"])
    words = " ".join((finding.cause, *finding.evidence))
    if section == "database account":
        return finding.id.startswith(_OF_ACCOUNT) or (finding.id in _OF_SERVER and change["what"] in ("", "settings"))
    if section == "database server":
        return finding.id in _OF_SERVER and any(word in subject for word in ("read_only", "max_", "timeout"))
    if section == "firewall":
        return finding.id == "firewall"
    if section == "sockets":
        return bool(re.search(f":{subject.rpartition(':')[2]}(?![0-9])", words))
    if section == "packages" and finding.id == "php-extension":
        return bool(re.search(rf"\b{re.escape(subject.partition('-')[2] or subject)}\b", words))
    if section == "units":
        name = subject.removesuffix(".service")
    elif section in ("database tables", "php"):
        name = subject.rpartition(" ")[2]
        if "." in name and finding.id == "database-table-missing":
            # The server tells a column by the table's short name in the query, or by none.
            name = name.partition(".")[2]
            words = words.replace(".", " ")
    else:
        name = subject
        # What is read is a link to it.
        words += words.replace("-enabled/", "-available/")
    return bool(re.search(r"(?<![\w/-])" + re.escape(name) + r"(?![\w-]|/\w)", words))


#: Where it lies, by role, when a service does not do what it should.
_UNDER = {
    "web": ("mounts", "packages", "units", "web", "ports", "files"),
    "php": ("mounts", "packages", "accounts", "units", "php", "files"),
    "database": ("mounts", "packages", "accounts", "units", "database", "ports", "files"),
    "any": changes.WAY,
}
#: Whose service it is, by what a finding's name begins with.
_ROLES = {
    **dict.fromkeys(
        (
            "web-",
            "address-gone",
            "firewall",
            "clock",
            "port-taken",
            "vhost",
            "connection-closed",
            "certificate",
            "body-",
            "header-",
            "forbidden-",
            "redirect-",
            "search-refused",
            "key-stripped",
            "bearer-stripped",
        ),
        "web",
    ),
    **dict.fromkeys(
        ("php", "api-pool", "web-pool", "quarantine-pool", "pool-", "fpm-", "oom-", "opcache-", "worker-", "unit-"),
        "php",
    ),
    **dict.fromkeys(("refused", "no-space", "read-only", "write-", "late-", "upstream-", "log-", "apparmor"), "any"),
    **dict.fromkeys(("socket-", "seccomp", "open-basedir", "late-application"), "php"),
    **dict.fromkeys(
        (
            "database-down",
            "database-read-only",
            "database-port",
            "database-starting",
            "database-late",
            "late-database",
            "database-option",
            "database-log-broken",
            "database-memory",
            "database-address-gone",
        ),
        "database",
    ),
}


def _role(finding: Finding) -> str:
    """Whose service a finding speaks of; the longest name that fits tells."""
    fitting = [start for start in _ROLES if finding.id.startswith(start)]
    return _ROLES[max(fitting, key=len)] if fitting else ""


#: What is said where an extension of PHP is missing.
_OF_EXTENSIONS = ("php-extension", "php-class", "php-function")


def _of_php(change: Mapping[str, Any]) -> bool:
    return change["section"] != "packages" or str(change["subject"]).startswith("php")


def _behind(case: Case, role: str, only: Sequence[str] = ()) -> list[Mapping[str, Any]]:
    """The changes of which what a service does may be what followed: of the first place on the way."""
    places, unit = only or _UNDER.get(role, ()), str(case.unit(role).get("name") or "")
    causes = [
        entry for entry in changes.concerns(case) if not changes.follows(entry) and changes.layer(entry) in places
    ]
    # Of units, only the one's own.
    start = unit.partition("@")[0].partition(".")[0]
    causes = [
        entry
        for entry in causes
        if role == "any" or changes.layer(entry) != "units" or (start and start in entry["subject"])
    ]
    first = min((places.index(changes.layer(entry)) for entry in causes), default=0)
    found = [entry for entry in causes if places.index(changes.layer(entry)) == first]
    if "packages" in places and all(entry["section"] == "packages" and not entry["was"] for entry in found):
        # What was installed has a server load modules, and may have switched others off: these are on record.
        later = {"web", "php", "database"} & set(places)
        return [entry for entry in causes if changes.layer(entry) in later] or found
    return found


#: Packages that may have switched over what a service is made of, by its role.
_SWITCHING = {"web": r"(?:lib)?(?:apache2|nginx|php)", "php": r"(?:lib)?php", "database": r"mariadb|mysql|postgresql"}


def _installed(case: Case, role: str) -> list[Mapping[str, Any]]:
    """What somebody has installed beside a service, of which what is gone or new may have come."""
    start = _SWITCHING.get(role)
    found = [entry for entry in changes.concerns(case) if entry["section"] == "packages" and not entry["was"]]
    return [entry for entry in found if start and re.match(start, entry["subject"])]


#: Commands that are told in a line.
_SHORT = 240


def exact(case: Case, finding: Finding) -> Finding:
    """The finding, with the commands that put back what it speaks of, where that was changed.

    Not of what is lost, or another site's: nothing is put back by command before somebody knows whose it is.
    """
    # That something is down has a reason, which may be known better than that it is to be started.
    known = finding.run and not finding.id.endswith("-down")
    # Nor is a replica made what it follows by taking a file away: there may be another by now.
    replica = finding.id == "database-read-only" and any("replica" in seen for seen in finding.evidence)
    if known or replica or finding.id in CAUSES or finding.id == "other-site":
        return finding
    found = [entry for entry in changes.concerns(case) if _speaks_of(finding, entry)]
    named = [entry for entry in found if not changes.follows(entry)]
    behind = _behind(case, _role(finding))
    # A program's file that is gone comes back with its package, and by no command of its own.
    helpless = not any(changes.commands(entry, case) or changes.by_site_yml(entry) for entry in named)
    removed = [entry for entry in behind if entry["section"] == "packages" and entry["was"]]
    other = removed or [entry for entry in behind if changes.commands(entry, case)]
    found = (other if helpless else []) or named or behind or found
    sources = [putting_back.origin(entry, case) for entry in found]
    found = [entry for number, entry in enumerate(sources) if entry not in sources[:number]]
    if finding.id in _OF_EXTENSIONS:
        # A module is not loaded for want of its package or its file: names of all three differ (mysql, mysqli).
        why = [entry for entry in _behind(case, "php", ("packages", "php")) if _of_php(entry)]
        found = [*why, *(entry for entry in found if entry not in why)]
    if finding.id.startswith("socket-"):
        # Sockets are as their unit says.
        found = [entry for entry in _behind(case, "php") if changes.layer(entry) == "units"] or found
    of_account = any(entry["section"] == "database account" for entry in found)
    renamed, by_name = putting_back_database.account_renamed(case) if of_account else ("", ())
    if renamed:
        mend = f"call the account {renamed} by its name again: {by_name[0]}"
        owner = f"the account that the database belongs to is called {renamed} now"
        return replace(finding, mend=mend, run=by_name, evidence=(*finding.evidence, owner))
    if of_account and putting_back_database.account_gone(case):
        mend = "run the role database, which makes the account anew with the password on record"
        return replace(
            finding, mend=mend, run=(), evidence=(*finding.evidence, *(changes.evidence(entry) for entry in found[:2]))
        )
    lines = putting_back.once(line for entry in found for line in changes.commands(entry, case))
    new = _installed(case, _role(finding)) if found and found[0]["section"] != "packages" else []
    seen = tuple(changes.evidence(entry) for entry in (*new[:1], *found[:2]))
    whole = any(changes.by_site_yml(entry) and not changes.commands(entry, case) for entry in found)
    if lines and not whole:
        told = "; ".join(lines)
        back = f"put back what was changed: {told if len(told) < _SHORT else 'by the commands in the report'}"
        return replace(finding, run=lines, mend=f"{back}. Else: {finding.mend}", evidence=(*finding.evidence, *seen))
    if whole:
        return replace(finding, mend=f"{changes.SITE_YML} anew", run=(), evidence=(*finding.evidence, *seen))
    return finding


#: Rules that may only guess, and where a change makes them sure.
_GUESSES = {"firewall": "changed-firewall", "connection-closed": "changed-web"}


#: Tables that every version has and that nobody's module takes columns from.
_CORE = re.compile(rf"(?:table|column) \w*?_(?:{'|'.join(probe_counters.TABLES)})(?:\.\w+)?")


def _missed(change: Mapping[str, Any]) -> bool:
    """Whether a table or column is called otherwise, or one of the application's own is gone."""
    gone = change["section"] == "database tables" and not change["is"] and change["what"] == ""
    return change["is"].startswith("now called ") or (gone and bool(_CORE.fullmatch(change["subject"])))


def merged(
    case: Case, known: Sequence[Finding], told: Sequence[Finding], explains: Callable[[Finding], bool]
) -> list[Finding]:
    """Where no rule explains what fails, the changes behind what is certain, and before what is not.

    :param known: what the rules say.
    :param told: the same with what the logs say.
    """
    if not case.failed():
        # What the application asks for by name is not there, or is called otherwise: pages will miss it.
        missed = [entry for entry in changes.concerns(case) if _missed(entry)]
        return [*told, *(replace(entry, site=case.site["name"]) for entry in changes.certain(missed[:1], case))]
    # Nothing is written anywhere while it is not known whose the site's things are.
    told = [entry if any(one.id in CAUSES for one in known) else exact(case, entry) for entry in told]
    if any(explains(entry) for entry in known):
        found = (*_of_the_user(case, known), *_on_the_way(case, known))
        above = [replace(entry, site=case.site["name"]) for entry in found]
        said = {seen for entry in (*above, *told) if entry.confidence == CERTAIN for seen in entry.evidence}
        more = [replace(entry, site=case.site["name"]) for entry in changes.findings(case, said)]
        rest = [entry for entry in more if entry.confidence != POSSIBLE and not (above and entry.id == above[0].id)]
        return [*above, *told, *(replace(entry, confidence=POSSIBLE) for entry in rest[:_BESIDE])]
    mine = {entry.id: replace(entry, site=case.site["name"]) for entry in changes.findings(case)}
    others = []
    for entry in told:
        change = mine.pop(_GUESSES.get(entry.id, ""), None)
        # Under the name by which it is known: what is seen is the rule's too, what is to be done the change's.
        seen = (*change.evidence, *entry.evidence) if change else entry.evidence
        others.append(replace(change or entry, id=entry.id, evidence=seen))
    return sorted(
        [*mine.values(), *others], key=lambda entry: (entry.confidence != CERTAIN, entry.confidence == POSSIBLE)
    )
