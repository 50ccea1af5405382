# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""application/conf.php.j2 and application/site.json.j2: what PHP and the bridge read is what the inventory says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .inventory import SITES
from .rendering import PASSWORD, ROOT, UNIQUE_ID, Rendered, entry, render

CONF = "/srv/miclinik/norte/conf.php"


def _values(content: str, folder: Path) -> dict[str, Any]:
    """Return the variables that PHP has after it has included ``content``."""
    (folder / "conf.php").write_text(content, encoding="utf-8", newline="")
    (folder / "show.php").write_text(
        "<?php include __DIR__ . '/conf.php'; $all = get_defined_vars();\n"
        "echo json_encode(array_filter($all, function ($name) { return strpos($name, 'dolibarr') === 0; },"
        " ARRAY_FILTER_USE_KEY));\n"
    )
    shown: dict[str, Any] = json.loads(programs.accept(["php", "-n", folder / "show.php"]))
    return shown


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_php_accepts_conf(sites: list[dict[str, Any]], tmp_path: Path) -> None:
    rendered = render("application", *sites)
    for site in sites:
        (tmp_path / "conf.php").write_text(rendered[f"/srv/miclinik/{site['name']}/conf.php"].content)
        assert programs.accept(["php", "-n", "-l", tmp_path / "conf.php"]).startswith("No syntax errors detected")
        # Anything before or after the PHP would be sent before the headers of every page.
        assert programs.accept(["php", "-n", tmp_path / "conf.php"]) == ""


def test_conf_of_a_plain_site(tmp_path: Path) -> None:
    assert _values(render("application")[CONF].content, tmp_path) == {
        "dolibarr_main_url_root": "http://norte.example.org",
        "dolibarr_main_document_root": "/srv/miclinik/norte/current/htdocs",
        "dolibarr_main_url_root_alt": "/custom",
        "dolibarr_main_document_root_alt": "/srv/miclinik/norte/current/htdocs/custom",
        "dolibarr_main_data_root": "/srv/miclinik/norte/documents",
        "dolibarr_main_db_host": "localhost",
        "dolibarr_main_db_port": "",
        "dolibarr_main_db_name": "norte",
        "dolibarr_main_db_user": "norte",
        "dolibarr_main_db_pass": PASSWORD,
        "dolibarr_main_db_type": "mysqli",
        "dolibarr_main_db_prefix": "llx_",
        "dolibarr_main_db_character_set": "utf8mb4",
        "dolibarr_main_db_collation": "utf8mb4_unicode_ci",
        "dolibarr_main_db_readonly": 0,
        "dolibarr_main_authentication": "dolibarr",
        "dolibarr_main_prod": 1,
        "dolibarr_main_force_https": 0,
        "dolibarr_main_restrict_os_commands": (
            "mariadb-dump, mariadb, mysqldump, mysql, pg_dump, pg_restore, clamdscan, clamscan"
        ),
        "dolibarr_nocsrfcheck": 0,
        "dolibarr_mailing_limit_sendbyweb": 0,
        "dolibarr_main_instance_unique_id": UNIQUE_ID,
        "dolibarr_main_cookie_cryptkey": UNIQUE_ID,
    }


