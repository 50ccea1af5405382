# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which site and which verb are meant, what is left to the bridge, and what a run ends with."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.words import ELSEWHERE
from miclinikctl import verbs
from miclinikctl.main import BRIDGE

from .answers import failed
from .fake_host import FakeHost, shown

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("words", "given"),
    [
        (["norte", "webhook", "ensure"], "--site norte webhook ensure"),
        (["sur", "user", "ensure", "a b"], "--site sur user ensure a b"),
        (["sur", "--check", "constant", "set", "X", "-1"], "--site sur --check constant set X -1"),
        (["--site", "norte", "status"], "--site norte status"),
        (["--root", "/x", "status"], "--root /x status"),
        (["norte", "constant", "get", "X"], "--site norte constant get X"),
        (["norte", "rights", "list"], "--site norte rights list"),
        (["norte", "cron", "job", "7"], "--site norte cron job 7"),
        (["norte", "key", "set", "shop"], "--site norte key set shop"),
        (["norte", "batch"], "--site norte batch"),
    ],
)
def test_what_programs_call_is_the_bridges(host: FakeHost, words: list[str], given: str) -> None:
    ended = host.piped(*words)
    assert (host.asked(), ended.err) == ([given], "")
    assert ended.out


def test_every_command_of_the_bridge_can_be_said() -> None:
    text = (ROOT / "templates/bridge/src/Commands.php").read_text(encoding="utf-8")
    named = [tuple(name.split()) for name in re.findall(r"^\t\t'([a-z -]+)' => array\(", text, re.M)]
    ours = {(name, own) for name, (_, load) in verbs.VERBS.items() for own in getattr(load(), "commands", ())}
    known = {*ours, *verbs.OF_BRIDGE}
    alone = {*BRIDGE, "help", "status"}
    assert [name for name in named if name[0] not in alone and name not in known] == []


def test_programs_reach_keys_in_the_bridges_form(host: FakeHost) -> None:
    assert host.piped("--site", "norte", "key", "revoke", "shop").out == "keys:<norte><revoke><shop>\n"


def test_the_exit_code_of_a_script_stays(host: FakeHost) -> None:
    assert host.piped("norte", "constant", "nonsense").code == 1
    # In the words of people a wrong usage is one.
    host.answer("module list", failed("usage", "m", "x"))
    assert host.piped("norte", "module", "list").code == 2
    host.answer("module list", failed("database", "It is away.", "Start it."))
    ended = host.piped("norte", "module", "list")
    assert (ended.code, ended.data["error"]["code"]) == (1, "database")
    # Who reads the JSON alone, and shows nothing of it, has the words as well.
    assert ended.err.partition(" You are not root")[0].strip() == "site 'norte': It is away. Start it."
    seen = host.terminal("norte", "module", "list")
    assert (seen.code, seen.out.strip()) == (1, "site 'norte': It is away. Start it.")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nrte", "status"], "There is no site 'nrte' on this host. Did you mean norte? Sites: norte, sur"),
        (["status"], "Which site? Sites: norte, sur. As in: miclinikctl norte status"),
        (["norte", "modul", "list"], "There is no 'modul' in 'miclinikctl norte'. Did you mean module?"),
        (["norte", "module", "lst"], "There is no 'lst' in 'miclinikctl norte module'. Did you mean list?"),
        (["norte", "user", "passwd", "admin"], "Did you mean password?"),
        (["norte", "domain", "new.example.org"], "change `domain` or `base_path` in the inventory"),
        (["norte", "plugin", "list"], "`module list`"),
        (["norte", "module", "list", "--jso"], "--json"),
        (["norte", "logs", "apo"], "is not one of"),
        (["norte", "help", "me"], "There is no 'me'"),
        (["norte", "const", "set", "X", "1", "--entity", "a"], "'a' is not a valid integer range"),
        (["norte", "database-password", "rotat"], "'rotat' is not"),
    ],
)
def test_near_misses(host: FakeHost, words: list[str], said: str) -> None:
    ended = host.piped(*words)
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.split())


