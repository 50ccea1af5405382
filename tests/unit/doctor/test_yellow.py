# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What will break is told, and turns nothing red."""

from __future__ import annotations

import datetime
import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_ahead, probe_loopback
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose, inside

from .cases import case, stroke

DAY = 86400.0
OWN = {"section": "files", "subject": "/etc/miclinik/x.conf", "site": "", "own": True, "since": 0.0}
OWN |= {"what": "content", "was": "a", "is": "b"}


def _ahead(case: Case, **told: object) -> Case:
    return replace(case, host={**case.host, "ahead": told})


def _certificate(**told: object) -> Case:
    ill = case()
    ill.here["certificate"].update(told)
    return ill


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (stroke(case(), "here:certificate.days_left", 13), "site 'norte': the certificate ends in 13 days"),
        (stroke(case(), "here:certificate.days_left", 14), ""),
        (
            _certificate(other=True, changed=1060.0, given_days_left=3),
            "site 'norte': the web server gives another certificate than the one on record, which was put there since"
            " it was loaded; the one given ends in 3 days",
        ),
        (_certificate(other=True, changed=900.0, given_days_left=3), ""),
        (stroke(case(), "host:units.web.off_at_boot", True), "nginx runs, and does not start when the host does"),
        (
            stroke(case(), "here:units.php.off_at_boot", True),
            "site 'norte': miclinik-php@norte runs, and does not start",
        ),
        (_ahead(case(), connections=[120, 150]), "120 of 150 connections of the database server are taken"),
        (_ahead(case(), connections=[119, 150]), ""),
        (
            _ahead(case(), web="nginx: [emerg] could not build server_names_hash"),
            "the web server goes on with what it has loaded, and could not load its files anew: nginx: [emerg] could",
        ),
        (
            stroke(case(), "here:late", ["jobs", "writes", "database"]),
            "site 'norte': not seen, since no answer came in time: whether its folders take files, whether its"
            " database takes writes; to do: see what the host is busy with (uptime, top), and run",
        ),
        (stroke(case(), "here:late", ["jobs"]), ""),
        (_ahead(case(), full={"norte": 3}), "site 'norte': all workers of a pool were taken 3 times since yesterday"),
        (_ahead(case(), full={"norte": 0}), ""),
        (
            _ahead(case(), plain={"norte": "no answer ([Errno 111] Connection refused)"}),
            "site 'norte': whoever gives the address without https:// is not sent on: port 80: no answer",
        ),
        (_ahead(case(), plain={"norte": ""}), ""),
        (_ahead(case(), security=["a", "b", "c", "d"]), "security updates wait: a, b, c and 1 more"),
        # 5000 MiB are free.
        (
            _ahead(case(), taken={"norte": [[0.0, 100.0], [DAY, 600.0]]}),
            "site 'norte': at the rate of late the disk under the documents is full in 10 days (500 MiB in 1.0 days,",
        ),
        (_ahead(case(), taken={"norte": [[0.0, 100.0], [DAY, 400.0]]}), ""),
        (_ahead(case(), taken={"norte": [[0.0, 100.0], [3600.0, 600.0]]}), ""),
        (case(offset=12.0), "the host's clock is 12 s ahead of the controller's"),
        (case(offset=-4.0), ""),
        (
            replace(case(), host={**case().host, "changes": [OWN]}),
            "site 'norte': /etc/miclinik/x.conf was changed, which is not how it was when the host was last proven",
        ),
        (replace(case(), host={**case().host, "changes": [OWN | {"own": False}]}), ""),
    ],
)
def test_it_is_told_and_turns_nothing_red(ill: Case, said: str) -> None:
    told = [entry.line() for entry in yellow.of([ill])]
    assert [line[: len(said)] for line in told] == ([said] if said else [])
    assert all("; to do: " in line for line in told)
    assert diagnose(ill) == []
    assert inside(ill, 1).ok


def test_what_is_the_hosts_is_told_once() -> None:
    ill = stroke(case(), "host:units.web.off_at_boot", True)
    assert [entry.site for entry in yellow.of([ill, ill])] == [""]


