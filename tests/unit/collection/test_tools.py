# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What runs before a commit, and what runs on GitHub, is what `make lint` and .ci/run say, and nothing beside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[3]


def _load(name: str) -> Any:  # noqa: ANN401 (any YAML)
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_before_a_commit_runs_what_lint_runs() -> None:
    recipe = re.search(r"(?m)^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    assert recipe
    lint = [line.strip() for line in recipe[1].splitlines()]
    (repository,) = _load(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    entries = [hook["entry"] for hook in repository["hooks"]]
    assert all(entry.startswith(".venv/bin/") for entry in entries)
    assert {entry.removeprefix(".venv/bin/") for entry in entries} == {*lint} - {"ansible-lint"}


def test_github_runs_what_runs_everywhere() -> None:
    workflow = _load(".github/workflows/ci.yml")
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {"contents": "read"}
    called = [step["run"] for step in job["steps"] if "run" in step]
    assert called[-1] == ".ci/run"
    # What comes before brings git and nothing that tests.
    assert [line.split()[0] for line in called[:-1]] == ["apt-get", "git"]
