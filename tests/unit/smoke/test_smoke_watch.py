# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The run of a host's timer: metrics for Prometheus, lines for the journal."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import metrics as smoke_metrics
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import watch as smoke_watch
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised

from .fake_site import API, KEY, PASSWORD, FakeSite, as_html

CHECKS = (
    *("web", "not-found", "api", "clock", "wrong-key", "status", "bearer", "unknown-endpoint", "reads", "explorer"),
    "operations",
)


def _settings(folder: Path, fake: FakeSite) -> str:
    (folder / "etc/norte").mkdir(parents=True)
    secrets = {"users": {"integration": {"key": KEY, "password": PASSWORD}}}
    (folder / "etc/norte/secrets.json").write_text(json.dumps(secrets), encoding="utf-8")
    site = {
        "name": "norte",
        "base_url": "http://norte.example.org",
        "connect_to": f"127.0.0.1:{fake.port}",
        "login": "integration",
        "secrets_file": str(folder / "etc/norte/secrets.json"),
        "modules": ["product"],
        "reads": ["products"],
    }
    fake.url_root = "http://norte.example.org"
    file = folder / "sites.json"
    settings = {"sites": [site], "directory": str(folder), "timeout": 5, "settle": 0}
    file.write_text(json.dumps(settings), encoding="utf-8")
    return str(file)


def _values(folder: Path, metric: str) -> dict[str, float]:
    text = (folder / smoke_watch.METRICS).read_text(encoding="utf-8")
    return {found[1]: float(found[2]) for found in re.finditer(rf"(?m)^miclinik_smoke_{metric}(\S*) (\S+)$", text)}


def test_healthy_site(tmp_path: Path, fake: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    assert smoke_watch.main([_settings(tmp_path, fake)]) == 0
    assert re.fullmatch(r"<6>11 of 11 checks passed in \d+\.\d s\n", capsys.readouterr().out)
    assert _values(tmp_path, "check_ok") == {f'{{site="norte",check="{check}"}}': 1 for check in CHECKS}
    assert list(_values(tmp_path, "check_seconds")) == list(_values(tmp_path, "check_ok"))
    assert _values(tmp_path, "site_ok") == {'{site="norte"}': 1}
    assert _values(tmp_path, "version_info") == {'{site="norte",version="22.0.4"}': 1}


def test_it_only_reads(tmp_path: Path, fake: FakeSite) -> None:
    smoke_watch.main([_settings(tmp_path, fake)])
    # What is posted goes to an endpoint that nobody has.
    posts = [request.path for request in fake.requests if request.method != "GET"]
    assert [re.sub(r"[0-9a-f]{12}$", "", path) for path in posts] == [f"{API}/smoke"] * 3


def test_broken_site(tmp_path: Path, fake: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    fake.answers[API] = lambda request: as_html(200, f"Module <b>Api</b> must be enabled \x1b {request.headers}")
    assert smoke_watch.main([_settings(tmp_path, fake)]) == 0
    lines = capsys.readouterr().out.splitlines()
    failed = [name for name, value in _values(tmp_path, "check_ok").items() if value == 0]
    assert len(failed) > 5
    assert len(lines) == len(failed) + 1
    assert [line.startswith("<3>norte ") for line in lines] == [True] * len(failed) + [False]
    assert "to do: switch the API module on" in lines[0]
    assert KEY not in "".join(lines)
    assert "\x1b" not in "".join(lines)
    assert _values(tmp_path, "site_ok") == {'{site="norte"}': 0}
    assert _values(tmp_path, "version_info") == {}


def test_metrics_are_replaced_as_a_whole(tmp_path: Path, fake: FakeSite) -> None:
    settings = _settings(tmp_path, fake)
    (tmp_path / smoke_watch.METRICS).write_text("stale\n" * 10_000, encoding="utf-8")
    smoke_watch.main([settings])
    assert "stale" not in (tmp_path / smoke_watch.METRICS).read_text(encoding="utf-8")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["etc", smoke_watch.REFUSALS, smoke_watch.METRICS, "sites.json"]
    assert (tmp_path / smoke_watch.METRICS).stat().st_mode & 0o777 == 0o644


def test_format() -> None:
    site = Promised('a\\b"c\nd', "http://x.example.org")
    results = [
        Result(site.name, "tls", "", True, 1500, "", facts={"certificate_days_left": 0}),
        Result(site.name, "api", "", False, 7, "x"),
    ]
    label = 'site="a\\\\b\\"c\\nd"'
    assert smoke_metrics.text([site], results, 1795522442.70312, 1.23456) == (
        "# HELP miclinik_smoke_check_ok Whether the check of the site holds.\n"
        "# TYPE miclinik_smoke_check_ok gauge\n"
        f'miclinik_smoke_check_ok{{{label},check="tls"}} 1\n'
        f'miclinik_smoke_check_ok{{{label},check="api"}} 0\n'
        "# HELP miclinik_smoke_check_seconds Seconds that the check took.\n"
        "# TYPE miclinik_smoke_check_seconds gauge\n"
        f'miclinik_smoke_check_seconds{{{label},check="tls"}} 1.5\n'
        f'miclinik_smoke_check_seconds{{{label},check="api"}} 0.007\n'
        "# HELP miclinik_smoke_site_ok Whether all checks of the site hold.\n"
        "# TYPE miclinik_smoke_site_ok gauge\n"
        f"miclinik_smoke_site_ok{{{label}}} 0\n"
        "# HELP miclinik_smoke_certificate_days_left Days until the site's certificate ends.\n"
        "# TYPE miclinik_smoke_certificate_days_left gauge\n"
        f"miclinik_smoke_certificate_days_left{{{label}}} 0\n"
        "# HELP miclinik_smoke_run_seconds Seconds that the run took.\n"
        "# TYPE miclinik_smoke_run_seconds gauge\n"
        "miclinik_smoke_run_seconds 1.235\n"
        "# HELP miclinik_smoke_last_run_timestamp_seconds When the run began.\n"
        "# TYPE miclinik_smoke_last_run_timestamp_seconds gauge\n"
        "miclinik_smoke_last_run_timestamp_seconds 1795522442.703\n"
    )
