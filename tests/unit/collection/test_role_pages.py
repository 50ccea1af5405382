# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every role is either internal or has a page with an example that Ansible takes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from docs import generate

ROOT = Path(__file__).parents[3]
#: They serve the other roles, and nobody else calls them.
INTERNAL = {"common"}


def _main(role: str) -> Any:  # noqa: ANN401 (any YAML)
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["argument_specs"]["main"]


ROLES = sorted(folder.name for folder in (ROOT / "roles").iterdir() if folder.is_dir())
PUBLIC = [role for role in ROLES if "examples" in _main(role)]


def test_every_other_role_is_public() -> None:
    assert set(ROLES) - set(PUBLIC) == INTERNAL
    assert [role for role in INTERNAL if (ROOT / "roles" / role / "README.md").exists()] == []


@pytest.mark.parametrize("role", PUBLIC)
def test_an_example_is_one_play_with_the_role(role: str) -> None:
    (play,) = yaml.safe_load(_main(role)["examples"])
    assert play["hosts"] == "miclinik"
    assert play["roles"][-1]["role"] == f"miclinik.hosting.{role}"
    # Ansible refuses others, even public variables, where they are given as arguments, and not before it runs the role.
    assert set(play["roles"][-1]) <= {"role", *_main(role)["options"]}


def test_ansible_takes_the_examples(tmp_path: Path) -> None:
    playbook = tmp_path / "examples.yml"
    playbook.write_text("\n".join(_main(role)["examples"] for role in PUBLIC), encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "--syntax-check", "--inventory=miclinik,", playbook],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_pages_are_generated() -> None:
    pages = {path for path in generate.pages() if path.is_relative_to(ROOT / "roles")}
    assert pages == {ROOT / "roles" / role / "README.md" for role in PUBLIC}
