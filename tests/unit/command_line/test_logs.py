# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logs by time and by status, with times as people write them."""

from __future__ import annotations

import datetime
import gzip
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import log_lines, moments

from .fake_host import FakeHost

ROOT = Path(__file__).parents[3]
#: A Saturday.
NOW = datetime.datetime(2026, 11, 28, 13, 0, 30).astimezone().timestamp()


def _at(month: int, day: int, hour: int = 0, minute: int = 0) -> float:
    return datetime.datetime(2026, month, day, hour, minute).astimezone().timestamp()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        *((text, NOW - 300) for text in ("5m", "-5m", "5 min ago", "5min", "5 minutes ago", "-5 minutes", "300s")),
        *((text, NOW - 5400) for text in ("1h30m", "1.5 hours", "1 hour and 30 minutes ago", "1h 30min ago")),
        *((text, NOW - 86400) for text in ("1d", "1 day ago", "last day", "24h")),
        *((text, NOW - 7 * 86400) for text in ("1w", "last week", "-1 week")),
        *((text, _at(11, 27, 1, 30)) for text in ("2026-11-27T01:30", "2026-11-27 01:30", "yesterday 1:30")),
        *((text, _at(11, 28)) for text in ("today", "2026-11-28", "Midnight", "saturday")),
        *((text, _at(11, 28, 10)) for text in ("10:00", "10:00:00", " today  10:00 ")),
        *((text, _at(11, 27)) for text in ("yesterday", "friday")),
        ("2026-11-27T01:30Z", 1795743000),
        ("@1795743000", 1795743000),
        ("now", NOW),
    ],
)
def test_times_as_people_write_them(text: str, moment: float) -> None:
    assert moments.since(text, NOW) == moment


@pytest.mark.parametrize(
    "text", ["", "5", "-5", "soon", "5 parsecs", "27/11/2026", "yesterday morning", "25:00", "+5m"]
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError):
        moments.since(text, NOW)


def _call(seconds: float, status: int, path: str) -> str:
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'10.0.0.1 - shop [{moment}] "GET {path} HTTP/1.1" {status} 12 0.010 {status} 0.009 "curl \\x22/8" -\n'


@pytest.fixture
def api(host: FakeHost) -> Path:
    """Return the log of the API's calls, whose oldest part is packed."""
    folder = host.folder / "var/log/nginx"
    folder.mkdir(parents=True)
    now = time.time()
    with gzip.open(folder / "norte.api.log.2.gz", "wt") as stream:
        stream.write(_call(now - 200000, 500, "/oldest"))
    (folder / "norte.api.log.1").write_text(_call(now - 90000, 404, "/older"))
    for number, name in ((200000, "norte.api.log.2.gz"), (90000, "norte.api.log.1")):
        os.utime(folder / name, (now - number, now - number))
    file = folder / "norte.api.log"
    calls = [(7000, 403, "/a"), (3000, 200, "/b"), (120, 401, "/c"), (60, 502, "/d"), (30, 200, "/e")]
    file.write_text("".join(_call(now - ago, status, path) for ago, status, path in calls))
    return file


@pytest.mark.parametrize("way", ["terminal", "piped"])
@pytest.mark.parametrize(
    ("words", "seen"),
    [
        (["-n", "2"], ["/d", "/e"]),
        (["--failed"], ["/older", "/a", "/c", "/d"]),
        (["--failed", "-n", "2"], ["/c", "/d"]),
        (["--status", "4xx"], ["/older", "/a", "/c"]),
        (["--status", "401,5XX"], ["/c", "/d"]),
        (["--status", "200", "--status", "502"], ["/b", "/d", "/e"]),
        (["--since", "-5m"], ["/c", "/d", "/e"]),
        (["--since=1h"], ["/b", "/c", "/d", "/e"]),
        (["--since", "2 hours ago", "--status", "403"], ["/a"]),
        (["--since", "2d", "--failed"], ["/older", "/a", "/c", "/d"]),
        (["--since", "1w", "--failed"], ["/oldest", "/older", "/a", "/c", "/d"]),
        (["--since", "1w", "-n", "0"], []),
        (["--status", "418"], []),
    ],
)
def test_calls_of_the_api(host: FakeHost, api: Path, way: str, words: list[str], seen: list[str]) -> None:
    ended = getattr(host, way)("norte", "logs", "api", *words)
    assert (ended.code, [line.split()[6] for line in ended.out.splitlines()]) == (0, seen), api
    assert ended.err == ""


@pytest.mark.parametrize("way", ["terminal", "piped"])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["api", "--since", "soon"], "'soon' is no time. Write it like 5m, '2 hours ago', yesterday"),
        (["api", "--status", "6xx"], "'6xx' is no status. Write it like 404 or 5xx."),
        (["php", "--status", "500"], "--status and --failed are for access and api: lines of the log php"),
        (["error", "--failed"], "lines of the log error have no status"),
    ],
)
def test_what_cannot_be_shown(host: FakeHost, way: str, words: list[str], said: str) -> None:
    ended = getattr(host, way)("norte", "logs", *words)
    assert (ended.code, said in " ".join((ended.out + ended.err).split())) == (2, True), ended


def test_errors_of_both_servers_by_time() -> None:
    wanted = log_lines.Wanted(since=_at(11, 28, 12))
    nginx = ["2026/11/28 11:59:59 [error] a", "2026/11/28 12:00:00 [error] b", " more of it"]
    apache = ["[Sat Nov 28 11:59:59.123456 2026] [core:error] a", "[Sat Nov 28 12:00:01.123456 2026] [x:error] b"]
    assert list(log_lines.chosen(nginx, wanted)) == nginx[1:]
    assert list(log_lines.chosen(apache, wanted)) == apache[1:]
    assert list(log_lines.chosen(['1 - - [nonsense] "GET / HTTP/1.1" 200 5'], wanted)) == []


def _going_on(host: FakeHost) -> subprocess.Popen[str]:
    script = f"""
import sys
from pathlib import Path
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from miclinikctl.main import main
top = Path({str(host.folder)!r})
sys.exit(main(["norte", "logs", "api", "--failed", "-f", "-n", "1"], Host(states=top / "etc", root=top)))
"""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}/.collections:{ROOT}/templates/command_line/lib"}
    words = [sys.executable, "-c", script]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)


def test_it_goes_on(host: FakeHost, api: Path) -> None:
    with _going_on(host) as told:
        assert told.stdout is not None
        try:
            assert "/d " in told.stdout.readline()
            with api.open("a") as stream:
                stream.write(_call(time.time(), 200, "/fine") + _call(time.time(), 500, "/new"))
            assert "/new " in told.stdout.readline()
            # As Ctrl-C does; nothing is said of it.
            os.killpg(told.pid, signal.SIGINT)
            assert (told.wait(20), told.stdout.read()) == (0, "")
        except BaseException:
            os.killpg(told.pid, signal.SIGKILL)
            raise


def test_who_reads_has_seen_enough(host: FakeHost, api: Path) -> None:
    with _going_on(host) as told:
        assert told.stdout is not None
        told.stdout.readline()
        told.stdout.close()
        with api.open("a") as stream:
            for number in range(5):
                stream.write(_call(time.time(), 500, f"/new{number}"))
        assert told.wait(20) == 1
