# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a red run ends with: its lines once, whole, and nothing behind them but Ansible's recap."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import last_words
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding

from tests.unit.doctor.cases import failed

ROOT = Path(__file__).parents[3]
CAUSE = Finding(
    "php-parse", 'A "file": #1', ("a line that ends so:\t \n and goes on, {with} 'all' %s",), "- put: it back"
)
FAILED = [failed("web"), failed("api")]


def _lines(site: str) -> list[str]:
    results = [replace(entry, site=site) for entry in FAILED]
    return last_words.of(site, results, [replace(CAUSE, site=site, layer="php")])


def _play(folder: Path, style: str, *options: str, hosts: str = "a,") -> str:
    told = "\n".join(["4 of 4 smoke checks failed:", *_lines("norte"), *_lines("sur")])
    tasks = [{"name": "Say it", "miclinik.hosting.verdict": {"msg": told}}]
    (folder / "play.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": style,
        "LC_ALL": "C.UTF-8",
    }
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    command = [program, "-i", hosts, "play.yml", *options]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("options", [(), ("-v",), ("--check", "--diff")])
@pytest.mark.parametrize("hosts", ["a,", "a,b,"])
def test_the_last_lines_are_those_and_come_once(tmp_path: Path, options: tuple[str, ...], hosts: str) -> None:
    told = _play(tmp_path, "yaml", *options, hosts=hosts)
    before, _, recap = told.partition("\nPLAY RECAP ")
    words = ["4 of 4 smoke checks failed:", *_lines("norte"), *_lines("sur")]
    assert before.splitlines()[-len(words) :] == [f"        {line}" for line in words]
    assert len(words) == 11
    for line in words[1:]:
        assert before.splitlines().count(f"        {line}") == words.count(line) * hosts.count(",")
        assert line not in before.splitlines()
    assert len(recap.strip().splitlines()) == 1 + hosts.count(",")


def test_results_in_one_line_do_not_swallow_them(tmp_path: Path) -> None:
    told = _play(tmp_path, "json")
    lines = told.splitlines()
    words = [*_lines("norte"), *_lines("sur")]
    assert [lines.count(line) for line in words] == [words.count(line) for line in words]
    assert 'fatal: [a]: FAILED! => {"changed": false, "msg": "4 of 4 smoke checks failed"}' in lines
