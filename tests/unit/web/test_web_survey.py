# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the servers of a host were told to serve for others, wherever it is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import survey, survey_apache, survey_nginx

NGINX = "user www-data;\nevents {}\nhttp {\n include /etc/nginx/conf.d/*.conf;\n include sites-enabled/*;\n}\n"
OURS = "# Written by miclinik.hosting from templates/nginx/site.conf.j2\nserver { listen 80; server_name norte.org; }\n"


OURS_APACHE = "# Written by miclinik.hosting\n<VirtualHost *:80>\n ServerName norte.org\n</VirtualHost>\n"


def _write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def _servers(root: Path, text: str) -> list[dict[str, Any]]:
    _write(root, {"etc/nginx/nginx.conf": NGINX, "etc/nginx/conf.d/shop.conf": text})
    found: list[dict[str, Any]] = survey_nginx.read(root)["servers"]
    return found


def _place(address: str, port: int, *flags: str, default: bool = False) -> dict[str, Any]:
    return {"address": address, "port": port, "default": default, "flags": list(flags)}


def test_a_host_without_servers(tmp_path: Path) -> None:
    assert survey.read(tmp_path) == {"nginx": {}, "apache": {}, "listeners": {}, "loopback": {}}


def test_debians_nginx_with_our_sites(tmp_path: Path) -> None:
    _write(tmp_path, {"etc/nginx/nginx.conf": NGINX, "etc/nginx/sites-enabled/norte.conf": OURS})
    assert survey_nginx.read(tmp_path) == {
        "user": "www-data",
        "unread": [],
        "servers": [
            {
                "file": "/etc/nginx/sites-enabled/norte.conf",
                "site": "norte",
                "names": ["norte.org"],
                "listens": [_place("*", 80)],
            }
        ],
    }


@pytest.mark.parametrize("name", ["sites-enabled/miclinik-default.conf", "conf.d/miclinik.conf"])
def test_what_we_have_for_all_sites_is_no_server_of_others(tmp_path: Path, name: str) -> None:
    _write(tmp_path, {"etc/nginx/nginx.conf": NGINX, f"etc/nginx/{name}": OURS})
    assert survey_nginx.read(tmp_path)["servers"] == []


def test_a_server_of_others(tmp_path: Path) -> None:
    text = "server { listen 80 default_server; listen [::]:80; server_name shop.org www.shop.org; }"
    assert _servers(tmp_path, text) == [
        {
            "file": "/etc/nginx/conf.d/shop.conf",
            "site": "",
            "names": ["shop.org", "www.shop.org"],
            "listens": [_place("*", 80, default=True), _place("[::]", 80)],
        }
    ]


@pytest.mark.parametrize(
    ("listen", "expected"),
    [
        ("listen 80 default;", [_place("*", 80, default=True)]),
        ("listen *:8080;", [_place("*", 8080)]),
        ("listen 0.0.0.0:80;", [_place("*", 80)]),
        ("listen 10.0.0.5;", [_place("10.0.0.5", 80)]),
        ("listen 10.0.0.5:8080 default_server;", [_place("10.0.0.5", 8080, default=True)]),
        ("listen localhost:80;", [_place("localhost", 80)]),
        ("listen [::1];", [_place("[::1]", 80)]),
        ("listen [::]:443 ssl http2 ipv6only=off;", [_place("[::]", 443, "ipv6only=off", "ssl")]),
        ("listen 443 ssl proxy_protocol;", [_place("*", 443, "proxy_protocol", "ssl")]),
        ("listen unix:/run/x.sock;", []),
        ("", [_place("*", 80)]),
    ],
)
def test_listen(tmp_path: Path, listen: str, expected: list[dict[str, Any]]) -> None:
    assert _servers(tmp_path, f"server {{ {listen} }}")[0]["listens"] == expected


def test_includes_of_includes(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "etc/nginx/mine/a.vhost": "server {\n include mine/listen; include mine/missing; \n}\n",
            "etc/nginx/mine/listen": "listen 80 default_server; # of all\nserver_name a.org;",
            "etc/nginx/mine/loop.vhost": "include mine/loop.vhost; server { server_name b.org; }",
        },
    )
    servers = _servers(tmp_path, "include /etc/nginx/mine/*.vhost;")
    assert [(server["file"], server["names"]) for server in servers] == [
        ("/etc/nginx/mine/a.vhost", ["a.org"]),
        ("/etc/nginx/mine/loop.vhost", ["b.org"]),
    ]
    assert servers[0]["listens"] == [_place("*", 80, default=True)]


def test_a_file_that_is_no_configuration_is_left_to_nginx(tmp_path: Path) -> None:
    assert _servers(tmp_path, "server { listen 80; }}") == []


def test_an_nginx_that_is_not_debians(tmp_path: Path) -> None:
    text = "user  nginx;\nhttp {\n include /etc/nginx/conf.d/*.conf;\n}\nstream { server { listen 90; } }\n"
    _write(tmp_path, {"etc/nginx/nginx.conf": text})
    assert survey_nginx.read(tmp_path) == {
        "user": "nginx",
        "unread": ["/etc/nginx/sites-enabled"],
        "servers": [],
    }


