# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of inventory variables, sources and host, to the word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import checks as preflight_checks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites as site_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

from tests import application_tree
from tests.application_tree import entry

BARE: dict[str, Any] = {"alive": False, "ours": [], "foreign": [], "listens": {}}
HOST: dict[str, Any] = {
    "distribution": "debian",
    "codename": "bookworm",
    "php_version": "8.2",
    "free_mb": 20000,
    "systemd": True,
    "accounts": {"root": "/root"},
    "releases": {},
    "versions": {},
}


def _texts(problems: list[Any]) -> list[str]:
    return [str(problem) for problem in problems]


def test_no_variables_is_fine() -> None:
    assert preflight_checks.check_variables({}) == []


def test_known_variables_and_those_of_others_are_fine(tmp_path: Path) -> None:
    variables = {
        "miclinik_templates_dir": str(tmp_path),
        "miclinik_web_server": "nginx",
        "miclinik_database_engine": "mariadb",
        "miclinik_sites": "judged elsewhere",
        "miclinik_host": {"set": "by host_facts"},
        "ansible_host": "x",
        "clinik_x": 1,
    }
    assert preflight_checks.check_variables(variables) == []


def test_misspelt_variable() -> None:
    assert _texts(preflight_checks.check_variables({"miclinik_template_dir": ""})) == [
        "inventory: miclinik_template_dir: is not a known key. Did you mean 'miclinik_templates_dir'."
    ]


def test_unlike_any_variable() -> None:
    known = sorted(name for name in site_schema.options() if name.startswith("miclinik_") and name != "miclinik_sites")
    assert _texts(preflight_checks.check_variables({"miclinik_qqqqqqqqqqqqqqqq": 1})) == [
        f"inventory: miclinik_qqqqqqqqqqqqqqqq: is not a known key. Known are: {', '.join(known)}."
    ]


def test_wrong_values() -> None:
    choices = ", ".join(site_schema.options()["miclinik_web_server"]["choices"])
    assert _texts(preflight_checks.check_variables({"miclinik_web_server": "iis", "miclinik_database_engine": 3})) == [
        f"inventory: miclinik_web_server: is 'iis'. Choose one of: {choices}.",
        "inventory: miclinik_database_engine: is a whole number. Write a text.",
    ]


def test_each_of_a_list_is_one_of_the_choices() -> None:
    assert _texts(preflight_checks.check_variables({"miclinik_exporters": ["web", "node"]})) == []
    assert _texts(preflight_checks.check_variables({"miclinik_exporters": ["web", "php"]})) == [
        "inventory: miclinik_exporters[1]: is 'php'. Choose one of: node, database, web."
    ]


def test_folder_of_templates_that_is_not_there(tmp_path: Path) -> None:
    folder = tmp_path / "none"
    assert _texts(preflight_checks.check_variables({"miclinik_templates_dir": str(folder)})) == [
        f"inventory: miclinik_templates_dir: {folder} is not a folder on the controller. Name one."
    ]


def test_sources(tmp_path: Path) -> None:
    application_tree.make(tmp_path / "good", "16.0.3")
    (tmp_path / "empty").mkdir()
    sites = [
        entry(source={"type": "directory", "path": "good"}),
        entry("sur", source={"type": "directory", "path": "empty"}),
        entry("este", source={"type": "directory", "path": str(tmp_path / "none")}),
    ]
    trees, problems = preflight_checks.check_sources(sites, tmp_path)
    assert trees == {"norte": Tree(tmp_path / "good", False, "16.0.3")}
    assert _texts(problems) == [
        f"site 'sur': source.path: {tmp_path / 'empty'} holds no application: neither filefunc.inc.php nor "
        "htdocs/filefunc.inc.php is there. Name the folder that holds the application's own files.",
        f"site 'este': source.path: {tmp_path / 'none'} is not a folder on the controller. "
        "Name the application's folder.",
    ]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    folder = application_tree.make(tmp_path / "app")
    with (folder / "big.bin").open("wb") as stream:
        stream.truncate(30 * 1024 * 1024)
    return Tree(folder, False, "22.0.4")


def _host(tree: Tree, sites: list[dict[str, Any]] | None = None, untested: bool = False, **facts: object) -> list[str]:
    entries = sites or [entry()]
    trees = {site["name"]: tree for site in entries}
    return _texts(preflight_checks.check_host(HOST | facts, entries, trees, 1024, untested))


def _served(version: str, release: str = "", name: str = "norte") -> dict[str, Any]:
    return {"releases": {name: release or f"{version}-0123456789ab"}, "versions": {name: version}}


def test_a_good_host(tree: Tree) -> None:
    assert _host(tree) == []


def test_too_little_disk(tree: Tree) -> None:
    assert _host(tree, free_mb=1054) == []
    assert _host(tree, free_mb=1053) == [
        "host: /srv: has 1053 MiB free, and the sites want 1054 MiB. Free some, or lower preflight_min_free_mb."
    ]


