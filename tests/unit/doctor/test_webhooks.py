# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A relay that does not run is red; what waits, was given up or lost is yellow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_webhooks
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from .cases import here, host, promised

NOW = 90000.0
RUNS = {"there": True, "active": True, "enabled": True}
HOOK = {
    **{"site": "norte", "name": "erp", "waiting": 0, "oldest": 0.0, "dead": 0, "gone": False, "said": ""},
    **{"delivered": 3, "failed": 0, "lost": 0, "last_delivered": NOW - 5, "last_failed": 0.0},
}
DECLARED = {"name": "erp", "endpoint": "https://h.example", "events": ["BILL_VALIDATE"]}


def _case(seen: dict[str, Any], *hooks: dict[str, Any], targets: tuple[str, ...] = ()) -> Case:
    told = promised(modules=["webhook"], webhooks=[DECLARED])
    webhooks = {"relay": RUNS, "socket": RUNS, "told": NOW - 3, "webhooks": list(hooks)} | seen
    own = here() | {"webhooks": webhooks, "targets": list(targets)}
    own["application"]["status"]["modules"].append("webhook")
    return Case(told, (), host() | {"time": NOW}, own, {})


def _yellow(case: Case) -> list[str]:
    return [entry.what for entry in yellow.of([case]) if entry.id == "webhooks"]


def test_all_is_well() -> None:
    case = _case({}, HOOK)
    assert doctor_verdicts.diagnose(case) == []
    assert _yellow(case) == []


@pytest.mark.parametrize("unit", ["relay", "socket"])
@pytest.mark.parametrize("lacking", ["active", "enabled"])
def test_a_relay_that_does_not_run_is_red(unit: str, lacking: str) -> None:
    case = _case({unit: RUNS | {lacking: False}}, HOOK)
    (found,) = doctor_verdicts.diagnose(case)
    assert found.id == "webhook-relay"
    assert found.mend.startswith("systemctl enable")
    assert not doctor_verdicts.inside(case, 1).ok


def test_a_relay_that_says_nothing_is_red() -> None:
    (found,) = doctor_verdicts.diagnose(_case({"told": NOW - 500}, HOOK))
    assert found.evidence == ("it runs, and has said nothing since 1970-01-02 00:51 UTC",)
    assert doctor_verdicts.diagnose(_case({"told": NOW - 90}, HOOK)) == []


def test_one_that_is_not_there_yet() -> None:
    case = _case({"relay": dict.fromkeys(RUNS, False)})
    assert doctor_verdicts.diagnose(case) == []
    assert _yellow(case) == ["its webhooks have no relay yet"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"waiting": 2, "oldest": NOW - 60}, ""),
        (
            {"waiting": 2, "oldest": NOW - 3600, "said": "HTTP 503"},
            "2 events wait, the oldest since 1970-01-02 00:00 UTC: HTTP 503",
        ),
        ({"dead": 4}, "4 events were given up, and are kept for 30 days"),
        ({"gone": True, "dead": 4, "said": "HTTP 410 Gone"}, "its receiver wants nothing any more (HTTP 410 Gone)"),
        ({"lost": 1}, "1 events could not be kept, and are lost"),
    ],
)
def test_what_a_receiver_answers_is_its_own_matter(change: dict[str, Any], said: str) -> None:
    case = _case({}, HOOK | change)
    assert doctor_verdicts.inside(case, 1).ok
    assert _yellow(case) == ([f"webhook erp: {said}"] if said else [])


def test_targets_that_somebody_has_changed() -> None:
    (what,) = _yellow(_case({}, HOOK, targets=("erp: made",)))
    assert what == "the application sends its webhooks otherwise than declared: erp: made"


def test_the_host_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    state = systemd_unit.State.of({"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"})
    monkeypatch.setattr(systemd_unit, "state", lambda _: state)
    (tmp_path / "status.json").write_text(json.dumps({"time": 5.5, "webhooks": [HOOK, HOOK | {"site": "sur"}]}))
    site = {"name": "norte", "webhooks": [DECLARED]}
    assert probe_webhooks.relay(site, tmp_path) == {"relay": RUNS, "socket": RUNS, "told": 5.5, "webhooks": [HOOK]}
    assert probe_webhooks.relay(site, tmp_path / "none")["webhooks"] == []
    assert probe_webhooks.relay(site | {"webhooks": []}, tmp_path) == {}


class _Bridge:
    def __init__(self, answer: dict[str, Any] | None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any], bool]] = []

    def call(self, command: str, given: dict[str, Any], check: bool) -> dict[str, Any]:
        self.asked.append((command, given, check))
        if self.answer is None:
            raise BridgeError("norte", "database", "no", "do")
        return self.answer


def test_the_application_is_asked() -> None:
    site, known = {"name": "norte", "webhooks": [DECLARED]}, {"webhooks": {"erp": {"token": "t"}}}
    bridge: Any = _Bridge({"changes": ["erp: made"]})
    assert probe_webhooks.targets(site, known, bridge) == ["erp: made"]
    wanted = [{"name": "erp", "token": "t", "events": ["BILL_VALIDATE"]}]
    assert bridge.asked == [("webhook ensure", {"targets": wanted}, True)]
    failing: Any = _Bridge(None)
    assert probe_webhooks.targets(site, known, failing) == []
    assert probe_webhooks.targets(site | {"webhooks": []}, known, bridge) == []
