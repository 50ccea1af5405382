# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands that have a change back as it was, where what was is known to the letter. Pure functions, no I/O.

For root on the host. None removes data: what is new is moved aside, what is masked or limited is let go. What has to be
found out first has no command; a person does that.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import picture
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import putting_back_database
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

Change = Mapping[str, Any]
Commands = tuple[str, ...]

ASIDE = "/root/miclinik-taken-away"
_NAME = re.compile(r"[\w.@%-]+")
#: Of units, for all of which there may be drop-ins: service.d, and those of templates of names.
_KINDS = ("service", "socket", "timer", "target", "slice", "mount")
_RESTARTS = (" reload-or-restart ", " restart ")
_AGAIN = re.compile(r"systemctl (?:reset-failed|restart|daemon-reload)")
_MODES = {"mode": "chmod", "owner": "chown", "group": "chgrp"}
#: How a file's text is taken from the picture; the file as it is stays beside the others that are taken away.
_AS_IT_WAS = (
    "import json,os,pathlib,shutil,sys; path=sys.argv[2];"
    " was=json.load(open(sys.argv[1]))['parts']['files'][path]; {make};"
    " os.chmod(path, int(was['mode'], 8)); shutil.chown(path, was['owner'], was['group'])"
)
_TEXT = _AS_IT_WAS.format(make="pathlib.Path(path).write_text(was['text'])")
#: A folder that is gone, as it was, where nothing that was in it is missed.
_FOLDER = _AS_IT_WAS.format(make="os.makedirs(path, exist_ok=True)")
_PASSING = ("/var/log/", "/var/cache/", "/var/lib/nginx", "/var/lib/php/", "/run/")


def commands(change: Change, case: Case) -> Commands:
    """Return what puts it back; nothing where that is not known to the letter, or is a playbook's work."""
    by_section: dict[str, Callable[[Change, Case], Commands]] = {
        "files": _file,
        "units": _unit,
        "packages": _package,
        "php": _php,
        "sockets": _socket,
        "firewall": _firewall,
        "mounts": _mount,
        "accounts": _person,
        "database server": putting_back_database.setting,
        "database account": putting_back_database.account,
        "database tables": putting_back_database.table,
    }
    given = by_section.get(change["section"])
    return given(change, case) if given else ()


def again(unit: str, how: str = "reload-or-restart") -> Commands:
    """Have a unit run with what is on the disk; one that has given up is let try."""
    return (f"systemctl reset-failed {shlex.quote(unit)}; systemctl {how} {shlex.quote(unit)}",) if unit else ()


def once(lines: Iterable[str]) -> Commands:
    """Each command once, and a service begins again when all that it reads is back: half of it, it may not take."""
    found = tuple(lines)
    whole = {line for line in found if _RESTARTS[1] in line}
    found = tuple(other if (other := line.replace(*_RESTARTS)) in whole else line for line in found)
    starts = [line for number, line in enumerate(found) if _AGAIN.match(line) and line not in found[number + 1 :]]
    rest = dict.fromkeys(line for line in found if not _AGAIN.match(line))
    return (*rest, *sorted(starts, key=lambda line: "daemon-reload" not in line))


def reading(path: str, case: Case) -> Commands:
    """Have whatever reads this file read it again."""
    # Certificates and the keys that it knows are beside what is on record of a site.
    if path.startswith(("/etc/nginx", "/etc/apache2", f"{layout.STATES}/")):
        # A reload of Apache takes no other user and no other limits of its workers (envvars, ServerLimit).
        how = "restart" if path.startswith("/etc/apache2") else "reload-or-restart"
        return again(case.unit("web").get("name", ""), how)
    if path.startswith(("/etc/mysql", "/etc/postgresql")):
        return again(case.unit("database").get("name", ""), "restart")
    if path.startswith(("/etc/php", layout.PHP, "/usr/lib/php")):
        return again(case.unit("php").get("name", ""))
    if path.startswith("/etc/systemd/system/"):
        return _loading(path, case)
    if path in ("/etc/nsswitch.conf", "/etc/hosts", "/etc/resolv.conf", "/etc/host.conf", "/etc/gai.conf"):
        # Programs ask once how names are found.
        return again(case.unit("php").get("name", ""))
    return ()


