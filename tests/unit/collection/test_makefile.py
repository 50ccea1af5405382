# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The targets of the Makefile do what their help says, wherever the clone lies. Nothing here runs a recipe."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")
HELP = dict(re.findall(r"(?m)^([a-z-]+):.*? ## (.+)$", TEXT))
ALL = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]["testpaths"]


def _recipe(*words: str, folder: Path = ROOT) -> list[str]:
    """Return the commands that make would run."""
    done = subprocess.run(
        ["make", "-nB", "--no-print-directory", "-f", ROOT / "Makefile", "PYTHON=python3", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.replace("\\\n", " ").splitlines()


def _tests(target: str, *words: str) -> list[str]:
    """Return the arguments of the target's pytest."""
    (command,) = (line for line in _recipe(target, *words) if line.startswith("pytest"))
    return shlex.split(command)[1:]


def test_unit_runs_the_tests_that_need_no_host() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *_tests("unit"), "--collect-only", "-qq", "-p", "no:cacheprovider"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    collected = {"/".join(line.split("/")[:2]) for line in done.stdout.splitlines() if line.startswith("tests/")}
    assert collected == set(ALL) - {"tests/molecule", "tests/kill"}


def test_what_else_runs_which_tests() -> None:
    shared = ["-n", "3", "--no-loadscope-reorder"]
    assert _tests("molecule", "WORKERS=3") == ["-v", *shared, "tests/molecule"]
    assert _tests("test", "WORKERS=3") == ["-v", "--durations=20", *shared], "which runs what testpaths names"


def test_a_new_folder_of_tests_is_in_every_list() -> None:
    (listed,) = re.findall(r"(?m)^ALL_TESTS := (.+)$", TEXT)
    assert listed.split() == ALL


@pytest.mark.parametrize("target", sorted(HELP))
def test_every_target_is_listed_and_is_no_file(target: str) -> None:
    assert f".PHONY: {target}\n" in TEXT
    listed = subprocess.run(
        ["make", "-f", ROOT / "Makefile", "PYTHON=python3"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert re.search(rf"(?m)^  make {target} +{re.escape(HELP[target])}$", listed.stdout)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/faults.md", "docs/web-servers.md", ".ci/run"])
def test_the_pages_name_targets_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"(?m)(?:^\$ |^|`)make ([a-z-]+)", text))
    assert named <= set(HELP)


def test_a_clone_in_a_folder_with_a_space(tmp_path: Path) -> None:
    folder = tmp_path / "my clone"
    folder.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).touch()
    for line in _recipe("venv", folder=folder):
        assert str(folder) not in line or f'"{folder}/.venv/bin/pip"' in line
        subprocess.run(["bash", "-n", "-c", line], check=True)


@pytest.mark.parametrize("source", ["/tree", "/my tree"])
def test_a_tree_in_a_folder_with_a_space(source: str) -> None:
    asked = [line for line in _recipe("test-shapes", f"SOURCE={source}") if "pytest" in line]
    assert len(asked) == 1
    assert f' MICLINIK_SOURCE="$(realpath -m -- "{source}")" ' in asked[0]
    assert ' MICLINIK_OTHER_SOURCE="" ' in asked[0]


def test_a_tree_that_is_missing() -> None:
    wanted = [line for line in _recipe("test-real", "SOURCE=/nowhere") if line.startswith("test ")]
    ran = subprocess.run(["bash", "-c", wanted[0]], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (2, "make test-real SOURCE=/path/to/tree: there is no '/nowhere'\n")


def test_targets_run_one_after_the_other() -> None:
    assert "\n.NOTPARALLEL:\n" in TEXT
