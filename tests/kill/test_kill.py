# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Five runs that are killed, by a fixed seed, and what the next whole run makes of it: `make test-kill` has all tasks.

The host has the packages of a first run already: what apt and dpkg are killed in is for the long version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.kill.story import Point, Story, chosen

SEED = 8
KILLS = 5


@dataclass
class Bench:
    """The story, and the points that the seed has chosen."""

    story: Story
    points: list[Point] = field(default_factory=list)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Snapshots of the host before each kind of run."""
    folder = tmp_path_factory.mktemp("kill")
    bench = Bench(Story(folder, "kill-test", "bookworm", {"type": "sandbox"}, {}, SEED))
    try:
        bench.points = chosen(bench.story.prepare(), "", KILLS, SEED)
        yield bench
    finally:
        bench.story.forget()


@pytest.mark.parametrize("number", range(KILLS))
def test_the_run_after_one_that_was_killed_is_green_and_the_next_changes_nothing(bench: Bench, number: int) -> None:
    point = bench.points[number]
    wrong = bench.story.kill(point)
    assert not wrong, f"{point}: {wrong}"
