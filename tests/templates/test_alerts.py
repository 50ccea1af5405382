# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/alerts.yml and docs/dashboard.json ask for what the timer writes, and Prometheus takes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import jobs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import disk_watch
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import metrics as smoke_metrics
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.pools import State
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import figures

from . import programs

DOCS = Path(__file__).parents[2] / "docs"
ALERTS = DOCS / "alerts.yml"
NAME = re.compile(r"\bmiclinik_\w+")


def _made() -> set[str]:
    """Return the names of all metrics that the timer can write."""
    results = [Result("a", "tls", "", True, 1, "", facts={"certificate_days_left": 1, "version": "22.0.4"})]
    counts = {"active": 0, "idle": 0, "full": 0, "accepted": 0}
    text = smoke_metrics.text([Promised("a", "http://a")], results, 0, 0, [State("a", "web", 1, 0, counts)])
    measured = {"name": "a", "documents": "/", "database_local": False, "disk_max_mb": 1, "disk_free_mb": 0}
    settings = {"sites": [measured], "logs": "/", "engine": "mariadb"}
    text += disk_watch.text(settings, {"a": {"documents": 1, "whole": True}})
    return set(re.findall(r"(?m)^# TYPE (\w+)", text))


def _made_of_backups() -> set[str]:
    """Return the names of all metrics that a backup can write."""
    news = {"ok": True, "ended": 1.0, "succeeded": 1.0, "seconds": 1, "bytes": 1, "added": 1, "every": 1}
    text = backup_state.text("a", {"backup": news, "check": news, "restore_test": news})
    return set(re.findall(r"(?m)^# TYPE (\w+)", text))


def _made_of_jobs() -> set[str]:
    """Return the names of all metrics that scheduled jobs can write."""
    job = {"id": 1, "label": "a", "enabled": True, "failed": False, "ended": 1}
    return set(re.findall(r"(?m)^# TYPE (\w+)", jobs.figures("a", [job], 0)))


def _made_of_webhooks() -> set[str]:
    """Return the names of all metrics that the relay can write."""
    names = ("waiting", "oldest", "dead", "gone", "delivered", "failed", "lost", "last_delivered")
    told = {"site": "a", "name": "b", **dict.fromkeys(names, 0)}
    return set(re.findall(r"(?m)^# TYPE (\w+)", figures.metrics([told], 0)))


def _rules() -> list[dict[str, Any]]:
    (group,) = yaml.safe_load(ALERTS.read_text(encoding="utf-8"))["groups"]
    return list(group["rules"])


def _dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "dashboard.json").read_text(encoding="utf-8"))
    return found


def _shown() -> list[str]:
    return [target["expr"] for panel in _dashboard()["panels"] for target in panel["targets"]]


def test_they_ask_for_what_there_is() -> None:
    variables = [one["definition"] for one in _dashboard()["templating"]["list"] if "definition" in one]
    shown = {name for text in [*_shown(), *variables] for name in NAME.findall(text)}
    assert shown == _made()
    assert {
        name for rule in _rules() for name in NAME.findall(rule["expr"])
    } <= _made() | _made_of_backups() | _made_of_jobs() | _made_of_webhooks()


def test_every_alert_says_what_to_do() -> None:
    for rule in _rules():
        assert rule["labels"]["severity"] in ("critical", "warning"), rule
        assert set(rule["annotations"]) == {"summary", "description"}, rule
    assert len({rule["alert"] for rule in _rules()}) == len(_rules())


def test_panels_do_not_lie_on_each_other() -> None:
    places = [panel["gridPos"] for panel in _dashboard()["panels"]]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({panel["id"] for panel in _dashboard()["panels"]}) == len(places)


