# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From rounds of measurements to ratios with their noise, as a table and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

HEAD = ("figure", "unit", "ours", "usual", "ours/usual", "noise", "verdict")


@dataclass(frozen=True)
class Round:
    """One round of a figure: the same thing measured twice, and ours in between.

    What is measured twice is the usual set-up; ours, where a figure has nothing usual to be compared with.
    """

    twice: tuple[float, float]
    ours: float | None = None


@dataclass(frozen=True)
class Row:
    """A figure of one run. ``noise`` is the most that two measurements of the same thing differed by, as a share."""

    figure: str
    unit: str
    less_is_better: bool
    rounds: Sequence[Round]

    @property
    def usual(self) -> float | None:
        """The usual set-up's: the median of all of its measurements."""
        return None if self.rounds[0].ours is None else self._twice

    @property
    def ours(self) -> float:
        """Ours."""
        between = [entry.ours for entry in self.rounds if entry.ours is not None]
        return statistics.median(between) if between else self._twice

    @property
    def ratio(self) -> float | None:
        """Ours by the usual one's."""
        return self.ours / self.usual if self.usual else None

    @property
    def noise(self) -> float:
        """How much of a ratio may be chance."""
        return max(max(entry.twice) / min(entry.twice) - 1 for entry in self.rounds)

    @property
    def verdict(self) -> str:
        """What the ratio says, as far as the noise lets it say anything."""
        if self.ratio is None:
            return "-"
        if 1 / (1 + self.noise) <= self.ratio <= 1 + self.noise:
            return "within the noise"
        return "better" if (self.ratio < 1) == self.less_is_better else "worse"

    @property
    def _twice(self) -> float:
        return statistics.median(value for entry in self.rounds for value in entry.twice)

    def cells(self) -> tuple[str, ...]:
        """Return the row of the table."""
        usual = "-" if self.usual is None else _number(self.usual)
        ratio = "-" if self.ratio is None else f"{self.ratio:.2f}"
        return (self.figure, self.unit, _number(self.ours), usual, ratio, f"{self.noise:.0%}", self.verdict)

    def document(self) -> dict[str, Any]:
        """Return the row for JSON, with every single measurement."""
        return {
            "figure": self.figure,
            "unit": self.unit,
            "less_is_better": self.less_is_better,
            "ours": self.ours,
            "usual": self.usual,
            "ratio": self.ratio,
            "noise": self.noise,
            "verdict": self.verdict,
            "rounds": [{"twice": list(entry.twice), "ours": entry.ours} for entry in self.rounds],
        }


def _number(value: float) -> str:
    """Three digits that mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def text(rows: Sequence[Row]) -> str:
    """Return the table, as Markdown that can be read as it is."""
    lines = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    return "\n".join([drawn[0], "| " + " | ".join("-" * width for width in widths) + " |", *drawn[1:]])
