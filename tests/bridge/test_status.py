# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The status works at every stage; other commands do not start an application that is not there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from .servers import free_port
from .sites import BRIDGE, DATABASE_PASSWORD, PHP, USER, BridgedSite


def test_without_conf(bare: BridgedSite) -> None:
    bare.conf.unlink()
    status = bare.ok("status")
    assert status["conf"]["problem"] == "conf/conf.php is missing"
    assert status["schema"] == {"state": "unknown", "reasons": ["conf/conf.php is missing"]}
    assert status["version"]
    assert bare.error("module", "list")["code"] == "conf"
    assert bare.error("install", given={"password": "long-enough"})["code"] == "conf"


def test_with_a_broken_conf(bare: BridgedSite) -> None:
    bare.conf.chmod(0o640)
    bare.conf.write_text("<?php\n$dolibarr_main_db_pass = 'hush-hush;\n")
    done = bare.run("status")
    assert "hush-hush" not in done.stdout
    assert bare.ok("status")["conf"]["problem"] == "conf/conf.php does not load: ParseError at line 2"
    bare.conf.write_text("<?php\n")
    assert bare.ok("status")["conf"]["problem"] == "conf/conf.php does not set $dolibarr_main_document_root"


@pytest.mark.skipif(USER is None, reason="the owner of a file cannot be kept from reading it here")
def test_with_an_unreadable_conf(bare: BridgedSite) -> None:
    bare.conf.chmod(0o400)
    assert bare.ok("status")["conf"]["problem"] == "conf/conf.php is not readable for the site's user"


def test_without_a_server(bare: BridgedSite) -> None:
    bare.write_conf(db_port=str(free_port()))
    status = bare.ok("status")
    assert not status["database"]["reachable"]
    assert status["database"]["problem"].startswith(f'Could not connect to the database "{bare.name}"')
    assert status["schema"]["state"] == "unknown"
    assert bare.error("user", "show", "admin")["code"] == "database"
    assert bare.error("install", given={"password": "long-enough"})["code"] == "database"


def test_with_a_wrong_password(bare: BridgedSite) -> None:
    bare.write_conf(db_pass="wrong-password-of-the-database")
    done = bare.run("status")
    assert not bare.ok("status")["database"]["reachable"]
    assert "wrong-password-of-the-database" not in done.stdout


def test_with_an_empty_database(bare: BridgedSite) -> None:
    status = bare.ok("status")
    assert status["database"]["reachable"]
    assert status["database"]["engine"] == bare.server.engine
    assert status["schema"]["state"] == "none"
    error = bare.error("module", "list")
    assert (error["code"], error["details"]) == ("not_installed", {"state": "none"})


def test_with_everything(installed: BridgedSite) -> None:
    status = installed.ok("status")
    assert status["schema"]["state"] == "installed"
    assert status["instance_unique_id"]
    assert "user" in status["modules"]
    assert not status["changed"]
    assert DATABASE_PASSWORD not in installed.run("status").stdout


def test_without_an_application(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    user = ["--user", USER] if USER else []
    done = subprocess.run(
        [PHP, str(BRIDGE), "--root", str(tmp_path), *user, "status"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert '"code":"no_application"' in done.stdout


@pytest.mark.skipif(USER is None, reason="only root has privileges to drop")
@pytest.mark.parametrize(
    ("user", "code"), [([], "no_user"), (["--user", "root"], "cannot_drop"), (["--user", "nix"], "no_user")]
)
def test_root_never_runs_the_application(installed: BridgedSite, user: list[str], code: str) -> None:
    words = [PHP, str(BRIDGE), "--root", str(installed.htdocs), *user, "module", "list"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f'"code":"{code}"' in done.stdout


@pytest.mark.parametrize(
    "words",
    [[], ["modul", "list"], ["module"], ["module", "lst"], ["user", "show"], ["--nix", "status"], ["status", "x"]],
)
def test_a_misspelt_command_is_a_usage_error(installed: BridgedSite, words: list[str]) -> None:
    assert installed.error(*words)["code"] == "usage"


def test_the_manual(installed: BridgedSite) -> None:
    done = installed.run("help")
    assert done.returncode == 0
    for command in (
        "status",
        "install",
        "module list",
        "constant get",
        "company ensure",
        "user show",
        "key set",
        "batch",
    ):
        assert command in done.stdout


def test_an_answer_does_nothing_in_a_terminal(installed: BridgedSite) -> None:
    login = "a\u009b2J\u202eb\u2028\x7f\U000e0041é"
    done = installed.run("user", "show", login)
    assert r"a\u009b2J\u202eb\u2028\u007f\udb40\udc41é" in done.stdout
    # It means the same.
    assert login in json.loads(done.stdout)["error"]["message"]
