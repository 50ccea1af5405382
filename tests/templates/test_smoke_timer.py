# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""smoke/sites.json.j2, smoke/miclinik-smoke.service.j2 and smoke/miclinik-smoke.timer.j2, and the program beside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import PASSWORD, Rendered, entry, lay_out, render

FOLDER = "/usr/local/lib/miclinik/smoke"
UNIT = "/etc/systemd/system/miclinik-smoke"
KEY = "key-that-stays-where-it-is"


def _rendered(*sites: dict[str, Any], **variables: Any) -> dict[str, Rendered]:  # noqa: ANN401 (whatever a play may set)
    releases = {site["name"]: "22.0.4-0123456789ab" for site in sites or [entry()]}
    certificates = {"sur": {"pem": "PEM of sur", "self_signed": True}}
    secret = {"database_password": PASSWORD, "users": {"api": {"key": KEY, "password": PASSWORD}}}
    return render(
        "smoke_timer",
        *sites,
        host={
            "releases": releases,
            "versions": dict.fromkeys(releases, "22.0.4"),
            "certificates": certificates,
            "smoke_timer": False,
        },
        common_secrets={"secrets": dict.fromkeys(releases, secret)},
        **variables,
    )


def test_settings() -> None:
    off = {"api": {"enabled": False}}
    found = _rendered(
        entry(modules=["product"]),
        entry("sur", tls={"mode": "selfsigned"}),
        entry("este", **off),
        smoke_timer_directory="/var/lib/metrics",
    )[f"{FOLDER}/sites.json"]
    assert (found.owner, found.mode) == ("root", "0644")
    settings = json.loads(found.content)
    assert {name: value for name, value in settings.items() if name != "sites"} == {
        "directory": "/var/lib/metrics",
        "timeout": 10,
        "settle": 3,
        "fail": False,
    }
    norte, sur, este = settings["sites"]
    assert (norte["name"], norte["base_url"], norte["connect_to"]) == (
        *("norte", "http://norte.example.org", "127.0.0.1:80"),
    )
    assert (norte["login"], norte["modules"], norte["expected_version"]) == ("api", ["product"], "22.0.4")
    assert (sur["connect_to"], sur["ca_content"]) == ("127.0.0.1:443", "PEM of sur")
    assert ("login" in este, este["api_enabled"]) == (False, False)


def test_authorities_of_the_controller_travel_as_text(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("PEM of an authority", encoding="ascii")
    site = entry(tls={"mode": "acme", "directory": "https://ca.example.org/dir", "email": "a@example.org"})
    found = _rendered(site, smoke_timer_ca_path=str(tmp_path / "ca.pem"))[f"{FOLDER}/sites.json"]
    (norte,) = json.loads(found.content)["sites"]
    assert norte["ca_content"] == "PEM of an authority"
    assert "ca_path" not in norte


def test_no_secret_leaves_its_file() -> None:
    for item in _rendered().values():
        assert KEY not in item.content
        assert PASSWORD not in item.content


def test_units_are_valid(tmp_path: Path) -> None:
    rendered = _rendered(smoke_timer_every="7min", smoke_timer_directory=str(tmp_path))
    units = {kind: rendered[f"{UNIT}.{kind}"].content for kind in ("service", "timer")}
    assert programs.complaints_of_timer(tmp_path, "miclinik-smoke", units, f"{FOLDER}/miclinik-smoke") == []
    assert "OnUnitActiveSec=7min" in rendered[f"{UNIT}.timer"].content.splitlines()


@pytest.mark.parametrize(
    "line",
    [
        *("NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "CapabilityBoundingSet=", "MemoryMax=192M"),
        *("ReadWritePaths=/var/lib/prometheus/node-exporter", "Type=oneshot"),
        f"ExecStart={FOLDER}/miclinik-smoke {FOLDER}/sites.json",
    ],
)
def test_service_may_do_little(line: str) -> None:
    assert line in _rendered()[f"{UNIT}.service"].content.splitlines()


def test_folder_for_the_metrics() -> None:
    found = _rendered()["/var/lib/prometheus/node-exporter"]
    assert (found.kind, found.owner, found.group, found.mode) == ("folder", "root", "root", "0755")


def test_program_is_complete_without_ansible(tmp_path: Path) -> None:
    lay_out(_rendered(), FOLDER, tmp_path)
    assert (tmp_path / "miclinik-smoke").stat().st_mode & 0o777 == 0o755
    settings = json.loads((tmp_path / "sites.json").read_text(encoding="utf-8"))
    (tmp_path / "sites.json").write_text(json.dumps(settings | {"sites": [], "directory": str(tmp_path)}))
    blocked = (
        "import sys; sys.modules['ansible'] = None; sys.argv = sys.argv[1:]; import runpy; runpy.run_path(sys.argv[0])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", blocked, tmp_path / "miclinik-smoke", tmp_path / "sites.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "<6>0 of 0 checks passed in 0.0 s\n"), done.stderr
    assert "miclinik_smoke_last_run_timestamp_seconds" in (tmp_path / "miclinik.prom").read_text(encoding="utf-8")
