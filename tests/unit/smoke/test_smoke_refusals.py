# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was refused is counted from the logs, once, whatever happens to them meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import metrics as smoke_metrics
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import refusals

NGINX = '192.0.2.7 - - [27/Nov/2026:01:00:00 +0000] "GET /api/index.php/status HTTP/1.1" {} 84 0.000 - "curl" -\n'
APACHE = '192.0.2.7 - - [27/Nov/2026:01:00:00 +0000] "GET /api/index.php/status HTTP/1.1" {} 84 3 "curl" -\n'
LIES = (
    r'192.0.2.7 - - [x] "GET /\x22 429 1 HTTP/1.1" 404 5 0.000 - "a" 503 -' + "\n",
    r'192.0.2.7 - - [x] "GET /\" 503 HTTP/1.1" 200 5 3 "\" 429 " -' + "\n",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("nginx", "apache2"):
        (tmp_path / "var/log" / folder).mkdir(parents=True)
    return tmp_path


def _log(root: Path, name: str = "nginx/norte.api.log") -> Path:
    return root / "var/log" / name


def _count(root: Path) -> dict[str, dict[str, int]]:
    return refusals.count(["norte"], root / "record.json", root)


def test_refusals_of_both_servers_and_both_logs_are_counted(root: Path) -> None:
    _log(root).write_text(NGINX.format(429) * 3 + NGINX.format(200) + NGINX.format(503))
    _log(root, "nginx/norte.access.log").write_text(NGINX.format(429))
    _log(root, "apache2/norte.api.log").write_text(APACHE.format(503) * 2)
    _log(root, "nginx/sur.api.log").write_text(NGINX.format(429))
    assert _count(root) == {"norte": {"429": 4, "503": 3}}


def test_a_line_is_counted_once(root: Path) -> None:
    _log(root).write_text(NGINX.format(429))
    _count(root)
    with _log(root).open("a") as file:
        file.write(NGINX.format(429) + NGINX.format(429)[:-9])
    assert _count(root) == {"norte": {"429": 2, "503": 0}}
    with _log(root).open("a") as file:
        file.write(NGINX.format(429)[-9:])
    assert _count(root) == _count(root) == {"norte": {"429": 3, "503": 0}}


def test_a_log_that_was_rotated_or_cut_is_read_from_its_beginning(root: Path) -> None:
    _log(root).write_text(NGINX.format(429) * 5)
    _count(root)
    _log(root).rename(_log(root, "nginx/norte.api.log.1"))
    _log(root).write_text(NGINX.format(429) * 2)
    assert _count(root) == {"norte": {"429": 7, "503": 0}}
    _log(root).write_text(NGINX.format(503))
    assert _count(root) == {"norte": {"429": 7, "503": 1}}


def test_what_a_client_writes_is_no_status(root: Path) -> None:
    _log(root).write_text("".join(LIES))
    assert _count(root) == {"norte": {"429": 0, "503": 0}}


@pytest.mark.parametrize("record", ["", "[]", "no JSON"])
def test_without_a_record_counting_begins_anew(root: Path, record: str) -> None:
    (root / "record.json").write_text(record)
    assert _count(root) == {"norte": {"429": 0, "503": 0}}


def test_much_is_read_in_parts(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_BYTES", len(NGINX.format(429)) * 2 + 20)
    _log(root).write_text(NGINX.format(429) * 5)
    assert [_count(root)["norte"]["429"] for _ in range(4)] == [2, 4, 5, 5]


def test_metrics() -> None:
    text = smoke_metrics.text([], [], 0, 0, refused={"norte": {"429": 4, "503": 0}})
    assert text.endswith(
        "# HELP miclinik_web_refused_total Calls that were answered that there is no room for them.\n"
        "# TYPE miclinik_web_refused_total counter\n"
        'miclinik_web_refused_total{site="norte",status="429"} 4\n'
        'miclinik_web_refused_total{site="norte",status="503"} 0\n'
    )
