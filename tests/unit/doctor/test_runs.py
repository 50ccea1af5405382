# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a site was green last, from the journal of the host's own smoke test."""

from __future__ import annotations

import json

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_runs


def _line(run: str, text: str, seconds: int, priority: str = "6") -> str:
    about = {"_SYSTEMD_INVOCATION_ID": run, "PRIORITY": priority, "__REALTIME_TIMESTAMP": str(seconds * 1_000_000)}
    return json.dumps(about | {"MESSAGE": text})


JOURNAL = [
    _line("a", "26 of 26 checks passed in 1.2 s", 100),
    _line("b", "norte web: expected 200; seen 502; to do: see", 200, "3"),
    _line("b", "25 of 26 checks passed in 1.2 s", 201),
    "no JSON",
    _line("c", "norte api: expected 401; seen 502; to do: see", 300, "3"),
    _line("c", "norte-2 is no site of theirs", 300, "3"),
    _line("c", "25 of 26 checks passed in 1.2 s", 301),
    # One that was killed proves nothing.
    _line("d", "norte api: expected 401; seen 502; to do: see", 400, "3"),
]


def test_each_site_by_its_own_checks() -> None:
    assert probe_runs.parse(JOURNAL, ["norte", "sur"]) == {
        "norte": {"green": 100.0, "red": 201.0},
        "sur": {"green": 301.0, "red": 0.0},
    }


def test_mended_is_green() -> None:
    later = _line("e", "26 of 26 checks passed in 1.2 s", 500)
    assert probe_runs.parse([*JOURNAL, later], ["norte"]) == {"norte": {"green": 500.0, "red": 0.0}}


def test_without_a_timer_nothing_is_known() -> None:
    assert probe_runs.parse([], ["norte"]) == {"norte": {"green": 0.0, "red": 0.0}}
