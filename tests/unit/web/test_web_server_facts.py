# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read of web servers whose folders are made by this test."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded
from ansible_collections.miclinik.hosting.plugins.module_utils.web import server_facts

OURS = "# Written by miclinik.hosting from templates/x.j2: what is changed here is lost on the next run.\n"
PORTS = """\
# Listen 8080
Listen 80

<IfModule ssl_module>
	Listen 443
</IfModule>
<IfModule mod_gnutls.c>
	Listen 0.0.0.0:443
</IfModule>
Listen [::1]:8081
"""
NOTHING = {"alive": False, "ours": [], "foreign": [], "lingering": []}


def _write(root: Path, name: str, content: str, enabled: str = "") -> None:
    """Write a file, with a link to it as Debian makes them when the file of ``enabled`` is named."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    if enabled:
        link = root / enabled
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"../{path.parent.name}/{path.name}")


def _site(root: Path, folder: str, name: str, content: str) -> None:
    _write(root, f"{folder}/sites-available/{name}", content, f"{folder}/sites-enabled/{name}")


def _record(root: Path, name: str, content: str) -> None:
    digest = hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()
    _write(root, "var/lib/dpkg/status", f"Package: x\nConffiles:\n {name} {digest}\n /etc/other 0\nDescription: x\n")


def test_a_bare_host(tmp_path: Path) -> None:
    assert server_facts.read(tmp_path) == {
        "nginx": NOTHING | {"listens": {"": []}},
        "apache": NOTHING | {"listens": {}, "modules": []},
    }


def test_sites_of_ours_and_of_others(tmp_path: Path) -> None:
    _site(tmp_path, "etc/nginx", "norte.conf", f"{OURS}server {{ listen 80; }}")
    _write(tmp_path, "etc/nginx/conf.d/miclinik.conf", OURS)
    _write(tmp_path, "etc/nginx/snippets/miclinik-tls.conf", OURS)
    _write(tmp_path, "etc/nginx/snippets/fastcgi-php.conf", "# theirs")
    for name in ("keys.nginx", "token.nginx", "keys.apache", "secrets.json"):
        _write(tmp_path, f"etc/miclinik/norte/{name}", OURS)
    _site(tmp_path, "etc/nginx", "shop", "server {\n    listen 8080;\n}")
    _write(tmp_path, "etc/nginx/sites-available/asleep", "server { listen 8082; }")
    _write(tmp_path, "etc/nginx/conf.d/blog.conf", "upstream x {}\nserver{ listen 8081; }")
    _write(tmp_path, "etc/nginx/conf.d/tuning.conf", "gzip on;")
    _write(tmp_path, "etc/nginx/nginx.conf", "http {\n#server {}\n}")
    assert server_facts.read(tmp_path)["nginx"] == {
        "alive": False,
        "lingering": [],
        "ours": [
            "/etc/nginx/sites-enabled/norte.conf",
            "/etc/nginx/conf.d/miclinik.conf",
            "/etc/nginx/sites-available/norte.conf",
            "/etc/nginx/snippets/miclinik-tls.conf",
            "/etc/miclinik/norte/keys.nginx",
            "/etc/miclinik/norte/token.nginx",
        ],
        "foreign": ["/etc/nginx/sites-enabled/shop", "/etc/nginx/conf.d/blog.conf"],
        "listens": {"": [8080, 8081]},
    }


def test_apache(tmp_path: Path) -> None:
    _write(tmp_path, "etc/apache2/ports.conf", PORTS)
    own = f"{OURS}Listen 9000\n"
    _write(tmp_path, "etc/miclinik/norte/keys.apache", OURS)
    _write(tmp_path, "etc/apache2/conf-available/zz-x.conf", own, "etc/apache2/conf-enabled/zz-x.conf")
    _write(tmp_path, "etc/apache2/conf-enabled/shop.conf", "  <virtualhost *:80>\n</virtualhost>")
    _write(tmp_path, "etc/apache2/conf-enabled/charset.conf", "#<VirtualHost *:80>")
    for module in ("proxy.load", "proxy.conf", "mpm_event.load"):
        _write(tmp_path, f"etc/apache2/mods-enabled/{module}", "")
    assert server_facts.read(tmp_path)["apache"] == {
        "alive": False,
        "lingering": [],
        "ours": [
            "/etc/apache2/conf-enabled/zz-x.conf",
            "/etc/apache2/conf-available/zz-x.conf",
            "/etc/miclinik/norte/keys.apache",
        ],
        "foreign": ["/etc/apache2/conf-enabled/shop.conf"],
        "listens": {"": [80, 8081], "mod_gnutls.c": [443], "ssl_module": [443]},
        "modules": ["mpm_event", "proxy"],
    }


@pytest.mark.parametrize(("changed", "foreign"), [("", []), ("# mine\n", ["/etc/nginx/sites-enabled/default"])])
def test_debians_default_site_is_nobodys_until_it_is_changed(tmp_path: Path, changed: str, foreign: list[str]) -> None:
    content = "server {\n\tlisten 80 default_server;\n\tlisten [::]:80 default_server;\n}\n"
    _record(tmp_path, "/etc/nginx/sites-available/default", content)
    _site(tmp_path, "etc/nginx", "default", content + changed)
    seen = server_facts.read(tmp_path)["nginx"]
    assert (seen["foreign"], seen["listens"]) == (foreign, {"": [80]})


@pytest.mark.parametrize(
    ("listen", "ports"),
    [
        ("listen 80;", [80]),
        ("listen 127.0.0.1:8080 ssl;", [8080]),
        ("listen [2001:db8::1]:8443 ssl http2;", [8443]),
        ("listen 192.0.2.1;", [80]),
        ("listen [::1];", [80]),
        ("listen unix:/run/x.sock;", []),
        ("listen\n  *:8000;listen 8001;", [8000, 8001]),
        ("server_name x; # listen 81;", [80]),
        ("server_name listen.example.org;", [80]),
    ],
)
def test_ports_of_nginx(tmp_path: Path, listen: str, ports: list[int]) -> None:
    _site(tmp_path, "etc/nginx", "shop", f"server {{\n{listen}\n}}")
    assert server_facts.read(tmp_path)["nginx"]["listens"] == {"": ports}


def test_a_link_to_nothing_is_no_site(tmp_path: Path) -> None:
    _site(tmp_path, "etc/nginx", "shop", "server {}")
    (tmp_path / "etc/nginx/sites-available/shop").unlink()
    seen = server_facts.read(tmp_path)["nginx"]
    assert (seen["ours"], seen["foreign"]) == ([], [])


def test_a_server_is_alive_when_it_runs_or_will(tmp_path: Path) -> None:
    _write(tmp_path, "run/nginx.pid", f"{os.getpid()}\n")
    _write(tmp_path, "run/apache2/apache2.pid", "4194304\n")
    (tmp_path / "proc" / str(os.getpid())).mkdir(parents=True)
    seen = server_facts.read(tmp_path)
    assert (seen["nginx"]["alive"], seen["apache"]["alive"]) == (True, False)
    wants = tmp_path / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "apache2.service").symlink_to("/lib/systemd/system/apache2.service")
    assert server_facts.read(tmp_path)["apache"]["alive"] is True


def test_files_that_a_server_has_loaded_and_that_are_gone(tmp_path: Path) -> None:
    _write(tmp_path, "etc/nginx/conf.d/miclinik.conf", OURS)
    gone, there = "/etc/nginx/sites-enabled/norte.conf", "/etc/nginx/conf.d/miclinik.conf"
    record = loaded.Record(1.0, ["a"], {gone: "0", there: "1"})
    loaded.keep("nginx", record, tmp_path / "run/miclinik/loaded")
    seen = server_facts.read(tmp_path)
    assert (seen["nginx"]["lingering"], seen["apache"]["lingering"]) == ([gone], [])