def test_every_new_site_wants_its_room(tree: Tree) -> None:
    assert _host(tree, [entry(), entry("sur")], free_mb=1083) == [
        "host: /srv: has 1083 MiB free, and the sites want 1084 MiB. Free some, or lower preflight_min_free_mb."
    ]


def test_a_full_disk_does_not_stop_a_host_whose_sites_are_all_there(tree: Tree) -> None:
    assert _host(tree, free_mb=1, **_served("22.0.4")) == []


@pytest.mark.parametrize(
    ("distribution", "codename"), [("debian", "bullseye"), ("alpine", ""), ("", ""), ("fedora", "")]
)
@pytest.mark.parametrize("untested", [False, True])
def test_unsupported_distribution(tree: Tree, distribution: str, codename: str, untested: bool) -> None:
    name = f"{distribution} {codename}".strip() or "unknown"
    assert _host(tree, None, untested, distribution=distribution, codename=codename, php_version="") == [
        f"host: distribution: is {name}, which is not supported. Use Debian 12 or 13."
    ]


def test_untested_distribution(tree: Tree) -> None:
    facts: dict[str, Any] = {"distribution": "ubuntu", "codename": "noble", "php_version": "8.3"}
    assert _host(tree, **facts) == [
        "host: distribution: ubuntu noble was never tested with this version. "
        "Use Debian 12 or 13, or set preflight_allow_untested: true.",
        "site 'norte': source: version 22.0.4 was never run on PHP 8.3. Use a host with PHP 8.2 or 8.4.",
    ]
    assert _host(tree, None, True, **facts) == []


def test_no_systemd(tree: Tree) -> None:
    assert _host(tree, systemd=False) == ["host: systemd: does not run as its first process. Use a host with systemd."]


@pytest.mark.parametrize(
    ("version", "seen"),
    [
        (
            "11.0.4",
            "does not run on PHP 8.2, which is what this host has. Use a version of the application from 15 to 24",
        ),
        (
            "25.0.1",
            "is newer than 24, the newest that was tested. Use a version of the application from 15 to 24, "
            "or set preflight_allow_untested: true to try it",
        ),
    ],
)
def test_wrong_version(tree: Tree, version: str, seen: str) -> None:
    other = Tree(tree.top, False, version)
    assert _host(other) == [f"site 'norte': source: version {version} {seen}."]
    assert _host(other, None, True) == []


def test_a_unix_user_of_that_name(tree: Tree) -> None:
    assert _host(tree, accounts={"norte": "/home/norte"}) == [
        "site 'norte': name: 'norte' is a Unix user of this host already, with home /home/norte. Choose another name."
    ]


def test_the_sites_own_user_is_no_problem(tree: Tree) -> None:
    assert _host(tree, accounts={"norte": "/srv/miclinik/norte"}) == []


def test_a_changed_version(tree: Tree) -> None:
    assert _host(tree, **_served("16.0.3")) == [
        "site 'norte': source: holds version 22.0.4, and the site runs 16.0.3. "
        "Run playbooks/upgrade.yml, or name one of 16.0.3."
    ]


def test_an_upgrade_may_have_a_newer_version_and_no_older_one(tree: Tree) -> None:
    def said(served: str) -> list[str]:
        facts = HOST | _served(served)
        return _texts(preflight_checks.check_host(facts, [entry()], {"norte": tree}, 1024, False, upgrade=True))

    assert said("16.0.3") == said("22.0.4") == said("22.0.4-beta") == []
    assert said("22.0.5") == [
        "site 'norte': source: holds version 22.0.4, and the site runs 22.0.5. Name a source of version 22.0.5, or go "
        "back to before the last upgrade: playbooks/rollback.yml."
    ]
    assert _host(tree, **_served("23.0.0")) == [
        "site 'norte': source: holds version 22.0.4, and the site runs 23.0.0. Name a source of version 23.0.0, or go "
        "back to before the last upgrade: playbooks/rollback.yml."
    ]


def test_a_site_that_was_never_installed_may_get_another_version(tree: Tree) -> None:
    facts = HOST | _served("16.0.3")
    assert preflight_checks.check_host(facts, [entry()], {"norte": tree}, 1024, False, never_installed=["norte"]) == []
    assert (
        len(preflight_checks.check_host(facts, [entry()], {"norte": tree}, 1024, False, never_installed=["sur"])) == 1
    )


def test_another_build_of_the_same_version(tree: Tree) -> None:
    assert _host(tree, **_served("22.0.4", "22.0.4-ba9876543210")) == []


