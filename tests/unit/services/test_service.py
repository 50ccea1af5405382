# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done to a service, and when: against a systemd and a PHP-FPM that this test plays."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded, systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes as services_processes
from ansible_collections.miclinik.hosting.plugins.module_utils.services import service as services_service
from ansible_collections.miclinik.hosting.plugins.module_utils.services import sockets as services_sockets
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Service
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import State, UnitError

UNIT, SOCKETS = "miclinik-php@norte.service", "miclinik-php@norte.socket"


@dataclass
class Fake:
    """One unit. Each load gives it another mark and generation, unless it is stuck."""

    there: bool = True
    active: bool = True
    enabled: bool = True
    outdated: bool = False
    stuck: bool = False
    loads: int = 1
    last_load: float = 0.0
    deaf: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    lacking: bool = False
    orders: list[str] = field(default_factory=list)
    holds: bool = True  # the unit of the sockets is active

    def state(self, unit: str) -> State:
        assert unit in (UNIT, SOCKETS)
        if unit == SOCKETS:
            return State(self.there, self.holds, self.enabled, 0, self.outdated, 0.0, ("", ""))
        mark = ("invocation", str(self.loads))
        return State(self.there, self.active, self.enabled, 46, self.outdated, self.last_load, mark)

    def order(self, verb: str, *words: str, quiet: bool = False) -> None:
        assert words in ((UNIT,), (SOCKETS, UNIT), ())
        self.orders.append(f"{verb} both" if SOCKETS in words and verb in ("start", "restart") else verb)
        if SOCKETS in words and verb == "restart":
            self.deaf, self.lost, self.holds = [], [], True
        if verb in ("start", "reload", "restart") and not self.stuck:
            self.active, self.loads, self.last_load = True, self.loads + 1, time.time()
            self.lacking = False
        if verb == "daemon-reload":
            self.outdated, self.there = False, True
        if verb == "enable":
            self.enabled = True

    def generation(self, _kind: str, _pid: int) -> list[str]:
        return [str(self.loads)]

    def is_new(self, _kind: str, _pid: int, before: list[str], _workers: list[str]) -> bool:
        return [str(self.loads)] != before


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Fake:
    fake = Fake()
    monkeypatch.setattr(systemd_unit, "state", fake.state)
    monkeypatch.setattr(systemd_unit, "order", fake.order)
    monkeypatch.setattr(services_processes, "generation", fake.generation)
    monkeypatch.setattr(services_processes, "is_new", fake.is_new)
    monkeypatch.setattr(services_processes, "workers", lambda _pid: [])
    monkeypatch.setattr(services_sockets, "deaf", lambda _sockets: list(fake.deaf))
    monkeypatch.setattr(systemd_unit, "sockets", lambda _unit: "Listen=/run/miclinik-php/norte/web.sock (Stream)\n")
    monkeypatch.setattr(services_sockets, "lost", lambda _sockets: list(fake.lost))
    monkeypatch.setattr(services_processes, "lacking_groups", lambda _pid, _user: fake.lacking)
    for name in ("load", "keep"):
        real: Any = getattr(loaded, name)
        monkeypatch.setattr(loaded, name, lambda *words, real=real: real(*words, records=tmp_path / "records"))
    (tmp_path / "pool.d").mkdir()
    (tmp_path / "pool.d/norte.conf").write_text("[norte]\npm = ondemand\n")
    return fake


def _service(tmp_path: Path, **more: Any) -> Service:  # noqa: ANN401 (any option)
    usual = {"unit": UNIT, "sockets": SOCKETS, "reads": [str(tmp_path / "pool.d")], "kind": "php-fpm"}
    return Service(**usual | more)


def _run(service: Service) -> list[str]:
    seen = services_service.see(service)
    services_service.act(service, seen, patience=0, pause=lambda _seconds: None)
    return seen.steps(service)


def test_nothing_on_record_and_files_newer_than_the_load(fake: Fake, tmp_path: Path) -> None:
    assert _run(_service(tmp_path)) == ["reload"]
    assert _run(_service(tmp_path)) == []
    assert fake.orders == ["reload"]


