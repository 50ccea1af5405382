# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One fault from its draw to a host that is green again, or not."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import changes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.examination import Examination

from . import intact, mends
from .client import Client
from .draws import Draw
from .lab import Lab
from .table import Record


def client(lab: Lab) -> Client:
    """Somebody who uses the site, with what its operator would have given."""
    site = lab.bench.site
    secrets = json.loads(lab.shell(f"cat {site['secrets_file']}"))
    login = site["api"]["users"][0]["login"]
    known = secrets["users"][login]
    return Client(
        lab.bench.address, site["domain"], site["encrypted"], login, known["password"], known["key"], site["listen"]
    )


def try_fault(lab: Lab, number: int, faults: Sequence[Draw]) -> Record:
    """Make the faults, ask client and doctor, mend, and see what is left."""
    who = client(lab)
    healthy, before = who.use(), intact.look(lab)
    record = Record(number, " + ".join(fault.kind for fault in faults), " AND ".join(fault.what for fault in faults))
    if wrong := {name: text for name, text in healthy.items() if text}:
        print(f"    before the fault: {wrong}", flush=True)
    for fault in faults:
        made = lab.run_inside(fault.script)
        if made.returncode == 3:
            record.what += " (which changed nothing)"
    felt = who.use()
    record.felt = [f"{name} ({text})" for name, text in felt.items() if text and not healthy.get(name)]
    seen, record.seconds = lab.examine()
    if seen is None:
        record.red = ["examination"]
        return record
    _tell(lab, record, seen, faults)
    if not record.red:
        return record
    broken = intact.look(lab)
    first = next((entry for entry in seen.findings if entry.site == lab.bench.site["name"]), None)
    if first is None:
        record.way = mends.PERSON
        return record
    _mend(lab, record, seen, len(faults))
    after = intact.look(lab)
    there = {
        part: values and {name: value for name, value in values.items() if (broken[part] or {}).get(name) == value}
        for part, values in before.items()
    }
    record.harmed = intact.lost(there, after)
    record.lost = [name for name in intact.lost(before, after) if name not in record.harmed]
    if record.green and record.lost:
        record.green = False
        record.left = [f"green, though lost: {', '.join(record.lost[:3])}"]
    return record


def _tell(lab: Lab, record: Record, seen: Examination, faults: Sequence[Draw]) -> None:
    own = [entry for entry in seen.findings if entry.site == lab.bench.site["name"]]
    record.red = [entry.check for entry in seen.results if not entry.ok and entry.site == lab.bench.site["name"]]
    record.causes = [entry.id for entry in own]
    mine = [case for case in seen.cases if case.site["name"] == lab.bench.site["name"]]
    record.changes = [changes.evidence(entry) for case in mine for entry in changes.concerns(case)]
    # What only follows from another cause is told in that one's last line.
    roots = [entry for entry in own if not entry.follows][: len(faults)]
    record.right = all(any(fault.is_right(entry) for entry in roots) for fault in faults)
    if own:
        record.first, record.evidence, record.mend = (
            f"{own[0].cause} [{own[0].id}, {own[0].confidence}]",
            list(own[0].evidence),
            own[0].mend,
        )
    elif record.red:
        failed = next(entry for entry in seen.results if not entry.ok)
        record.evidence, record.mend = [failed.seen], failed.mend


def _mend(lab: Lab, record: Record, seen: Examination | None, times: int) -> None:
    """Do what the first finding says, as often as there are faults, while something is red."""
    for _ in range(times):
        own = [entry for entry in seen.findings if entry.site == lab.bench.site["name"]] if seen else []
        if not own:
            break
        done = mends.mend(lab, own[0])
        record.way = done.way if record.way in ("", done.way) else mends.PERSON
        record.done, record.wrong = done.done, done.wrong
        if done.way == mends.PERSON:
            return
        # systemd and PHP take a moment.
        lab.shell("sleep 1.5")
        seen, _ = lab.examine()
        if seen is None:
            return
        red = [entry for entry in seen.results if not entry.ok and entry.site == lab.bench.site["name"]]
        record.green = not red
        record.left = [f"{entry.check}: {entry.seen[:120]}" for entry in red[:2]]
        if record.green:
            # A client has to be content too.
            still = {name: text for name, text in client(lab).use().items() if text}
            record.green = not still
            record.left = [f"{name}: {text}" for name, text in still.items()]
            return
