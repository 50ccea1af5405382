# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs from the host as it was when it last was proven to work, as causes. Pure functions, no I/O.

A change is no fault: administrators make them all day. It is spoken of when a check fails and no rule is sure why. The
first is the one that a request meets first, and what only follows from others comes behind them.
"""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import putting_back
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    Case,
    Finding,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.identity import CAUSES

#: Where on a request's way a change is met, in its order; the id of a finding is `changed-` and one of these.
WAY = (
    "name",
    "mounts",
    "packages",
    "accounts",
    "firewall",
    "units",
    "web",
    "php",
    "files",
    "database",
    "schema",
    "ports",
    "settings",
)
_BY_SECTION = {
    "units": "units",
    "packages": "packages",
    "php": "php",
    "sockets": "ports",
    "firewall": "firewall",
    "mounts": "mounts",
    "accounts": "accounts",
    "database server": "database",
    "database account": "database",
    "database tables": "schema",
    "database constants": "settings",
}
_BY_PATH = (
    (("/etc/hosts", "/etc/nsswitch", "/etc/resolv", "/etc/host.conf", "/etc/gai"), "name"),
    (("/etc/nftables",), "firewall"),
    (("/etc/nginx", "/etc/apache2", "/var/lib/nginx"), "web"),
    (("/etc/php", layout.PHP, "/usr/local/lib/miclinik"), "php"),
    (("/etc/mysql", "/etc/postgresql", "/var/lib/mysql", "/var/lib/postgresql"), "database"),
    (("/etc/systemd",), "units"),
)
_SITE_YML = "run playbooks/site.yml, which writes it"
#: Findings, and lines of evidence of one.
_FINDINGS, _LINES = 4, 4
_WIDE = 90


def layer(change: Mapping[str, Any]) -> str:
    """Return where on a request's way this is."""
    if change["section"] == "files":
        return next((name for starts, name in _BY_PATH if change["subject"].startswith(starts)), "files")
    return _BY_SECTION.get(change["section"], "settings")


def follows(change: Mapping[str, Any]) -> bool:
    """Whether this is what a change somewhere else brings about, as a rule: named where nothing else changed."""
    section, what = change["section"], change["what"]
    return (
        (section == "units" and what in ("ActiveState", "NeedDaemonReload"))
        or (section == "sockets" and not change["is"])
        or (section == "php" and change["subject"].startswith("setting "))
        or (section == "files" and change["was"] == "socket" and not change["is"])
        or section == "database constants"
    )


def concerns(case: Case) -> list[Mapping[str, Any]]:
    """The changes of the host and of this site, not another's: the surest cause first."""
    name = case.site["name"]
    found = [entry for entry in case.host.get("changes", []) if entry["site"] in ("", name)]
    return sorted(found, key=lambda entry: (follows(entry), not entry["was"], WAY.index(layer(entry))))


def findings(case: Case) -> Iterator[Finding]:
    """A finding for each place on the way where something differs, when a check has failed."""
    if not case.failed():
        return
    changes = concerns(case)
    places = list(dict.fromkeys(layer(entry) for entry in changes))
    for place in places[:_FINDINGS]:
        found = [entry for entry in changes if layer(entry) == place]
        first = found[0]
        yield Finding(
            f"changed-{place}",
            f"{said(first)}, which is not how it was when the host was last proven to work",
            tuple(evidence(entry) for entry in found[:_LINES]),
            mend(first, case),
            POSSIBLE if follows(first) and len(places) > 1 else LIKELY,
            run=commands(first, case),
        )


def commands(change: Mapping[str, Any], case: Case) -> tuple[str, ...]:
    """The commands that put back all that is changed of what this change is of."""
    same = [
        entry
        for entry in concerns(case)
        if (entry["section"], entry["subject"]) == (change["section"], change["subject"])
    ]
    return tuple(dict.fromkeys(line for entry in same for line in putting_back.commands(entry, case)))


def _by_site_yml(change: Mapping[str, Any]) -> bool:
    """Whether this is a file of this collection's, content and all, which site.yml writes anew."""
    gone = change["what"] == "" and change["was"] not in ("", "folder", "socket")
    return change["section"] == "files" and change["own"] and (gone or change["what"] in ("content", "kind"))


