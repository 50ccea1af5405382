# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""life/miclinik-change@.service.j2, life/miclinik-recover@.service.j2 and life/miclinik-recover.service.j2.

And the program that they start.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from . import programs
from .rendering import lay_out, render

FOLDER = "/usr/local/lib/miclinik/life"
UNITS = ("miclinik-change@.service", "miclinik-recover@.service", "miclinik-recover.service")


def test_units_are_valid(tmp_path: Path) -> None:
    rendered = render("common", tasks="life")
    for name in UNITS:
        text = rendered[f"/etc/systemd/system/{name}"].content
        # The program is not on this machine.
        (tmp_path / name.replace("@", "@norte")).write_text(
            text.replace(FOLDER, "/bin").replace("miclinik-life", "true")
        )
    programs.accept(["systemd-analyze", "verify", *tmp_path.iterdir()])


def test_what_is_killed_is_taken_back() -> None:
    text = render("common", tasks="life")[f"/etc/systemd/system/{UNITS[0]}"].content
    assert f"ExecStart={FOLDER}/miclinik-life %i run\n" in text
    assert f"ExecStopPost={FOLDER}/miclinik-life %i recover\n" in text
    # Where that was killed as well, or a database server is starting.
    assert "OnFailure=miclinik-recover@%i.service\n" in text
    text = render("common", tasks="life")[f"/etc/systemd/system/{UNITS[1]}"].content
    assert f"ExecStart={FOLDER}/miclinik-life %i recover\n" in text
    assert "Restart=on-failure\nRestartSec=5s\n" in text


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the program with what it imports, as it lies on a host, and nothing else of this collection."""
    folder = tmp_path_factory.mktemp("life")
    lay_out(render("common", tasks="life"), FOLDER, folder)
    return folder / "miclinik-life"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "upgrade"),
        (["no-such-site", "rollback"], 1, "there is no site 'no-such-site' on this host"),
        (["no-such-site", "fly"], 2, "invalid choice: 'fly'"),
        (["--all", "recover"], 0, ""),
    ],
)
def test_the_program_has_all_that_it_needs(program: Path, words: list[str], code: int, said: str) -> None:
    done = subprocess.run([sys.executable, "-I", program, *words], check=False, capture_output=True, text=True)
    assert (done.returncode, said in done.stdout + done.stderr) == (code, True), done
