# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ratios, their noise, and what may be said of them."""

from __future__ import annotations

import pytest

from tests.bench.table import Round, Row, text


def row(*rounds: Round, less: bool = False) -> Row:
    return Row("GET /status", "1/s", less, rounds)


def test_a_ratio_is_that_of_the_medians() -> None:
    seen = row(Round((100, 110), 200), Round((90, 100), 210), Round((100, 100), 900))
    assert (seen.ours, seen.usual, seen.ratio) == (210, 100, 2.1)


def test_the_noise_is_the_most_that_the_same_thing_differed_by() -> None:
    seen = row(Round((100, 110), 200), Round((125, 100), 200), Round((100, 100), 200))
    assert seen.noise == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("ours", "less", "verdict"),
    [
        (121, False, "better"),
        (119, False, "within the noise"),
        (84, False, "within the noise"),
        (83, False, "worse"),
        (121, True, "worse"),
        (83, True, "better"),
    ],
)
def test_nothing_is_said_that_may_be_noise(ours: float, less: bool, verdict: str) -> None:
    assert row(Round((100, 120), ours), Round((100, 100), ours), Round((100, 100), ours), less=less).verdict == verdict


def test_a_figure_of_ours_alone_has_no_ratio() -> None:
    seen = row(Round((10, 12)), less=True)
    assert (seen.ours, seen.usual, seen.ratio, seen.verdict) == (11, None, None, "-")
    assert seen.noise == pytest.approx(0.2)


def test_the_table() -> None:
    rows = [
        row(Round((190, 195), 388)),
        Row("unchanged run", "s", True, [Round((10.51, 10.49))]),
    ]
    assert text(rows).splitlines() == [
        "| figure        | unit | ours | usual | ours/usual | noise | verdict |",
        "| ------------- | ---- | ---- | ----- | ---------- | ----- | ------- |",
        "| GET /status   | 1/s  | 388  | 192   | 2.02       | 3%    | better  |",
        "| unchanged run | s    | 10.5 | -     | -          | 0%    | -       |",
    ]


def test_json_keeps_every_measurement() -> None:
    assert row(Round((100, 100), 150)).document() == {
        "figure": "GET /status",
        "unit": "1/s",
        "less_is_better": False,
        "ours": 150,
        "usual": 100,
        "ratio": 1.5,
        "noise": 0,
        "verdict": "better",
        "rounds": [{"twice": [100, 100], "ours": 150}],
    }
