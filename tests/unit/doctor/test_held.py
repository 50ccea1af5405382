# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that run and answer nobody: held by a signal, or hanging."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_host, unanswered
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import case, failed, stroke


def test_processes_in_state_t_are_found(tmp_path: Path) -> None:
    group = tmp_path / "cgroup/system.slice/nginx.service"
    group.mkdir(parents=True)
    (group / "cgroup.procs").write_text("10\n11\n12\n13\n")
    for number, state in ((10, "S"), (11, "T"), (12, "t")):
        (tmp_path / f"proc/{number}").mkdir(parents=True)
        (tmp_path / f"proc/{number}/stat").write_text(f"{number} (a (b) T) {state} 1 1")
    where = (tmp_path / "cgroup", tmp_path / "proc")
    assert probe_host.held("/system.slice/nginx.service", *where) == [11]
    assert probe_host.held("/system.slice/gone.service", *where) == []
    assert probe_host.held("", *where) == []


@pytest.mark.parametrize(
    ("unit", "cause"),
    [
        ("host:units.web", "web-server-stopped"),
        ("here:units.php", "php-stopped"),
        ("host:units.database", "database-stopped"),
    ],
)
def test_a_service_that_is_held_is_named_with_what_lets_it_go_on(unit: str, cause: str) -> None:
    ill = stroke(case(failed("web", "timeout")), f"{unit}.held", [1, 2, 3, 4, 5, 6, 7])
    ill = stroke(ill, "here:database", {"faults": [{"what": "login", "code": "2013", "text": "Lost connection"}]})
    ill = stroke(ill, "host:units.database.held", [1, 2, 3, 4, 5, 6, 7]) if "database" in unit else ill
    first = diagnose(ill)[0]
    assert first.id == cause
    assert first.evidence[0].endswith("these are in state T: 1 2 3 4 5 and 2 more")
    assert first.mend.startswith("find out who holds them; systemctl kill --signal=SIGCONT ")


def test_a_web_server_that_hangs_is_not_taken_for_php() -> None:
    ill = stroke(
        case(failed("not-found", "timeout"), failed("web", "timeout")), "here:loopback", "no answer (timed out)"
    )
    assert diagnose(ill)[0].id == "web-server-hangs"
    php = stroke(case(failed("web", "timeout")), "here:loopback", "no answer (timed out)")
    assert diagnose(php)[0].id == "php-sleeps"


def test_a_disk_that_hangs_is_the_cause_and_who_waits_for_it_follows() -> None:
    ill = stroke(case(failed("status", "timeout")), "here:late", ["files", "application", "writes"])
    ill = replace(ill, here={**ill.here, **unanswered.FILES})
    loss = {"id": "documents-silent", "seen": "/srv/x gives no answer", "mend": "See mount"}
    first, second = diagnose(stroke(ill, "here:identity.losses", [loss]))[:2]
    assert (first.id, second.id, second.follows) == ("documents-silent", "late-files", "documents-silent")
