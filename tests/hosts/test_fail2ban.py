# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who guesses or probes is shut out, by packets that really come from elsewhere: from a network of their own."""

from __future__ import annotations

import base64
import itertools
import json
import random
import re
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from . import calls
from .conftest import HostedSite

PROGRAM = (Path(__file__).parent / "stranger.py").read_text(encoding="utf-8")
SPACE = "miclinik-test"
#: Of a network that is nobody's (RFC 2544), and private to nobody.
HERE = "198.18.0.1"
ADDRESSES = (
    f"198.18.{third}.{last}" for third, last in itertools.product(random.sample(range(1, 255), 200), range(1, 255))
)
LIMIT = 20
API = "/api/index.php"
WRONG = {"DOLAPIKEY": "wrong" * 6}
PROBE = ["GET", "/.git/config", {}]
#: A user's name stands in front of the date in a log.
NAMED = {"Authorization": "Basic " + base64.b64encode(b'[1] "GET / HTTP/1.1" 200 1:x').decode()}
COUNTED: dict[str, list[Any]] = {
    "a password": ["log in", "/index.php", "wrong"],
    "a key": ["GET", f"{API}/status", WRONG],
    "a key in the query": ["GET", f"{API}/status?api_key={'wrong' * 6}", {}],
    "a bearer's key": ["GET", f"{API}/status", {"Authorization": f"Bearer {'wrong' * 6}"}],
    "a key that the description is asked with": ["GET", f"{API}/explorer/swagger.json", WRONG],
    "a password at the endpoint": ["GET", f"{API}/login?login=admin&password=wrong", {}],
    "a dot file": PROBE,
    "the installer": ["POST", "/install/step1.php", {}],
    "a name that is a lie": ["GET", "/.git/config", NAMED],
}
LET_BE: dict[str, list[Any]] = {
    "no key": ["GET", f"{API}/status", {}],
    "the description": ["GET", f"{API}/explorer/swagger.json", {}],
    "what is not there": ["GET", "/none.php", {}],
    "where an upgrade leads to": ["GET", "/install/index.php", {}],
    "what browsers ask for": ["GET", "/.well-known/change-password", {}],
    "words of a filter's": ["GET", "/", {"User-Agent": '" key'}],
}


@pytest.fixture(scope="module")
def elsewhere(host: Host) -> Iterator[None]:
    """Give the host a neighbour."""
    for command in (
        f"ip netns add {SPACE}",
        f"ip link add miclinik0 type veth peer name miclinik1 netns {SPACE}",
        f"ip addr add {HERE}/15 dev miclinik0",
        "ip link set miclinik0 up",
        f"ip -n {SPACE} link set miclinik1 up",
    ):
        host.check_output(command)
    yield
    # Its other end goes as well.
    host.check_output("ip link delete miclinik0")
    host.check_output(f"ip netns delete {SPACE}")


def _address(host: Host) -> str:
    """Return one that has done nothing yet."""
    address = next(ADDRESSES)
    host.check_output(f"ip -n {SPACE} addr add {address}/15 dev miclinik1")
    return address


def _call(host: Host, site: HostedSite, source: str, *steps: list[Any], inside: bool = True) -> list[int | None]:
    port = site.settings.get("port") or (443 if site.encrypted else 80)
    words = [source, HERE, str(port), "tls" if site.encrypted else "plain", site.settings["domain"]]
    prefix = site.settings.get("base_path", "/").rstrip("/")
    wanted = json.dumps([[method, prefix + path, last] for method, path, last in steps])
    space = f"ip netns exec {SPACE} " if inside else ""
    said = host.check_output(f"{space}python3 -c %s{' %s' * 6}", PROGRAM, *words, wanted)
    statuses: list[int | None] = json.loads(said)
    return statuses


def _jail(site: HostedSite) -> str:
    return f"miclinik-{site.name}"


def _failures(host: Host, site: HostedSite) -> int:
    return _failed(host, _jail(site))


def _failed(host: Host, jail: str) -> int:
    found = re.search(r"Total failed:\s+(\d+)", host.check_output("fail2ban-client status %s", jail))
    assert found
    return int(found[1])


def _banned(host: Host, site: HostedSite) -> list[str]:
    return str(host.check_output("fail2ban-client get %s banip", _jail(site))).split()


def _until(wanted: Any, look: Any) -> None:  # noqa: ANN401 (any value)
    """Wait for fail2ban, which looks at a log once a second."""
    deadline = time.monotonic() + 30
    while (seen := look()) != wanted:
        assert time.monotonic() < deadline, (seen, wanted)
        time.sleep(0.5)


