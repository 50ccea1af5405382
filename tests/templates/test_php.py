# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""php/pool.conf.j2, php/global.conf.j2 and php/opcache.ini.j2: PHP-FPM takes them, and takes what was meant."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes

from . import programs
from .inventory import SITES
from .rendering import ROOT, Rendered, entry, render

FPM = "/etc/miclinik-php"
ME, US = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _pool(rendered: dict[str, Rendered], site: str, pool: str) -> dict[str, str]:
    """Return the settings of a pool as they stand in its file."""
    lines = rendered[f"{FPM}/{site}/{pool}.conf"].content.splitlines()
    pairs = [line.partition(" = ") for line in lines if " = " in line and not line.startswith(";")]
    assert len({name for name, _, _ in pairs}) == len(pairs)
    return {name: value for name, _, value in pairs}


def _fpm(rendered: dict[str, Rendered], site: str, folder: Path) -> str:
    """Return what `php-fpm -tt` says of a site's configuration, its users replaced by one that is there."""
    for dest, item in rendered.items():
        if dest.startswith(f"{FPM}/{site}/") and item.kind == "file":
            text = re.sub(r"^user = .*$", f"user = {ME}", item.content, flags=re.MULTILINE)
            text = re.sub(r"^group = .*$", f"group = {US}", text, flags=re.MULTILINE)
            (folder / Path(dest).name).write_text(text.replace(f"{FPM}/{site}/", f"{folder}/"))
    root = ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
    return programs.accept(["php-fpm", "-n", "-y", folder / "php-fpm.conf", *root, "-tt"])


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_fpm_accepts_the_pools(sites: list[dict[str, Any]], tmp_path: Path) -> None:
    rendered = render("php", *sites)
    for site in (str(one["name"]) for one in sites):
        (tmp_path / site).mkdir()
        said = _fpm(rendered, site, tmp_path / site)
        assert "test is successful" in said
        assert "WARNING" not in said
        pools = re.findall(r"NOTICE\] \[([^\]]+)\]$", said, flags=re.MULTILINE)
        assert sorted(pools) == sorted(["global", *(f"{site}-{pool}" for pool in layout.POOLS)])
        assert "process_control_timeout = 10s" in said


def test_every_site_has_pools_of_its_own() -> None:
    rendered = render("php", entry("a"), entry("b-c"))
    for site in ("a", "b-c"):
        for pool in layout.POOLS:
            settings = _pool(rendered, site, pool)
            assert (settings["user"], settings["group"]) == (site, site)
            assert settings["listen"] == f"/run/miclinik-php/{site}/{pool}.sock"
            assert settings["php_admin_value[session.save_path]"] == f'"/srv/miclinik/{site}/sessions"'
            file = rendered[f"{FPM}/{site}/{pool}.conf"]
            assert f"\n[{site}-{pool}]\n" in file.content
            # Its own PHP-FPM reads it as the site's user, and nobody else's has to.
            assert (file.owner, file.group, file.mode) == ("root", site, "0640")


def test_what_the_api_cannot_do_without() -> None:
    for pool in ("api", "quarantine"):
        settings = _pool(render("php"), "norte", pool)
        assert settings["php_admin_value[cgi.fix_pathinfo]"] == "1"
        assert settings["php_admin_value[output_buffering]"] == "4096"
        assert settings["php_admin_flag[opcache.validate_timestamps]"] == "off"
        assert settings["php_admin_flag[display_errors]"] == "off"


@pytest.mark.parametrize(("memory", "cores", "count"), [(512, 1, 1), (2048, 2, 1), (2048, 2, 2), (65536, 32, 1)])
def test_workers_follow_the_host(memory: int, cores: int, count: int) -> None:
    host = {"memory_mb": memory, "cores": cores}
    rendered = render("php", *[entry(f"s{index}") for index in range(count)], host=host)
    workers = {pool: int(_pool(rendered, "s0", pool)["pm.max_children"]) for pool in layout.POOLS}
    assert workers == sizes.pool_children(memory, cores, count)


def test_limits_of_the_operator() -> None:
    rendered = render("php", *SITES["own limits"], php_idle_seconds=7)
    web, api = _pool(rendered, "norte", "web"), _pool(rendered, "norte", "api")
    assert (web["pm.max_children"], api["pm.max_children"]) == ("3", "5")
    for settings in (web, api):
        assert settings["php_admin_value[memory_limit]"] == "1G"
        assert settings["php_admin_value[upload_max_filesize]"] == "100M"
        assert settings["php_admin_value[post_max_size]"] == "103424K"
        assert settings["php_admin_value[max_execution_time]"] == "600"
        assert settings["request_terminate_timeout"] == "610s"
        assert settings["pm.process_idle_timeout"] == "7s"


