# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The facts of hosts that are folders of this test."""

from __future__ import annotations

import os
import pwd
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import places
from ansible_collections.miclinik.hosting.plugins.module_utils.facts import host as facts_host
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal

from tests import version_shapes

BOOKWORM = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_CODENAME=bookworm\n'
UNITS = """\
Id=nginx.service
ActiveState=active
UnitFileState=enabled

Id=mariadb.service
ActiveState=active
UnitFileState=disabled

Id=php8.2-fpm.service
ActiveState=inactive
UnitFileState=enabled

Id=dbus.service
ActiveState=active
UnitFileState=static

Id=cron.service
ActiveState=active
UnitFileState=enabled
"""


def _write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare Debian 12 whose services are UNITS."""
    _write(tmp_path, {"etc/os-release": BOOKWORM, "proc/meminfo": "MemTotal:        4096000 kB\nMemFree: 1 kB\n"})

    def systemctl(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command == ["systemctl", "show", "--property=Id,ActiveState,UnitFileState", "*.service", "*.timer"]
        return subprocess.CompletedProcess(command, 0, UNITS, "")

    monkeypatch.setattr(subprocess, "run", systemctl)
    return tmp_path


def test_a_bare_host(root: Path) -> None:
    facts = facts_host.read(root)
    status = os.statvfs(root)
    expected = {
        "distribution": "debian",
        "codename": "bookworm",
        "php_version": "8.2",
        "memory_mb": 4000,
        "cores": len(os.sched_getaffinity(0)),
        "ipv6": False,
        "apt_held_by": [],
        "systemd": False,
        "packages": [],
        "running": ["cron", "nginx"],
        "masked": [],
        "releases": {},
        "versions": {},
        "layouts": {},
        "engines": {},
        "identities": {},
        "certificates": {},
        "lineages": [],
        "under_way": {},
        "shut": [],
        "backup": False,
        "backup_timers": [],
        "cron_timers": [],
        "webhook_relay": False,
        "webhook_sites": [],
        "smoke_timer": False,
        "exporters": [],
        "pooler": False,
        "alert": False,
        "debian_fpm_rests": False,  # it starts with the host
    }
    assert {key: facts[key] for key in expected} == expected
    assert abs(facts["free_mb"] - status.f_bavail * status.f_frsize // facts_host.MIB) < 200
    assert facts["accounts"]["root"] == pwd.getpwnam("root").pw_dir


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ID=ubuntu\nVERSION_CODENAME=noble\n", ("ubuntu", "noble", "8.3")),
        ("ID='debian'\nVERSION_CODENAME=\"trixie\"\n", ("debian", "trixie", "8.4")),
        ("# what it's called: ID=x\n\nID=debian\nVERSION_CODENAME=bullseye\n", ("debian", "bullseye", "")),
        ("ID=alpine\n", ("alpine", "", "")),
        ("ID=debian\nNAME='Cl's own\nVERSION_CODENAME=\"trixie\n", ("debian", "trixie", "8.4")),
    ],
)
def test_distributions(root: Path, text: str, expected: tuple[str, str, str]) -> None:
    _write(root, {"etc/os-release": text})
    facts = facts_host.read(root)
    assert (facts["distribution"], facts["codename"], facts["php_version"]) == expected


@pytest.mark.parametrize(
    ("name", "limit", "expected"),
    [
        ("sys/fs/cgroup/memory.max", "max\n", 4000),
        ("sys/fs/cgroup/memory.max", "1073741824\n", 1024),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n", 4000),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n", 512),
    ],
)
def test_memory_of_the_control_group(root: Path, name: str, limit: str, expected: int) -> None:
    _write(root, {name: limit})
    assert facts_host.read(root)["memory_mb"] == expected


def test_what_the_kernel_and_systemd_say(root: Path) -> None:
    _write(root, {"proc/net/if_inet6": "", "run/systemd/system/x": ""})
    facts = facts_host.read(root)
    assert (facts["ipv6"], facts["systemd"]) == (True, True)


def test_interfaces_with_ipv6(root: Path) -> None:
    assert facts_host.read(root)["ipv6_interfaces"] == []
    _write(root, {"proc/net/if_inet6": ""})  # as net.ipv6.conf.all.disable_ipv6=1 leaves it
    assert facts_host.read(root)["ipv6_interfaces"] == []
    lines = (
        "00000000000000000000000000000001 01 80 10 80       lo\n"
        "fe800000000000008cf1ecfffe2cb5ec 02 40 20 80     eth0\n"
        "20010db8000000000000000000000005 02 40 00 80     eth0\n"
    )
    _write(root, {"proc/net/if_inet6": lines})
    assert facts_host.read(root)["ipv6_interfaces"] == ["eth0", "lo"]


def test_packages(root: Path) -> None:
    status = (
        "Package: nginx\nStatus: install ok installed\nPriority: optional\n\n"
        "Package: apache2\nStatus: deinstall ok config-files\nDescription: Package: no\n\n"
        "Package: tar\nEssential: yes\nStatus: install ok installed\n\n"
        "Package: half\nStatus: install ok half-configured\n"
    )
    _write(root, {"var/lib/dpkg/status": status})
    assert facts_host.read(root)["packages"] == ["nginx", "tar"]


def test_services_that_are_masked(root: Path) -> None:
    units = root / "etc/systemd/system"
    units.mkdir(parents=True)
    (units / "nginx.service").symlink_to("/dev/null")
    (units / "php8.2-fpm.service").symlink_to("/lib/systemd/system/php8.2-fpm.service")
    (units / "own.service").touch()
    (units / "apt-daily.timer").symlink_to("/dev/null")
    assert facts_host.read(root)["masked"] == ["nginx"]


def test_the_survey_is_for_preflight_alone(root: Path) -> None:
    assert "survey" not in facts_host.read(root)
    assert facts_host.read(root, survey=True)["survey"] == {"nginx": {}, "apache": {}, "listeners": {}, "loopback": {}}


def test_what_is_under_way(root: Path) -> None:
    done, begun = (
        Journal.begin(root / f"var/lib/miclinik-sites/{name}/journal.json", "upgrade", "1", {}) for name in "ab"
    )
    done.end()
    _write(root, {"var/lib/miclinik-sites/c/journal.json": "{"})
    facts = facts_host.read(root)["under_way"]
    assert (sorted(facts), facts["b"]) == (["b", "c"], "upgrade, at its beginning")
    with pytest.raises(ValueError, match="cut"), begun.step("load", "read it"):
        raise ValueError("cut")
    assert facts_host.read(root)["under_way"]["b"] == "upgrade, load"


def test_what_somebody_has_closed(root: Path) -> None:
    _write(root, {"var/lib/miclinik-sites/norte/shut.json": "{}", "var/lib/miclinik-sites/sur/journal.json": "{"})
    assert facts_host.read(root)["shut"] == ["norte"]


def test_releases(root: Path) -> None:
    for name in ("norte", "sur", "este"):
        (root / "srv/miclinik" / name).mkdir(parents=True)
    (root / "srv/miclinik/norte/current").symlink_to("releases/22.0.4-0123456789ab")
    (root / "srv/miclinik/sur/current").symlink_to("/srv/miclinik/sur/releases/16.0.3-ba9876543210/")
    (root / "srv/miclinik/este/current").mkdir()
    facts = facts_host.read(root)
    assert facts["releases"] == {"norte": "22.0.4-0123456789ab", "sur": "16.0.3-ba9876543210"}
    # Their folders are gone, and their names are ours.
    assert facts["versions"] == {"norte": "22.0.4", "sur": "16.0.3"}


@pytest.mark.parametrize(
    ("release", "stated", "version"),
    [
        ("22.0.4-0123456789ab", "22.0.4", "22.0.4"),
        ("22.0.4-rc1-0123456789ab", "22.0.4-rc1", "22.0.4-rc1"),
        ("22.0.4-rc1-0123456789ab", "", "22.0.4-rc1"),
        ("22.0.4-0123456789ab", "16.0.3", "16.0.3"),
        ("hotfix", "22.0.4", "22.0.4"),
        ("hotfix", "", ""),
        ("22.0.4-hotfix", "", ""),
        ("a-b", "24.0.0-beta", "24.0.0-beta"),
        ("-", "", ""),
    ],
)
def test_the_version_is_what_the_files_say(root: Path, release: str, stated: str, version: str) -> None:
    """A release's folder may have a name of its own: then its name is no version."""
    home = root / "srv/miclinik/norte"
    (home / "releases" / release / "htdocs").mkdir(parents=True)
    if stated:
        version_shapes.write(
            home / "releases" / release / "htdocs", {"filefunc.inc.php": f"define('DOL_VERSION', '{stated}');\n"}
        )
    (home / "current").symlink_to(f"releases/{release}")
    facts = facts_host.read(root)
    assert (facts["releases"], facts["versions"]) == ({"norte": release}, {"norte": version})