def _loading(path: str, case: Case) -> Commands:
    unit = path.removeprefix("/etc/systemd/system/").partition("/")[0].removesuffix(".d")
    if unit.startswith("miclinik-php@"):
        # Sockets cannot be had anew while somebody serves them.
        return ("systemctl daemon-reload", f"systemctl restart {case.site['fpm_sockets']} {case.site['fpm_unit']}")
    if unit in _KINDS or unit.endswith("-"):
        # For every unit of the kind, or of a name that begins so.
        names = (str(case.unit(role).get("name") or "") for role in ("database", "php", "web"))
        return ("systemctl daemon-reload", *(line for name in names for line in again(name, "restart")))
    runs = f"{unit}.d/" in path and "@." not in unit
    return ("systemctl daemon-reload", *(again(unit, "restart") if runs else ()))


def _file(change: Change, case: Case) -> Commands:
    path, what, was, now = change["subject"], change["what"], change["was"], change["is"]
    shown, after = shlex.quote(path), reading(path, case)
    aside = f"mkdir -p {ASIDE} && mv -n {shown} {ASIDE}/"
    done: Commands = ()
    if what in _MODES:
        done = (f"{_MODES[what]} {shlex.quote(was)} {shown}", *(() if after else _entering(case)))
    elif what == "access list":
        done = (f"setfacl -b {shown}",) if was == "none" else ()
    elif was.startswith("link to "):
        moved = (aside,) if now and not now.startswith("link to ") else ()
        done = (*moved, f"ln -sfn {shlex.quote(was.removeprefix('link to '))} {shown}")
    elif not was and now == "link to /dev/null" and path.startswith("/etc/systemd/system/"):
        unit = path.rpartition("/")[2]
        return (f"systemctl unmask {shlex.quote(unit)}", *again(unit, "start"))
    elif not was and what == "":
        done = (aside,)
    elif was == "socket" and path.startswith("/run/miclinik"):
        return again(case.site["fpm_sockets"], "restart")
    elif was == "folder" and not now and path.startswith(_PASSING):
        done = (f"python3 -c {shlex.quote(_FOLDER)} {picture.FILE} {shown}", *_entering(case))
    elif change.get("kept"):
        copy = f"mkdir -p {ASIDE} && cp -a {shown} {ASIDE}/; " if now or what == "content" else ""
        done = (f"{copy}python3 -c {shlex.quote(_TEXT)} {picture.FILE} {shown}",)
    return (*done, *after) if done else ()


def _entering(case: Case) -> Commands:
    """Have whatever gave up at a folder, a program or a key begin again; it goes on by itself where it did not."""
    roles = ["web", "php", "database"]
    names = [str(case.unit(role).get("name") or "") for role in roles]
    return tuple(
        f"systemctl is-active -q {name} || {{ systemctl reset-failed {name}; systemctl restart {name}; }}"
        for name in map(shlex.quote, filter(None, names))
    )


def _unit(change: Change, case: Case) -> Commands:
    name, what, was, now = change["subject"], change["what"], change["was"], change["is"]
    if what == "" or not _NAME.fullmatch(name):
        return ()
    new = [path for path in now.split() if path not in was.split()]
    ways: dict[str, Commands] = {
        "LoadState": (f"systemctl unmask {name}", *again(name, "enable --now")),
        "UnitFileState": (f"systemctl {'enable --now' if was.startswith('enabled') else 'disable'} {name}",),
        "ActiveState": again(name, "start"),
        "MainProcess": (f"systemctl kill -s CONT --kill-whom=all {name}",),
        "NeedDaemonReload": ("systemctl daemon-reload", *again(name, "restart")),
        "DropInPaths": (
            *(f"mkdir -p {ASIDE} && mv -n {shlex.quote(path)} {ASIDE}/" for path in new),
            "systemctl daemon-reload",
            *again(name, "restart"),
        ),
    }
    if now == "masked":
        return ways["LoadState"]
    if what in ways:
        return ways[what]
    source = origin(change, case)
    return () if source is change else commands(source, case)


#: Of a unit's properties, those that are no setting of its files.
_STATES = ("LoadState", "UnitFileState", "ActiveState", "MainProcess", "NeedDaemonReload", "DropInPaths", "")


def origin(change: Change, case: Case) -> Change:
    """The change that brings this one about, of a unit's property: the drop-in or the file that sets it."""
    if change["section"] != "units" or change["what"] in _STATES:
        return change
    found = [entry for entry in case.host.get("changes", []) if _sets(entry, change["subject"])]
    return min(found, key=lambda entry: entry["section"] == "units", default=change)


def _sets(change: Change, unit: str) -> bool:
    if change["section"] == "units":
        return bool(change["subject"] == unit and change["what"] == "DropInPaths")
    path, place = str(change["subject"]), f"/etc/systemd/system/{unit}"
    written = path == place or path.startswith(f"{place}.d/")
    return written and (change["section"], change["what"]) in (("files", ""), ("files", "content"))


