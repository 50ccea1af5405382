# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read on the host, from made-up files and outputs."""

from __future__ import annotations

import getpass
import os
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    probe_application,
    probe_files,
    probe_host,
    probe_php,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions

POOLS = """[24-Nov-2026 11:23:11] NOTICE: [global]
[24-Nov-2026 11:23:11] NOTICE: \tpid = /run/php/php8.2-fpm.pid
[24-Nov-2026 11:23:11] NOTICE: [norte-api]
[24-Nov-2026 11:23:11] NOTICE: \tuser = norte
[24-Nov-2026 11:23:11] NOTICE: \tlisten = /run/php/a.sock
[24-Nov-2026 11:23:11] NOTICE: \tphp_admin_value[output_buffering] = 4096
[24-Nov-2026 11:23:11] NOTICE: \tphp_value[cgi.fix_pathinfo] = "0"
[24-Nov-2026 11:23:11] NOTICE: configuration file /etc/php/8.2/fpm/php-fpm.conf test is successful
"""


def test_pools() -> None:
    pools, problem = probe_php.parse_pools(POOLS)
    assert pools == {
        "norte-api": {
            "user": "norte",
            "listen": "/run/php/a.sock",
            "ini": {"output_buffering": "4096", "cgi.fix_pathinfo": "0"},
        }
    }
    assert problem == ""


def test_broken_pools() -> None:
    text = "[24-Nov-2026 11:23:11] ERROR: [/etc/php/8.2/fpm/pool.d/x.conf:3] unknown entry 'lissten'\n"
    assert probe_php.parse_pools(text) == ({}, "[/etc/php/8.2/fpm/pool.d/x.conf:3] unknown entry 'lissten'")
    told = re.sub(r"(?m)^\[[^]]*\] NOTICE: ", "[NOTICE] ", POOLS)
    assert probe_php.parse_pools(told) == probe_php.parse_pools(POOLS)
    assert probe_php.parse_pools("") == ({}, "php-fpm is not there, or gave no answer")


def test_settings_and_extensions() -> None:
    text = "cgi.fix_pathinfo => On => On\nopen_basedir => no value => no value\nother => 1 => 1\n"
    assert probe_php.parse_settings(text) == {"cgi.fix_pathinfo": "On", "open_basedir": ""}
    assert probe_php.parse_extensions("[PHP Modules]\nmysqli\nZend OPcache\n\n[Zend Modules]\nZend OPcache\n") == [
        "mysqli",
        "zend opcache",
    ]


@pytest.mark.parametrize(
    ("pool", "value"), [("norte-api", "0"), ("norte-web", "1"), ("nobody", "1")], ids=["own", "empty", "unknown"]
)
def test_pool_overrules_php_ini(pool: str, value: str) -> None:
    php: dict[str, Any] = {
        "pools": {"norte-api": {"ini": {"cgi.fix_pathinfo": "off"}}, "norte-web": {"ini": {}}},
        "settings": {"cgi.fix_pathinfo": "On"},
    }
    assert probe_php.effective(php, pool, "cgi.fix_pathinfo") == value
    assert probe_php.effective(php, pool, "open_basedir") is None


def test_hosts_lines(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n192.0.2.7 a norte.example.org # norte\n#192.0.2.8 norte.example.org\n")
    assert probe_host.hosts_lines("norte.example.org", hosts) == ["192.0.2.7"]
    assert probe_host.hosts_lines("norte.example.org", tmp_path / "none") == []


def test_newest_looks_at_links_themselves(tmp_path: Path) -> None:
    old, link = tmp_path / "old", tmp_path / "link"
    old.write_text("")
    os.utime(old, (1000, 1000))
    link.symlink_to(old)
    os.utime(link, (2000, 2000), follow_symlinks=False)
    assert probe_host.newest([str(old), str(link), str(tmp_path / "none")]) == (str(link), 2000.0)
    assert probe_host.newest([]) == ("", 0.0)


def test_listening(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    assert probe_host.listening(path) == "there is no such socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        assert probe_host.listening(path) == "Connection refused"
        server.listen()
        assert probe_host.listening(path) == ""


def test_who_listens_in_place_of_php(tmp_path: Path) -> None:
    path = str(tmp_path / "s")
    assert probe_host.strangers({"web": path})["web"] == ""
    with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX) as second:
        first.bind(path)
        first.listen()
        assert probe_host.strangers({"web": path})["web"].endswith(f" (process {os.getpid()})")
        Path(path).unlink()
        second.bind(path)  # of the same name, and nobody listens
        assert probe_host.strangers({"web": path})["web"] == ""


@pytest.mark.parametrize(
    ("users", "who"),
    [
        ('("php-fpm8.4",pid=30387,fd=15),("php-fpm8.4",pid=30326,fd=4),("systemd",pid=1,fd=75)', ""),
        ('("systemd",pid=1,fd=75)', ""),
        ('("php-fpm7.4",pid=9,fd=15)', ""),
        ('("python3",pid=7,fd=3),("nc",pid=8,fd=3)', "python3 (process 7), nc (process 8)"),
    ],
)
def test_systemd_and_php_fpm_are_no_strangers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, users: str, who: str
) -> None:
    path = tmp_path / "s"
    path.touch()
    line = f"u_str LISTEN 0 4096 {path} 46860 * 0 users:({users}) <-> ino:{path.stat().st_ino} dev:0/47 peers:\n"
    monkeypatch.setattr(probe_host, "run", lambda *_: line)
    assert probe_host.strangers({"web": str(path)})["web"] == who


