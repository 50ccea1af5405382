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
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes

from . import programs
from .inventory import SITES
from .rendering import Rendered, entry, render

FPM = "/etc/php/8.2/fpm"
ME, US = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _pool(rendered: dict[str, Rendered], site: str, pool: str) -> dict[str, str]:
    """Return the settings of a pool as they stand in its file."""
    lines = rendered[f"{FPM}/pool.d/{site}-{pool}.conf"].content.splitlines()
    pairs = [line.partition(" = ") for line in lines if " = " in line and not line.startswith(";")]
    assert len({name for name, _, _ in pairs}) == len(pairs)
    return {name: value for name, _, value in pairs}


def _fpm(rendered: dict[str, Rendered], folder: Path) -> str:
    """Return what `php-fpm -tt` says of all pools together, their users replaced by one that is there."""
    pools = folder / "pool.d"
    pools.mkdir()
    for dest, item in rendered.items():
        if dest.startswith(f"{FPM}/pool.d/"):
            text = re.sub(r"^(user|listen\.owner) = .*$", rf"\1 = {ME}", item.content, flags=re.MULTILINE)
            text = re.sub(r"^(group|listen\.group) = .*$", rf"\1 = {US}", text, flags=re.MULTILINE)
            (pools / Path(dest).name).write_text(text)
    (folder / "fpm.conf").write_text(f"[global]\nerror_log = {folder}/log\ninclude={pools}/*.conf\n")
    root = ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
    return programs.accept(["php-fpm", "-n", "-y", folder / "fpm.conf", *root, "-tt"])


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_fpm_accepts_the_pools(sites: list[dict[str, Any]], tmp_path: Path) -> None:
    said = _fpm(render("php", *sites), tmp_path)
    assert "test is successful" in said
    assert "WARNING" not in said
    pools = re.findall(r"NOTICE: \[([^\]]+)\]$", said, flags=re.MULTILINE)
    assert sorted(pools) == sorted(["global", *(f"{s['name']}-{pool}" for s in sites for pool in ("web", "api"))])
    assert "process_control_timeout = 10s" in said


def test_every_site_has_two_pools_of_its_own() -> None:
    rendered = render("php", entry("a"), entry("b-c"))
    for site in ("a", "b-c"):
        for pool in ("web", "api"):
            settings = _pool(rendered, site, pool)
            assert (settings["user"], settings["group"]) == (site, site)
            assert settings["listen"] == f"/run/php/miclinik-{site}-{pool}.sock"
            assert (settings["listen.owner"], settings["listen.mode"]) == ("www-data", "0600")
            assert settings["php_admin_value[session.save_path]"] == f'"/srv/miclinik/{site}/sessions"'
            content = rendered[f"{FPM}/pool.d/{site}-{pool}.conf"].content
            assert f"\n[{site}-{pool}]\n" in content


def test_what_the_api_cannot_do_without() -> None:
    for pool in ("web", "api"):
        settings = _pool(render("php"), "norte", pool)
        assert settings["php_admin_value[cgi.fix_pathinfo]"] == "1"
        assert settings["php_admin_value[output_buffering]"] == "4096"
        assert settings["php_admin_flag[opcache.validate_timestamps]"] == "off"
        assert settings["php_admin_flag[display_errors]"] == "off"


@pytest.mark.parametrize(("memory", "cores", "count"), [(512, 1, 1), (2048, 2, 1), (2048, 2, 2), (65536, 32, 1)])
def test_workers_follow_the_host(memory: int, cores: int, count: int) -> None:
    host = {"memory_mb": memory, "cores": cores}
    rendered = render("php", *[entry(f"s{index}") for index in range(count)], host=host)
    workers = {pool: int(_pool(rendered, "s0", pool)["pm.max_children"]) for pool in ("web", "api")}
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
        "opcache.validate_permission": "1",
        "opcache.validate_root": "1",
        "realpath_cache_size": "4M",
        "realpath_cache_ttl": "600",
    }


def test_files_follow_the_version_of_php() -> None:
    rendered = render("php", host={"php_version": "8.4"})
    assert "/etc/php/8.4/fpm/pool.d/norte-api.conf" in rendered
    assert not [dest for dest in rendered if "8.2" in dest]


def test_every_file_says_where_it_comes_from() -> None:
    rendered = render("php")
    for dest, template in (
        ("pool.d/norte-web.conf", "php/pool.conf.j2"),
        ("pool.d/00-miclinik.conf", "php/global.conf.j2"),
        ("conf.d/90-miclinik.ini", "php/opcache.ini.j2"),
    ):
        first = rendered[f"{FPM}/{dest}"].content.splitlines()[0]
        assert first == (
            f"; Written by miclinik.hosting from templates/{template}: what is changed here is lost on the next run."
        )