def test_sessions_are_the_sites_alone() -> None:
    folder = render("php")["/srv/miclinik/norte/sessions"]
    assert (folder.kind, folder.owner, folder.group, folder.mode) == ("folder", "norte", "norte", "0700")


def _ini(content: str, folder: Path) -> dict[str, str]:
    (folder / "x.ini").write_text(content)
    script = f"echo json_encode(parse_ini_file({str(folder / 'x.ini')!r}));"
    values: dict[str, str] = json.loads(programs.accept(["php", "-n", "-r", script]))
    return values


def test_opcache(tmp_path: Path) -> None:
    content = render("php", php_opcache_files=5000)[f"{FPM}/conf.d/90-miclinik.ini"].content
    assert _ini(content, tmp_path) == {
        "opcache.memory_consumption": "96",
        "opcache.interned_strings_buffer": "16",
        "opcache.max_accelerated_files": "5000",
        "realpath_cache_size": "4M",
        "realpath_cache_ttl": "600",
    }


def _unit(content: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in content.splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


UNITS = "/etc/systemd/system"


def test_every_site_has_a_unit_of_its_own() -> None:
    rendered = render("php", entry("norte"), entry("sur", php={"memory_max": "1G", "tasks_max": 50}))
    norte, sur = (_unit(rendered[f"{UNITS}/miclinik-php@{name}.service"].content) for name in ("norte", "sur"))
    assert (norte["User"], norte["Group"], sur["User"]) == (["norte"], ["norte"], ["sur"])
    assert norte["ExecStart"] == [
        "/usr/sbin/php-fpm8.2 --nodaemonize --fpm-config /etc/miclinik-php/norte/php-fpm.conf"
    ]
    assert norte["Environment"] == [
        "PHP_INI_SCAN_DIR=:/etc/miclinik-php/conf.d",
        "FPM_SOCKETS=/run/miclinik-php/norte/web.sock=3,/run/miclinik-php/norte/api.sock=4,"
        "/run/miclinik-php/norte/quarantine.sock=5,/run/miclinik-php/norte/web-status.sock=6,"
        "/run/miclinik-php/norte/api-status.sock=7,/run/miclinik-php/norte/quarantine-status.sock=8",
    ]
    assert norte["Requires"] == ["miclinik-php@norte.socket"]
    assert norte["ReadWritePaths"] == ["/srv/miclinik/norte"]
    assert (sur["MemoryMax"], sur["TasksMax"]) == (["1G"], ["50"])
    sockets = _unit(rendered[f"{UNITS}/miclinik-php@norte.socket"].content)
    # In the order of their numbers.
    assert sockets["ListenStream"] == [
        f"/run/miclinik-php/norte/{pool}{kind}.sock" for kind in ("", "-status") for pool in layout.POOLS
    ]
    assert [sockets[name] for name in ("SocketUser", "SocketGroup", "SocketMode")] == [["www-data"], ["root"], ["0660"]]


@pytest.mark.parametrize("pool", layout.POOLS)
def test_a_pool_tells_how_it_is(pool: str) -> None:
    found = _pool(render("php", entry("norte")), "norte", pool)
    assert found["pm.status_listen"] == f"/run/miclinik-php/norte/{pool}-status.sock"
    assert found["pm.status_path"] == layout.STATUS_PATH


def test_limits_follow_the_host() -> None:
    unit = _unit(render("php", host={"memory_mb": 8192})[f"{UNITS}/miclinik-php@norte.service"].content)
    workers = sum(sizes.pool_children(8192, 2, 1).values())
    assert (unit["MemoryMax"], unit["TasksMax"]) == (["4096M"], [str(2 * workers + 128)])


SANDBOX = {
    "ProtectSystem": "strict",
    "CapabilityBoundingSet": "",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "ProtectProc": "invisible",
    "SystemCallArchitectures": "native",
    "UMask": "0027",
    "OOMPolicy": "continue",
} | dict.fromkeys(
    ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces", "RestrictSUIDSGID"), "yes"
)


def test_a_unit_is_a_sandbox() -> None:
    unit = _unit(render("php")[f"{UNITS}/miclinik-php@norte.service"].content)
    assert {name: unit[name] for name in SANDBOX} == {name: [value] for name, value in SANDBOX.items()}
    assert unit["SystemCallFilter"] == ["@system-service", "~@privileged @resources"]
    # With it no list of users could be given to a socket.
    assert "PrivateUsers" not in unit


@pytest.mark.parametrize(
    ("more", "seen"),
    [
        ({}, "pid"),
        ({"files": {"odt_to_pdf": False}}, "pid"),
        ({"files": {"odt_to_pdf": True}}, "all"),
        ({"constants": {"MAIN_ODT_AS_PDF": "libreoffice"}}, "all"),
        ({"constants": {"MAIN_ODT_AS_PDF": 0}}, "pid"),
    ],
)
def test_libreoffice_starts_where_it_is_asked_for(more: dict[str, Any], seen: str) -> None:
    """It looks for /proc/version, and without it every document of an ODT template ended in 500."""
    assert _unit(render("php", entry(**more))[f"{UNITS}/miclinik-php@norte.service"].content)["ProcSubset"] == [seen]


def test_nothing_leaves_a_clone() -> None:
    rendered = render("php", entry("norte"), entry("staging", clone_of="norte"))
    families = {
        name: _unit(rendered[f"{UNITS}/miclinik-php@{name}.service"].content)["RestrictAddressFamilies"]
        for name in ("norte", "staging")
    }
    assert families == {"norte": [SANDBOX["RestrictAddressFamilies"]], "staging": ["AF_UNIX"]}


def test_what_a_site_may_write_outside_its_folder() -> None:
    rendered = render(
        "php",
        entry("norte", php={"writable_paths": ["/srv/archive"]}),
        entry("sur"),
        host={"linked_documents": {"sur": "/data/sur"}},
    )
    paths = {
        name: _unit(rendered[f"{UNITS}/miclinik-php@{name}.service"].content)["ReadWritePaths"]
        for name in ("norte", "sur")
    }
    assert paths == {"norte": ["/srv/miclinik/norte", "/srv/archive"], "sur": ["/srv/miclinik/sur", "/data/sur"]}


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    rendered = render("php", entry("norte"))
    for dest, item in rendered.items():
        if dest.startswith(f"{UNITS}/"):
            text = item.content.replace("/usr/sbin/php-fpm8.2", programs.path("php-fpm"))
            (tmp_path / Path(dest).name).write_text(text)
    units = sorted(tmp_path.iterdir())
    assert [unit.name for unit in units] == [
        "miclinik-php-upgraded.path",
        "miclinik-php-upgraded.service",
        "miclinik-php@norte.service",
        "miclinik-php@norte.socket",
    ]
    assert programs.accept(["systemd-analyze", "verify", "--man=no", *units]) == ""


def test_units_follow_the_version_of_php() -> None:
    rendered = render("php", host={"php_version": "8.4"})
    assert "php-fpm8.4 --nodaemonize" in rendered[f"{UNITS}/miclinik-php@norte.service"].content
    assert not [dest for dest, item in rendered.items() if "8.2" in dest or "fpm8.2" in item.content]


def test_every_file_says_where_it_comes_from() -> None:
    rendered = render("php")
    for dest, template, mark in (
        (f"{FPM}/norte/web.conf", "php/pool.conf.j2", ";"),
        (f"{FPM}/norte/php-fpm.conf", "php/global.conf.j2", ";"),
        (f"{FPM}/conf.d/90-miclinik.ini", "php/opcache.ini.j2", ";"),
        (f"{UNITS}/miclinik-php@norte.service", "php/service.j2", "#"),
        (f"{UNITS}/miclinik-php@norte.socket", "php/socket.j2", "#"),
        (f"{UNITS}/miclinik-php-upgraded.path", "php/upgraded.path.j2", "#"),
        (f"{UNITS}/miclinik-php-upgraded.service", "php/upgraded.service.j2", "#"),
    ):
        origin = f"{mark} Written by miclinik.hosting from templates/{template}: "
        assert rendered[dest].content.splitlines()[0] == f"{origin}what is changed here is lost on the next run."


def test_pages_say_who_has_logged_in() -> None:
    rendered = render("php")
    program = "/usr/local/lib/miclinik/signed_in.php"
    pools = {pool: _pool(rendered, "norte", pool).get("php_admin_value[auto_prepend_file]") for pool in layout.POOLS}
    of_a_key = "/usr/local/lib/miclinik/known_address.php"
    assert pools == {"web": program, "api": of_a_key, "quarantine": program}
    folder = rendered["/srv/miclinik/norte/signed-in"]
    # The web server may look whether a file is there whose name it knows, and not see what there is.
    assert (folder.owner, folder.group, folder.mode) == ("norte", "norte-www", "0710")
    assert "No syntax errors" in programs.accept(["php", "-n", "-l", ROOT / "templates/php/signed_in.php"])


def test_mail_goes_to_the_hosts_own_server_by_smtp() -> None:
    """Seen: `sendmail` of Postfix ends with "Address family not supported by protocol" in the sandbox."""
    path = "php_admin_value[sendmail_path]"
    host = {"packages": ["postfix"]}
    for pool in layout.POOLS:
        assert path not in _pool(render("php"), "norte", pool)
        said = _pool(render("php", host=host), "norte", pool)[path]
        assert said == '"/usr/bin/msmtp --host=127.0.0.1 --port=25 --read-envelope-from --read-recipients"'
    own = entry("norte", php={"ini": {"sendmail_path": "/usr/local/bin/mine -t"}})
    assert _pool(render("php", own, host=host), "norte", "web")[path] == '"/usr/local/bin/mine -t"'
