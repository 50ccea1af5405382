# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tags that a run was asked for and that nothing has: Ansible takes any word, and then does nothing."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import yaml

PLAYBOOK = Path(__file__).resolve().parents[3] / "playbooks" / "site.yml"
_ANSIBLES = frozenset({"all", "always", "never", "tagged", "untagged"})


@lru_cache(maxsize=1)
def known() -> tuple[str, ...]:
    """Return the tags of playbooks/site.yml, in its order."""
    roles = [role for play in yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8")) for role in play["roles"]]
    return tuple(dict.fromkeys(tag for role in roles for tag in role["tags"]))


def cautions(run: Sequence[str], skip: Iterable[str]) -> list[str]:
    """Return what to say of `--tags` and `--skip-tags`. Another playbook may have tags of its own: no fault."""
    found = [_said(word, option) for option, words in (("--tags", run), ("--skip-tags", skip)) for word in words]
    told = [words for words in found if words]
    if not told and run and not {*run} & {*known(), *_ANSIBLES}:
        told = [f"--tags {','.join(run)} names no part of miclinik.hosting, of which only preflight runs; {_listed()}."]
    return told


def _said(word: str, option: str) -> str:
    near = difflib.get_close_matches(word, known(), n=1, cutoff=0.75)
    if word in known() or word in _ANSIBLES or not near:
        return ""
    return f"{option} {word} is no tag of miclinik.hosting; {_listed()}. Did you mean '{near[0]}'?"


def _listed() -> str:
    return f"its tags are: {', '.join(known())}"
