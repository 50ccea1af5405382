# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A limit on all checks of a site: whoever hangs is not waited for, and whoever is only slow is not called broken."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs as smoke_runs
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestError
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Check, Visit

from .fake_site import FakeSite
from .test_smoke import site_of

NAMES = ("a", "b", "c", "d")


def _results(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSite, takes: dict[str, float], silent: tuple[str, ...] = ()
) -> list[tuple[bool, str]]:
    """The results of four checks under a limit of 7 s, each of which takes so many seconds, or has no answer."""
    now = [100.0]

    def run(name: str, visit: Visit) -> str:
        wanted, had = takes[name], visit.client.timeout
        now[0] += min(wanted, had)
        if name in silent or wanted > had:
            raise RestError("timeout", f"no answer within {had:g} s", 0)
        return "answered"

    checks = [Check(name, name, partial(run, name)) for name in NAMES]
    monkeypatch.setattr(smoke_runs, "plan", lambda _: checks)
    monkeypatch.setattr(smoke_runs, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=lambda _: None))
    results = smoke_runs.check_site(site_of(fake), timeout=5.0, settle=0.0, limit=7.0)
    return [(result.ok, result.symptom) for result in results]


def test_a_busy_host_has_more_time_than_the_limit(monkeypatch: pytest.MonkeyPatch, fake: FakeSite) -> None:
    found = _results(monkeypatch, fake, {"a": 3, "b": 3, "c": 1.5, "d": 2})
    assert found == [(True, "")] * 4


def test_what_had_the_rest_of_the_time_is_not_called_silent(monkeypatch: pytest.MonkeyPatch, fake: FakeSite) -> None:
    found = _results(monkeypatch, fake, {"a": 4, "b": 4, "c": 3, "d": 1})
    assert found == [(True, ""), (True, ""), (False, "unasked"), (False, "unasked")]


def test_who_was_silent_once_ends_the_time_at_the_limit(monkeypatch: pytest.MonkeyPatch, fake: FakeSite) -> None:
    found = _results(monkeypatch, fake, {"a": 9, "b": 1, "c": 1.2, "d": 1}, silent=("a",))
    # 5 s for the first, 1 s for the second, 1 s of 1.2 for the third.
    assert found == [(False, "timeout"), (True, ""), (False, "timeout"), (False, "unasked")]
