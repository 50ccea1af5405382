# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host says of its member, with programs that the test plays."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.cluster import galera

UUID = "1d4f7018-eb0f-11f1-8c6a-ea363726dc37"
STATE = "# GALERA saved state\nversion: 2.1\nuuid:    {}\nseqno:   {}\nsafe_to_bootstrap: 0\n"


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let nothing answer, until the test plays it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    for name in ("mariadb", "galera_recovery", "systemctl", "galera_new_cluster"):
        _play(folder / name, "exit 1")
    return folder


def _play(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_a_host_without_a_server(tmp_path: Path) -> None:
    seen = galera.look(tmp_path / "mysql")
    assert seen == {"running": False, "primary": False, "synced": False, "uuid": "", "seqno": -1, "foreign": []}


def test_a_server_by_itself(tmp_path: Path) -> None:
    for name in ("mysql", "sys", "norte"):
        (tmp_path / "mysql" / name).mkdir(parents=True)
    assert galera.look(tmp_path / "mysql")["foreign"] == ["norte"]


@pytest.mark.parametrize(
    ("status", "primary", "synced"),
    [
        ("Primary Synced", True, True),
        ("Primary Donor/Desynced", True, False),
        ("non-Primary Initialized", False, False),
    ],
)
def test_a_member_at_work(tmp_path: Path, programs: Path, status: str, primary: bool, synced: bool) -> None:
    part, state = status.split()
    rows = f"printf 'wsrep_cluster_status\\t{part}\\nwsrep_local_state_comment\\t{state}\\n'"
    _play(programs / "mariadb", rows)
    seen = galera.look(tmp_path)
    assert (seen["running"], seen["primary"], seen["synced"]) == (True, primary, synced)


def test_a_member_that_ended_by_itself(tmp_path: Path) -> None:
    (tmp_path / "grastate.dat").write_text(STATE.format(UUID, 42))
    (tmp_path / "norte").mkdir()
    seen = galera.look(tmp_path)
    assert (seen["uuid"], seen["seqno"], seen["foreign"]) == (UUID, 42, [])


def test_a_member_that_lost_its_power(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "grastate.dat").write_text(STATE.format(UUID, -1))
    assert galera.look(tmp_path)["seqno"] == -1
    _play(programs / "galera_recovery", f"echo --wsrep_start_position={UUID}:77")
    assert galera.look(tmp_path)["seqno"] == 77


def test_who_begins_is_safe_to_begin(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "grastate.dat").write_text(STATE.format(UUID, 42))
    for name in ("systemctl", "galera_new_cluster"):
        _play(programs / name, "exit 0")
    galera.begin(tmp_path)
    assert "safe_to_bootstrap: 1" in (tmp_path / "grastate.dat").read_text()
    _play(programs / "galera_new_cluster", "echo no >&2; exit 1")
    with pytest.raises(OSError, match="did not begin a cluster: no"):
        galera.begin(tmp_path)


def _server(programs: Path, folder: Path) -> Path:
    """Play a server that waits for others until it is killed, and write down what systemd is asked."""
    asked = folder / "asked"
    _play(
        programs / "systemctl",
        f'echo "$*" >> {asked}\n'
        f'[ "$1" = kill ] && touch {folder}/dead\n'
        f'[ "$1" = is-active ] && {{ [ -e {folder}/dead ] && echo failed || echo activating; }}\nexit 0',
    )
    return asked


def test_one_that_waits_for_others_is_not_read_before_it_has_ended(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "grastate.dat").write_text(STATE.format(UUID, -1))
    asked = _server(programs, tmp_path)
    _play(programs / "galera_recovery", f"echo --wsrep_start_position={UUID}:77")
    assert (galera.waits(tmp_path), galera.look(tmp_path)["seqno"]) == (True, -1)
    galera.leave()
    assert asked.read_text().splitlines()[-2:] == ["kill --signal=KILL mariadb", "stop mariadb"]
    assert (galera.waits(tmp_path), galera.look(tmp_path)["seqno"]) == (False, 77)


@pytest.mark.parametrize(("part", "ends"), [("Primary", False), ("non-Primary", True)])
def test_one_that_serves_is_stopped_as_others_are(tmp_path: Path, programs: Path, part: str, ends: bool) -> None:
    (tmp_path / "grastate.dat").write_text(STATE.format(UUID, -1))
    asked = _server(programs, tmp_path)
    _play(programs / "mariadb", f"printf 'wsrep_cluster_status\\t{part}\\n'")
    _play(programs / "galera_new_cluster", "exit 0")
    galera.begin(tmp_path)
    assert ("kill --signal=KILL mariadb" in asked.read_text()) == ends


def test_a_server_that_never_was_a_member_is_no_one_who_waits(tmp_path: Path, programs: Path) -> None:
    _server(programs, tmp_path)
    assert not galera.waits(tmp_path)
