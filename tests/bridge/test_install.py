# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installing: judged by the database, finished after an interruption at any point, silent about secrets."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from .sites import ADMIN_PASSWORD, DATABASE_PASSWORD, PHP, USER, BridgedSite, processes

ADMIN = {"login": "admin", "password": ADMIN_PASSWORD}


def schema(site: BridgedSite) -> dict[str, object]:
    """Return the part of the status that says how far the installation is."""
    found: dict[str, object] = site.ok("status")["schema"]
    return found


def shadows(site: BridgedSite) -> list[Path]:
    """Return the installer's private folders that are still there."""
    return list(site.temporary.glob("miclinik-install-*"))


def test_a_clean_installation(bare: BridgedSite) -> None:
    before = bare.ok("status")
    assert before["schema"]["state"] == "none"
    assert before["install_lock"] is None
    conf = bare.conf.read_bytes()
    answer = bare.install()
    assert (answer["changed"], answer["before"], answer["state"]) == (True, "none", "installed")
    assert answer["administrator"] == "admin"
    status = bare.ok("status")
    assert status["schema"]["state"] == "installed"
    assert status["schema"]["reasons"] == []
    assert status["schema"]["administrators"] == ["admin"]
    assert status["schema"]["version"] == status["version"]
    assert status["install_lock"] == "0440"
    assert not status["upgrade_pending"]
    assert bare.conf.read_bytes() == conf
    assert stat.S_IMODE(bare.conf.stat().st_mode) == 0o440
    assert shadows(bare) == []


def test_a_second_run_changes_nothing(installed: BridgedSite) -> None:
    before = installed.server.counts(installed.name)
    answer = installed.install()
    assert (answer["changed"], answer["before"], answer["steps"]) == (False, "installed", [])
    other = installed.ok("install", given={"login": "another", "password": "another-password"})
    assert not other["changed"]
    assert installed.server.counts(installed.name) == before
    assert schema(installed)["administrators"] == ["admin"]


def test_check_mode_installs_nothing(bare: BridgedSite) -> None:
    answer = bare.ok("--check", "install", given=ADMIN)
    assert (answer["changed"], answer["before"], answer["state"]) == (True, "none", "installed")
    assert schema(bare)["state"] == "none"
    assert bare.server.counts(bare.name) == {}


def test_no_secret_shows_while_it_installs(bare: BridgedSite) -> None:
    log = Path("/tmp/dolibarr_install.log")  # noqa: S108 - where the application's installer logs by itself
    logged = log.stat().st_mtime_ns if log.exists() else None
    seen: set[str] = set()
    open_files: set[str] = set()
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            seen.update(processes())
            for shadow in shadows(bare):
                for path in [shadow, *shadow.glob("*.*"), *shadow.glob("conf/*")]:
                    try:
                        mode = path.lstat().st_mode
                    except FileNotFoundError:
                        continue
                    if not stat.S_ISLNK(mode) and path == shadow and stat.S_IMODE(mode) & 0o077:
                        open_files.add(str(path))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    done = bare.run("install", given=ADMIN)
    over.set()
    watcher.join()
    assert any("installer_step.php" in line for line in seen)
    assert not any(ADMIN_PASSWORD in line or DATABASE_PASSWORD in line for line in seen)
    assert open_files == set()
    assert json.loads(done.stdout)["ok"]
    assert ADMIN_PASSWORD not in done.stdout + done.stderr
    assert "$2y$" not in done.stdout
    assert len(done.stdout) < 2000
    assert (log.stat().st_mtime_ns if log.exists() else None) == logged


def test_the_password_works_and_is_stored_as_a_hash(installed: BridgedSite) -> None:
    answer = installed.ok("--check", "user", "ensure", "admin", given={"password": ADMIN_PASSWORD})
    assert answer["changes"] == []
    other = installed.error("--check", "user", "ensure", "admin", given={"password": ADMIN_PASSWORD + "x"})
    assert other["code"] == "administrator"
    meant = {"password": ADMIN_PASSWORD + "x", "admin": True, "existing": True}
    assert installed.ok("--check", "user", "ensure", "admin", given=meant)["changes"] == ["password"]
    assert installed.sql("SELECT count(*) FROM llx_user WHERE pass IS NOT NULL AND pass <> ''") == ["0"]