def test_apache(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "etc/apache2/apache2.conf": "ServerName host\n",
            "etc/apache2/envvars": "export APACHE_RUN_USER=web\nexport APACHE_RUN_GROUP=web\n",
            "etc/apache2/ports.conf": "Listen 80\n<IfModule ssl_module>\n Listen 10.0.0.5:443 https\n</IfModule>\n",
            "etc/apache2/sites-enabled/shop.conf": (
                "<VirtualHost *:80 [::]:80>\n ServerName https://shop.org:443\n ServerAlias www.shop.org *.shop.org\n"
                "</VirtualHost>\n<virtualhost 10.0.0.5>\n</virtualhost>\n<VirtualHost _default_:443>\n</VirtualHost>\n"
            ),
            "etc/apache2/sites-enabled/000-miclinik.conf": OURS_APACHE,
            "etc/apache2/sites-enabled/norte.conf": OURS_APACHE,
        },
    )
    file = "/etc/apache2/sites-enabled/shop.conf"
    assert survey_apache.read(tmp_path) == {
        "user": "web",
        "listens": [{"address": "*", "port": 80}, {"address": "10.0.0.5", "port": 443}],
        "servers": [
            {
                "file": "/etc/apache2/sites-enabled/norte.conf",
                "site": "norte",
                "names": ["norte.org"],
                "listens": [{"address": "*", "port": 80}],
            },
            {
                "file": file,
                "site": "",
                "names": ["shop.org", "www.shop.org", "*.shop.org"],
                "listens": [{"address": "*", "port": 80}, {"address": "[::]", "port": 80}],
            },
            {"file": file, "site": "", "names": [], "listens": [{"address": "10.0.0.5", "port": 0}]},
            {"file": file, "site": "", "names": [], "listens": [{"address": "*", "port": 443}]},
        ],
    }


def test_the_servers_own_tests(tmp_path: Path) -> None:
    _write(tmp_path, {"etc/nginx/nginx.conf": NGINX, "etc/apache2/apache2.conf": ""})
    asked = []

    def tester(command: Sequence[str]) -> str:
        asked.append(list(command))
        return "no" if command[0] == "nginx" else ""

    seen = survey.read(tmp_path, tester)
    assert (seen["nginx"]["broken"], seen["apache"]["broken"]) == ("no", "")
    assert asked == [["nginx", "-t"], ["apache2ctl", "configtest"]]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("exit 0", ""),
        (
            "echo 'nginx: [warn] x' >&2; echo '2026/11/26 15:12:22 [emerg] 510#510: unknown directive \"foo\"'; exit 1",
            'unknown directive "foo"',
        ),
        (
            "echo 'AH00526: Syntax error on line 3 of /etc/x:'; echo 'Invalid command Foo'; echo 'see log'; exit 1",
            "AH00526: Syntax error on line 3 of /etc/x: Invalid command Foo",
        ),
        (
            "echo 'AH00112: Warning: DocumentRoot [/x] does not exist'; echo 'AH00558: apache2: no name'; "
            "echo 'AH00526: Syntax error on line 3 of /etc/x:'; echo 'Invalid command Foo'; exit 1",
            "AH00526: Syntax error on line 3 of /etc/x: Invalid command Foo",
        ),
        ("echo one; echo two; exit 1", "two"),
        ("exit 1", "it said nothing"),
    ],
)
def test_what_a_test_complains_of(script: str, expected: str) -> None:
    assert survey.refusal(["sh", "-c", script]) == expected


def test_a_server_whose_program_is_missing_has_no_complaint() -> None:
    assert survey.refusal(["no-such-server", "-t"]) == ""


def test_listeners(tmp_path: Path) -> None:
    head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    row = "   0: {}:{:04X} 00000000:0000 {} 00000000:00000000 00:00000000 00000000     0        0 {} 1 0000\n"
    _write(
        tmp_path,
        {
            "net/tcp": head + row.format("00000000", 80, "0A", 111) + row.format("0100007F", 3306, "01", 112),
            "net/tcp6": head + row.format("0" * 32, 443, "0A", 113),
            "7/comm": "caddy\n",
            "8/comm": "bash\n",
        },
    )
    for process, handle, target in ((7, 3, "socket:[111]"), (8, 0, "/dev/null"), (8, 4, "socket:[112]")):
        (tmp_path / f"{process}/fd").mkdir(exist_ok=True)
        (tmp_path / f"{process}/fd/{handle}").symlink_to(target)
    assert survey.listeners(tmp_path) == {"80": "caddy", "443": "?"}
    more = row.format("0500000A", 9480, "0A", 114) + row.format("0100007F", 9100, "0A", 111)
    _write(tmp_path, {"net/tcp": head + more, "net/tcp6": head})
    assert survey.read(tmp_path)["loopback"] == {}
    _write(tmp_path, {"proc/net/tcp": head + more})
    assert survey.read(tmp_path)["loopback"] == {"9100": "?"}
    assert survey.read(tmp_path)["listeners"] == {"9480": "?", "9100": "?"}
