# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What came of the faults: one record each, the figures that are asked for, and what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

#: What has to hold: shares of a hundred, and seconds.
RED, RIGHT, MENDED, SECONDS = 95, 90, 90, 15.0


@dataclass
class Record:
    """One fault, and what was made of it."""

    number: int
    kind: str
    what: str
    felt: list[str] = field(default_factory=list)
    red: list[str] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    first: str = ""
    evidence: list[str] = field(default_factory=list)
    mend: str = ""
    #: What differs from the picture, of the host and the site.
    changes: list[str] = field(default_factory=list)
    right: bool = False
    seconds: float = 0.0
    way: str = ""
    done: str = ""
    wrong: str = ""
    green: bool = False
    left: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether anybody could notice it: a client, or the smoke test."""
        return bool(self.felt or self.red)

    def report(self) -> dict[str, Any]:
        """As data."""
        return asdict(self)

    def misses(self) -> list[str]:
        """In what the doctor was not right."""
        found = []
        if self.felt and not self.red:
            found.append("not red")
        if self.red and not self.right:
            found.append("wrong cause")
        if self.red and self.way == "person":
            found.append("a person's mend")
        elif self.red and not self.green:
            found.append("not mended")
        if self.harmed:
            found.append("HARMED")
        if self.seconds > SECONDS:
            found.append("slow")
        return found


def share(part: int, whole: int) -> float:
    """Of a hundred; all of nothing."""
    return 100.0 * part / whole if whole else 100.0


def figures(records: Sequence[Record]) -> tuple[list[str], bool]:
    """The table, and whether all that is asked for holds."""
    felt = [entry for entry in records if entry.felt]
    red = [entry for entry in records if entry.red]
    by_machine = [entry for entry in red if entry.way != "person"]
    seen, right = sum(bool(entry.red) for entry in felt), sum(entry.right for entry in red)
    mended = sum(entry.green for entry in by_machine)
    harmful, slowest = (
        sum(bool(entry.harmed) for entry in records),
        max((entry.seconds for entry in records), default=0.0),
    )
    rows = [
        (
            f"red, of what a client feels (>= {RED} %)",
            f"{seen}/{len(felt)}",
            share(seen, len(felt)),
            share(seen, len(felt)) >= RED,
        ),
        (
            f"right cause first, of what is red (>= {RIGHT} %)",
            f"{right}/{len(red)}",
            share(right, len(red)),
            share(right, len(red)) >= RIGHT,
        ),
        (
            f"its mend ran to green, of mends that run (>= {MENDED} %)",
            f"{mended}/{len(by_machine)}",
            share(mended, len(by_machine)),
            share(mended, len(by_machine)) >= MENDED,
        ),
    ]
    told = [f"{name:<60} {count:>9} {percent:6.1f} %  {'ok' if ok else 'NO'}" for name, count, percent, ok in rows]
    told.append(f"{'mends that are a person s work':<60} {len(red) - len(by_machine):>5}/{len(red)}")
    told.append(f"{'mends that did harm (0)':<60} {harmful:>9}           {'ok' if not harmful else 'NO'}")
    told.append(
        f"{f'slowest examination (<= {SECONDS:g} s)':<60} {slowest:>7.1f} s           {'ok' if slowest <= SECONDS else 'NO'}"
    )
    told.append(f"{'faults that nobody noticed':<60} {sum(not entry.counts for entry in records):>9}")
    return told, all(ok for *_, ok in rows) and not harmful and slowest <= SECONDS


def misses(records: Sequence[Record]) -> list[str]:
    """A line or some for each fault of which something was missed."""
    found = []
    for entry in records:
        if wrong := entry.misses():
            found.append(f"{entry.number}. [{entry.kind}] {entry.what}: {', '.join(wrong)}")
            found.append(f"   felt: {'; '.join(entry.felt) or 'nothing'}; red: {', '.join(entry.red) or 'nothing'}")
            found.append(f"   first: {entry.first or 'no cause'}; all: {', '.join(entry.causes) or 'none'}")
            found += [f"   seen: {text[:220]}" for text in entry.evidence[:2]]
            found += [f"   changed: {text[:220]}" for text in entry.changes[:4]]
            found.append(f"   mend ({entry.way}): {entry.mend[:240]}")
            if entry.wrong or entry.left:
                found.append(f"   then: {entry.wrong} {'; '.join(entry.left)}"[:400])
            if entry.harmed or entry.lost:
                found.append(f"   lost by the mend: {entry.harmed[:5]}; by the fault: {entry.lost[:5]}")
    return found