@pytest.mark.skipif(USER is None, reason="only root has privileges to drop")
def test_root_drops_its_privileges(bare: BridgedSite) -> None:
    bare.install()
    owners = {path.owner() for path in [bare.documents, *bare.documents.rglob("*")]}
    assert owners == {USER}


def start(site: BridgedSite) -> subprocess.Popen[str]:
    """Start an installation, in a process group of its own."""
    process = subprocess.Popen(
        site.words("install", stdin=True),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env=site.environment,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(ADMIN))
    process.stdin.close()
    return process


def wait_for(site: BridgedSite, process: subprocess.Popen[str], query: str, at_least: int) -> None:
    """Wait until a query answers with a number that is large enough, while the installation runs."""
    while process.poll() is None:
        try:
            if int(site.sql(query)[0]) >= at_least:
                return
        except subprocess.CalledProcessError:
            pass  # no such table yet
        time.sleep(0.01)
    raise AssertionError("the installation ended before it could be interrupted")


@pytest.fixture(scope="module")
def whole(blank: BridgedSite) -> dict[str, int]:
    """Return the number of rows of every table after an installation that nothing has disturbed."""
    blank.reset()
    blank.install()
    return blank.server.counts(blank.name)


@pytest.mark.parametrize("when", [1, 8], ids=["first-tables", "more-tables"])
@pytest.mark.parametrize("all_of_it", [True, False], ids=["all", "bridge-only"])
def test_a_killed_installation_is_finished(
    bare: BridgedSite, whole: dict[str, int], when: int, all_of_it: bool
) -> None:
    process = start(bare)
    tables = f"SELECT count(*) FROM information_schema.tables WHERE table_schema = {bare.server.schema}"  # noqa: S608
    wait_for(bare, process, tables, when)
    if all_of_it:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()
    answer = bare.install()
    assert answer["state"] == "installed"
    assert bare.server.counts(bare.name) == whole
    assert bare.ok("status")["install_lock"] == "0440"
    assert schema(bare)["administrators"] == ["admin"]
    assert not bare.install()["changed"]
    assert shadows(bare) == []


def by_hand(site: BridgedSite, *words: str) -> None:
    """Run a step of the installer in the plain way, with conf.php writable for a moment."""
    site.conf.chmod(0o666)
    become = ["setpriv", f"--reuid={USER}", "--regid=nogroup", "--clear-groups"] if USER else []
    subprocess.run([*become, PHP, *words], cwd=site.htdocs / "install", check=True, capture_output=True)
    site.conf.chmod(0o440)


def test_an_installation_that_ended_between_its_steps_is_finished(bare: BridgedSite, whole: dict[str, int]) -> None:
    by_hand(bare, "step2.php", "set", "en_US")
    found = schema(bare)
    assert (found["state"], found["not_installed_mark"], found["administrators"]) == ("partial", True, [])
    answer = bare.install()
    assert (answer["before"], answer["state"]) == ("partial", "installed")
    assert bare.server.counts(bare.name) == whole


def test_an_installation_that_ended_while_it_loaded_data_is_finished(bare: BridgedSite, whole: dict[str, int]) -> None:
    by_hand(bare, "step2.php", "set", "en_US")
    data = sorted(path.name for path in (bare.htdocs / "install" / "mysql" / "data").glob("llx_*.sql"))
    # Files are loaded in the order of their names, each in one transaction, and these are the last of every version.
    late = [name.removesuffix(".sql") for name in data if name in ("llx_const.sql", "llx_holiday_config.sql")]
    for table in late:
        bare.sql(f"DELETE FROM {table}")  # noqa: S608
    answer = bare.install()
    assert (answer["before"], answer["state"]) == ("partial", "installed")
    assert set(answer["steps"]) == {*(f"step2 {table}.sql" for table in late), "step5"} or not data
    assert bare.server.counts(bare.name) == whole