def test_a_host_without_systemctl(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> Any:  # noqa: ANN401 (never returns)
        raise FileNotFoundError("systemctl")

    monkeypatch.setattr(subprocess, "run", missing)
    assert facts_host.read(root)["running"] == []


def test_no_linux(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        facts_host.read(tmp_path)


@pytest.mark.parametrize(("kind", "engine"), [("mysqli", "mariadb"), ("pgsql", "postgresql")])
def test_engine_of_a_site(root: Path, kind: str, engine: str) -> None:
    conf = root / "srv/miclinik/norte/conf.php"
    conf.parent.mkdir(parents=True)
    conf.write_text(f"<?php\n$dolibarr_main_db_pass = '$dolibarr_main_db_type';\n$dolibarr_main_db_type = '{kind}';\n")
    assert facts_host.read(root)["engines"] == {"norte": engine}


def test_a_site_without_conf_has_no_engine(root: Path) -> None:
    (root / "srv/miclinik/norte").mkdir(parents=True)
    assert facts_host.read(root)["engines"] == {}


def test_the_timer_of_the_smoke_test(root: Path) -> None:
    unit = root / "etc/systemd/system/miclinik-smoke.timer"
    unit.parent.mkdir(parents=True)
    unit.write_text("")
    assert facts_host.read(root)["smoke_timer"] is True


def test_exporters_that_we_have_told_what_to_do(root: Path) -> None:
    for name, file in (("nginx", "miclinik"), ("node", "own"), ("apache", "miclinik")):
        folder = root / f"etc/systemd/system/prometheus-{name}-exporter.service.d"
        folder.mkdir(parents=True)
        (folder / f"{file}.conf").write_text("")
    assert facts_host.read(root)["exporters"] == ["prometheus-apache-exporter", "prometheus-nginx-exporter"]


def test_units_that_say_less_than_they_should(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on = "ActiveState=active\nUnitFileState=enabled\n"
    said = f"a line\n\n{on}\nId=nginx.service\n{on}"
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, said, ""))
    assert facts_host.read(root)["running"] == ["nginx"]


def test_places_are_looked_at_for_preflight_alone(root: Path) -> None:
    _write(root, {"srv/miclinik/norte/releases": "", "etc/miclinik/sur/site.json": "{}"})
    (root / "srv/miclinik/norte/conf.php").mkdir()
    (root / "srv/miclinik/sur").mkdir()
    (root / "srv/miclinik/sur/conf.php").symlink_to("/mnt/none")
    assert "places" not in facts_host.read(root)
    found = facts_host.read(root, survey=True)["places"]
    seen = {name: [fault["seen"].removeprefix(f"{root}/") for fault in faults] for name, faults in found.items()}
    assert seen == {
        "norte": [
            "srv/miclinik/norte/releases is a file, and has to be a folder",
            "srv/miclinik/norte/conf.php is a folder, and has to be a file",
        ],
        "sur": ["srv/miclinik/sur/conf.php is a link to /mnt/none, which is not there, and has to be a file"],
    }


@pytest.mark.parametrize(
    ("record", "expected"),
    [(None, 0), ("{}", 0), ("no json", 0), ("[]", 0), ('{"layout": null}', 0), ('{"layout": 7}', 7)],
)
def test_by_which_layout_a_site_was_laid(root: Path, record: str | None, expected: int) -> None:
    home, state = root / "srv/miclinik/norte", root / "etc/miclinik/norte"
    (home / "releases/22.0.4-0").mkdir(parents=True)
    (home / "current").symlink_to("releases/22.0.4-0")
    if record is not None:
        state.mkdir(parents=True)
        (state / "site.json").write_text(record)
    assert facts_host.read(root)["layouts"] == {"norte": expected}


@pytest.mark.parametrize("hangs", [False, True])
def test_documents_that_are_linked_to_a_disk_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, hangs: bool
) -> None:
    disk, home = tmp_path / "mnt/disk", tmp_path / "srv/miclinik/norte"
    disk.mkdir(parents=True)
    home.mkdir(parents=True)
    (home / "documents").symlink_to("../../../mnt/disk")
    monkeypatch.setattr(facts_host, "_PATIENCE", 0.05)
    if hangs:
        monkeypatch.setattr(Path, "resolve", lambda path, strict=False: time.sleep(60))
    assert facts_host._linked_documents(tmp_path) == {"norte": str(disk)}