def said(change: Mapping[str, Any]) -> str:
    """What changed, in half a sentence."""
    subject = _subject(change)
    if change["is"].startswith("now called "):
        return f"{subject} is {change['is']}"
    if not change["is"] and change["what"] in ("", "kind"):
        return f"{subject} is gone"
    if not change["was"] and change["what"] == "":
        return f"{subject} is new"
    if change["what"] == "content":
        return f"{subject} was changed"
    if change["section"] == "firewall" or not change["what"]:
        return f"{subject} is {change['is'][:_WIDE]!r}, and was {change['was'][:_WIDE]!r}"
    return f"{change['what']} of {subject} is {change['is'] or 'nothing'}, and was {change['was'] or 'nothing'}"


def _subject(change: Mapping[str, Any]) -> str:
    known: dict[str, Callable[[str], str]] = {
        "units": lambda name: name,
        "packages": lambda name: f"package {name}",
        "php": lambda name: f"PHP's {name}",
        "sockets": lambda name: f"who listens at {name}",
        "firewall": lambda name: f"firewall chain {name}",
        "mounts": lambda name: f"mount {name}",
        "database server": lambda name: f"the database server's setting {name}",
        "database account": lambda name: f"the database's {name}",
        "database tables": lambda name: f"the database's {name}",
        "database constants": lambda name: f"the application's setting {name}",
    }
    name = str(change["subject"])
    return known[change["section"]](name) if change["section"] in known else name


def evidence(change: Mapping[str, Any]) -> str:
    """The same with the words before and after, in one line."""
    when = time.strftime(" (changed %Y-%m-%d %H:%M:%S UTC)", time.gmtime(change["since"])) if change["since"] else ""
    what = f" {change['what']}" if change["what"] else ""
    was, now = change["was"] or "nothing", change["is"] or "nothing"
    if change["what"] == "content" and not (change["was"] or change["is"]):
        return f"{_subject(change)}: another content{when}"
    return f"{_subject(change)}{what}: was '{was}', is '{now}'{when}"


def mend(change: Mapping[str, Any], case: Case) -> str:
    """What puts it back as it was. Nothing here writes into a database by itself, and nothing removes data."""
    by_section: dict[str, Callable[[Mapping[str, Any], Case], str]] = {
        "files": _mend_file,
        "units": _mend_unit,
        "packages": lambda found, _: f"apt-get install {shlex.quote(found['subject'])}",
        "php": _mend_php,
        "sockets": _mend_socket,
        "firewall": lambda found, _: (
            f"take the rule '{found['is']}' out of {found['subject']}" if found["is"] else _back(found)
        ),
        "mounts": lambda found, _: (
            f"mount {shlex.quote(found['subject'])} again as {found['was']}; look in the kernel's log why it changed"
            if found["was"]
            else f"see what the mount hides: umount {shlex.quote(found['subject'])} where it should not be there"
        ),
        "database server": lambda found, _: (
            f"SET GLOBAL {found['subject']} back to '{found['was']}', and its configuration where that was changed"
        ),
        "database account": lambda found, _: _mend_account(found),
        "database tables": lambda found, _: (
            f"make a backup first; then have the database's {found['subject']} ('{found['was']}') back as it was: look"
            " for it under another name and rename it. Do not make an empty one, and start no upgrade before"
        ),
    }
    given = by_section.get(change["section"])
    return given(change, case) if given else _back(change)


def _back(change: Mapping[str, Any]) -> str:
    return f"put {_subject(change)} back to '{change['was'] or 'nothing'}'"


_COMMANDS = {"mode": "chmod", "owner": "chown", "group": "chgrp"}


def _mend_file(change: Mapping[str, Any], case: Case) -> str:
    path, what = shlex.quote(change["subject"]), change["what"]
    if what in _COMMANDS:
        return f"{_COMMANDS[what]} {shlex.quote(change['was'])} {path}"
    if what == "access list":
        return f"look at `getfacl {path}`, and take what is new away with setfacl -b"
    after = _loads_again(change, case)
    if change["own"] and (what != "" or change["was"]) and change["was"] != "folder":
        return f"{_SITE_YML} anew"
    if not change["was"] and what == "":
        return f"take {path} away, or mend what it says{after}"
    if change["was"].startswith("link to "):
        return f"ln -sfn {shlex.quote(change['was'].removeprefix('link to '))} {path}{after}"
    missing = f"put the {change['was']} {path} back from a backup or its package"
    return f"{_line(change) if what == 'content' else missing}{after}"