def test_disk_of_a_folder_that_is_not_there(tmp_path: Path) -> None:
    seen = probe_host.disk(str(tmp_path / "a/b"))
    assert (seen["path"], seen["read_only"]) == (str(tmp_path), False)
    assert 0 < seen["free_mb"] <= seen["size_mb"]


def test_command_that_is_not_there() -> None:
    assert probe_host.run("no-such-program-at-all") == ""
    assert probe_host.run("cat", text="x") == "x"


def test_what_a_user_may_do(tmp_path: Path) -> None:
    wanted = [(str(tmp_path), os.W_OK), (str(tmp_path / "none"), os.R_OK)]
    assert permissions.allowed(getpass.getuser(), wanted) == [True, False]
    assert permissions.allowed("no-such-user", wanted) == [None, None]


def test_files_of_a_site(tmp_path: Path) -> None:
    root = tmp_path / "releases/22.0.4-abc/htdocs"
    (root / "conf").mkdir(parents=True)
    (root / "filefunc.inc.php").write_text("<?php\nif (1) { define('DOL_VERSION', '22.0.4'); }\n")
    (tmp_path / "current").symlink_to("releases/22.0.4-abc")
    (tmp_path / "conf.php").write_text(
        "<?php\n$dolibarr_main_url_root = 'https://x/y';\n$dolibarr_main_db_pass = 'z';\n"
    )
    (root / "conf/conf.php").symlink_to(tmp_path / "gone")
    site = {
        "user": getpass.getuser(),
        "conf": str(tmp_path / "conf.php"),
        "root": str(tmp_path / "current/htdocs"),
        "documents": str(tmp_path / "documents"),
        "sessions": str(tmp_path),
        "current": str(tmp_path / "current"),
    }
    seen = probe_files.look(site)
    assert (seen["user"], seen["url_root"], seen["version"], seen["release"]) == (
        True,
        "https://x/y",
        "22.0.4",
        "22.0.4-abc",
    )
    assert (seen["files"]["conf"]["there"], seen["files"]["conf"]["kind"]) == (True, "file")
    assert seen["files"]["linked_conf"]["kind"] == "dangling link"
    assert (seen["files"]["documents"]["there"], seen["files"]["sessions"]["usable"]) == (False, True)
    assert "z" not in {str(value) for entry in seen["files"].values() for value in entry.values()}


class _Bridge:
    """Answers as the bridge does, up to a command that fails."""

    def __init__(self, fails: str = "", code: str = "x", **details: str) -> None:
        self.fails, self.code, self.details = fails, code, details
        self.check = False

    def call(self, command: str) -> Answer:
        schema = {"state": "installed"}
        return {"version": "22.0.4", "schema": schema, "database": {"reachable": True}, "secret": "not kept"}

    def batch(self, orders: list[dict[str, Any]], check: bool = False) -> list[Answer]:
        self.check = check
        answers: list[Answer] = []
        for order in orders:
            if order["command"] == self.fails:
                answer = {"answers": answers, "failed": len(answers), "error": {"details": self.details}}
                raise BridgeError("norte", self.code, "It failed.", "Mend it.", answer=answer)
            answers.append({"command": order["command"]} | self._answer(order["command"], order["args"]))
        return answers

    @staticmethod
    def _answer(command: str, args: dict[str, Any]) -> Answer:
        if command == "constant get":
            return {"name": args["name"], "set": args["name"] == "API_PRODUCTION_MODE", "value": "1"}
        if command == "module list":
            left = sorted({"product", "stock"} - set(args["declared"]))
            return {"enabled": [], "left": left, "folders": ["product/temp"]}
        user = {"enabled": True, "rights": ["a.b"], "key": "encrypted"}
        if args["login"] == "absent":
            return {"login": "absent", "user": None}
        return {"login": args["login"], "user": user, "changes": ["key", "lastname"]}