def test_a_host_with_one_site_needs_no_name(host: FakeHost) -> None:
    shutil.rmtree(host.folder / "etc/sur")
    assert host.piped("module", "list").code == 0
    assert host.asked() == ["--site norte module list"]
    assert host.piped("constant", "get", "X").code == 0
    assert "Did you mean module?" in host.piped("modul", "list").err


def test_a_site_that_is_called_like_a_verb(host: FakeHost) -> None:
    host.put_site("cron")
    assert host.piped("cron", "module", "list").code == 0
    assert host.asked() == ["--site cron module list"]
    host.put_site("help")
    assert host.piped("help", "module", "list").code == 0


def test_without_words_it_says_how(host: FakeHost) -> None:
    ended = host.piped()
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Usage: miclinikctl SITE ")
    assert ended.err.endswith("\nSites of this host: norte, sur\n")
    for word in ("help", "--help", "-h"):
        again = host.piped(word)
        assert (again.code, again.err) == (0, "")
        assert again.out == ended.err
    assert host.piped("norte").code == 2
    assert "Verbs:" in host.piped("norte", "module").err


def test_a_host_without_the_bridge(host: FakeHost) -> None:
    (host.folder / "miclinik-bridge").unlink()
    for words in (["module", "list"], ["constant", "get", "X"]):
        ended = host.piped("norte", *words)
        assert (ended.code, ended.out) == (1, "")
        assert "cannot be started: No such file or directory. Run playbooks/site.yml." in ended.err
    shutil.rmtree(host.folder / "lib")
    assert "Run playbooks/site.yml." in host.piped("norte", "journal").err


def test_who_changed_what_is_in_the_journal(host: FakeHost) -> None:
    host.piped("norte", "module", "enable", "stock")
    host.piped("norte", "const", "set", "MY_LIMIT", "50")
    host.piped("norte", "constant", "set", "MY_LIMIT", "50")
    host.piped("norte", "rollback")
    host.piped("norte", "module", "list")
    host.piped("norte", "key", "show", "shop", "--reveal")
    host.piped("norte", "module", "enable", "stock", "--check")
    assert host.noted().splitlines() == [
        "norte: module enable stock: changed: modules: - -> stock",
        "norte: const set MY_LIMIT: changed: MY_LIMIT: 20 -> 50",
        "norte: constant set: changed: MY_LIMIT: 20 -> 50",
        "norte: rollback: asked for",
        "norte: key show shop --reveal: shown",
    ]


def test_what_fails_is_in_the_journal_too(host: FakeHost) -> None:
    host.answer("module enable", failed("unknown_module", "m", "x"))
    assert host.piped("norte", "module", "enable", "stok").code == 1
    assert host.noted() == "norte: module enable stok: failed: unknown_module\n"


def test_colours_only_where_they_are_wanted(host: FakeHost) -> None:
    assert "\x1b[" in host.terminal("norte", "module", "list").out
    assert "\x1b[3" not in host.terminal("norte", "cron", "list", NO_COLOR="1").out
    assert "\x1b[" not in host.terminal("norte", "module", "list", TERM="dumb").out
    assert "\x1b[" not in host.piped("norte", "module", "list").out


def test_what_a_site_says_does_nothing_in_a_terminal(host: FakeHost) -> None:
    host.answer(
        "constant all",
        {"ok": True, "constants": [{"name": "A", "entity": 0, "value": "\x1b[2J[red]x\nB", "secret": False}]},
    )
    ended = host.terminal("norte", "const", "list")
    assert "\x1b[2J" not in ended.out
    assert "\ufffd[2J[red]x\ufffdB" in shown(ended.out)


def test_a_narrow_terminal_loses_nothing(host: FakeHost) -> None:
    seen = shown(host.terminal("norte", "const", "list", width=30).out)
    assert [part for part in ("MAIN_LANG_", "FAULT", "es_ES", "********") if part not in seen] == []
    assert max(map(len, seen.splitlines())) <= 30