def _line(change: Mapping[str, Any]) -> str:
    path, was, now = shlex.quote(change["subject"]), change["was"], change["is"]
    if was and now:
        return f"put the line '{now}' in {path} back to '{was}'"
    if now:
        return f"take the line '{now}' out of {path}"
    return f"put the line '{was}' back into {path}" if was else f"put what {path} said back"


def _loads_again(change: Mapping[str, Any], case: Case) -> str:
    place = layer(change)
    units = {"web": "web", "php": "php", "database": "database"}
    name = case.unit(units[place]).get("name") if place in units else ""
    if place == "units":
        return "; then systemctl daemon-reload, and restart the unit"
    return f"; then systemctl {'reload' if place == 'web' else 'restart'} {name}" if name else ""


def _mend_unit(change: Mapping[str, Any], case: Case) -> str:
    name, what = shlex.quote(change["subject"]), change["what"]
    if what == "":
        return f"{_SITE_YML} anew" if "miclinik" in name else f"bring {name} back: reinstall the package that has it"
    if change["is"] == "masked" or what == "LoadState":
        return f"systemctl unmask {name} && systemctl enable --now {name}"
    if what == "UnitFileState":
        return f"systemctl {'enable' if change['was'].startswith('enabled') else 'disable'} {name}"
    if what == "ActiveState":
        return f"systemctl start {name}; journalctl -u {name} says why it stopped"
    if what == "NeedDaemonReload":
        return f"systemctl daemon-reload && systemctl restart {name}"
    return (
        f"take away what sets {what}={change['is']} (systemctl cat {name}); then systemctl daemon-reload and restart it"
    )


def _mend_php(change: Mapping[str, Any], case: Case) -> str:
    kind, _, name = str(change["subject"]).partition(" ")
    unit = case.unit("php").get("name") or "PHP-FPM"
    if kind == "module":
        do = f"phpenmod {shlex.quote(name.lower())}" if change["was"] else f"phpdismod {shlex.quote(name.lower())}"
        return f"{do}; then systemctl restart {unit}"
    return f"set {name} = {change['was']} again where PHP's configuration has '{change['is']}'; then restart {unit}"


def _mend_socket(change: Mapping[str, Any], _: Case) -> str:
    was, now, where = change["was"] or "nobody", change["is"], change["subject"]
    if now:
        return f"stop {now}, which listens at {where} in place of {was}, or give it another port; then start {was}"
    return f"start {was} again, which listened at {where}"


def _mend_account(change: Mapping[str, Any]) -> str:
    words = str(change["subject"]).split(" ")
    if words[0] == "rights" and change["was"].startswith("GRANT ") and len(words) >= 5:  # noqa: PLR2004 - rights of WHO on WHERE
        person, _, host = words[2].partition("@")
        return f"{change['was']} ON {words[4]} TO '{person}'@'{host}'; as the database's administrator"
    return f"as the database's administrator, put {_subject(change)} back to '{change['was'] or 'nothing'}'"


#: Changes that are told behind what a rule is sure of: there may be two faults.
_BESIDE = 2
#: What shuts everything below a folder.
_SHUT = ("mode", "owner", "group", "kind", "access list", "")


def _on_the_way(case: Case, known: Sequence[Finding]) -> Iterator[Finding]:
    """A folder above what a rule found shut was changed: that is why, and not what lies in it."""
    named = " ".join(" ".join((entry.cause, *entry.evidence)) for entry in known if entry.confidence == CERTAIN)
    found = [
        entry
        for entry in concerns(case)
        if ((entry["section"] == "files" and entry["what"] in _SHUT) or (entry["section"] == "mounts" and entry["is"]))
        and f"{entry['subject'].rstrip('/')}/" in named
    ]
    # A rule that speaks of the folder itself knows more of it.
    found = [entry for entry in found if not re.search(re.escape(entry["subject"]) + r"(?![\w/.-])", named)]
    # Nor is it news of what is lost as a whole.
    if found and not any(entry.id in CAUSES for entry in known):
        first = min(found, key=lambda entry: (entry["section"] == "files", len(entry["subject"])))
        seen = tuple(evidence(entry) for entry in found[:_LINES])
        cause = f"{said(first)}, and was not when the host was last proven to work: what lies below cannot be reached"
        yield Finding(f"changed-{layer(first)}", cause, seen, mend(first, case), run=commands(first, case))


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
    if section == "units":
        name = subject.removesuffix(".service")
    elif section in ("database tables", "php", "sockets"):
        name = subject.rpartition(" ")[2] if section != "sockets" else f":{subject.rpartition(':')[2]}"
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
}
#: Whose service it is, by what a finding's name begins with.
_ROLES = {
    **dict.fromkeys(
        ("web-", "clock", "port-taken", "vhost", "connection-closed", "certificate", "body-", "header-"), "web"
    ),
    **dict.fromkeys(
        ("php", "api-pool", "web-pool", "quarantine-pool", "pool-", "fpm-", "oom-", "worker-", "unit-"), "php"
    ),
    **dict.fromkeys(("socket-", "seccomp", "open-basedir", "late-application"), "php"),
    **dict.fromkeys(
        ("database-down", "database-port", "database-starting", "database-late", "late-database"), "database"
    ),
}