SITE = {
    "users": [{"login": "integration"}],
    "endpoints": ["products", "orders"],
    "declared": {"users": ["integration"], "modules": ["api", "product"]},
    "needs": {"there": ["API_SECRET"], "values": ["MAIN_ODT_AS_PDF"]},
}
SECRETS = {"users": {"integration": {"key": "k" * 20, "password": "p" * 20}}}


def test_application() -> None:
    bridge = _Bridge()
    seen = probe_application.look(SITE, SECRETS, bridge)  # type: ignore[arg-type]
    assert bridge.check, "nothing may be changed"
    assert seen["constants"]["API_PRODUCTION_MODE"] == "1"
    assert seen["constants"]["API_ENDPOINT_RULES"] is None
    assert "MAIN_ODT_AS_PDF" not in seen["constants"]
    assert set(seen["needs"]) == {"API_SECRET", "MAIN_ODT_AS_PDF"}
    assert isinstance(seen["needs"]["API_SECRET"], bool), "of what may be secret it is told whether it is there"
    assert seen["users"] == {
        "integration": {"there": True, "enabled": True, "rights": ["a.b"], "key": True, "differs": ["key"]}
        | {"admin": None, "third_party": None, "outside": None, "groups": None, "entity": None}
    }
    assert seen["left"] == {"users": [], "modules": ["stock"]}
    assert seen["folders"] == ["product/temp"]
    assert "secret" not in seen["status"]


def test_who_left_the_inventory_and_still_has_a_key() -> None:
    both = {"key": "s" * 20, "password": "s" * 20}
    record = {"users": SECRETS["users"] | {"shop": both, "absent": both, "by rest_key": {"key": "a" * 20}}}
    seen = probe_application.look(SITE, record, _Bridge())  # type: ignore[arg-type]
    assert seen["left"]["users"] == ["shop"]
    assert list(seen["users"]) == ["integration"]


@pytest.mark.parametrize(
    ("code", "details", "said"),
    [
        ("user_exists", {}, {"foreign": True, "differs": []}),
        ("administrator", {}, {"foreign": True, "differs": []}),
        ("key_taken", {}, {"differs": ["key"]}),
        ("renamed", {"holder": "API-neu"}, {"holder": "API-neu", "differs": []}),
    ],
)
def test_a_user_that_the_bridge_would_not_touch(code: str, details: dict[str, str], said: dict[str, Any]) -> None:
    """The others are asked for all the same."""
    bridge = _Bridge("user ensure", code, **details)
    site = SITE | {"users": [{"login": "integration"}, {"login": "shop"}]}
    site["declared"] = {"users": ["integration", "shop"], "modules": []}
    seen = probe_application.look(site, SECRETS, bridge)  # type: ignore[arg-type]
    user = seen["users"]["integration"]
    assert {name: user[name] for name in said} == said
    assert (seen["problem"], seen["users"]["shop"]["there"]) == ("", True)


def test_what_was_answered_before_a_failure_is_kept() -> None:
    seen = probe_application.look(SITE, SECRETS, _Bridge("user ensure"))  # type: ignore[arg-type]
    assert seen["users"]["integration"]["differs"] == []
    assert seen["problem"] == "It failed. Mend it."


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("  0 => 'products',\n  1 => 'orders',\n", []),
        ("'url' => 'products/{id}', 'url' => 'orders/{id}'", []),
        ("'url' => 'products/{id}'", ["orders"]),
    ],
)
def test_table_of_routes(tmp_path: Path, text: str, missing: list[str]) -> None:
    table = tmp_path / "api/temp/routes.php"
    table.parent.mkdir(parents=True)
    table.write_text(text)
    seen = probe_application.routes(SITE | {"documents": str(tmp_path)})
    assert seen == {"there": True, "missing": missing, "path": str(table)}


def test_no_table_of_routes(tmp_path: Path) -> None:
    assert probe_application.routes(SITE | {"documents": str(tmp_path)})["there"] is False


@pytest.mark.parametrize(("said", "up"), [("0x9\n", True), ("0x8\n", False), ("", True)])
def test_the_loopback_interface(tmp_path: Path, said: str, up: bool) -> None:
    flags = tmp_path / "flags"
    flags.write_text(said)
    assert probe_host.loopback_up(flags) is up
    assert probe_host.loopback_up(tmp_path / "none") is True
