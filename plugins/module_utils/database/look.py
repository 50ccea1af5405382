# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks, with a site's own name and password, whether its database is there and is as it has to be. Runs on the host.

Nothing is changed. The Python libraries of the engines are loaded when they are needed: a bare host has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.database import mariadb, postgresql
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import (
    LOST,
    MISSING,
    READY,
    UNKNOWN,
    WRONG,
    Finding,
    LibraryMissing,
    Refused,
    Target,
    Unreachable,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Connections at a time: each waits for the server most of the while.
AT_A_TIME = 8
_CLIENTS = {"mariadb": mariadb, "postgresql": postgresql}


@dataclass(frozen=True)
class Verdict:
    """What was found of one site's database.

    ``state`` is ``ready``, ``missing`` (the server does not let the user in, or has no such database), ``wrong`` (it is
    there, and not as it has to be), ``lost`` (it lacks the data of a site that was installed: nothing may be made in
    its place), ``unreachable`` or ``unknown`` (nothing here can speak to the server yet).
    """

    state: str
    key: str = ""
    seen: str = ""
    mend: str = ""
    version: str = ""

    def report(self) -> dict[str, str]:
        """Return it as a mapping."""
        return asdict(self)


@dataclass(frozen=True)
class Expected:
    """What the host has on record of a site: the database that it was installed in, and the sign that it carries.

    Both are empty of a site that was not installed, or before its secrets are there.
    """

    host: str = ""
    name: str = ""
    sign: str = ""
    user: str = ""

    @classmethod
    def of(cls, state: Path, homes: Path = Path(layout.HOMES)) -> Expected:
        """Return what the site's folder ``state``, and its conf.php, say."""
        kept = identity.record(state)
        place = kept.get("database") or {}
        user = identity.conf_values(homes / state.name / "conf.php").get("db_user", "")
        return cls(place.get("host", ""), place.get("name", ""), identity.expected(state), user)


def probe(engine: str, target: Target, password: str, oldest: str, expected: Expected | None = None) -> Verdict:
    """Return the verdict on one site. ``oldest`` is the lowest version of the server that will do."""
    expected = expected or Expected()
    place = f"{target.user}@{target.host}"
    if not password:
        return Verdict(UNKNOWN, "database.password", "is not known on this host yet", "Run the playbook first")
    client = _CLIENTS[engine]
    try:
        finding = client.look(target, password)
    except LibraryMissing as error:
        return Verdict(UNKNOWN, "database", f"cannot be looked at: Python has no {error}", f"Install {client.PACKAGE}")
    except Unreachable as error:
        mend = "Check database.host and database.port, that the server runs, and what lies between"
        return Verdict("unreachable", "database.host", f"{target.host}:{target.port} does not answer: {error}", mend)
    except Refused as error:
        seen = f"the server refuses {place} on '{target.database}': {error}"
        lost = _refused(error, seen, target, expected)
        return lost or Verdict(MISSING, f"database.{error.key}", seen, client.mend(target, error.key))
    return _lost(finding, target, expected) or _judge(finding, target, oldest)


_RESTORE = (
    "Restore the database, or name the one that holds the site's data, and its user (database.user), called like the "
    "database where none is named: nothing is made in its place"
)


def _refused(error: Refused, seen: str, target: Target, expected: Expected) -> Verdict | None:
    """Return the verdict where the site was installed in a database that is gone, or has another name than now."""
    if not expected.name or not (error.absent or expected.name != target.database):
        return None
    seen = f"{seen}. The site was installed{_place(expected)}"
    if error.absent or expected.user in ("", target.user):
        return Verdict(LOST, "database.name", seen, _RESTORE)
    mend = (
        f"The site's user was '{expected.user}': if '{target.database}' is the database with its data, name that user "
        f"too (database.user: {expected.user}) and let it have all rights there; else name the right database"
    )
    return Verdict(LOST, "database.user", seen, mend)


def _place(expected: Expected) -> str:
    return f", in '{expected.name}' on {expected.host}"


def _lost(finding: Finding, target: Target, expected: Expected) -> Verdict | None:
    """Return the verdict on a database that the server shows, and that is not the one with the site's data."""
    if finding.owners:
        owners = ", ".join(f"'{owner}'" for owner in finding.owners)
        seen = f"tables in '{target.database}' belong to {owners}, not to '{target.user}'"
        mend = f'As the server\'s administrator, ALTER TABLE … OWNER TO "{target.user}" for each of them'
        return Verdict(LOST, "database.user", seen, mend, finding.version)
    if expected.name and not finding.tables:
        seen = f"'{target.database}' holds no table of the application, and the site was installed{_place(expected)}"
        return Verdict(LOST, "database.name", seen, _RESTORE, finding.version)
    if finding.sign and expected.sign and finding.sign != expected.sign:
        seen = f"'{target.database}' carries the sign of another site: its data belongs to another instance id"
        mend = (
            "Name the site's own database, or restore it. If this one is to be the site's from now on, put the id that "
            f"it came with into secrets.json and conf.php, or run: miclinikctl {target.name} identity replace"
        )
        return Verdict(LOST, "database.name", seen, mend, finding.version)
    return None


def _judge(finding: Finding, target: Target, oldest: str) -> Verdict:
    if finding.product != finding.wanted_product:
        seen = f"{target.host} is {finding.product} {finding.version}"
        mend = f"Use {finding.wanted_product}, the one that was tested"
        return Verdict(WRONG, "database.host", seen, mend, finding.version)
    if _numbers(finding.version) < _numbers(oldest):
        seen = f"{target.host} is {finding.product} {finding.version}, and {oldest} is the oldest that was tested"
        mend = f"Use a server of {oldest} or newer, or lower database_oldest_version"
        return Verdict(WRONG, "database.host", seen, mend, finding.version)
    if finding.complaints:
        key, seen, mend = finding.complaints[0]
        return Verdict(WRONG, f"database.{key}", seen, mend, finding.version)
    return Verdict(READY, version=finding.version)


def _numbers(version: str) -> tuple[int, ...]:
    words = version.replace("-", ".").split(".")
    return tuple(int(word) for word in words if word.isdecimal())


def each(
    engine: str,
    targets: Sequence[Target],
    passwords: Mapping[str, str],
    oldest: str,
    expected: Mapping[str, Expected] | None = None,
) -> dict[str, Verdict]:
    """Return the verdict on every site, by its name."""

    def one(target: Target) -> Verdict:
        known = (expected or {}).get(target.name, Expected())
        return probe(engine, target, passwords.get(target.name, ""), oldest, known)

    with ThreadPoolExecutor(max_workers=AT_A_TIME) as pool:
        return dict(zip((target.name for target in targets), pool.map(one, targets), strict=True))


def faults(verdicts: Mapping[str, Verdict], required: Iterable[str]) -> list[str]:
    """Return what is wrong with the databases that have to be ready, or are lost, a sentence each."""
    wanted = set(required)
    return [
        f"site '{name}': {verdict.key}: {verdict.seen}. {verdict.mend}."
        for name, verdict in verdicts.items()
        if verdict.state == LOST or (name in wanted and verdict.state != READY)
    ]


def target_of(given: Mapping[str, Any]) -> Target:
    """Return the target that the module's argument describes."""
    return Target(**{key: given[key] for key in Target.__dataclass_fields__})