def _role(finding: Finding) -> str:
    """Whose service a finding speaks of; the longest name that fits tells."""
    fitting = [start for start in _ROLES if finding.id.startswith(start)]
    return _ROLES[max(fitting, key=len)] if fitting else ""


def _behind(case: Case, role: str) -> list[Mapping[str, Any]]:
    """The changes of which what a service does may be what followed: of the first place on the way."""
    places, unit = _UNDER.get(role, ()), str(case.unit(role).get("name") or "")
    causes = [entry for entry in concerns(case) if not follows(entry) and layer(entry) in places]
    # Of units, only the one's own.
    start = unit.partition("@")[0].partition(".")[0]
    causes = [entry for entry in causes if layer(entry) != "units" or (start and start in entry["subject"])]
    first = min((places.index(layer(entry)) for entry in causes), default=0)
    return [entry for entry in causes if places.index(layer(entry)) == first]


def exact(case: Case, finding: Finding) -> Finding:
    """The finding, with the commands that put back what it speaks of, where that was changed.

    Not of what is lost, or another site's: nothing is put back by command before somebody knows whose it is.
    """
    if finding.run or finding.id in CAUSES or finding.id == "other-site":
        return finding
    found = [entry for entry in concerns(case) if _speaks_of(finding, entry)]
    found = [entry for entry in found if not follows(entry)] or _behind(case, _role(finding)) or found
    lines = tuple(dict.fromkeys(line for entry in found for line in commands(entry, case)))
    seen = tuple(evidence(entry) for entry in found[:2])
    if lines:
        return replace(finding, run=lines, evidence=(*finding.evidence, *seen))
    if any(_by_site_yml(entry) for entry in found):
        return replace(finding, mend=f"{_SITE_YML} anew", evidence=(*finding.evidence, *seen))
    return finding


#: Rules that may only guess, and where a change makes them sure.
_GUESSES = {"firewall": "changed-firewall", "connection-closed": "changed-web"}


def merged(
    case: Case, known: Sequence[Finding], told: Sequence[Finding], explains: Callable[[Finding], bool]
) -> list[Finding]:
    """Where no rule explains what fails, the changes behind what is certain, and before what is not.

    :param known: what the rules say.
    :param told: the same with what the logs say.
    """
    if not case.failed():
        return list(told)
    mine = {entry.id: replace(entry, site=case.site["name"]) for entry in findings(case)}
    told = [exact(case, entry) for entry in told]
    if any(explains(entry) for entry in known):
        above = [replace(entry, site=case.site["name"]) for entry in _on_the_way(case, known)]
        rest = [
            entry for entry in mine.values() if entry.confidence != POSSIBLE and not (above and entry.id == above[0].id)
        ]
        return [*above, *told, *(replace(entry, confidence=POSSIBLE) for entry in rest[:_BESIDE])]
    others = []
    for entry in told:
        change = mine.pop(_GUESSES.get(entry.id, ""), None)
        # Under the name by which it is known: what is seen is the rule's too, what is to be done the change's.
        seen = (*change.evidence, *entry.evidence) if change else entry.evidence
        others.append(replace(change or entry, id=entry.id, evidence=seen))
    return sorted(
        [*mine.values(), *others], key=lambda entry: (entry.confidence != CERTAIN, entry.confidence == POSSIBLE)
    )