def test_a_generation_that_was_looked_at_too_early(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: the new master had one of six pieces of shared memory when its reload was found to be done."""
    assert _run(_service(tmp_path)) == ["reload"]
    monkeypatch.setattr(services_processes, "generation", lambda _kind, _pid: [str(fake.loads), "later"])
    # Rewritten as it was, so that its time alone would call for a reload.
    (tmp_path / "pool.d/norte.conf").write_text((tmp_path / "pool.d/norte.conf").read_text())
    assert _run(_service(tmp_path)) == []


def test_nothing_on_record_and_files_older_than_the_load(fake: Fake, tmp_path: Path) -> None:
    fake.last_load = time.time() + 5
    assert _run(_service(tmp_path)) == []
    (tmp_path / "pool.d/norte.conf").write_text("[norte]\n")
    # Older than the load by its time as well, but the record of that load tells more.
    assert _run(_service(tmp_path)) == ["reload"]


def test_looking_keeps_no_record_and_does_nothing(fake: Fake, tmp_path: Path) -> None:
    seen = services_service.see(_service(tmp_path))
    assert seen.steps(_service(tmp_path)) == ["reload"]
    assert seen.paths == [str(tmp_path / "pool.d"), str(tmp_path / "pool.d/norte.conf")]
    assert fake.orders == []
    assert not (tmp_path / "records").exists()


def test_a_lost_record_is_one_load_at_most(fake: Fake, tmp_path: Path) -> None:
    _run(_service(tmp_path))
    (tmp_path / f"records/{UNIT}.json").unlink()
    _run(_service(tmp_path))
    assert _run(_service(tmp_path)) == []


@pytest.mark.parametrize("kind", ["deaf", "lost"])
def test_sockets_that_no_reload_mends(fake: Fake, tmp_path: Path, kind: str) -> None:
    _run(_service(tmp_path))
    setattr(fake, kind, ["/run/miclinik-php/norte/web.sock"])
    seen = services_service.see(_service(tmp_path))
    assert seen.because == ["/run/miclinik-php/norte/web.sock is not as its unit wants it"]
    assert _run(_service(tmp_path)) == ["restart"]
    assert fake.orders[-1] == "restart both"
    assert _run(_service(tmp_path)) == []


def test_a_service_is_restarted_without_its_sockets(fake: Fake, tmp_path: Path) -> None:
    """The calls of the meantime wait in them."""
    service = _service(tmp_path, restart_for=["*.service", "*.socket"])
    _run(service)
    (tmp_path / "pool.d/a.service").write_text("x")
    assert _run(service) == ["restart"]
    assert fake.orders[-1] == "restart"
    (tmp_path / "pool.d/a.socket").write_text("x")
    assert _run(service) == ["restart"]
    assert fake.orders[-1] == "restart both"


def test_workers_without_a_group(fake: Fake, tmp_path: Path) -> None:
    service = _service(tmp_path, kind="nginx", user="www-data")
    _run(service)
    fake.lacking = True
    assert services_service.see(service).reasons == ["workers of www-data are without one of its groups"]
    assert _run(service) == ["reload"]
    assert _run(service) == []


def test_what_the_caller_knows(fake: Fake, tmp_path: Path) -> None:
    _run(_service(tmp_path))
    assert _run(_service(tmp_path, because=["the API does not know its endpoints"])) == ["reload"]


def test_a_service_that_does_not_run_is_started_and_enabled(fake: Fake, tmp_path: Path) -> None:
    fake.active = fake.enabled = False
    assert _run(_service(tmp_path)) == ["enable", "start"]
    # Systemd gives up on a unit that failed five times, until it is told to forget it.
    assert fake.orders == ["enable", "reset-failed", "start"]
    assert _run(_service(tmp_path)) == []


def test_sockets_that_are_not_there_yet_are_made_first(fake: Fake, tmp_path: Path) -> None:
    fake.active = fake.enabled = fake.holds = False
    assert _run(_service(tmp_path)) == ["enable", "start"]
    assert fake.orders == ["enable", "reset-failed", "restart both"]
    assert _run(_service(tmp_path)) == []


def test_a_service_that_need_not_run_is_left_alone(fake: Fake, tmp_path: Path) -> None:
    fake.active = fake.enabled = False
    assert _run(_service(tmp_path, start=False)) == []
    assert fake.orders == []


def test_what_need_not_be_enabled_is_not(fake: Fake, tmp_path: Path) -> None:
    fake.enabled = False
    assert _run(_service(tmp_path, enabled=False)) == ["reload"]


def test_files_that_want_a_restart(fake: Fake, tmp_path: Path) -> None:
    service = _service(tmp_path, restart_for=[f"{tmp_path}/pool.d/*.load"])
    assert _run(service) == ["reload"]
    (tmp_path / "pool.d/mpm_event.load").write_text("x")
    assert _run(service) == ["restart"]
    (tmp_path / "pool.d/mpm_event.load").unlink()
    assert _run(service) == ["restart"]


def test_systemd_reads_its_files_first(fake: Fake, tmp_path: Path) -> None:
    _run(_service(tmp_path))
    fake.outdated = True
    assert _run(_service(tmp_path)) == ["daemon-reload"]
    assert _run(_service(tmp_path)) == []


def test_a_new_folder_of_drop_ins(fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: NeedDaemonReload was no, since systemd had not looked for the folder again."""
    _run(_service(tmp_path))
    monkeypatch.setattr(services_service, "UNITS", f"{tmp_path}/pool.d/")
    (tmp_path / "pool.d/x.service").write_text("x")
    assert _run(_service(tmp_path)) == ["daemon-reload", "reload"]


def test_a_configuration_that_is_refused_is_not_loaded(fake: Fake, tmp_path: Path) -> None:
    service = _service(tmp_path, test=["sh", "-c", "echo line 3 is wrong; exit 1"])
    with pytest.raises(UnitError) as raised:
        _run(service)
    assert str(raised.value) == (
        f"`sh -c echo line 3 is wrong; exit 1` refuses what is on disk, so {UNIT} was left as it is. It says:\n"
        "line 3 is wrong"
    )
    assert fake.orders == []


def test_a_load_that_does_not_come_is_a_failure_and_not_on_record(fake: Fake, tmp_path: Path) -> None:
    fake.stuck = True
    with pytest.raises(UnitError) as raised:
        _run(_service(tmp_path))
    assert str(raised.value) == (
        "miclinik-php@norte.service was told to reload, and 0 s later it goes on with what it had loaded before."
        " See: journalctl --no-pager -n 50 -u miclinik-php@norte.service"
    )
    fake.stuck = False
    assert _run(_service(tmp_path)) == ["reload"]


def test_a_unit_that_is_not_there(fake: Fake, tmp_path: Path) -> None:
    fake.there = fake.active = fake.enabled = False
    assert services_service.see(_service(tmp_path)).steps(_service(tmp_path)) == ["enable", "start"]
    with pytest.raises(UnitError, match=r"there is no unit miclinik-php@norte\.service on this host"):
        _run(_service(tmp_path))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ({}, State(False, False, False, 0, False, 0.0, ("", ""))),
        (
            {
                "LoadState": "loaded",
                "ActiveState": "active",
                "UnitFileState": "enabled",
                "MainPID": "46",
                "InactiveExitTimestamp": "Thu 1970-01-01 00:01:40.520000 UTC",
                "StateChangeTimestamp": "Thu 1970-01-01 00:15:00.000000 UTC",
                "ReloadResult": "success",
                "NeedDaemonReload": "no",
                "InvocationID": "i",
                "StateChangeTimestampMonotonic": "5",
            },
            State(True, True, True, 46, False, 890.0, ("i", "5")),
        ),
        # A reload that failed has read nothing.
        (
            {
                "LoadState": "loaded",
                "ActiveState": "reloading",
                "InactiveExitTimestamp": "Thu 1970-01-01 00:01:40.520000 UTC",
                "StateChangeTimestamp": "Thu 1970-01-01 00:15:00.000000 UTC",
                "ReloadResult": "exit-code",
                "NeedDaemonReload": "yes",
            },
            State(True, True, False, 0, True, 100.5, ("", "")),
        ),
        (
            {"InactiveExitTimestamp": "n/a", "StateChangeTimestamp": "@900"},
            State(False, False, False, 0, False, 0.0, ("", "")),
        ),
    ],
)
def test_what_systemd_says(shown: dict[str, str], expected: State) -> None:
    assert State.of(shown) == expected
