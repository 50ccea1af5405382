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
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
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
SITE_YML = "run playbooks/site.yml, which writes it"
#: Findings, and lines of evidence of one.
_FINDINGS, LINES = 4, 4
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


def findings(case: Case, told: Container[str] = ()) -> Iterator[Finding]:
    """A finding for each place on the way where something differs, when a check has failed.

    :param told: the evidence of other findings; what they say is not said again.
    """
    if not case.failed():
        return
    changes = concerns(case)
    places = list(dict.fromkeys(layer(entry) for entry in changes))
    new = [entry for entry in changes if evidence(putting_back.origin(entry, case)) not in told]
    for place in [place for place in places if place in map(layer, new)][:_FINDINGS]:
        found = [entry for entry in new if layer(entry) == place]
        yield _finding(found, case, alone=len(places) == 1)


def certain(found: Sequence[Mapping[str, Any]], case: Case) -> Iterator[Finding]:
    """What is a fault whether or not a check has failed."""
    if found:
        yield _finding(found, case, alone=True)


#: Seconds within which changes are taken for those of one hand.
_ONE_GO = 60.0


def _finding(found: Sequence[Mapping[str, Any]], case: Case, *, alone: bool) -> Finding:
    first = found[0]
    # What was changed in one go is put back in one: half of it would leave what fails.
    near = [entry for entry in found if entry["since"] and abs(entry["since"] - first["since"]) <= _ONE_GO]
    together = [first, *(entry for entry in near if entry is not first)]
    return Finding(
        f"changed-{layer(first)}",
        f"{said(first)}, which is not how it was when the host was last proven to work",
        tuple(evidence(entry) for entry in found[:LINES]),
        mend(first, case) + (f"; the same of what else was changed then ({len(together) - 1})" if together[1:] else ""),
        _sure(first, alone=alone),
        run=putting_back.once(line for entry in together for line in commands(entry, case)),
    )


def _sure(change: Mapping[str, Any], *, alone: bool) -> str:
    """A table that is not there is why; of anything else it may be."""
    gone = not change["is"] or change["is"].startswith("now called ")
    if change["section"] == "database tables" and change["what"] == "" and gone:
        return CERTAIN
    return POSSIBLE if follows(change) and not alone else LIKELY


def commands(change: Mapping[str, Any], case: Case) -> tuple[str, ...]:
    """The commands that put back all that is changed of what this change is of."""
    same = [
        entry
        for entry in concerns(case)
        if (entry["section"], entry["subject"]) == (change["section"], change["subject"])
    ]
    return putting_back.once(line for entry in same for line in putting_back.commands(entry, case))


def by_site_yml(change: Mapping[str, Any]) -> bool:
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
        "packages": lambda found, _: _mend_package(found),
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


#: What is data or came with a release: no run makes it again.
_NOT_WRITTEN = re.compile(r"/(?:documents|sessions|releases|current)(?:/|$)|/secrets\.json$|/tls/key\.pem$")
_COMMANDS = {"mode": "chmod", "owner": "chown", "group": "chgrp"}


def _mend_file(change: Mapping[str, Any], case: Case) -> str:
    path, what = shlex.quote(change["subject"]), change["what"]
    if what in _COMMANDS:
        return f"{_COMMANDS[what]} {shlex.quote(change['was'])} {path}"
    if what == "access list":
        return f"look at `getfacl {path}`, and take what is new away with setfacl -b"
    after = _loads_again(change, case)
    written = change["own"] and not _NOT_WRITTEN.search(change["subject"])
    if written and (what != "" or change["was"]) and change["was"] != "folder":
        return f"{SITE_YML} anew"
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
    # A reload of Apache takes no other user and no other limits of its workers.
    how = "reload" if place == "web" and name != "apache2" else "restart"
    return f"; then systemctl {how} {name}" if name else ""


def _mend_unit(change: Mapping[str, Any], case: Case) -> str:
    name, what = shlex.quote(change["subject"]), change["what"]
    if what == "":
        return f"{SITE_YML} anew" if "miclinik" in name else f"bring {name} back: reinstall the package that has it"
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


def _mend_package(change: Mapping[str, Any]) -> str:
    name = shlex.quote(change["subject"])
    if change["was"]:
        return f"apt-get install {name}"
    return (
        f"see what it brought and changed (`dpkg -L {name}`, /var/log/apt/history.log); switch that off, or remove it"
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
    if change["subject"].startswith("account ") and change["what"] == "" and not change["is"]:
        return "run the role database, which makes the account anew with the password on record"
    words = str(change["subject"]).split(" ")
    if words[0] == "rights" and change["was"].startswith("GRANT ") and len(words) >= 5:  # noqa: PLR2004 - rights of WHO on WHERE
        person, _, host = words[2].partition("@")
        return f"{change['was']} ON {words[4]} TO '{person}'@'{host}'; as the database's administrator"
    return f"as the database's administrator, put {_subject(change)} back to '{change['was'] or 'nothing'}'"
