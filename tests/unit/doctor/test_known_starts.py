# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that do not start again: what they say themselves, or the kernel of them, comes first."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_host
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import case, failed

END = "mariadb.service: Failed with result 'exit-code'."


def _down(role: str, *log: str, result: str = "exit-code") -> Case:
    ill = case(failed("api", "database"))
    place = ill.here["units"] if role == "php" else ill.host["units"]
    place[role] |= {"active": False, "state": "failed (failed)", "result": result, "log": [*log]}
    return ill


@pytest.mark.parametrize(
    ("role", "line", "name"),
    [
        ("web", "nginx: [emerg] bind() to 192.0.2.9:443 failed (99: Cannot assign requested a…", "address-gone"),
        ("web", "(99)Cannot assign requested address: AH00072: could not bind to address [::1]:80", "address-gone"),
        ("web", "nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "port-taken"),
        ("web", 'nginx: [emerg] SSL_CTX_use failed (x509 certificate::key values mismatch)', "certificate-unusable"),
        ("web", "[ssl:emerg] [pid 8:tid 8] AH02564: Failed to configure encrypted (?) private", "certificate-unusable"),
        ("web", "nginx: [emerg] could not build server_names_hash, you should increase server_names…", "web-names"),
        ("web", 'nginx: [emerg] module "/usr/lib/nginx/x.so" is not binary compatible in /etc/nginx/x:1', "web-module"),
        ("web", 'nginx: [emerg] unknown directive "zz" in /etc/nginx/nginx.conf:3', "web-configuration"),
        ("database", "2026-11-27 12:00:00 0 [ERROR] Bad magic header in tc log", "database-log-broken"),
        ("database", "[ERROR] InnoDB: Upgrade after a crash is not supported. The redo log was…", "database-version"),
        ("database", "FATAL:  database files are incompatible with server", "database-version"),
        ("database", "[ERROR] InnoDB: Unable to lock ./ibdata1 error: 11", "database-two-servers"),
        ("database", 'FATAL:  lock file "postmaster.pid" already exists', "database-two-servers"),
        ("database", "New main PID 8 does not belong to service, and PID file…", "database-two-servers"),
        ("database", "[ERROR] /usr/sbin/mariadbd: unknown variable 'query_cash=1'", "database-option"),
        ("database", 'LOG:  unrecognized configuration parameter "zz" in file "/etc/x.conf" line 9', "database-option"),
        ("database", "FATAL:  could not map anonymous shared memory: Cannot allocate memory", "database-memory"),
        ("database", "[ERROR] InnoDB: Cannot allocate memory for the buffer pool", "database-memory"),
        ("database", "[ERROR] Can't start server: Bind on TCP: Cannot assign requested", "database-address-gone"),
        ("database", 'LOG:  could not bind IPv4 address "192.0.2.9": Cannot assign requested', "database-address-gone"),
        ("database", "[ERROR] InnoDB: Database page corruption on disk or a failed read of file", "database-corrupt"),
        ("database", "PANIC:  could not locate a valid checkpoint record", "database-corrupt"),
        ("database", 'apparmor="DENIED" operation="open" profile="/usr/sbin/mariadbd" name="/srv/x"', "apparmor"),
        ("php", "Fatal Error Unable to allocate shared memory segment of 99 bytes: mmap: Can", "php-shared-memory"),
        ("php", "Fatal Error Zend OPcache cannot allocate buffer for interned strings", "php-shared-memory"),
    ],
)  # fmt: skip
def test_what_it_said_comes_first(role: str, line: str, name: str) -> None:
    first = diagnose(_down(role, line, END))[0]
    assert first.id == name
    assert line[:60] in first.evidence[0]


def test_a_reason_of_no_known_kind_is_in_the_first_line() -> None:
    first = diagnose(_down("database", "[ERROR] Something that nobody has seen", "[ERROR] Aborting", END))[0]
    assert first.id == "database-down"
    assert first.evidence[0].endswith("result exit-code: [ERROR] Something that nobody has seen")
    assert first.mend.startswith("mend what it says; then systemctl reset-failed mariadb")


def test_what_was_only_stopped_has_no_reason() -> None:
    first = diagnose(_down("database", "[ERROR] of its start", result="success"))[0]
    assert (first.id, first.evidence[0]) == ("database-down", "service mariadb is failed (failed), result success")
    assert first.mend.startswith("systemctl reset-failed mariadb")


def test_whoever_was_ended_for_want_of_memory_is_started_again() -> None:
    text = "Out of memory: Killed process 1235 (mariadbd) total-vm:3061516kB"
    first = diagnose(_down("database", text, "mariadb.service: Failed with result 'oom-kill'.", result="oom-kill"))[0]
    assert (first.id, first.run) == ("oom-kill", ("systemctl reset-failed mariadb; systemctl start mariadb",))


def test_a_log_of_transactions_is_moved_and_not_removed() -> None:
    first = diagnose(_down("database", "[ERROR] Bad magic header in tc log"))[0]
    assert [command.split(" ")[0] for command in first.run] == ["mkdir", "systemctl"]
    assert "mv -n /var/lib/mysql/tc.log /root/miclinik-taken-away/" in first.run[0]


@pytest.mark.parametrize(
    ("unit", "line", "own"),
    [
        ("mariadb", 'audit: apparmor="DENIED" profile="/usr/sbin/mariadbd" name="/x"', True),
        ("mariadb", "Out of memory: Killed process 7 (nginx)", False),
        ("postgresql@17-main", "Out of memory: Killed process 7 (postgres)", True),
        ("miclinik-php@norte", "php-fpm8.4[71]: segfault at 0 ip 0 sp 0 error 4", True),
        ("nginx", "blk_update_request: I/O error, dev sda", True),
        ("nginx", "device eth0 entered promiscuous mode", False),
    ],
)
def test_lines_of_the_kernel(unit: str, line: str, own: bool) -> None:
    assert probe_host.of_kernel([line], unit) == ([line] if own else [])
    assert probe_host.kernel(unit, 0.0) == []