@pytest.mark.parametrize(
    "password",
    [
        "'",
        "\\",
        "\\'",
        "'; phpinfo(); //",
        "?>",
        "$x",
        "{{ x }}",
        "{% x %}",
        "é日本",
        "a\nb",
        "<?php",
        '"',
        "a\\\\",
        " x ",
    ],
)
def test_any_password_reaches_php_unchanged(password: str, tmp_path: Path) -> None:
    secrets = {"norte": {"database_password": password, "instance_unique_id": UNIQUE_ID}}
    rendered = render("application", common_secrets={"secrets": secrets})
    assert _values(rendered[CONF].content, tmp_path)["dolibarr_main_db_pass"] == password


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"port": 8080}, {"dolibarr_main_url_root": "http://norte.example.org:8080"}),
        ({"domain": "192.0.2.7"}, {"dolibarr_main_url_root": "http://192.0.2.7"}),
        ({"base_path": "/erp"}, {"dolibarr_main_url_root": "http://norte.example.org/erp"}),
        ({"tls": {"mode": "acme"}}, {"dolibarr_main_url_root": "https://norte.example.org"}),
        (
            {"proxy": {"trusted": ["192.0.2.1"], "tls": True}, "port": 8080},
            {"dolibarr_main_url_root": "https://norte.example.org"},
        ),
        (
            {
                "database": {
                    "host": "db.example.org",
                    "port": 3307,
                    "name": "erp",
                    "user": "me",
                    "password": "correct-horse",
                }
            },
            {
                "dolibarr_main_db_host": "db.example.org",
                "dolibarr_main_db_port": "3307",
                "dolibarr_main_db_name": "erp",
                "dolibarr_main_db_user": "me",
            },
        ),
    ],
)
def test_conf_follows_the_site(more: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    values = _values(render("application", entry(**more))[CONF].content, tmp_path)
    assert {key: values[key] for key in expected} == expected


def test_conf_of_a_site_on_postgresql(tmp_path: Path) -> None:
    rendered = render("application", miclinik_database_engine="postgresql")
    values = _values(rendered[CONF].content, tmp_path)
    expected = {
        "dolibarr_main_db_type": "pgsql",
        "dolibarr_main_db_host": "/var/run/postgresql",
        "dolibarr_main_db_port": "5432",
        "dolibarr_main_db_character_set": "UTF8",
        "dolibarr_main_db_pass": PASSWORD,
    }
    assert {key: values[key] for key in expected} == expected
    assert not any("PGSSL" in line for line in rendered[CONF].content.splitlines())


@pytest.mark.parametrize(
    ("engine", "database", "host"),
    [
        ("postgresql", {}, "/run/miclinik-pooler"),
        ("postgresql", {"host": "db.example.org", "password": "correct-horse"}, "db.example.org"),
        ("mariadb", {}, "localhost"),
    ],
)
def test_who_goes_through_the_pooler(tmp_path: Path, engine: str, database: dict[str, Any], host: str) -> None:
    rendered = render(
        "application",
        entry(database=database),
        miclinik_database_engine=engine,
        miclinik_database_pooler="pgbouncer",
    )
    assert _values(rendered[CONF].content, tmp_path)["dolibarr_main_db_host"] == host


@pytest.mark.parametrize(("engine", "count"), [("mariadb", 0), ("postgresql", 2)])
def test_an_encrypted_connection_to_another_postgresql(tmp_path: Path, engine: str, count: int) -> None:
    database = {"host": "db.example.org", "password": "correct-horse"}
    content = render("application", entry(database=database), miclinik_database_engine=engine)[CONF].content
    (tmp_path / "conf.php").write_text(content)
    show = f"include {str(tmp_path / 'conf.php')!r}; echo getenv('PGSSLMODE'), ' ', getenv('PGSSLROOTCERT');"
    shown = programs.accept(["php", "-n", "-r", show])
    assert shown == ("verify-full /etc/ssl/certs/ca-certificates.crt" if engine == "postgresql" else " ")
    assert content.count("putenv(") == count


def test_each_site_has_its_own_secrets(tmp_path: Path) -> None:
    secrets = {
        name: {"database_password": f"password-{name}", "instance_unique_id": f"id-{name}"} for name in ("a", "b")
    }
    rendered = render("application", entry("a"), entry("b"), common_secrets={"secrets": secrets})
    for name in ("a", "b"):
        values = _values(rendered[f"/srv/miclinik/{name}/conf.php"].content, tmp_path)
        assert values["dolibarr_main_db_pass"] == f"password-{name}"
        assert values["dolibarr_main_instance_unique_id"] == f"id-{name}"


def test_rights_of_what_holds_secrets() -> None:
    conf = render("application")[CONF]
    assert (conf.owner, conf.group, conf.mode, conf.sensitive) == ("root", "norte", "0440", True)


def _folder(rendered: Rendered) -> tuple[str, str, str, str]:
    return rendered.kind, rendered.owner, rendered.group, rendered.mode


def test_folders() -> None:
    rendered = render("application")
    assert _folder(rendered["/srv/miclinik/norte/documents"]) == ("folder", "norte", "norte", "0750")
    assert _folder(rendered["/srv/miclinik/norte/releases"]) == ("folder", "root", "root", "0755")


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_site_json_is_json_without_secrets(sites: list[dict[str, Any]]) -> None:
    rendered = render("application", *sites)
    for site in sites:
        file = rendered[f"/etc/miclinik/{site['name']}/site.json"]
        names = {"name", "layout", "user", "root", "documents", "database", "database_password_declared"}
        names |= {"php", "base_url", "clone_of"}
        assert set(json.loads(file.content)) == names
        assert PASSWORD not in file.content
        assert (file.owner, file.group, file.mode) == ("root", "root", "0644")


def test_site_json_of_a_plain_site() -> None:
    assert json.loads(render("application")["/etc/miclinik/norte/site.json"].content) == {
        "name": "norte",
        "layout": 1,
        "user": "norte",
        "root": "/srv/miclinik/norte/current/htdocs",
        "documents": "/srv/miclinik/norte/documents",
        "database": {"host": "localhost", "name": "norte", "user": "norte"},
        "database_password_declared": False,
        "php": "/usr/bin/php8.2",
        "base_url": "http://norte.example.org",
        "clone_of": "",
    }


def test_site_json_says_whose_data_a_clone_may_get() -> None:
    rendered = render("application", entry("norte"), entry("staging", clone_of="norte"))
    assert json.loads(rendered["/etc/miclinik/staging/site.json"].content)["clone_of"] == "norte"


def test_the_bridge_is_copied_as_it_is() -> None:
    rendered = render("application")
    top = "/usr/local/lib/miclinik/bridge/"
    copied = {dest.removeprefix(top): item.content for dest, item in rendered.items() if dest.startswith(top)}
    folder = ROOT / "templates" / "bridge"
    assert copied == {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in folder.rglob("*")
        if file.is_file()
    }
    assert rendered[f"{top}miclinik-bridge"].mode == "0755"
    assert rendered[f"{top}src/load.php"].mode == "0644"
    link = rendered["/usr/local/sbin/miclinik-bridge"]
    assert (link.kind, link.target) == ("link", f"{top}miclinik-bridge")