def test_a_release_with_a_name_of_its_own(tree: Tree) -> None:
    """Somebody has put a hotfix in place: its files say which version it is."""
    assert _host(tree, **_served("22.0.4", "hotfix")) == []
    assert _host(tree, **_served("16.0.3", "hotfix")) == [
        "site 'norte': source: holds version 22.0.4, and the site runs 16.0.3. "
        "Run playbooks/upgrade.yml, or name one of 16.0.3."
    ]
    assert _host(tree, **_served("", "hotfix")) == [
        "site 'norte': source: holds version 22.0.4, and the site runs the release 'hotfix', whose version cannot be "
        "read. Point the site's link `current` at a whole release first."
    ]


def test_everything_at_once(tree: Tree) -> None:
    said = _host(tree, free_mb=0, systemd=False, accounts={"norte": "/x"}, **_served("22.0.4", name="sur"))
    assert [text.split(": ")[:2] for text in said] == [
        ["host", "systemd"],
        ["host", "/srv"],
        ["site 'norte'", "name"],
    ]


SHOP = "/etc/nginx/sites-enabled/shop"
BLOG = "/etc/apache2/sites-enabled/blog.conf"
NGINX_OF_OTHERS = BARE | {"alive": True, "foreign": [SHOP], "listens": {"": [80]}}
APACHE_OF_OTHERS = BARE | {"alive": True, "foreign": [BLOG], "listens": {"": [80]}, "modules": ["mpm_event"]}


def _server(server: str, nginx: dict[str, Any], apache: dict[str, Any], **site: Any) -> list[str]:  # noqa: ANN401
    facts = {"web_servers": {"nginx": nginx, "apache": {"modules": []} | apache}}
    return _texts(preflight_checks.check_server(facts, site_sites.plan([entry(**site)]), server))


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_a_bare_host_takes_either_server(server: str) -> None:
    assert _server(server, BARE, BARE) == []


def test_sites_of_others_on_the_ports() -> None:
    assert _server("apache", NGINX_OF_OTHERS, BARE) == [
        f"host: miclinik_web_server: Apache should listen on port 80, where Nginx listens and serves sites that are "
        f"not of this collection: {SHOP}. Move them to another port, or remove them, or host miclinik with Nginx: "
        "miclinik_web_server: nginx."
    ]
    assert _server("nginx", BARE, APACHE_OF_OTHERS) == [
        f"host: miclinik_web_server: Nginx should listen on port 80, where Apache listens and serves sites that are "
        f"not of this collection: {BLOG}. Move them to another port, or remove them, or host miclinik with Apache: "
        "miclinik_web_server: apache."
    ]


def test_sites_of_others_elsewhere() -> None:
    assert _server("nginx", NGINX_OF_OTHERS, BARE) == []
    assert _server("apache", BARE, APACHE_OF_OTHERS) == []
    assert _server("apache", NGINX_OF_OTHERS, BARE, port=8080) == []
    assert _server("nginx", BARE, APACHE_OF_OTHERS | {"listens": {"": [8080]}}) == []


def test_mod_php_of_others() -> None:
    apache = APACHE_OF_OTHERS | {"modules": ["mpm_prefork", "php8.2"]}
    assert _server("apache", BARE, apache) == [
        f"host: miclinik_web_server: Apache should run PHP by PHP-FPM and serve by threads; it has mpm_prefork, php8.2 "
        f"enabled, and sites that are not of this collection may need them: {BLOG}. Move those sites to PHP-FPM "
        "(a2enmod proxy_fcgi setenvif, a2enconf php*-fpm, a2dismod mpm_prefork php8.2, a2enmod mpm_event, then restart "
        "apache2), or host miclinik elsewhere."
    ]
    assert len(_server("apache", NGINX_OF_OTHERS, apache)) == 2


@pytest.mark.parametrize(
    ("variables", "server"), [({}, "nginx"), ({"miclinik_web_server": "apache"}, "apache"), ({"x": 1}, "nginx")]
)
def test_server_of(variables: dict[str, Any], server: str) -> None:
    assert preflight_checks.server_of(variables) == server


@pytest.mark.parametrize(
    ("laid", "timers", "repository", "expected"),
    [
        (0, ["miclinik-backup@norte.timer"], "/mnt/backup", ["norte"]),
        (layout.VERSION, ["miclinik-backup@norte.timer"], "/mnt/backup", []),
        (0, ["miclinik-backup@sur.timer"], "/mnt/backup", []),
        (0, ["miclinik-backup@norte.timer"], "", []),
        (None, ["miclinik-backup@norte.timer"], "/mnt/backup", []),
    ],
)
def test_sites_whose_layout_changes(laid: int | None, timers: list[str], repository: str, expected: list[str]) -> None:
    facts = {"layouts": {} if laid is None else {"norte": laid}, "backup_timers": timers}
    variables = {"miclinik_backup": {"repository": repository} if repository else {}}
    assert preflight_checks.relaid(facts, [entry()], variables) == expected