def test_prometheus_takes_the_rules(tmp_path: Path) -> None:
    programs.accept(["promtool", "check", "rules", ALERTS])
    rules = [{"record": f"panel:{number}", "expr": expr} for number, expr in enumerate(_shown())]
    (tmp_path / "panels.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    programs.accept(["promtool", "check", "rules", tmp_path / "panels.yml"])


SITE = 'site="norte"'
POOL = f'{SITE}, pool="api"'
QUARANTINE = f'{SITE}, pool="quarantine"'
USED, END = f'miclinik_disk_used_bytes{{{SITE}, part="', '"}'
MOST, FREE, WANTED = (f"miclinik_disk_{name}_bytes" for name in ("max", "free", "free_wanted"))
LAST = "miclinik_smoke_last_run_timestamp_seconds"


@pytest.mark.parametrize(
    ("series", "minute", "expected"),
    [
        ({f"miclinik_smoke_site_ok{{{SITE}}}": "1x9 0x20"}, 14, []),
        ({f"miclinik_smoke_site_ok{{{SITE}}}": "1x9 0x20"}, 20, ["MiclinikSiteBroken"]),
        ({f"miclinik_cron_job_failed{{{SITE}}}": "1x60"}, 20, ["MiclinikJobFails"]),
        ({f"miclinik_cron_last_run_timestamp_seconds{{{SITE}}}": "0x200"}, 129, []),
        ({f"miclinik_cron_last_run_timestamp_seconds{{{SITE}}}": "0x200"}, 131, ["MiclinikJobsSilent"]),
        ({f"miclinik_webhook_oldest_waiting_seconds{{{SITE}}}": "3500x60"}, 20, []),
        ({f"miclinik_webhook_oldest_waiting_seconds{{{SITE}}}": "3700x60"}, 20, ["MiclinikWebhookFails"]),
        ({f"miclinik_webhook_dead_letters{{{SITE}}}": "0x10 1x60"}, 20, ["MiclinikWebhookLost"]),
        ({"miclinik_webhook_look_timestamp_seconds": "0x60"}, 10, ["MiclinikWebhooksSilent"]),
        ({LAST: "0x60"}, 19, []),
        ({LAST: "0x60"}, 25, ["MiclinikSmokeTestSilent"]),
        ({'up{job="miclinik", instance="a"}': "1x60", f'{LAST}{{instance="b"}}': "0+60x60"}, 19, []),
        (
            {'up{job="miclinik", instance="a"}': "1x60", f'{LAST}{{instance="b"}}': "0+60x60"},
            30,
            ["MiclinikSmokeTestMissing"],
        ),
        ({'up{job="miclinik", instance="a"}': "1x60", f'{LAST}{{instance="a"}}': "0+60x60"}, 30, []),
        ({f"miclinik_smoke_certificate_days_left{{{SITE}}}": "14x60"}, 30, []),
        ({f"miclinik_smoke_certificate_days_left{{{SITE}}}": "13x60"}, 30, ["MiclinikCertificateEnds"]),
        (
            {f"miclinik_smoke_certificate_days_left{{{SITE}}}": "2x60"},
            30,
            ["MiclinikCertificateEnded", "MiclinikCertificateEnds"],
        ),
        ({f"miclinik_php_pool_up{{{POOL}}}": "0x60"}, 10, ["MiclinikPoolSilent"]),
        (
            {
                f'miclinik_php_pool_workers{{{POOL}, state="active"}}': "5x60",
                f'miclinik_php_pool_workers{{{POOL}, state="idle"}}': "0x60",
                f"miclinik_php_pool_workers_max{{{POOL}}}": "5x60",
            },
            10,
            ["MiclinikPoolFull"],
        ),
        (
            {
                f'miclinik_php_pool_workers{{{POOL}, state="active"}}': "4x60",
                f"miclinik_php_pool_workers_max{{{POOL}}}": "5x60",
            },
            10,
            [],
        ),
        # All that a flood takes is the quarantine: that is no critical matter.
        (
            {
                f'miclinik_php_pool_workers{{{QUARANTINE}, state="active"}}': "3x60",
                f"miclinik_php_pool_workers_max{{{QUARANTINE}}}": "3x60",
                f"miclinik_php_pool_queue{{{QUARANTINE}}}": "40x60",
            },
            30,
            ["MiclinikQuarantineFlooded"],
        ),
        ({f"miclinik_php_pool_full_total{{{QUARANTINE}}}": "0+1x90"}, 80, ["MiclinikQuarantineFlooded"]),
        ({f"miclinik_php_pool_full_total{{{POOL}}}": "0+1x90"}, 80, ["MiclinikPoolWasFull"]),
        ({f"miclinik_php_pool_queue{{{POOL}}}": "11x60"}, 10, ["MiclinikCallsWait"]),
        ({f"miclinik_backup_ok{{{SITE}}}": "1x9 0x20"}, 8, []),
        ({f"miclinik_backup_ok{{{SITE}}}": "1x9 0x20"}, 20, ["MiclinikBackupFailed"]),
        ({f"miclinik_backup_check_ok{{{SITE}}}": "0x20"}, 5, ["MiclinikBackupDamaged"]),
        ({f"miclinik_backup_restore_test_ok{{{SITE}}}": "0x20"}, 5, ["MiclinikBackupUnproven"]),
        (
            {
                f"miclinik_backup_last_success_timestamp_seconds{{{SITE}}}": "0x200",
                f"miclinik_backup_every_seconds{{{SITE}}}": "3600x200",
            },
            119,
            [],
        ),
        (
            {
                f"miclinik_backup_last_success_timestamp_seconds{{{SITE}}}": "0x200",
                f"miclinik_backup_every_seconds{{{SITE}}}": "3600x200",
            },
            150,
            ["MiclinikBackupOld"],
        ),
        ({f"{USED}documents{END}": "60x60", f"{USED}logs{END}": "40x60", f"{MOST}{{{SITE}}}": "100x60"}, 30, []),
        (
            {f"{USED}documents{END}": "60x60", f"{USED}logs{END}": "41x60", f"{MOST}{{{SITE}}}": "100x60"},
            30,
            ["MiclinikSiteTooLarge"],
        ),
        ({f"{FREE}{{{SITE}}}": "99x60", f"{WANTED}{{{SITE}}}": "100x60"}, 30, ["MiclinikDiskLow"]),
        ({f"{FREE}{{{SITE}}}": "100x60", f"{WANTED}{{{SITE}}}": "100x60"}, 30, []),
        # By 2 a minute, so by 2880 a day, of which there is room for less than a week, or for more.
        ({f"{USED}documents{END}": "0+2x2000", f"{FREE}{{{SITE}}}": "20000x2000"}, 1900, ["MiclinikSiteGrows"]),
        ({f"{USED}documents{END}": "0+2x2000", f"{FREE}{{{SITE}}}": "30000x2000"}, 1900, []),
    ],
)
def test_who_is_woken(tmp_path: Path, series: dict[str, str], minute: int, expected: list[str]) -> None:
    names = [rule["alert"] for rule in _rules()]
    values = [{"series": name, "values": found} for name, found in series.items()]
    # Each alert fires once or not at all; with which labels and words is not said here.
    counted = [
        {
            "expr": f'count(ALERTS{{alertname="{name}", alertstate="firing"}}) or vector(0)',
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": "{}", "value": int(name in expected)}],
        }
        for name in names
    ]
    case = {"interval": "1m", "input_series": values, "promql_expr_test": counted}
    file = tmp_path / "test.yml"
    file.write_text(yaml.safe_dump({"rule_files": [str(ALERTS)], "evaluation_interval": "1m", "tests": [case]}))
    programs.accept(["promtool", "test", "rules", file])
