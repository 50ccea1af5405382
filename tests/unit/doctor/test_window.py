# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The lines that are of our own requests, and of nothing older."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import window
from ansible_collections.miclinik.hosting.plugins.module_utils.host import limits

SINCE = datetime(2026, 11, 27, 6, 0, 0).timestamp()
ERRORS = """2026/11/27 05:30:00 [error] 7#7: *1 open() "/old" failed (13: Permission denied), client: 192.0.2.1, x
2026/11/27 06:00:01 [error] 7#7: *2 open() "/new" failed (13: Permission denied), client: 192.0.2.1, x
2026/11/27 06:00:02 [error] 7#7: *3 open() "/new" failed (13: Permission denied), client: 192.0.2.1, x
2026/11/27 06:00:03 [error] 7#7: *4 open() "/theirs" failed (13: Permission denied), client: 203.0.113.9, x
2026/11/27 06:00:03 [notice] 7#7: signal process started
"""
ACCESS = '192.0.2.1 - - [27/Nov/2026:06:00:01 +0000] "GET / HTTP/1.1" 500 0 0.1 500 "miclinik.hosting" -\n'


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(window, "run", lambda *words: "")
    (tmp_path / "norte.error.log").write_text(ERRORS)
    (tmp_path / "norte.access.log").write_text(ACCESS)
    return tmp_path


def _site(logs: Path) -> dict[str, str]:
    return {"name": "norte", "user": "norte", "documents": str(logs), "fpm_unit": "miclinik-php@norte.service"}


def test_lines_of_before_are_left_out_and_each_kind_is_told_once(logs: Path) -> None:
    found = [line for line in window.look([_site(logs)], str(logs), SINCE) if str(logs) in line["source"]]
    assert [(line["text"].split('"')[1], line["count"], line["ours"], line["site"]) for line in found] == [
        ("/new", 2, True, "norte"),
        ("/theirs", 1, False, "norte"),
    ]


def test_the_journal_tells_whose_line_it_is(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        '{"MESSAGE": "PHP Fatal error:  no", "_SYSTEMD_UNIT": "miclinik-php@norte.service"}',
        '{"MESSAGE": "Out of memory", "_TRANSPORT": "kernel", "SYSLOG_IDENTIFIER": "kernel"}',
        '{"MESSAGE": "failed login", "SYSLOG_IDENTIFIER": "sshd"}',
        "no JSON",
    ]
    monkeypatch.setattr(window, "run", lambda *words: "\n".join(entries))
    found = [line for line in window.look([_site(logs)], str(logs), SINCE) if str(logs) not in line["source"]]
    assert [(line["source"], line["site"]) for line in found] == [
        ("miclinik-php@norte.service", "norte"),
        ("kernel", ""),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "2026/11/27 06:00:00 [error] x",
        "2026-11-27  6:00:00 0 [ERROR] InnoDB: x",
        "[Fri Nov 27 06:00:00.123456 2026] [proxy_fcgi:error] [pid 7:tid 8] x",
        "2026-11-27 06:00:00.123 CET [77] FATAL:  x",
    ],
)
def test_time_of_a_line(line: str) -> None:
    assert window.stamp(line) == SINCE
    assert window.stamp("a line without") == 0.0


def test_who_hangs_is_named_and_keeps_nobody_waiting() -> None:
    start = time.monotonic()
    found, late = limits.Answers({"quick": lambda: 1, "never": lambda: time.sleep(30)}).until(start + 0.3)
    assert (found, late, time.monotonic() - start < 5) == ({"quick": 1}, ["never"], True)


def test_a_question_that_fails_fails_here() -> None:
    def wrong() -> None:
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        limits.Answers({"wrong": wrong}).until(time.monotonic() + 5)


def test_why_apache_does_not_start_is_in_the_log_of_the_vhost(tmp_path: Path) -> None:
    stamp = "[Fri Nov 27 06:00:01.000000 2026] [ssl:emerg] [pid 8:tid 8]"
    why = "AH02564: Failed to configure encrypted (?) private key norte.example.org:443:0, check /srv/key.pem"
    (tmp_path / "error.log").write_text(
        f"{stamp.replace('06:00:01', '05:00:00')} AH02565: of before\n{stamp.replace('emerg', 'warn')} AH01882: Init\n"
        f"{stamp} AH02311: see the other\n"
    )
    first = f"{stamp.replace('emerg', 'error')} AH02579: Init: Private key not found"
    (tmp_path / "norte.error.log").write_text(f"{first}\n{stamp} {why}\n")
    (tmp_path / "norte.access.log").write_text(f"{stamp} nobody's\n")
    since = datetime(2026, 11, 27, 6, 0, 0).astimezone().timestamp()
    assert window.of_apache(tmp_path, since) == [first, f"{stamp} {why}", f"{stamp} AH02311: see the other"]


def test_why_postgresql_does_not_start_is_in_its_own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "postgresql-17-main.log"
    log.write_text(
        "2026-11-27 05:00:00.001 UTC [7] FATAL:  of before\n"
        "2026-11-27 06:00:01.001 UTC [8] LOG:  starting PostgreSQL 17\n"
        '2026-11-27 06:00:01.002 UTC [8] LOG:  could not bind IPv4 address "192.0.2.9": Cannot assign\n'
        '2026-11-27 06:00:01.003 UTC [8] FATAL:  lock file "postmaster.pid" already exists\n'
    )
    monkeypatch.setattr(window, "_newest_cluster", lambda: [log])
    since = datetime(2026, 11, 27, 6, 0, 0, tzinfo=UTC).timestamp()
    assert [line.partition("] ")[2][:12] for line in window.of_cluster(since)] == ["LOG:  could ", "FATAL:  lock"]