def test_figures_of_the_hourly_measurement() -> None:
    def line(text: str, seconds: int) -> str:
        return json.dumps({"MESSAGE": text, "__REALTIME_TIMESTAMP": str(seconds * 1_000_000)})

    lines = [
        line("site norte: documents 1 MiB, database 27 MiB, logs 0 MiB", 100),
        "no JSON",
        line("Finished miclinik-disk.service", 101),
        line("site norte: documents 3 MiB, database 28 MiB, logs 1 MiB; 32 of 100 MiB", 200),
    ]
    assert probe_ahead.taken(lines) == {"norte": [[100.0, 28.0], [200.0, 32.0]]}
    assert probe_ahead.used("12\t151\n") == [12, 151]
    assert probe_ahead.used("ERROR 2002 (HY000)") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nginx: the configuration file /x syntax is ok\nnginx: configuration file /x test is successful\n", ""),
        ("AH00558: apache2: Could not reliably determine\nSyntax OK\n", ""),
        ("", ""),
        ("[warn] x\nnginx: [emerg] unknown directive\nnginx: test failed\n", "nginx: [emerg] unknown directive"),
        (
            "AH00112: Warning: DocumentRoot [/x] does not exist\nAH00526: Syntax error on line 3 of /x:\nz\nThe log",
            "AH00526: Syntax error on line 3 of /x: z",
        ),
        ("AH00112: Warning: DocumentRoot [/x] does not exist\nSyntax OK", ""),
        ("AH00558: apache2: x\nAH00526: Syntax error on line 3 of /x:\nz", "AH00526: Syntax error on line 3 of /x: z"),
    ],
)
def test_what_a_web_server_would_not_load(text: str, said: str) -> None:
    assert probe_ahead.refused(text) == said


def test_a_unit_that_is_off_at_boot_is_told_once() -> None:
    links = [
        OWN | {"subject": f"/etc/systemd/system/{folder}.target.wants/miclinik-php@norte.{kind}", "is": ""}
        for folder, kind in (("multi-user", "service"), ("sockets", "socket"))
    ]
    ill = stroke(case(), "here:units.php.off_at_boot", True)
    (told,) = yellow.of([replace(ill, host={**ill.host, "changes": links})])
    assert (told.id, told.mend) == ("boot", "systemctl enable miclinik-php@norte.service miclinik-php@norte.socket")
    changed = replace(case(), host={**case().host, "changes": links})
    assert len(yellow.of([changed])) == 2
    # What a run of site.yml has just written itself is no news.
    assert yellow.of([changed], written=True) == []


@pytest.mark.parametrize(
    ("status", "location", "said"),
    [
        (301, "https://norte.example.org/", ""),
        (308, "https://norte.example.org/", ""),
        (301, "http://norte.example.org/x", "301 to http://norte.example.org/x"),
        (404, "", "404"),
        (200, "", "200"),
    ],
)
def test_whoever_comes_without_tls_is_sent_to_it(
    monkeypatch: pytest.MonkeyPatch, status: int, location: str, said: str
) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert (self.path, self.headers["Host"]) == ("/erp/", "norte.example.org")
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(probe_loopback, "PLAIN", server.server_port)
        site = {"listen": 443, "encrypted": True, "prefix": "/erp", "domain": "norte.example.org"}
        assert probe_loopback.plain(site) == said
        server.shutdown()
    assert probe_loopback.plain(site).startswith("no answer (")


@pytest.mark.parametrize(("days", "said"), [(0, "1 day more"), (13, "14 days more"), (14, ""), (-1, "")])
def test_a_key_whose_last_day_is_near(days: int, said: str) -> None:
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)).date().isoformat()
    ill = case()
    ill.site["users"][0]["expires"] = until
    lines = [entry.line() for entry in yellow.of([ill]) if entry.id == "key"]
    if not said:
        assert lines == []
    else:
        assert lines[0].startswith(f"site 'norte': the key of integration is good until {until} ({said})")
