# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a shell is offered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import known
from miclinikctl import verbs

from .fake_host import FakeHost

ROOT = Path(__file__).parents[3]


def _offered(host: FakeHost, *words: str) -> list[str]:
    ended = host.piped("--complete", str(len(words) - 1), *words)
    assert (ended.code, ended.err) == (0, "")
    return [line.partition("\t")[0] for line in ended.out.splitlines()]


@pytest.fixture
def learnt(host: FakeHost) -> FakeHost:
    """Return the host, whose words are known."""
    known.learn(host.host, "norte")
    return host


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([""], ["norte", "sur"]),
        (["n"], ["norte"]),
        (["norte", "mod"], ["module"]),
        (["norte", "module", ""], ["list", "enable", "disable"]),
        (["norte", "module", "enable", "s"], ["stock"]),
        (["norte", "module", "enable", "stock", "p"], ["product"]),
        (["norte", "module", "disable", ""], ["api", "product"]),
        (["norte", "module", "list", "--"], ["--all", "--json", "--table", "--help"]),
        (["norte", "const", "get", "MAIN_"], ["MAIN_LANG_DEFAULT"]),
        (["norte", "user", "show", "s"], ["shop"]),
        (["norte", "right", "grant", "shop", "produit."], ["produit.creer", "produit.lire"]),
        (["norte", "const", "diff", ""], ["norte", "sur"]),
        (["norte", "clone", "--from", ""], ["norte", "sur"]),
        (["norte", "api", "call", "p"], ["POST", "PUT"]),
        (["norte", "logs", "a"], ["access", "api", "audit"]),
        (["norte", "api", "spec", "--out", ""], []),
        (["help", "mo"], ["module"]),
        (["nobody", ""], []),
        (["norte", "nonsense", ""], []),
    ],
)
def test_what_is_offered(learnt: FakeHost, words: list[str], offered: list[str]) -> None:
    assert _offered(learnt, *words) == offered


def test_verbs_with_what_they_are_for(host: FakeHost) -> None:
    assert "module\tmodules: list, enable, disable" in host.piped("--complete", "1", "norte", "m").out.splitlines()


def test_releases(learnt: FakeHost) -> None:
    (learnt.folder / "srv/miclinik/norte/releases/22.0.4-abc").mkdir(parents=True)
    assert _offered(learnt, "norte", "upgrade", "--to", "2") == ["22.0.4-abc"]


def test_one_site(host: FakeHost) -> None:
    host.put_site("sur2")
    for name in ("sur", "sur2"):
        (host.folder / "etc" / name / "site.json").unlink()
    assert _offered(host, "mod") == ["module"]
    assert _offered(host, "module", "l") == ["list"]


def test_logins_are_for_root_alone(learnt: FakeHost) -> None:
    files = {file.name: file.stat().st_mode & 0o777 for file in (learnt.folder / "cache").iterdir()}
    assert files == {"norte.json": 0o644, "norte.private.json": 0o600}
    assert "logins" not in json.loads((learnt.folder / "cache/norte.json").read_text())


def test_words_are_asked_for_once_a_day(learnt: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert not known.is_due(learnt.host, "norte")
    assert known.is_due(learnt.host, "sur")
    old = time.time() - 25 * 3600
    os.utime(learnt.folder / "cache/norte.private.json", (old, old))
    assert known.is_due(learnt.host, "norte")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not known.is_due(learnt.host, "sur")


def test_words_that_cannot_be_read_are_none(host: FakeHost) -> None:
    for text in ("", "[]", '{"modules": 1}'):
        (host.folder / "cache").mkdir(exist_ok=True)
        (host.folder / "cache/norte.json").write_text(text)
        assert known.words(host.host, "norte", known.MODULES) == []


@pytest.mark.parametrize("verb", sorted(verbs.NAMES))
def test_completion_imports_nothing_slow(learnt: FakeHost, verb: str) -> None:
    script = (
        "import sys; from pathlib import Path; sys.path[:0] = sys.argv[1:3]\n"
        "from miclinikctl import completion\n"
        "from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host\n"
        "host = Host(states=Path(sys.argv[3]), starter=Path('/nowhere'))\n"
        "for before in ([sys.argv[4]], [sys.argv[4], 'list'], [sys.argv[4], 'call']):\n"
        "    completion.candidates(['norte', *before], '--', host)\n"
        "print(' '.join({'requests', 'http.client', 'ssl', 'rich', 'tempfile', 'yaml'} & set(sys.modules)))\n"
    )
    places = [str(ROOT / ".collections"), str(ROOT / "templates/command_line/lib"), str(learnt.folder / "etc"), verb]
    done = subprocess.run([sys.executable, "-I", "-c", script, *places], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("\n", "")


def test_no_verb_is_imported_that_is_not_typed() -> None:
    """A tenth of a second is little: the libraries for tables and for the smoke test take longer."""
    text = Path(__file__).parents[3].joinpath("templates/command_line/lib/miclinikctl/verbs/__init__.py").read_text()
    lines = [line for line in text.splitlines() if line.startswith(("import ", "from "))]
    assert lines == ["from __future__ import annotations", "import click", "from ..grammar import Group, Loaders"]
