# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a busy host answers late is taken as long as the logs are read; what hangs is left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    probe,
    probe_application,
    probe_database,
    probe_services,
    window,
)

from .cases import promised


def _after(seconds: float, answer: object) -> Callable[..., object]:
    def asked(*_given: object, **_named: object) -> object:
        time.sleep(seconds)
        return answer

    return asked


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of which everything but the changes is known at once."""
    site = promised()
    units: dict[str, Any] = {"host": {"time": 0.0}, "own": {"norte": {"php": {"active": True}}}}
    monkeypatch.setattr(probe_services, "look", lambda *_given: (dict(units["host"]), dict(units["own"])))
    monkeypatch.setattr(probe, "_files", _after(0, {site["name"]: {}}))
    monkeypatch.setattr(
        probe, "_questions", lambda *_given, **_named: {"loopback": _after(0.4, "200"), "disk": _after(0, {})}
    )
    monkeypatch.setattr(probe, "_usage", _after(0, {}))
    monkeypatch.setattr(probe, "vhosts", _after(0, {"norte": {}}))
    for name in ("probe_php", "probe_ahead", "probe_bans", "probe_databases", "probe_packages", "probe_runs"):
        monkeypatch.setattr(getattr(probe, name), "look", _after(0, {"norte": {}}))
    monkeypatch.setattr(window, "look", _after(0, ["a line"]))
    monkeypatch.setattr(probe_database, "holders", _after(0, []))
    monkeypatch.setattr(probe_application, "recorded", lambda _state: {})
    monkeypatch.setattr(probe, "_ANSWERS", 0.1)


def _collected() -> dict[str, Any]:
    return probe.collect([promised()], php_version="8.2", web_server="nginx", engine="mariadb", writes=True)


def test_what_comes_while_the_logs_are_read_is_taken(monkeypatch: pytest.MonkeyPatch, host: None) -> None:
    monkeypatch.setattr(probe, "_changes", _after(0.3, [{"section": "files"}]))
    monkeypatch.setattr(probe, "_LOGS", 5.0)
    began = time.monotonic()
    seen = _collected()
    assert time.monotonic() - began < 4, "nobody is waited for who has answered"
    assert (seen["host"]["changes"], seen["host"]["lines"]) == ([{"section": "files"}], ["a line"])
    assert (seen["sites"]["norte"]["loopback"], seen["sites"]["norte"]["late"]) == ("200", [])


def test_what_hangs_is_named_and_left(monkeypatch: pytest.MonkeyPatch, host: None) -> None:
    monkeypatch.setattr(probe, "_changes", _after(30, []))
    monkeypatch.setattr(probe, "_LOGS", 0.1)
    began = time.monotonic()
    seen = _collected()
    assert time.monotonic() - began < 10
    assert (seen["host"]["changes"], seen["sites"]["norte"]["late"]) == ([], ["loopback"])
