# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every molecule scenario, one test a step, so that a failure names the step and shows its output.

Without a host, or without a site on it, there is nothing to test: after such a failure the other tests fail at once and
name it. The hosts are taken away at the end whatever happened.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from demo.access import sites

ROOT = Path(__file__).parents[2]
FOUND = sorted(path.parent.name for path in (ROOT / "molecule").glob("*/molecule.yml"))
#: Eight hosts for half an hour: run when it is asked for, `make test-shapes`.
LONG = {"shapes"}
ASKED = os.environ.get("MICLINIK_SCENARIOS", "").split()
SCENARIOS = ASKED or [name for name in FOUND if name not in LONG]
TAIL_LINES = 80
RECAP = re.compile(r"^(\S+) +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


@dataclass
class Scenario:
    """One scenario under test, with what its steps said."""

    name: str
    folder: Path  # molecule's own files of this run
    output: dict[str, str] = field(default_factory=dict)
    broken: str = ""  # the step without which no other makes sense, when it failed

    @property
    def inventories(self) -> list[str]:
        """The scenario's inventory and the one that testhost wrote."""
        return [str(ROOT / "molecule" / self.name / "inventory"), str(self.folder / "inventory")]

    def require_site(self) -> None:
        """Fail when an earlier step left no host, or no site, to look at."""
        if self.broken:
            pytest.fail(f"not run: the step {self.broken} failed before", pytrace=False)

    def molecule(self, step: str, *arguments: str, vital: bool = False) -> str:
        """Run one step of molecule and return its output; fail with the end of it. After a `vital` one all fail."""
        self.require_site()
        self.broken = step if vital else ""
        text = self._run(step, *arguments)
        self.broken = ""
        self.output[step] = text
        return text

    def _run(self, step: str, *arguments: str) -> str:
        started = time.monotonic()
        done = subprocess.run(
            [str(Path(sys.executable).parent / "molecule"), step, "-s", self.name, "--no-command-borders", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "MOLECULE_EPHEMERAL_DIRECTORY": str(self.folder),
                "ANSIBLE_FORCE_COLOR": "0",
                "NO_COLOR": "1",
                "PY_COLORS": "0",
                "COLUMNS": "250",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        print(f"molecule {step} -s {self.name}: {time.monotonic() - started:.1f} s")
        if done.returncode != 0:
            tail = "\n".join(done.stdout.splitlines()[-TAIL_LINES:])
            pytest.fail(f"molecule {step} -s {self.name} ended with {done.returncode}\n{tail}", pytrace=False)
        return done.stdout


@pytest.fixture(scope="module", params=SCENARIOS)
def scenario(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    """A scenario without hosts at its beginning and at its end."""
    tested = Scenario(request.param, tmp_path_factory.mktemp(f"molecule-{request.param}"))
    tested.molecule("destroy", vital=True)
    yield tested
    tested.broken = ""
    tested.molecule("destroy")


def changed(output: str) -> dict[str, int]:
    """Return host -> changed of the recaps of the output's plays that ran on managed hosts."""
    return {match[1]: int(match[3]) for match in RECAP.finditer(output) if match[1] != "localhost"}


def test_the_scenarios_are_there() -> None:
    assert SCENARIOS
    assert set(SCENARIOS) | LONG <= set(FOUND)


def test_create_starts_bare_hosts(scenario: Scenario) -> None:
    scenario.molecule("create", vital=True)


def test_check_mode_ends_well_on_a_bare_host(scenario: Scenario) -> None:
    output = scenario.molecule("check")
    assert changed(output), output
    assert min(changed(output).values()) > 0, "a bare host has everything to change"


def test_converge(scenario: Scenario) -> None:
    # As talkative as an operator who looks for a fault would ask for: the next test searches this output.
    output = scenario.molecule("converge", "--", "-vvv", vital=True)
    assert changed(output), output


def test_the_output_holds_no_secret(scenario: Scenario) -> None:
    scenario.require_site()
    found = sites(scenario.inventories)
    assert found
    for site in found:
        assert len(site.secrets) >= 5, "of the database, the administrator, the instance and an API user at least"
        # Compared as a number, so that a failure prints no secret either.
        printed = sum(scenario.output["converge"].count(value) for value in site.secrets)
        assert printed == 0, f"secrets of {site.name} are in the output"


def test_the_second_run_changes_nothing(scenario: Scenario) -> None:
    output = scenario.molecule("idempotence")
    assert set(changed(output).values()) == {0}, output


def test_verify(scenario: Scenario) -> None:
    scenario.molecule("verify")
