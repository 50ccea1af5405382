# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What shares a host or a server runs in one process, and what takes longest begins first."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from xdist.workermanage import WorkerController

from tests import lanes
from tests.scheduler import Lanes

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        ("tests/molecule/test_scenarios.py::test_verify[nginx]", "nginx"),
        ("tests/molecule/test_scenarios.py::test_the_scenarios_are_there", "molecule"),
        ("tests/kill/test_kill.py::test_the_run_after[3]", "kill"),
        ("tests/bridge/test_users.py::test_a_user[mysqli]", "bridge"),
        ("tests/templates/test_php.py::test_pools", "templates"),
        ("tests/unit/site/test_sites.py::test_names[a/b]", "unit/site"),
    ],
)
def test_groups(nodeid: str, group: str) -> None:
    assert lanes.group(nodeid) == group


@pytest.fixture(scope="module")
def collected() -> list[str]:
    """The tests of `make test`, as they are shared out."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "--no-loadscope-reorder"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in done.stdout.splitlines() if line.startswith("tests/")]


def test_the_longest_come_first(collected: list[str]) -> None:
    order = list(dict.fromkeys(lanes.group(test) for test in collected))
    assert order[: len(lanes.LONGEST)] == list(lanes.LONGEST)
    assert len(order) > len(lanes.LONGEST)


def test_steps_of_a_scenario_keep_their_order(collected: list[str]) -> None:
    steps = [found[1] for test in collected if (found := re.match(r"tests/molecule/.*::test_(\w+)\[nginx\]$", test))]
    assert steps == [
        "create_starts_bare_hosts",
        "check_mode_ends_well_on_a_bare_host",
        "converge",
        "the_output_holds_no_secret",
        "the_second_run_changes_nothing",
        "verify",
    ]


def test_who_is_at_something_long_is_given_something_short_next(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = {"nginx": 3, "kill": 3, "tls": 3, "unit/a": 4, "unit/b": 3, "unit/c": 90}
    tests = [
        f"tests/{name}/x.py::test_{number}" if "/" in name else f"tests/molecule/x.py::test_{number}[{name}]"
        for name, count in groups.items()
        for number in range(count)
    ]
    monkeypatch.setattr(pytestconfig.option, "tx", ["2*popen"])
    monkeypatch.setattr(pytestconfig.option, "loadscopereorder", False)
    lanes_of = Lanes(pytestconfig)
    one, other = (Mock(spec=WorkerController, gateway=Mock(), shutting_down=False) for _ in range(2))
    for process in (one, other):
        lanes_of.add_node(process)
        lanes_of.add_node_collection(process, tests)
    lanes_of.schedule()

    def given(process: Mock) -> list[int]:
        return [number for call in process.send_runtest_some.call_args_list for number in call.args[0]]

    def names(process: Mock) -> list[str]:
        return list(dict.fromkeys(lanes.group(tests[number]) for number in given(process)))

    assert (names(one), names(other)) == (["nginx"], ["kill"])
    lanes_of.mark_test_complete(one, given(one)[0])
    assert names(one) == ["nginx", "unit/b"], "nginx may take minutes yet"
    for number in given(one)[1:4]:
        lanes_of.mark_test_complete(one, number)
    assert names(one) == ["nginx", "unit/b", "tls"], "only what is short is left"
