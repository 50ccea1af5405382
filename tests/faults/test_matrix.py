# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every fault turns the smoke test red and is named by the doctor; a healthy host is neither red nor ill."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.examination import Examination

from .bench import Bench
from .fault import Fault
from .moments import MOMENTS

#: Seconds that a host may take to be as it was told to be: reloads of web servers and of PHP-FPM are asynchronous.
PATIENCE = 15.0


def red(seen: Examination) -> list[str]:
    return [entry.check for entry in seen.results if not entry.ok]


def turned_red(fault: Fault, seen: Examination) -> bool:
    return all(set(wanted.split("|")) & set(red(seen)) for wanted in fault.red)


def causes(seen: Examination) -> list[str]:
    return [entry.id for entry in seen.findings]


def report(seen: Examination) -> str:
    return "\n".join([*(entry.line() for entry in seen.results if not entry.ok), *seen.diagnosis()])


def until(look: Callable[[], Examination], right: Callable[[Examination], bool]) -> Examination:
    """Look until it is right, or patience is over; return the last look."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if right(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.5)


@contextmanager
def broken(bench: Bench, *faults: Fault) -> Iterator[None]:
    """The host with these faults, and healthy again afterwards, which is proved."""
    try:
        for fault in faults:
            fault.break_it(bench)
        yield
    finally:
        with ExitStack() as undo:
            # All of them, whatever one of them says.
            for fault in faults:
                undo.callback(fault.mend, bench)
    healthy = until(bench.examine, lambda seen: not red(seen) and not causes(seen))
    assert (red(healthy), causes(healthy)) == ([], []), "not mended:\n" + report(healthy)


def test_the_healthy_host_is_green(bench: Bench, pytestconfig: pytest.Config) -> None:
    for number in range(pytestconfig.getoption("--healthy-runs")):
        moment = MOMENTS[number % len(MOMENTS)]
        bench.do(moment.begin)
        try:
            with ThreadPoolExecutor(max_workers=1) as pool:
                beside = pool.submit(bench.do, moment.beside)
                seen = bench.examine()
                beside.result()
        finally:
            bench.do(moment.end)
        assert (red(seen), causes(seen)) == ([], []), f"{moment.name}:\n{report(seen)}"


def test_whoever_only_reads_leaves_every_file_as_it_was(bench: Bench) -> None:
    before = bench.files()
    seen = bench.examine(writes=False)
    assert (red(seen), causes(seen)) == ([], []), report(seen)
    assert sorted(bench.files() ^ before) == []


def test_fault_is_seen_and_named(bench: Bench, fault: Fault) -> None:
    def look() -> Examination:
        if fault.heals:
            fault.break_it(bench)
        return bench.examine(fault.promise, fault.by_name)

    with broken(bench, fault), fault.around(bench):
        seen = until(look, lambda seen: turned_red(fault, seen) and causes(seen)[:1] == [fault.cause])
        print(f"{fault.name}: red {red(seen)}, causes {causes(seen)}")
        assert turned_red(fault, seen), report(seen)
        assert causes(seen)[:1] == [fault.cause], report(seen)


def test_two_faults_give_two_causes(bench: Bench, pair: tuple[Fault, Fault]) -> None:
    faults = list(pair)
    wanted = {fault.cause for fault in faults}
    with ExitStack() as stack:
        stack.enter_context(broken(bench, *faults))
        seen = until(bench.examine, lambda seen: set(causes(seen)[:2]) == wanted)
        print(f"{[fault.name for fault in pair]}: red {red(seen)}, causes {causes(seen)}")
        assert set(causes(seen)[:2]) == wanted, report(seen)
        for fault in faults:
            assert turned_red(fault, seen), report(seen)
