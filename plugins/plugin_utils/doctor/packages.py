# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages whose files are not as they came, and upgrades that were ended in the middle. Pure functions.

Of a host that works nothing is said but that an upgrade has not come to its end, which is yellow.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    LIKELY,
    Case,
    Finding,
    Rule,
    quote,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.putting_back import again

#: Ends what was begun; what an administrator has configured stays.
CONFIGURE = "dpkg --force-confold --configure -a"
_SHOWN = 3
#: The packages that the service of a role is of.
_STARTS = {"database": "database", "php": "php", "web": "web-server"}
_OF_ROLE = {"database": r"mariadb-|postgresql-\d", "php": r"php\d", "web": r"nginx|apache2"}
#: Installs what follows; what an administrator has configured stays.
KEEP = "DEBIAN_FRONTEND=noninteractive apt-get install -y -o Dpkg::Options::=--force-confold"


def files(case: Case, ending: str = "") -> list[Mapping[str, Any]]:
    """Return the files of packages that are not as they came, of this ending."""
    found = (case.host.get("packages") or {}).get("files", [])
    return [entry for entry in found if entry["package"] and entry["path"].endswith(ending)]


def half(case: Case) -> dict[str, str]:
    """Return the packages that are not set up, with their states."""
    return dict((case.host.get("packages") or {}).get("half", {}))


def anew(case: Case, found: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the commands that bring the files back that packages came with; what is configured stays."""
    names = " ".join(sorted({shlex.quote(entry["package"]) for entry in found}))
    restarts = (line for unit in _units(case) for line in again(unit, "restart"))
    return ("apt-get update -q", f"{KEEP} --reinstall {names}", *restarts)


def set_up(case: Case) -> tuple[str, ...]:
    """Return the commands by which an upgrade comes to its end."""
    started = (f"systemctl is-active -q {unit} || systemctl start {unit}" for unit in map(shlex.quote, _units(case)))
    return (f"DEBIAN_FRONTEND=noninteractive {CONFIGURE}", f"{KEEP} --fix-broken", *started)


def _units(case: Case) -> list[str]:
    return [name for role in ("database", "php", "web") if (name := str(case.unit(role).get("name") or ""))]


def told(entry: Mapping[str, Any]) -> str:
    """A file that is not as it came, in words."""
    return f"{entry['path']} of the package {entry['package']} is {entry['what']}"


def packages(case: Case) -> Iterator[Finding]:
    """Why something fails may be that a package is not whole."""
    failed = case.failed()
    if not failed:
        return
    if (open_ := half(case)) and not any(half_of_down(case)):
        names = ", ".join(f"{name} ({state})" for name, state in list(open_.items())[:_SHOWN])
        cause = f"An upgrade of packages was ended in the middle: {names}"
        seen = (f"dpkg has on record: {names}", *quote(failed, 1))
        mend = "dpkg --configure -a, and see what it says"
        yield Finding("packages-half", cause, seen, mend, LIKELY, run=set_up(case))
    if found := files(case):
        cause = f"A file of a package is not as it came: {told(found[0])}"
        seen = (*map(told, found[:_SHOWN]), *quote(failed, 1))
        mend = f"apt-get install --reinstall {found[0]['package']}; then see the disk, and who changed it"
        yield Finding("package-files", cause, seen, mend, LIKELY, run=anew(case, found))


def half_of_down(case: Case) -> Iterator[Finding]:
    """A service does not run, and the package that it is of was not set up: an upgrade stops it first."""
    for role, starts in _OF_ROLE.items():
        unit = case.unit(role)
        if not unit or unit["active"]:
            continue
        open_ = [f"{name} ({state})" for name, state in half(case).items() if re.match(starts, name)]
        if open_:
            cause = f"An upgrade of packages was ended in the middle, and {unit['name']} is down: {', '.join(open_)}"
            seen = (f"dpkg has on record: {', '.join(open_)}", f"{unit['name']}: {unit['state']}")
            yield Finding(
                f"{_STARTS[role]}-half", cause, seen, "dpkg --configure -a, and see what it says", run=set_up(case)
            )


#: Before what does not run, whose packages it is.
FIRST: tuple[Rule, ...] = (half_of_down,)
RULES: tuple[Rule, ...] = (packages,)
