# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Owners and modes of what a site has on its host."""

from __future__ import annotations

import json
import re

import pytest
from testinfra.host import Host

from .choices import php_version
from .conftest import HostedSite


def described(host: Host, path: str) -> tuple[str, str, int]:
    """Return user, group and mode of a path."""
    found = host.file(path)
    assert found.exists, path
    return found.user, found.group, found.mode


def document_root(host: Host, site: HostedSite) -> str:
    """Return the document root that the host has on record."""
    return str(json.loads(host.file(f"{site.state}/site.json").content_string)["root"])


def test_home(host: Host, site: HostedSite) -> None:
    assert described(host, site.home) == ("root", f"{site.name}-www", 0o750)


def test_all_may_pass_on_the_way(host: Host) -> None:
    # Some scenarios give root a umask of 027 or 077.
    folders = ["/etc/miclinik", "/srv/miclinik", "/usr/local/lib/miclinik", "/usr/local/lib/miclinik/bridge/src"]
    assert [described(host, folder) for folder in folders] == [("root", "root", 0o755)] * len(folders)


def test_documents_are_the_sites_own_and_outside_the_document_root(host: Host, site: HostedSite) -> None:
    assert described(host, f"{site.home}/documents") == (site.name, site.name, 0o750)
    root = host.check_output("readlink -f %s", document_root(host, site))
    assert not f"{site.home}/documents".startswith(root)


def test_sessions_are_the_sites_own(host: Host, site: HostedSite) -> None:
    assert described(host, f"{site.home}/sessions") == (site.name, site.name, 0o700)


def test_current_is_a_link_to_a_release(host: Host, site: HostedSite) -> None:
    link = host.file(f"{site.home}/current")
    assert link.is_symlink
    assert re.fullmatch(rf"{site.home}/releases/[0-9][^/]*-[0-9a-f]{{12}}", str(link.linked_to))
    assert host.file(f"{document_root(host, site)}/filefunc.inc.php").exists


def test_code_is_of_root_and_the_site_cannot_write_it(host: Host, site: HostedSite) -> None:
    releases = f"{site.home}/releases"
    assert int(host.check_output("find %s -type f | wc -l", releases)) > 50
    assert host.check_output("find %s ! -user root -o ! -group root | head", releases) == ""
    assert host.check_output("find %s ! -type l -perm /022 | head", releases) == ""
    written = host.run("runuser -u %s -- touch %s", site.name, f"{document_root(host, site)}/index.php")
    assert written.rc != 0


def test_configuration(host: Host, site: HostedSite) -> None:
    assert described(host, f"{site.home}/conf.php") == ("root", site.name, 0o440)
    link = host.file(f"{document_root(host, site)}/conf/conf.php")
    assert link.is_symlink
    assert link.linked_to == f"{site.home}/conf.php"
    host.run_expect([0], "php%s -l %s", php_version(host), f"{site.home}/conf.php")


@pytest.mark.parametrize("user", ["nobody", "www-data"])
def test_configuration_is_closed_to_others(host: Host, site: HostedSite, user: str) -> None:
    assert host.run("runuser -u %s -- cat %s", user, f"{site.home}/conf.php").rc != 0


def test_installer_is_locked(host: Host, site: HostedSite) -> None:
    assert host.file(f"{site.home}/documents/install.lock").exists


def test_records(host: Host, site: HostedSite) -> None:
    assert described(host, site.state) == ("root", "root", 0o755)
    assert described(host, f"{site.state}/secrets.json") == ("root", "root", 0o600)
    assert described(host, f"{site.state}/site.json") == ("root", "root", 0o644)
    assert described(host, f"{site.state}/identity.json") == ("root", "root", 0o644)


def test_database_and_documents_are_known_as_the_sites_own(host: Host, site: HostedSite) -> None:
    status = json.loads(host.check_output("miclinikctl --site %s status", site.name))
    assert status["identity"] == "ours"
    mark = f"{site.home}/documents/.miclinik-site"
    assert described(host, mark) == (site.name, site.name, 0o440)
    record = json.loads(host.file(f"{site.state}/identity.json").content_string)
    assert host.file(mark).content_string.strip() == record["sign"]


def test_nothing_is_written_into_the_database_of_another(host: Host, site: HostedSite) -> None:
    conf = f"{site.home}/conf.php"
    host.run_expect([0], "cp -p %s %s.kept", conf, conf)
    try:
        host.run_expect([0], "sed -i 's/^\\(.dolibarr_main_instance_unique_id = .\\)..../\\1zzzz/' %s", conf)
        answer = host.run("miclinikctl --site %s constant set MAIN_SIZE_LISTE_LIMIT 77", site.name)
        assert (answer.rc, json.loads(answer.stdout)["error"]["code"]) == (1, "other_site")
    finally:
        host.run_expect([0], "mv %s.kept %s", conf, conf)
    assert json.loads(host.check_output("miclinikctl --site %s status", site.name))["identity"] == "ours"


def test_bridge_answers(host: Host, site: HostedSite) -> None:
    assert described(host, "/usr/local/lib/miclinik/bridge")[:2] == ("root", "root")
    for command in ("miclinikctl %s status", "miclinikctl --site %s status", "miclinik-bridge --site %s status"):
        assert json.loads(host.check_output(command, site.name))["ok"] is True
    assert host.run("miclinikctl nobody status").stderr.startswith("There is no site 'nobody' on this host. Sites: ")


@pytest.mark.parametrize("name", ["web", "api"])
def test_pool_has_its_own_limits(host: Host, site: HostedSite, name: str) -> None:
    text = host.file(f"/etc/miclinik-php/{site.name}/{name}.conf").content_string
    assert f"[{site.name}-{name}]" in text
    assert re.search(r"^pm\.max_children = [1-9]\d*$", text, re.MULTILINE)
