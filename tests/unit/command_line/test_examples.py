# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every example of every help text can be typed as it is printed, and what stands behind a pipe gets what it takes."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from miclinikctl import verbs
from miclinikctl.asked import Asked
from miclinikctl.grammar import Group, Verb
from miclinikctl.main import _READING, BRIDGE

from .fake_host import FakeHost

#: What takes lines, and what takes JSON.
_LINES, _JSON = {"grep", "sort", "head", "wc", "awk", "less"}, {"jq"}


def _all(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Yield the examples of a command and of those below it, with whose each is."""
    assert isinstance(command, (Group, Verb)), name
    for words, _ in command.examples:
        yield name, words
    if isinstance(command, Group):
        with click.Context(command) as context:
            for one in command.list_commands(context):
                below = command.get_command(context, one)
                assert below is not None
                yield from _all(below, f"{name} {one}".strip())


EXAMPLES = sorted({(name, words) for name, words in _all(verbs.tree(), "")})


def _parts(words: str) -> list[list[str]]:
    """Return the commands of a pipe, without where they read from and write to."""
    found: list[list[str]] = [[]]
    lexer = shlex.shlex(words, posix=True, punctuation_chars="|<>")
    lexer.whitespace_split = True
    skipped = False
    for word in lexer:
        if word == "|":
            found.append([])
        elif word in ("<", ">"):
            skipped = True
        elif skipped:
            skipped = False
        else:
            found[-1].append(word)
    return found


@pytest.mark.parametrize(("name", "words"), EXAMPLES)
def test_it_can_be_typed(host: FakeHost, name: str, words: str) -> None:
    first, *_ = _parts(words)
    assert words.startswith(name), "it is one of another verb"
    assert first[0] in verbs.NAMES
    command: click.Command | None = verbs.tree()
    with click.Context(verbs.tree(), obj=Asked("norte", host.host)) as context:
        while isinstance(command, click.Group):
            _, command, first = command.resolve_command(context, first)
        assert command is not None
        command.make_context("x", [*first], parent=context)


@pytest.mark.parametrize(("name", "words"), [one for one in EXAMPLES if "|" in one[1]])
def test_a_pipe_gets_what_it_takes(
    host: FakeHost, name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "norte.yml").write_text("name: norte\n")
    first, second, *others = _parts(words)
    assert others == [], name
    ended = host.piped("norte", *first)
    assert ended.code == 0, ended
    if second[0] in _LINES:
        assert len(ended.out.splitlines()) > 1, "it gets one line: say --table"
        assert not ended.out.startswith(("{", "["))
        done = subprocess.run(["sh", "-c", f"{shlex.join(second)} || true"], input=ended.out, text=True, check=False)
        assert done.returncode == 0
    else:
        assert second[0] in _JSON, second
        # As it is asked for, the keys are there.
        value = ended.data
        for key, each in re.findall(r"\.(\w+)(\[\])?", second[-1]):
            value = value[key][0] if each else value[key]


def test_help_says_what_it_prints(host: FakeHost) -> None:
    """Each example stands in the help of its own, word for word."""
    for name, words in EXAMPLES:
        printed = host.piped("norte", *name.split(), "--help").out
        assert f"\n  miclinikctl norte {words}\n" in printed


def test_examples_of_the_guide(host: FakeHost) -> None:
    """Calls in docs/command-line.md are such that can be typed as well."""
    text = (Path(__file__).parents[3] / "docs/command-line.md").read_text(encoding="utf-8")
    found = re.findall(r"`miclinikctl norte ([^`]+)`|^# miclinikctl norte ([^#\n]+)", text, re.M)
    calls = {(one or other).strip() for one, other in found} - {"COMMAND"}
    assert len(calls) > 15
    for words in sorted(calls):
        first, *_ = _parts(words)
        if first[0] in BRIDGE or " ".join(first[:2]) in _READING or first[:1] == ["help"] or "…" in words:
            continue
        test_it_can_be_typed(host, "", words)
