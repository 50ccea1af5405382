# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What logs say becomes a cause, where something failed, and only of our own requests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import known_lines, witnesses
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import HOME, case, failed, stroke


def _line(text: str, source: str = "miclinik-php@norte.service", **changes: object) -> dict[str, Any]:
    return {"source": source, "text": text, "count": 1, "site": "norte", "ours": True} | changes


PARSE = 'PHP Parse error:  syntax error, unexpected token "}" in /srv/miclinik/norte/current/htdocs/a.php on line 7'
LINES = [
    (PARSE, "php-parse"),
    ("PHP Fatal error:  Allowed memory size of 2097152 bytes exhausted in /a on line 1", "php-memory"),
    ("PHP Fatal error:  Maximum execution time of 1 second exceeded in /a.php on line 2", "php-time"),
    ("PHP Fatal error:  Uncaught Error: Call to undefined function json_encode() in /a:3", "php-function"),
    ("PHP Fatal error:  Failed opening required '/etc/gone.php' in Unknown on line 0", "php-prepend"),
    ("[pool norte-web] child 7 exited on signal 9 (SIGKILL) after 1 seconds from start", "worker-killed"),
    ("[pool norte-web] server reached max_children setting (1), consider raising it", "pool-full"),
    ("Memory cgroup out of memory: Killed process 7 (php-fpm8.2)", "oom-kill"),
    ("connect() to unix:/run/miclinik/norte/api.sock failed (13: Permission denied)", "socket-refused"),
    ("bind() to 0.0.0.0:443 failed (98: Address already in use)", "port-taken"),
    ("(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80", "port-taken"),
    (
        "[ERROR] unable to bind listening socket for address '/run/x/web.sock': Address already in use (98)",
        "socket-taken",
    ),
    ("[ERROR] Can't start server: Bind on TCP/IP port: Address already in use", "database-port-taken"),
    ('LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', "database-port-taken"),
    ("AH01630: client denied by server configuration: /srv/miclinik/norte", "forbidden-rule"),
    ("client intended to send too large body: 7 bytes", "body-limit"),
    ("upstream sent too big header while reading response header from upstream", "header-answer"),
    ("InnoDB: Error: Tablespace for table norte/llx_const is missing", "database-table-broken"),
    ("write() \"/x\" failed (28: No space left on device)", "no-space"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), LINES)
def test_known_line(text: str, cause: str) -> None:
    seen = case(failed("web", "php", "500, an empty body"))
    found = witnesses.testimony(stroke(seen, "host:lines", [_line(text)]))
    assert [entry.id for entry in found] == [cause]
    assert text[:60] in found[0].evidence[0]


def test_a_file_and_its_line_are_named() -> None:
    seen = stroke(case(failed("web", "php")), "host:lines", [_line(PARSE)])
    (found,) = diagnose(seen)
    assert found.cause == ("A file of PHP has an error of syntax: /srv/miclinik/norte/current/htdocs/a.php, line 7")


def test_what_no_rule_and_no_kind_knows_is_told_all_the_same() -> None:
    seen = stroke(case(failed("web", "php")), "host:lines", [_line("something that nobody has seen", "nginx.service")])
    (found,) = diagnose(seen)
    assert (found.id, found.cause) == ("log-vhost", "A log says why, or what followed: something that nobody has seen")


@pytest.mark.parametrize("changes", [{"ours": False}, {"site": "sur"}])
def test_lines_of_others_are_not_ours(changes: dict[str, Any]) -> None:
    seen = stroke(case(failed("web", "php")), "host:lines", [_line(PARSE, **changes)])
    assert witnesses.testimony(seen) == []


def test_a_healthy_site_is_not_asked_for_its_logs() -> None:
    assert diagnose(stroke(case(), "host:lines", [_line(PARSE)])) == []


def test_the_first_that_breaks_on_the_way_comes_first() -> None:
    lines = [_line(LINES[1][0]), _line(LINES[8][0], "/var/log/nginx/norte.error.log")]
    seen = stroke(case(failed("web", "gateway")), "host:lines", lines)
    assert [entry.id for entry in witnesses.testimony(seen)] == ["socket-refused", "php-memory"]


