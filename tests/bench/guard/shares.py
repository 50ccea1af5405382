# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what was seen in scenes to shares, as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.guard import scenes

HEAD = (
    *("server", "flood", "connections", "addresses", "a program", "by an equal flood of 404s", "another program"),
    *("a person", "noise", "what the flood got"),
)


@dataclass(frozen=True)
class Row:
    """One scene on one server."""

    server: str
    seen: Mapping[str, Any]

    @property
    def place(self) -> tuple[str, int, int]:
        """What a flood shares with the one that it is compared with."""
        scene = self.seen["scene"]
        return self.server, scene["connections"], len(scene["addresses"])

    @property
    def kind(self) -> str:
        """Which flood it is."""
        return str(self.seen["scene"]["kind"])

    def share(self, who: str) -> float:
        """Return what is left of a rate: that in the flood by that of before and after."""
        quiet = (self._rate("before", who) + self._rate("after", who)) / 2
        if not quiet:
            raise ValueError(f"{who} was not answered even once without a flood: {self.seen['before'][who]['wrong']}")
        return self._rate("under", who) / quiet

    @property
    def noise(self) -> float:
        """How far the program's rates before and after are apart: so much of a share may be chance."""
        rates = sorted((self._rate("before", "integration"), self._rate("after", "integration")))
        return rates[1] / rates[0] - 1 if rates[0] else float("inf")

    def _rate(self, when: str, who: str) -> float:
        return float(self.seen[when][who]["per_second"])


def cells(row: Row, rows: Sequence[Row]) -> tuple[str, ...]:
    """Return a row of the table."""
    _, connections, addresses = row.place
    same = next((other for other in rows if other.place == row.place and other.kind == scenes.STATIC), None)
    beside = f"{row.share('integration') / same.share('integration'):.0%}" if same and same is not row else "-"
    answers = ", ".join(f"{count} x {what}" for what, count in sorted(row.seen["answers"].items()))
    shares = [f"{row.share(who):.0%}" for who in ("integration", "second", "person")]
    numbers = (str(connections), str(addresses))
    return (row.server, row.kind, *numbers, shares[0], beside, *shares[1:], f"{row.noise:.0%}", answers)


def text(rows: Sequence[Row]) -> str:
    """Return the table, as Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *(cells(row, rows) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def document(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the rows for JSON, with every measurement."""
    return [{"server": row.server, "shares": {who: row.share(who) for who in scenes.EVERY}, **row.seen} for row in rows]
