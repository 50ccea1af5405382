# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the command line is on a host: its program with all that it imports, completion, and the manual page."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from . import programs
from .rendering import ROOT, Rendered, lay_out, render

FOLDER = "/usr/local/lib/miclinik/command_line"


@pytest.fixture(scope="module")
def rendered() -> dict[str, Rendered]:
    """Return what the role lays."""
    return render("application")


@pytest.fixture(scope="module")
def laid(rendered: dict[str, Rendered], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program as it is on a host, but for its place."""
    folder = tmp_path_factory.mktemp("host")
    lay_out(rendered, FOLDER, folder)
    starter = folder / "miclinikctl"
    starter.write_text(rendered["/usr/local/sbin/miclinikctl"].content.replace(FOLDER, str(folder)))
    return starter


def _run(starter: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", str(starter), *words], capture_output=True, text=True, check=False)


def test_it_has_all_that_it_imports(laid: Path) -> None:
    done = _run(laid, "help")
    assert (done.returncode, done.stderr) == (0, "")
    listed = done.stdout.partition("Verbs:")[2].partition("Examples:")[0]
    verbs = [line.split()[0] for line in listed.splitlines() if line]
    for verb in verbs:
        if (ROOT / f"templates/command_line/lib/miclinikctl/verbs/{verb}.py").exists():
            helped = _run(laid, "help", verb)
            assert (helped.returncode, helped.stderr) == (0, ""), verb
    assert "upgrade" in verbs


def test_it_says_what_is_wrong(laid: Path) -> None:
    done = _run(laid, "nobody", "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("There is no site 'nobody' on this host.")


def test_nothing_of_this_machine_is_laid(rendered: dict[str, Rendered]) -> None:
    ours = [dest for dest in rendered if dest.startswith(FOLDER)]
    assert f"{FOLDER}/lib/miclinikctl/verbs/module.py" in ours
    assert not [dest for dest in ours if not dest.endswith(".py")]
    program = rendered["/usr/local/sbin/miclinikctl"]
    assert program.mode == "0755"
    assert program.content.startswith("#!/usr/bin/python3 -I\n")


def test_shells_understand_what_completes(rendered: dict[str, Rendered], laid: Path, tmp_path: Path) -> None:
    text = rendered["/usr/local/share/bash-completion/completions/miclinikctl"].content
    file = tmp_path / "complete.bash"
    starter = tmp_path / "starter"
    starter.write_text(f'#!/bin/sh\nexec {sys.executable} -I {laid} "$@"\n')
    starter.chmod(0o755)
    file.write_text(text.replace("/usr/local/sbin/miclinikctl", str(starter)))
    asked = f'. {file}; COMP_WORDS=(miclinikctl help mo); COMP_CWORD=2; _miclinikctl; echo "${{COMPREPLY[*]}}"'
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("module\n", "")
    zsh = tmp_path / "_miclinikctl"
    zsh.write_text(rendered["/usr/local/share/zsh/site-functions/_miclinikctl"].content)
    assert zsh.read_text().startswith("#compdef miclinikctl\n")
    if shutil.which("zsh"):
        programs.accept(["zsh", "-n", zsh])


def test_the_manual_page(rendered: dict[str, Rendered]) -> None:
    text = rendered["/usr/local/share/man/man8/miclinikctl.8"].content
    assert ".SH EXIT STATUS" in text
    assert ".B module enable NAME..." in text
    # Each line is a request of roff's, or text that cannot be one.
    known = {"TH", "SH", "TP", "B", "RS", "RE", "PP", "br", '\\"'}
    assert {line[1:].split()[0] for line in text.splitlines() if line.startswith(".")} <= known
