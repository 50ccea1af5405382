# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The installer's steps and their quirks, as measured on Dolibarr 22.0.4 with MariaDB and PostgreSQL."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from .databases import Database
from .site import SandboxSite

NewSite = Callable[[Database], SandboxSite]
PASSWORD = "Administrator-1"


@pytest.fixture(params=["mariadb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    chosen: Database = request.getfixturevalue(request.param)
    return chosen


def constants(site: SandboxSite) -> dict[str, str]:
    rows = site.rows("SELECT name, value FROM llx_const WHERE name LIKE 'MAIN_VERSION%' OR name = 'MAIN_NOT_INSTALLED'")
    return {row[0]: row[1] for row in rows}


def users(site: SandboxSite) -> list[list[str]]:
    return site.rows("SELECT login, admin, entity FROM llx_user ORDER BY rowid")


def test_both_steps(new_site: NewSite, database: Database) -> None:
    site = new_site(database)
    before = (site.root / "conf" / "conf.php").read_bytes()
    run = site.step("step2.php", "set", "en_US")
    assert (run.code, 'class="error"' in run.output) == (0, False)
    assert constants(site) == {"MAIN_NOT_INSTALLED": "1"}
    assert users(site) == []
    run = site.finish()
    assert (run.code, 'class="error"' in run.output) == (0, False)
    assert constants(site) == {"MAIN_VERSION_FIRST_INSTALL": "22.0.4", "MAIN_VERSION_LAST_INSTALL": "22.0.4"}
    assert users(site) == [["admin", "1", "0"]]
    assert site.rows("SELECT COUNT(*) FROM llx_c_country") == [["245"]]
    lock = site.documents / "install.lock"
    assert stat.S_IMODE(lock.stat().st_mode) == 0o440
    assert (site.root / "conf" / "conf.php").read_bytes() == before
    assert PASSWORD not in run.output


def test_prefix_of_conf_php(new_site: NewSite, database: Database) -> None:
    site = new_site(database)
    site.configure(db_prefix="clinic_")
    site.install()
    assert site.rows("SELECT login FROM clinic_user") == [["admin"]]


def test_steps_again_without_a_lock(new_site: NewSite, database: Database) -> None:
    site = new_site(database)
    site.install()
    stored = site.rows("SELECT pass_crypted FROM llx_user")
    (site.documents / "install.lock").unlink()
    assert site.step("step2.php", "set", "en_US").code == 0
    assert constants(site)["MAIN_NOT_INSTALLED"] == "1"
    assert users(site) == [["admin", "1", "0"]]
    run = site.finish("Another-password-1")
    assert (run.code, "Login admin already exists" in run.output) == (0, True)
    assert site.rows("SELECT pass_crypted FROM llx_user") == stored
    assert "MAIN_NOT_INSTALLED" not in constants(site)
    assert (site.documents / "install.lock").exists()


def test_another_login_makes_a_second_administrator(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    site.install()
    (site.documents / "install.lock").unlink()
    assert site.finish(login="second").code == 0
    assert users(site) == [["admin", "1", "0"], ["second", "1", "0"]]


def test_lock(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    (site.documents / "install.lock").write_text("")
    for run in (site.step("step2.php", "set", "en_US"), site.finish(), site.step("upgrade.php", "21.0.0", "22.0.0")):
        assert (run.code, "disabled for security" in run.output) == (0, True)
    assert site.rows("SHOW TABLES") == []


def test_lock_in_the_document_root(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    (site.root / "install.lock").write_text("")
    assert "disabled for security" in site.step("step2.php", "set", "en_US").output
    assert site.rows("SHOW TABLES") == []


def test_unlock_of_an_upgrade_opens_the_upgrade_only(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    site.install()
    (site.documents / "upgrade.unlock").write_text("")
    assert "disabled for security" in site.step("step2.php", "set", "en_US").output
    assert "disabled for security" not in site.step("upgrade.php", "21.0.0", "22.0.0").output


def test_conf_php_that_the_caller_cannot_write(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    path = site.root / "conf" / "conf.php"
    path.chmod(0o440)
    for run in (site.step("step2.php", "set", "en_US"), site.finish()):
        assert (run.code, "is not writable" in run.output) == (0, True)
    assert site.rows("SHOW TABLES") == []


def test_no_conf_php(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    (site.root / "conf" / "conf.php").unlink()
    assert site.step("step2.php", "set", "en_US").code == 255


def test_wrong_password_of_the_database(new_site: NewSite, database: Database) -> None:
    site = new_site(database)
    site.configure(db_pass="wrong", db_user="nobody")
    run = site.step("step2.php", "set", "en_US")
    assert (run.code, "Failed to connect to server" in run.output) == (1, True)
    assert site.finish().code == 255
    assert [site.step(script, "21.0.0", "22.0.0").code for script in ("upgrade.php", "upgrade2.php", "step5.php")] == [
        1,
        255,
        0,
    ]


def test_documents_that_cannot_be_written(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    assert site.step("step2.php", "set", "en_US").code == 0
    users_folder = site.documents / "users" / "temp"
    users_folder.mkdir(parents=True)
    site.documents.chmod(0o555)
    run = site.finish()
    site.documents.chmod(0o755)
    assert (run.code, "you must add a file called" in run.output) == (0, True)
    assert not (site.documents / "install.lock").exists()


@pytest.mark.parametrize(("first", "second"), [("", ""), ("Administrator-1", "Administrator-2")])
def test_password_empty_or_not_repeated(new_site: NewSite, mariadb: Database, first: str, second: str) -> None:
    site = new_site(mariadb)
    assert site.step("step2.php", "set", "en_US").code == 0
    run = site.step("step5.php", "0", "0", "en_US", "set", "admin", first, second, "440")
    assert (run.code, run.output) == (0, "")
    assert users(site) == []


def test_no_mode_no_lock(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    assert site.step("step2.php", "set", "en_US").code == 0
    assert site.step("step5.php", "0", "0", "en_US", "set", "admin", PASSWORD, PASSWORD).code == 0
    assert users(site) == [["admin", "1", "0"]]
    assert not (site.documents / "install.lock").exists()


def test_another_folder(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    assert site.php("install/step2.php", "set", "en_US", cwd=site.root).code == 255


def test_no_arguments(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    for script, text in (
        ("step2.php", "Parameter action=set not defined"),
        ("upgrade.php", "Parameter versionfrom or versionto missing"),
        ("upgrade2.php", "Parameter versionfrom or versionto missing"),
    ):
        run = site.step(script)
        assert (run.code, text in run.output) == (0, True)
    assert site.rows("SHOW TABLES") == []


def test_upgrade_in_steps_and_in_one_leap(new_site: NewSite, database: Database) -> None:
    site = new_site(database)
    site.install()
    (site.documents / "install.lock").unlink()
    leap = 1 if database.type == "mysqli" else 0
    for versions, code in (
        (("21.0.0", "22.0.0"), 0),
        (("16.0.3", "22.0.4"), leap),
        (("22.0.4", "23.0.0"), 1),
        (("16", "17"), 1),
    ):
        assert site.step("upgrade.php", *versions).code == code
        assert site.step("upgrade2.php", *versions).code == 0
    assert "MAIN_VERSION_LAST_UPGRADE" not in constants(site)
    assert site.step("step5.php", "16.0.3", "17.0.0").code == 0
    assert constants(site)["MAIN_VERSION_LAST_UPGRADE"] == "22.0.4"
    assert not (site.documents / "install.lock").exists()
    assert site.step("step5.php", "16.0.3", "22.0.4", "en_US", "upgrade", "", "", "", "440").code == 0
    assert stat.S_IMODE((site.documents / "install.lock").stat().st_mode) == 0o440


def test_steps_run_from_a_shadow_of_the_folder(new_site: NewSite, mariadb: Database, workplace: Path) -> None:
    """What the bridge does: conf.php stays unwritable, a folder of links has a writable one that includes it."""
    site = new_site(mariadb)
    real = site.root / "conf" / "conf.php"
    real.chmod(0o440)
    shadow = site.folder / "shadow"
    (shadow / "install").mkdir(parents=True)
    (shadow / "conf").mkdir()
    for entry in site.root.iterdir():
        if entry.name not in ("install", "conf"):
            (shadow / entry.name).symlink_to(entry)
    for entry in (site.root / "install").iterdir():
        (shadow / "install" / entry.name).symlink_to(entry)
    conf = shadow / "conf" / "conf.php"
    conf.write_text(f"<?php require '{real}';\n")
    for path in (shadow, shadow / "install", shadow / "conf", conf):
        site.own(path)
    for argv in (
        ["step2.php", "set", "en_US"],
        ["step5.php", "0", "0", "en_US", "set", "admin", PASSWORD, PASSWORD, "440"],
    ):
        items = ", ".join(f"'{item}'" for item in argv)
        code = f"$argv = array({items}); $argc = count($argv); include '{site.root}/install/{argv[0]}';"
        run = site.php(code=code, cwd=shadow / "install")
        assert run.code == 0, run.output
    assert users(site) == [["admin", "1", "0"]]


def test_step1_over_http_writes_conf_php_of_a_locked_site(new_site: NewSite, mariadb: Database) -> None:
    """Why /install/ has to be denied: it looks for a lock in ../../documents only, and makes a new instance id."""
    site = new_site(mariadb)
    elsewhere = site.folder / "elsewhere"
    elsewhere.mkdir()
    site.own(elsewhere)
    site.documents.rmdir()
    site.documents = elsewhere
    path = site.configure(data_root=str(elsewhere))
    site.install()
    site.serve()
    form = {
        "action": "set",
        "main_dir": str(site.root),
        "main_url": site.base_url,
        "main_data_dir": str(elsewhere),
        "db_type": "mysqli",
        "db_host": "127.0.0.1",
        "db_port": str(mariadb.port),
        "db_name": site.name,
        "db_user": mariadb.user,
        "db_pass": mariadb.password,
        "db_prefix": "llx_",
    }
    assert site.call("POST", "/install/step1.php", prefix="", data={**form, "db_pass": "wrong"}).status_code == 200
    assert "0123456789abcdef0123456789abcdef" in path.read_text()
    answer = site.call("POST", "/install/step1.php", prefix="", data=form)
    assert (answer.status_code, "The configuration file was saved" in answer.text) == (200, True)
    assert "0123456789abcdef0123456789abcdef" not in path.read_text()


def test_pages_over_http(new_site: NewSite, mariadb: Database) -> None:
    site = new_site(mariadb)
    site.install()
    site.serve()
    for page in ("/install/", "/install/index.php", "/install/step2.php", "/install/step5.php", "/install/repair.php"):
        answer = site.get(page, prefix="")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
        assert "disabled for security" in answer.text
    (site.documents / "install.lock").unlink()
    assert "disabled for security" not in site.get("/install/step2.php", prefix="").text


def test_what_is_missing_is_made_again(new_site: NewSite, database: Database) -> None:
    site = new_site(database)
    site.install()
    (site.documents / "install.lock").unlink()
    index = (
        "DROP INDEX uk_product_ref ON llx_product"
        if database.type == "mysqli"
        else "ALTER TABLE llx_product DROP CONSTRAINT uk_product_ref"
    )
    for statement in ("DROP TABLE llx_commandedet", "DELETE FROM llx_c_country WHERE code = 'ES'", index):
        site.rows(statement)
    run = site.step("step2.php", "set", "en_US")
    assert (run.code, 'class="error"' in run.output) == (0, False)
    assert site.rows("SELECT COUNT(*) FROM llx_c_country") == [["245"]]
    assert site.rows("SELECT COUNT(*) FROM llx_commandedet") == [["0"]]
    insert = "$db->query(\"INSERT INTO llx_product (ref, label) VALUES ('A', 'a')\")"
    assert site.bootstrap(f"echo {insert} ? 'yes' : 'no', {insert} ? 'yes' : 'no';").output == "yesno"