def test_names_are_told_once_and_layers_are_on_the_way() -> None:
    assert all(entry.layer in witnesses.WAY for entry in known_lines.KNOWN)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("head: error writing 'standard output': No space left on device", "write-no-space"),
        ("mktemp: failed to create file: Read-only file system", "write-read-only"),
        ("mktemp: failed to create file: Permission denied", "write-refused"),
    ],
)
def test_places_that_take_no_file(text: str, cause: str) -> None:
    (found,) = diagnose(stroke(case(), "here:writes", [{"place": "/srv/miclinik/norte/sessions", "text": text}]))
    assert (found.id, found.evidence) == (cause, (f"/srv/miclinik/norte/sessions: {text}",))


def test_a_private_tmp_that_was_taken_away_comes_with_a_restart() -> None:
    text = "mktemp: failed to create file via template '/tmp/.x': No such file or directory"
    (found,) = diagnose(stroke(case(), "here:writes", [{"place": "/tmp", "text": text}]))  # noqa: S108
    assert (found.id, found.run) == ("private-tmp", ("systemctl restart miclinik-php@norte.service",))


def test_what_gave_no_answer_is_evidence() -> None:
    (found,) = diagnose(stroke(case(failed("web")), "here:late", ["resolved"]))
    assert (found.id, found.evidence[0]) == ("late-resolved", "no answer in time from: resolved")


def test_a_busy_host_whose_sites_work_is_well() -> None:
    assert diagnose(stroke(case(), "here:late", ["application", "files"])) == []
    # It answers: who is refused could not be looked up, and the application's words are what there is.
    refused = failed("status", "key-refused", "401, user not valid (bad validity dates)")
    (found,) = diagnose(stroke(case(refused), "here:late", ["application"]))
    assert found.cause == "The application answers, and refuses the API's user"
    assert "bad validity dates" in found.evidence[0]
    *_, found = diagnose(stroke(case(failed("status", "timeout")), "here:late", ["application"]))
    assert found.cause == "No answer in time from the application on the host"


def test_why_a_service_is_down_comes_before_that_it_is() -> None:
    ill = stroke(
        stroke(case(failed("web", "connect")), "host:units.web.active", False), "host:units.web.log", [LINES[9][0]]
    )
    failing = stroke(ill, "host:units.web.result", "exit-code")
    assert [entry.id for entry in diagnose(failing)] == ["port-taken", "web-server-down"]
    stopped = stroke(ill, "host:units.web.result", "success")
    assert [entry.id for entry in diagnose(stopped)] == ["web-server-down"]


def test_workers_that_wait() -> None:
    ill = stroke(case(failed("web", "timeout")), "here:loopback", "no answer (timed out)")
    assert [entry.id for entry in diagnose(ill)] == ["php-sleeps"]


def test_packets_that_are_dropped() -> None:
    dropped = failed("tls", "connect", "the connection failed: timed out")
    ill = stroke(case(dropped), "here:loopback", "no answer (timed out)")
    assert [entry.id for entry in diagnose(ill)] == ["firewall"]


def test_a_rule_that_knows_the_folder_comes_before_the_trial() -> None:
    shut = stroke(case(), "here:files.api_temp.usable", False)
    ill = stroke(shut, "here:writes", [{"place": f"{HOME}/documents/api/temp", "text": "Permission denied"}])
    assert [entry.id for entry in diagnose(ill)] == ["api-temp", "write-refused"]


@pytest.mark.parametrize(
    ("said", "found"), [("Read-only file system", "write-read-only"), ("No space left on device", "write-no-space")]
)
def test_a_mount_that_takes_no_file_is_not_mended_by_another_folder_on_it(said: str, found: str) -> None:
    shut = stroke(case(), "here:files.api_temp.usable", False)
    ill = stroke(shut, "here:writes", [{"place": f"{HOME}/documents/api/temp", "text": said}])
    assert [entry.id for entry in diagnose(ill)] == [found]
