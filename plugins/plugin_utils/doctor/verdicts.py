# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All rules of the doctor, and what they come to for a site: the check `inside`, and the causes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import application as doctor_application
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import backups as doctor_backups
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import custom as doctor_custom
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import databases as doctor_databases
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import identity as doctor_identity
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import interrupted as doctor_interrupted
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import jobs as doctor_jobs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import mends as doctor_mends
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import merging as doctor_merging
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import packages as doctor_packages
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import php as doctor_php
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import places as doctor_places
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import room as doctor_room
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import services as doctor_services
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import since as doctor_since
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import way as doctor_way
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import web as doctor_web
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import webhooks as doctor_webhooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import witnesses as doctor_witnesses
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    CERTAIN,
    LIKELY,
    SURE,
    Case,
    Finding,
    examine,
    unknown,
)

#: In the order of cause: what is lost explains what is empty or small, what does not run what it does not answer.
RULES = (
    # PHP is down, the database is of two versions, or everybody gets 503 for that.
    *doctor_interrupted.RULES,
    *doctor_identity.RULES,
    *doctor_places.RULES,
    *doctor_packages.FIRST,
    *doctor_services.RULES,
    *doctor_databases.RULES,
    *doctor_room.RULES,
    *doctor_packages.RULES,
    *doctor_php.RULES,
    *doctor_web.RULES,
    *doctor_custom.RULES,
    *doctor_application.RULES,
    # Behind those who know the very folder.
    *doctor_witnesses.RULES,
    *doctor_backups.RULES,
    *doctor_jobs.RULES,
    *doctor_webhooks.RULES,
)
INSIDE = "inside"
_ABOUT = "services, files, disks, database, settings and users on the host are as promised"


def diagnose(case: Case) -> list[Finding]:
    """The causes of what is wrong with a site, the most likely first. One that was never there lacks everything."""
    if _never_there(case):
        found = examine(case, (*doctor_identity.NEVER_THERE, doctor_web.rivals))
    else:
        found = examine(case, RULES)
        found = doctor_merging.merged(case, found, witnessed(case, found), _explains)
    return doctor_since.dated(case, doctor_mends.held_back(doctor_way.placed(found, case)))


def witnessed(case: Case, found: Sequence[Finding]) -> list[Finding]:
    """Put what the logs say where it belongs: behind what was seen itself, before what was only concluded."""
    why = doctor_witnesses.of_down(case)
    told = [entry for entry in doctor_witnesses.testimony(case, found) if entry.id not in {one.id for one in why}]
    # What is lost of a site comes before what only does not run for want of it.
    return sorted(
        [*why, *found, *told], key=lambda entry: (SURE.index(entry.confidence), entry.id not in doctor_identity.CAUSES)
    )


def _explains(finding: Finding) -> bool:
    """Whether this is a reason for checks to fail, known well enough: what was changed besides is no news then."""
    return finding.confidence in (CERTAIN, LIKELY) and not finding.id.startswith(("backup", "cron-", "webhook-"))


def _never_there(case: Case) -> bool:
    return any(True for rule in doctor_identity.NEVER_THERE for _ in rule(case))


def inside(case: Case, ms: int, problem: str = "") -> Result:
    """The smoke check of what cannot be seen from outside: red for what the doctor is certain of without the others.

    :param ms: milliseconds that the look took.
    :param problem: why the host could not be looked at.
    """
    name = case.site["name"]
    if not case.here:
        mend = "can the host be reached by SSH, and is PHP there?"
        return Result(name, INSIDE, _ABOUT, False, ms, problem or "no evidence", "a look at the host", mend, "unseen")
    found = [entry for entry in diagnose(replace(case, results=())) if entry.confidence == CERTAIN]
    if found:
        seen = "; ".join(entry.cause for entry in found)
        return Result(name, INSIDE, _ABOUT, False, ms, seen, "a host as promised", found[0].mend, found[0].id)
    room = case.here["disk"]["free_mb"]
    return Result(name, INSIDE, _ABOUT, True, ms, f"as promised, {room} MiB free")


def told(case: Case, findings: Sequence[Finding]) -> list[str]:
    """The diagnosis for people: where a request breaks, each cause, and what only follows from one in a line."""
    name = case.site["name"]
    if not findings and not case.failed():
        return [f"{name}: nothing is wrong, {len(case.results)} checks passed"]
    lines = []
    if case.failed():
        where = findings[0].layer if findings else ""
        heads = [doctor_since.told(case, findings[0] if findings else None), doctor_way.shown(where)]
        lines = [f"{name}: {head}" for head in heads if head]
    if not findings:
        return [*lines, f"?. {name}: {unknown(case)}"]
    for number, entry in enumerate((entry for entry in findings if not entry.follows), start=1):
        lines += entry.lines(number)
        changed = doctor_mends.changes(entry.mend)
        lines += [f"   changes: {changed}"] if changed else []
        behind = [f"{one.cause} [{one.id}]" for one in findings if one.follows == entry.id]
        lines += [f"   follows: {'; '.join(behind)}"] if behind else []
    return lines