def test_the_bridge_has_the_sites_settings_of_php(host: FakeHost) -> None:
    (host.folder / "miclinik-bridge").write_text('#!/bin/sh\nprintf "%s" "$PHP_INI_SCAN_DIR"\n')
    assert host.piped("norte", "batch").out == ":/etc/miclinik-php/norte/cli"
    assert host.piped("--site", "sur", "status").out == ":/etc/miclinik-php/sur/cli"
    assert host.piped("--root", "/x", "status").out == os.environ.get("PHP_INI_SCAN_DIR", "")


@pytest.mark.parametrize("closed", [0, 1])
def test_a_caller_that_has_closed_its_end(host: FakeHost, closed: int) -> None:
    """As `miclinikctl ... | head -c 0` does, and cron jobs with <&- or >&-."""
    script = f"""
import os, sys
from pathlib import Path
if {closed}:
    os.close(0), os.close(1)
    sys.stdin = sys.stdout = None
else:
    reader, writer = os.pipe()
    os.close(reader)
    os.dup2(writer, 1)
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from miclinikctl.main import main
top = Path({str(host.folder)!r})
sys.exit(main(["norte", "module", "list"], Host(states=top / "etc", bridge=top / "miclinik-bridge")))
"""
    paths = f"{ROOT}/.collections:{ROOT}/templates/command_line/lib"
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode in (0, 1)
    assert done.stderr == ""


def test_a_number_below_0_is_a_value(host: FakeHost) -> None:
    assert host.piped("norte", "const", "set", "MY_LIMIT", "-1", "--check").code == 3
    assert host.given() == [{"value": "-1"}]
    assert host.piped("norte", "const", "set", "MY_LIMIT", "--chek").code == 2


def test_help_behind_the_site(host: FakeHost) -> None:
    assert host.piped("norte", "help", "user").out == host.piped("norte", "user", "--help").out


def test_an_export_of_what_is_no_site_yet(host: FakeHost) -> None:
    ended = host.piped("oeste", "export", "--from", "/var/www/html/dolibarr")
    assert (ended.code, ended.out) == (0, "life:<oeste><export><--from></var/www/html/dolibarr>\n")
    assert "There is no site 'oeste'" in host.piped("oeste", "export").err


def test_who_is_not_root_is_told_so_at_once(host: FakeHost) -> None:
    host.root = False
    for words in (["norte", "status"], ["norte", "doctor"], ["norte", "api", "call", "GET", "/status"]):
        for way in (host.terminal, host.piped):
            ended = way(*words)
            assert (ended.code, f"sudo miclinikctl {' '.join(words)}" in ended.out + ended.err) == (1, True), ended
    assert host.asked() == []
    assert host.piped("norte", "status", "--help").code == 0


def test_words_of_other_programs_lead_to_verbs_that_there_are() -> None:
    for hint in ELSEWHERE.values():
        named = re.findall(r"`([a-z_-]+)[^`]*`", hint)
        assert named and [each for each in named if each not in (*verbs.NAMES, "domain", "base_path")] == [], hint
    assert set(ELSEWHERE) & set(verbs.NAMES) == set()


@pytest.mark.parametrize(("width", "longest"), [(60, 58), (100, 98), (200, 108), (0, 108)])
def test_help_is_as_wide_as_the_terminal(host: FakeHost, width: int, longest: int) -> None:
    seen = host.terminal("norte", "api", "call", "--help", width=width).out.partition("Examples:")[0]
    found = max(map(len, seen.splitlines()))
    assert longest - 12 < found <= longest


def test_a_terminal_of_no_size_folds_lines_itself(host: FakeHost) -> None:
    """As that of `podman exec` and of `script`: rows were folded at 80 columns, whatever there was room for."""
    answer = {"ok": True, "constants": [{"name": "A", "entity": 0, "value": "x " * 200, "secret": False}]}
    host.answer("constant all", answer)
    for width in (0, 500):
        assert len(shown(host.terminal("norte", "const", "list", width=width).out).splitlines()) == 2
    assert len(shown(host.terminal("norte", "const", "list", width=100).out).splitlines()) > 4