@pytest.mark.usefixtures("elsewhere")
def test_what_counts(host: Host, site: HostedSite) -> None:
    source = _address(host)
    before = _failures(host, site)
    _call(host, site, source, *LET_BE.values())
    for done, (about, step) in enumerate(COUNTED.items(), start=1):
        assert None not in _call(host, site, source, step)
        _until((about, before + done), lambda about=about: (about, _failures(host, site)))
    assert source not in _banned(host, site)


@pytest.mark.usefixtures("elsewhere")
def test_who_mistypes_four_times_is_let_in(host: Host, site: HostedSite) -> None:
    source = _address(host)
    before = _failures(host, site)
    assert _call(host, site, source, *[["log in", "/index.php", "wrong"]] * 4) == [200] * 4
    _until(before + 4, lambda: _failures(host, site))
    assert _call(host, site, source, ["GET", "/index.php", {}]) == [200]


@pytest.mark.usefixtures("elsewhere")
def test_who_goes_on_is_shut_out_alone_and_let_in_again(host: Host, site: HostedSite) -> None:
    source, other = _address(host), _address(host)
    assert _call(host, site, source, *[PROBE] * (LIMIT - 1)) == [404] * (LIMIT - 1)
    _until(True, lambda: f"Found {source}" in host.file("/var/log/fail2ban.log").content_string)
    time.sleep(2)
    assert _call(host, site, source, PROBE) == [404]
    _until(True, lambda: source in _banned(host, site))
    try:
        _until([None], lambda: _call(host, site, source, ["GET", "/index.php", {}]))
        assert _call(host, site, other, ["GET", "/index.php", {}]) == [200]
        # What is on disk is loaded without letting anybody in.
        host.check_output("systemctl reload fail2ban")
        assert _call(host, site, source, ["GET", "/index.php", {}]) == [None]
    finally:
        host.check_output("fail2ban-client set %s unbanip %s", _jail(site), source)
    assert _call(host, site, source, ["GET", "/index.php", {}]) == [200]


@pytest.mark.usefixtures("elsewhere")
def test_an_old_key_does_not_shut_out_the_clinic_that_it_is_of(host: Host, site: HostedSite) -> None:
    """A program that goes on with a dead key shares its address with people and with programs that belong there."""
    good = {"DOLAPIKEY": f"{site.state}/secrets.json"}
    source, passwords = _address(host), _failed(host, "miclinik_passwords")
    assert _call(host, site, source, ["GET", f"{API}/status", good]) == [200]
    assert host.file(f"{site.home}/signed-in/from/{source}").is_file
    assert _call(host, site, source, *[["GET", f"{API}/status", WRONG]] * (LIMIT + 5)) == [401] * (LIMIT + 5)
    ignored = f"[{_jail(site)}] Ignore {source}"
    _until(True, lambda: ignored in host.file("/var/log/fail2ban.log").content_string)
    assert _call(host, site, source, ["log in", "/index.php", "wrong"]) == [200]
    # Of passwords so many more are too many, but too many there are.
    _until(passwords + 1, lambda: _failed(host, "miclinik_passwords"))
    assert host.check_output("fail2ban-client get miclinik_passwords maxretry") == "100"
    assert source not in _banned(host, site)


@pytest.mark.usefixtures("elsewhere")
def test_a_log_that_was_rotated_is_read_on(host: Host, site: HostedSite) -> None:
    host.check_output("logrotate --force /etc/logrotate.conf")
    source = _address(host)
    found = f"[{_jail(site)}] Found {source}"

    def look() -> bool:
        # A web server opens its new logs a moment later.
        _call(host, site, source, PROBE)
        return found in host.file("/var/log/fail2ban.log").content_string

    _until(True, look)


@pytest.mark.usefixtures("elsewhere")
def test_the_host_never_shuts_itself_out(host: Host, site: HostedSite) -> None:
    assert _call(host, site, HERE, *[PROBE] * (LIMIT + 5), inside=False) == [404] * (LIMIT + 5)
    ignored = f"[{_jail(site)}] Ignore {HERE}"
    _until(True, lambda: ignored in host.file("/var/log/fail2ban.log").content_string)
    assert HERE not in _banned(host, site)


def test_no_client_sees_the_word(host: Host, site: HostedSite) -> None:
    answer = calls.get(host, site, f"{API}/status", **WRONG)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert [name for name in answer.headers if "miclinik" in name.lower()] == []


def test_ssh_has_no_jail_by_us(host: Host) -> None:
    jails = host.check_output("fail2ban-client status").partition("Jail list:")[2].replace(",", " ").split()
    assert jails
    assert [name for name in jails if not name.startswith(("miclinik-", "miclinik_"))] == []
