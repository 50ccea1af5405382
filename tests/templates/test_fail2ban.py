# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""fail2ban/filter.conf.j2, fail2ban/passwords.conf.j2, fail2ban/jails.conf.j2 and fail2ban/sshd.conf.j2.

tests/hosts/test_fail2ban.py has fail2ban itself read them.
"""

from __future__ import annotations

import configparser
import re
from typing import Any

import pytest

from .rendering import entry, render

FOLDER = "/etc/fail2ban"
LOGS = {"nginx": "/var/log/nginx", "apache": "/var/log/apache2"}


def _file(name: str, *sites: dict[str, Any], **variables: Any) -> configparser.ConfigParser:  # noqa: ANN401
    variables = {"miclinik_web_server": "nginx"} | variables
    found = configparser.ConfigParser(interpolation=None)
    found.read_string(render("fail2ban", *sites, **variables)[f"{FOLDER}/{name}"].content)
    return found


@pytest.mark.parametrize("server", LOGS)
def test_each_site_has_a_jail(server: str) -> None:
    sites = entry("norte"), entry("sur", tls={"mode": "selfsigned"}), entry("este", proxy={"trusted": ["192.0.2.8"]})
    jails = _file("jail.d/miclinik.conf", *sites, miclinik_web_server=server, fail2ban_maxretry=7)
    assert jails.sections() == ["miclinik-norte", "miclinik-sur", "miclinik_passwords"]
    sur = jails["miclinik-sur"]
    assert sur["logpath"].split() == [f"{LOGS[server]}/sur.access.log", f"{LOGS[server]}/sur.api.log"]
    assert (sur["port"], sur["maxretry"], sur["bantime.increment"]) == ("80,443", "7", "true")
    assert {"192.0.2.8", "10.0.0.0/8", "::1"} <= set(sur["ignoreip"].split())
    known = "find '/srv/miclinik/sur/signed-in/from/<ip>' -mmin -60 2>/dev/null | grep -q ."
    assert sur["ignorecommand"] == f"ip route get <ip> | grep -q '^local ' || {known}"
    passwords = jails["miclinik_passwords"]
    assert (passwords["filter"], passwords["maxretry"], passwords["port"]) == ("miclinik-passwords", "100", "80,443")
    assert passwords["ignorecommand"] == "ip route get <ip> | grep -q '^local '"
    assert len(passwords["logpath"].split()) == 4


def test_ssh_is_left_alone() -> None:
    assert dict(_file("jail.d/miclinik-sshd.conf")["sshd"]) == {"enabled": "false"}


def test_no_site_no_jail() -> None:
    rendered = render("fail2ban", entry(proxy={"trusted": ["192.0.2.8"]}), miclinik_web_server="nginx")
    assert {item.kind for dest, item in rendered.items() if dest.endswith("/miclinik.conf")} == {"absent"}


#: What follows an address in a log, without the date, as fail2ban reads it. Fields are in the place of %s.
LINES = {
    "nginx": '- %s [] "%s" %s 153 0.002 200 "%s" %s',
    "nginx's api": '- %s [] "%s" %s 153 0.002 200 0.002 "%s" %s',
    "apache": '- %s [] "%s" %s 153 2 "%s" %s',
}
ANSWERS = [
    (("-", "POST /index.php HTTP/1.1", "200", "curl", "password"), True),
    (("-", "POST /index.php HTTP/1.1", "200", "curl", "-"), False),
    (("-", "GET /api/index.php/status HTTP/1.1", "401", "curl", "key"), True),
    # Without a key, or with a good one that lacks a right.
    (("-", "GET /api/index.php/status HTTP/1.1", "401", "curl", "-"), False),
    (("-", "GET /api/index.php/login HTTP/1.1", "403", "curl", "login"), True),
    (("-", "GET /api/index.php/explorer/swagger.json HTTP/1.1", "200", "curl", "key"), True),
    (("-", "GET /.git/config HTTP/1.1", "404", "curl", "-"), True),
    (("-", "GET /miclinik/.env HTTP/1.1", "404", "curl", "-"), True),
    (("-", "GET /.well-known/change-password HTTP/1.1", "404", "curl", "-"), False),
    (("-", "POST /install/step1.php HTTP/1.1", "404", "curl", "-"), True),
    # Where the application sends everybody in the middle of an upgrade.
    (("-", "GET /install/index.php HTTP/1.1", "404", "curl", "-"), False),
    (("-", "GET /install/ HTTP/1.1", "404", "curl", "-"), False),
    (("-", "GET /product/card.php HTTP/1.1", "404", "curl", "-"), False),
    (("-", "GET /api/index.php/products/.x HTTP/1.1", "200", "curl", "-"), False),
    # What clients write cannot pass for another field, nor hide one.
    (("-", "GET / HTTP/1.1", "200", r"\" key", "-"), False),
    (("-", "GET / HTTP/1.1", "200", "key", "-"), False),
    (("-", r"GET /a\" 404 /.git HTTP/1.1", "200", "curl", "-"), False),
    ((r"a\" b", "POST /index.php HTTP/1.1", "200", r"x\x22 -", "password"), True),
    (("a b [c]", "GET /.git/config HTTP/1.1", "404", "curl", "-"), True),
]


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize("word", ["password", "login", "key", "-"])
def test_passwords_count_wherever_they_come_from(line: str, word: str) -> None:
    text = _file("filter.d/miclinik.conf")["Definition"]["text"]
    expression = _file("filter.d/miclinik-passwords.conf")["Definition"]["failregex"].replace("%(text)s", text)
    said = line % ("-", "POST /index.php HTTP/1.1", "200", "curl", word)
    found = re.search(expression.replace("<ADDR>", r"\S+"), f"192.0.2.1 {said}")
    assert bool(found) is (word in ("password", "login"))


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
@pytest.mark.parametrize(("fields", "counts"), ANSWERS)
def test_what_counts(line: str, fields: tuple[str, ...], *, counts: bool) -> None:
    definition = _file("filter.d/miclinik.conf")["Definition"]
    expressions = definition["failregex"].replace("%(text)s", definition["text"]).replace("<ADDR>", r"\S+").split("\n")
    hits = [one for one in expressions if not one.startswith("#") and re.search(one, f"192.0.2.1 {line % fields}")]
    assert len(hits) == int(counts)


def test_many_tries_of_one_line_take_no_time() -> None:
    """Backtracking would grow with the square of what a client may write."""
    definition = _file("filter.d/miclinik.conf")["Definition"]
    for path in ("/.well-known" * 700, "/install/index.php " * 400, "/.a" * 2700):
        for status in ("404", "200"):
            text = f'192.0.2.1 - - [] "GET {path} HTTP/1.1" {status} 1 0 - "curl" -'
            for one in definition["failregex"].replace("%(text)s", definition["text"]).split("\n"):
                re.search(one.replace("<ADDR>", r"\S+"), text)
