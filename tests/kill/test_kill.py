# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three runs that are killed, by a fixed seed, and what the next whole run makes of it: `make test-kill` has all tasks.

After them an upgrade, a roll-back, and upgrades that are killed at some of their records.

The host has the packages of a first run already: what apt and dpkg are killed in is for the long version.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.kill.newer import NEWER
from tests.kill.story import Point, Story, chosen
from tests.kill.upgrades import SITE, Upgrade

SEED = 8
KILLS = 3
UPGRADE_KILLS = 6


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


def test_a_site_is_upgraded_and_rolled_back_and_kills_leave_the_old_version(bench: Bench) -> None:
    upgrade = Upgrade(bench.story)
    refused = upgrade.run("site")
    assert not refused.green
    assert "Run playbooks/upgrade.yml" in refused.output
    first = upgrade.run("upgrade")
    assert first.green, first.output[-6000:]
    assert upgrade.served().startswith(f"releases/{NEWER}-")
    second = upgrade.run("upgrade")
    assert (second.green, second.changed) == (True, 0), second.output[-6000:]
    back = upgrade.run("rollback", "-e", f"rollback_site={SITE}")
    assert back.green, back.output[-6000:]
    assert upgrade.served() == upgrade.before
    target = upgrade.target
    target.lay()
    done = [*target.cut_power(1, SEED), *target.strike("worker,recovery,php,database", UPGRADE_KILLS, SEED)]
    assert [point for point in done if point["wrong"]] == []
    assert len(done) == 1 + UPGRADE_KILLS + 1