def _package(change: Change, case: Case) -> Commands:
    name = change["subject"]
    if not _NAME.fullmatch(name):
        return ()
    if not change["was"]:
        return _switched_off(name, case)
    units = [str(case.unit(role).get("name") or "") for role in ("database", "php", "web")]
    # What was taken away by force leaves others broken, and files of a program's that were changed stay as they are.
    install = f"apt-get install -y --fix-broken -o Dpkg::Options::=--force-confold {shlex.quote(name)}"
    return (
        "apt-get update -q",
        f"DEBIAN_FRONTEND=noninteractive {install}",
        *(line for unit in units for line in again(unit)),
    )


def _switched_off(name: str, case: Case) -> Commands:
    """What a new package has a server load is not loaded any more; the package stays, and all that is its own."""
    listed = f"dpkg -L {name} | sed -n 's|.*/\\([^/]*\\)\\."
    if name.startswith("libapache2-mod-"):
        web = str(case.unit("web").get("name") or "")
        return (f"{listed}load$|\\1|p' | xargs -r a2dismod -q -f", *again(web, "restart"))
    if name.startswith("php"):
        php = str(case.unit("php").get("name") or "")
        return (f"{listed}ini$|\\1|p' | xargs -r phpdismod", *again(php, "restart"))
    return ()


def _php(change: Change, case: Case) -> Commands:
    kind, _, name = str(change["subject"]).partition(" ")
    if kind != "module" or not re.fullmatch(r"\w+", name):
        return ()
    return (
        f"{'phpenmod' if change['was'] else 'phpdismod'} {name.lower()}",
        *again(case.unit("php").get("name", ""), "restart"),
    )


def _socket(change: Change, case: Case) -> Commands:
    port = change["subject"].rpartition(":")[2]
    was = change["was"]
    unit = next(
        (
            str(case.unit(role).get("name"))
            for role in ("web", "database")
            if case.unit(role) and case.unit(role)["name"] in _unit_of(was)
        ),
        "",
    )
    if not port.isdecimal() or not unit:
        return ()
    who = f"ss -Hltnp 'sport = :{port}' | grep -o 'pid=[0-9]*' | cut -d= -f2 | head -1"
    stop = (f'systemctl stop "$(ps -o unit= -p "$({who})")"',) if change["is"] else ()
    return (*stop, *again(unit, "restart"))


def _unit_of(programs: str) -> set[str]:
    known = {"nginx": "nginx", "apache2": "apache2", "mariadbd": "mariadb"}
    return {known.get(name, name) for name in programs.split(", ")}


def _firewall(change: Change, _: Case) -> Commands:
    words = change["subject"].split()
    if len(words) != 3 or change["what"] != "" or change["was"]:  # noqa: PLR2004 - family, table, chain
        return ()
    chain = " ".join(map(shlex.quote, words))
    return (f"nft flush chain {chain}", f"nft delete chain {chain}")


def _mount(change: Change, case: Case) -> Commands:
    place = shlex.quote(change["subject"])
    units = [line for role in ("database", "php", "web") for line in again(case.unit(role).get("name", ""), "restart")]
    if not change["was"]:
        return (f"umount -l {place}", *units)
    if change["is"]:
        return (f"mount -o remount,{change['was'].rpartition(' ')[2]} {place}", *units)
    return (f"mount {place}", *units)


def _person(change: Change, case: Case) -> Commands:
    """An account of the host as it was: by their numbers, files are whose they are."""
    was = re.fullmatch(r"uid (\d+), gid (\d+), home (\S+)", change["was"])
    name, _, group = change["subject"].removeprefix("user ").partition(" in group ")
    if not _NAME.fullmatch(name):
        return ()
    if group:
        return (f"gpasswd -a {name} {shlex.quote(group)}",) if change["was"] and not change["is"] else ()
    if not was:
        return ()
    user, first, home = was.groups()
    units = [str(case.unit(role).get("name") or "") for role in ("database", "php", "web")]
    restarts = [line for unit in units for line in again(unit, "restart")]
    if change["is"]:
        # No number is changed while programs run by it.
        stops = " ".join(map(shlex.quote, filter(None, units)))
        return (f"systemctl stop {stops}; usermod -u {user} -g {first} {name}", *restarts)
    made = f"useradd -r -M -u {user} -g {first} -d {shlex.quote(home)} -s /usr/sbin/nologin {name}"
    return (f"getent group {first} >/dev/null || groupadd -r -g {first} {name}", made, *restarts)