def test_places_on_a_disk_that_hangs_are_not_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("norte", "sur"):
        (tmp_path / "srv/miclinik" / name).mkdir(parents=True)
    monkeypatch.setattr(places, "look", lambda site: [{"id": site["name"]}])
    known = {"norte": {"documents": "silent"}, "sur": {"documents": "own"}}
    assert facts_host._places(tmp_path, known) == {"norte": [], "sur": [{"id": "sur"}]}


@pytest.mark.parametrize(
    ("state", "file", "rests"),
    [
        ("ActiveState=active\nUnitFileState=disabled", "", False),
        ("ActiveState=failed\nUnitFileState=disabled", "", False),
        ("ActiveState=inactive\nUnitFileState=disabled", "", True),
        ("", "", True),  # systemd has not loaded what is off
        ("", "pool.d/norte-web.conf", False),
        ("", "conf.d/90-miclinik.ini", False),
    ],
)
def test_whether_debians_own_fpm_rests(
    root: Path, monkeypatch: pytest.MonkeyPatch, state: str, file: str, rests: bool
) -> None:
    told = f"Id=php8.2-fpm.service\n{state}\n" if state else "Id=cron.service\nActiveState=active\n"
    monkeypatch.setattr(subprocess, "run", lambda command, **_: subprocess.CompletedProcess(command, 0, told, ""))
    _write(root, {"etc/php/8.2/fpm/pool.d/www.conf": "[www]\n"})
    if file:
        _write(root, {f"etc/php/8.2/fpm/{file}": "; Written by miclinik.hosting from templates/php/pool.conf.j2\n"})
    assert facts_host.read(root)["debian_fpm_rests"] == rests
