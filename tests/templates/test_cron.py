# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""cron/cron.service.j2 with php/sandbox.j2 in it, cron/cron.timer.j2, cron/settings.json.j2, and php/cli.ini.j2, which
says how PHP is set outside of its pools.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import HOST, Rendered, entry, render

UNITS = "/etc/systemd/system"
SERVICE, TIMER = f"{UNITS}/miclinik-cron@norte.service", f"{UNITS}/miclinik-cron@norte.timer"
CLI = "/etc/miclinik-php/norte/cli/90-site.ini"


def _rendered(**more: object) -> dict[str, Rendered]:
    return render("cron", entry("norte", modules=["cron"], **more), entry("sur", modules=["societe"]))


def test_only_a_site_with_the_module_has_a_timer() -> None:
    rendered = _rendered()
    assert [path for path in rendered if "@" in path] == [SERVICE, TIMER]
    assert json.loads(rendered["/usr/local/lib/miclinik/cron/settings.json"].content) == {
        "metrics": "/var/lib/prometheus/node-exporter"
    }


@pytest.mark.parametrize("more", [{"cron": {"enabled": False}}, {"clone_of": "sur"}])
def test_nobody_runs_the_jobs_of_one_that_is_not_to(more: dict[str, object]) -> None:
    assert TIMER not in _rendered(**more)


def test_the_jobs_run_as_the_site_and_as_its_pages_do() -> None:
    lines = _rendered(php={"memory_max": "1G", "writable_paths": ["/srv/archive"]})[SERVICE].content.splitlines()
    assert {"User=norte", "Group=norte", "NoNewPrivileges=yes", "ProtectSystem=strict", "MemoryMax=1G"} <= set(lines)
    assert {"ReadWritePaths=/srv/miclinik/norte", "ReadWritePaths=/srv/archive"} <= set(lines)
    assert "ConditionPathExists=!/srv/miclinik/norte/closed" in lines
    assert "Environment=PHP_INI_SCAN_DIR=:/etc/miclinik-php/norte/cli" in lines
    (run,) = (line for line in lines if line.startswith("ExecStart="))
    assert run.endswith("miclinik-bridge --root /srv/miclinik/norte/current/htdocs cron run")
    php = render("php", entry("norte"))[f"{UNITS}/miclinik-php@norte.service"].content.splitlines()
    own = {line for line in lines if line.startswith(("Protect", "Restrict", "System", "Private", "Capab", "Lock"))}
    assert own
    assert own <= set(php)


def test_of_a_cluster_one_host_at_a_time_runs_them() -> None:
    two = {f"miclinik_{part}": ["a", "b"] for part in ("app", "balancer", "database", "storage")}
    known: dict[str, Any] = {"groups": two, "hostvars": {"a": {}, "b": {}}, "inventory_hostname": "b"}
    service = render("cron", entry("norte", modules=["cron"]), **known)[SERVICE].content
    assert "miclinik-bridge --root /srv/miclinik/norte/current/htdocs cron run --alone\n" in service


def test_documents_that_were_moved_may_be_written() -> None:
    rendered = render("cron", entry("norte", modules=["cron"]), host={"linked_documents": {"norte": "/mnt/records"}})
    assert "ReadWritePaths=/mnt/records" in rendered[SERVICE].content


@pytest.mark.parametrize(("every", "calendar"), [("1min", "*:0/1"), ("5min", "*:0/5"), ("1h", "hourly")])
def test_the_timer_goes_by_the_clock(every: str, calendar: str) -> None:
    assert f"OnCalendar={calendar}" in _rendered(cron={"every": every})[TIMER].content.splitlines()
    shown = subprocess.run(["systemd-analyze", "calendar", calendar], capture_output=True, text=True, check=False)
    assert shown.returncode == 0


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    rendered = _rendered()
    for path in (SERVICE, TIMER):
        text = rendered[path].content.replace("/usr/bin/php8.2", "/bin/true").replace("User=norte", "User=daemon")
        text = text.replace("/usr/local/lib/miclinik/cron/miclinik-cron", "/bin/true")
        (tmp_path / Path(path).name).write_text(text.replace("Group=norte", "Group=daemon"))
    assert programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / Path(SERVICE).name]) == ""


def test_php_outside_of_its_pools_is_set_as_in_them(tmp_path: Path) -> None:
    site = entry("norte", php={"timezone": "Europe/Madrid", "memory_limit": "300M", "ini": {"precision": 12}})
    found = render("php", site, host={"packages": ["postfix"]})[CLI]
    assert (found.owner, found.group, found.mode) == ("root", "norte", "0640")
    (tmp_path / "90-site.ini").write_text(found.content)
    words = "echo json_encode([ini_get('date.timezone'), ini_get('memory_limit'), ini_get('precision')]);"
    words += "echo ini_get('sendmail_path');"
    done = subprocess.run(
        ["php", "-r", words], env={"PHP_INI_SCAN_DIR": f":{tmp_path}"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith('["Europe\\/Madrid","300M","12"]/usr/bin/msmtp --host=127.0.0.1')
    assert "sendmail_path" not in render("php", site)[CLI].content
    assert HOST["packages"] == []