def test_an_installation_that_ended_after_the_administrator_is_finished(
    bare: BridgedSite, whole: dict[str, int]
) -> None:
    by_hand(bare, "step2.php", "set", "en_US")
    with bare.server.stalled(bare.name, "MAIN_VERSION_LAST_INSTALL"):
        process = start(bare)
        wait_for(bare, process, "SELECT count(*) FROM llx_user", 1)
        time.sleep(0.5)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    found = schema(bare)
    assert (found["state"], found["administrators"], found["version"]) == ("partial", ["admin"], None)
    other = "another-password"
    answer = bare.install(login="second", password=other)
    assert (answer["before"], answer["state"], answer["administrator"]) == ("partial", "installed", "admin")
    assert schema(bare)["administrators"] == ["admin"]
    assert bare.sql("SELECT count(*) FROM llx_user") == ["1"]
    assert bare.ok("--check", "user", "ensure", "admin", given={"password": other})["changes"] == []
    # A module that finds an administrator when it is switched on gives him its rights as rows; he has them anyway.
    # The agenda, where there is one, notes that his password has changed.
    apart = {"llx_user_rights": 0, "llx_actioncomm": 0, "llx_actioncomm_extrafields": 0, "llx_actioncomm_resources": 0}
    assert bare.server.counts(bare.name) | apart == whole | apart


def test_the_mark_of_a_repeated_step_is_removed(bare: BridgedSite) -> None:
    bare.install()
    before = bare.server.counts(bare.name)
    columns, values = "name, value, type, visible, entity", "'MAIN_NOT_INSTALLED', '1', 'chaine', 1, 0"
    bare.sql(f"INSERT INTO llx_const ({columns}) VALUES ({values})")  # noqa: S608
    assert schema(bare)["reasons"] == ["the installer left its mark MAIN_NOT_INSTALLED"]
    assert bare.error("constant", "unset", "MAIN_SIZE_LISTE_LIMIT")["code"] == "not_installed"
    assert bare.ok("--check", "install", given=ADMIN)["changed"]
    assert schema(bare)["state"] == "partial"
    answer = bare.install()
    assert (answer["changed"], answer["before"], answer["state"], answer["steps"]) == (True, "partial", "installed", [])
    assert schema(bare)["state"] == "installed"
    assert bare.ok("status")["install_lock"] == "0440"
    assert bare.server.counts(bare.name) == before


def test_a_lost_lock_is_made_again(bare: BridgedSite) -> None:
    bare.install()
    bare.documents.joinpath("install.lock").unlink()
    assert bare.ok("--check", "install", given=ADMIN)["changed"]
    assert bare.ok("status")["install_lock"] is None
    assert bare.install()["changed"]
    assert bare.ok("status")["install_lock"] == "0440"
    assert not bare.install()["changed"]


def test_another_version_is_not_stamped_over(bare: BridgedSite) -> None:
    bare.install()
    bare.sql("UPDATE llx_const SET value = '14.0.0' WHERE name = 'MAIN_VERSION_LAST_INSTALL'")
    assert bare.ok("status")["upgrade_pending"]
    assert not bare.install()["changed"]
    bare.sql("UPDATE llx_user SET admin = 0")
    assert bare.error("install", given=ADMIN)["code"] == "database_damaged"
    bare.sql("DELETE FROM llx_const WHERE name = 'MICLINIK_SITE_SIGN'")  # as if it had never been installed whole
    error = bare.error("install", given=ADMIN)
    assert error["code"] == "other_version"
    assert "14.0.0" in error["message"]
    assert schema(bare)["version"] == "14.0.0"


def test_documents_that_cannot_be_written_are_named(bare: BridgedSite) -> None:
    bare.documents.rmdir()
    error = bare.error("install", given=ADMIN)
    assert (error["code"], str(bare.documents) in error["message"]) == ("documents", True)
    assert schema(bare)["state"] == "none"


@pytest.mark.parametrize("password", ["", "tiny!", " leading-blank", "x" * 73, "with\ttab-inside"])
def test_a_password_that_would_become_another_one_is_refused(bare: BridgedSite, password: str) -> None:
    error = bare.error("install", given={"login": "admin", "password": password})
    assert error["code"] == "bad_password"
    assert not password or password not in error["message"]
    assert schema(bare)["state"] == "none"
