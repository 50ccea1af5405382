# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command line for people hands everything to the bridge, and says what is wrong before it does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .rendering import ROOT, render

PROGRAM = ROOT / "templates/command_line/miclinikctl"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """A host with two sites, and a bridge that prints its arguments."""
    for name in ("norte", "sur"):
        (tmp_path / "etc" / name).mkdir(parents=True)
        (tmp_path / "etc" / name / "site.json").write_text("{}")
    (tmp_path / "etc/remains").mkdir()
    bridge = tmp_path / "miclinik-bridge"
    bridge.write_text('#!/bin/sh\nprintf "<%s>" "$@"\nexit 3\n')
    bridge.chmod(0o755)
    api = tmp_path / "api/miclinik-api"
    api.parent.mkdir()
    api.write_text('#!/bin/sh\nprintf "api:"; printf "<%s>" "$@"\nexit 3\n')
    api.chmod(0o755)
    keys = tmp_path / "keys/miclinik-keys"
    keys.parent.mkdir()
    keys.write_text('#!/bin/sh\nprintf "keys:"; printf "<%s>" "$@"\nexit 3\n')
    keys.chmod(0o755)
    cron = tmp_path / "cron/miclinik-cron"
    cron.parent.mkdir()
    cron.write_text('#!/bin/sh\nprintf "cron:"; printf "<%s>" "$@"\nexit 3\n')
    cron.chmod(0o755)
    webhooks = tmp_path / "webhooks/miclinik-webhooks"
    webhooks.parent.mkdir()
    webhooks.write_text('#!/bin/sh\nprintf "webhooks:"; printf "<%s>" "$@"\nexit 3\n')
    webhooks.chmod(0o755)
    return tmp_path


def run(host: Path, *words: str) -> tuple[int, str, str]:
    """Run it with this host's paths; return exit code, output and error output."""
    text = PROGRAM.read_text(encoding="utf-8")
    text = (
        text.replace("/etc/miclinik", str(host / "etc"))
        .replace("/usr/local/sbin", str(host))
        .replace("/usr/local/lib/miclinik", str(host))
    )
    done = subprocess.run([sys.executable, "-I", "-c", text, *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["norte", "status"], "<--site><norte><status>"),
        (["norte", "webhook", "test", "erp"], "webhooks:<norte><test><erp>"),
        (["norte", "webhook", "ensure"], "<--site><norte><webhook><ensure>"),
        (["sur", "user", "show", "a b"], "<--site><sur><user><show><a b>"),
        (["sur", "--check", "constant", "set", "X", "-1"], "<--site><sur><--check><constant><set><X><-1>"),
        (["--site", "norte", "status"], "<--site><norte><status>"),
        (["--root", "/x", "status"], "<--root></x><status>"),
        (["help"], "<help>"),
        (["norte", "key", "show", "shop"], "<--site><norte><key><show><shop>"),
        (["norte", "api", "spec", "--out", "a.json"], "api:<norte><spec><--out><a.json>"),
        (["norte", "key"], "<--site><norte><key>"),
        (["norte", "key", "rotate", "--user", "shop"], "keys:<norte><rotate><--user><shop>"),
        (["norte", "key", "adopt", "shop"], "keys:<norte><adopt><shop>"),
        (["--site", "norte", "key", "revoke", "shop"], "keys:<norte><revoke><shop>"),
        (["norte", "cron", "list"], "cron:<norte><list>"),
        (["norte", "cron", "run"], "cron:<norte><run>"),
        (["norte", "cron", "job", "7"], "<--site><norte><cron><job><7>"),
        (["norte", "mail", "test", "me@example.org"], "<--site><norte><mail><test><me@example.org>"),
    ],
)
def test_what_the_bridge_is_given(host: Path, words: list[str], given: str) -> None:
    assert run(host, *words) == (3, given, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nobody", "status"], "There is no site 'nobody' on this host. Sites: norte, sur\n"),
        (["remains", "status"], "There is no site 'remains' on this host. Sites: norte, sur\n"),
        (["norte"], "What about norte? The verbs are listed by: miclinikctl help\n"),
    ],
)
def test_what_is_wrong_is_said(host: Path, words: list[str], said: str) -> None:
    assert run(host, *words) == (2, "", said)


def test_without_words_it_says_how(host: Path) -> None:
    code, out, err = run(host)
    assert (code, out) == (2, "")
    assert err.startswith("miclinikctl SITE VERB [ARGUMENT ...]")
    assert err.endswith("\nSites of this host: norte, sur\n")
    code, out, err = run(host, "--help")
    assert (code, err) == (0, "")
    assert out.startswith("miclinikctl SITE VERB [ARGUMENT ...]")


def test_status_begins_with_the_backups_apart_from_the_json(host: Path) -> None:
    life = host / "life/miclinik-life"
    life.parent.mkdir()
    life.write_text('#!/bin/sh\nprintf "life:"; printf "<%s>" "$@"\nexit 1\n')
    life.chmod(0o755)
    said = "life:<norte><backup><last>"
    assert run(host, "norte", "status") == (3, "<--site><norte><status>", said)
    # Programs ask in this form, and people for help.
    assert run(host, "--site", "norte", "status") == (3, "<--site><norte><status>", "")
    assert run(host, "help", "status") == (3, "<help><status>", "")


def test_a_host_without_the_bridge(host: Path) -> None:
    (host / "miclinik-bridge").unlink()
    code, out, err = run(host, "norte", "status")
    assert (code, out) == (2, "")
    assert err == f"{host}/miclinik-bridge cannot be started: No such file or directory. Run playbooks/site.yml.\n"


def test_it_is_copied_as_it_is() -> None:
    rendered = render("application")["/usr/local/sbin/miclinikctl"]
    assert (rendered.content, rendered.mode) == (PROGRAM.read_text(encoding="utf-8"), "0755")


def test_the_bridge_has_the_sites_settings_of_php(host: Path) -> None:
    (host / "miclinik-bridge").write_text('#!/bin/sh\nprintf "%s" "$PHP_INI_SCAN_DIR"\n')
    assert run(host, "norte", "mail", "test", "me@example.org")[1] == f":{host}/etc-php/norte/cli"
    assert run(host, "--site", "sur", "status")[1] == f":{host}/etc-php/sur/cli"
    assert run(host, "--root", "/x", "status")[1] == ""
