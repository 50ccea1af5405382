# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at the operator's own templates, without rendering them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jinja2
from ansible.constants import config
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller.templates import SHIPPED, TEMPLATES
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem, near
from jinja2 import nodes

_KEY = "miclinik_templates_dir"


def check(overrides: Path, base: str) -> list[Problem]:
    """Return what is wrong with the operator's templates: what cannot be parsed, and blocks that nobody would see.

    ``base`` is the folder of the playbook, whose files can be named as well.
    """
    return [problem for file in _own(overrides) for problem in _check(file, overrides, Path(base))]


def cautions(overrides: Path) -> list[str]:
    """Return the operator's templates that replace nothing and that no other of them names."""
    texts = {file.relative_to(overrides).as_posix(): file.read_text(encoding="utf-8") for file in _own(overrides)}
    known = [path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.j2")]
    found = []
    for name in texts:
        if name in known or any(name in text for text in texts.values()):
            continue
        guess = near(name, known)
        mend = f" {guess}?" if guess.startswith("Did") else ""
        found.append(f"inventory: {_KEY}: {name} replaces no template.{mend}")
    return found


def _own(overrides: Path) -> list[Path]:
    """Return the operator's templates, what version control and editors keep left aside."""
    return sorted(
        file
        for file in overrides.rglob("*.j2")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(overrides).parts)
    )


def _check(file: Path, overrides: Path, base: Path) -> Iterator[Problem]:
    name = file.relative_to(overrides).as_posix()
    try:
        # Ansible reads other signs from such a first line.
        if file.read_text(encoding="utf-8").startswith("#jinja2:"):
            return
        tree = _parsed(file)
    except (jinja2.TemplateSyntaxError, UnicodeDecodeError) as error:
        line = f" in line {error.lineno}" if isinstance(error, jinja2.TemplateSyntaxError) else ""
        yield Problem("inventory", _KEY, f"{name} is no template: {error}{line}", "Mend it")
        return
    parents = [node.template.value for node in tree.find_all(nodes.Extends) if isinstance(node.template, nodes.Const)]
    if not parents:
        return
    parent = str(parents[0])
    shipped = parent.removeprefix(f"{SHIPPED}/")
    elsewhere = [folder / parent for folder in (overrides, base)]
    if parent == name or (not parent.startswith(f"{SHIPPED}/") and not any(file.is_file() for file in elsewhere)):
        seen = f"{name} extends {parent!r}, " + ("which is itself" if parent == name else "which is not there")
        yield Problem("inventory", _KEY, seen, f'Write {{% extends "{SHIPPED}/{name}" %}}')
    elif parent.startswith(f"{SHIPPED}/") and not (TEMPLATES / shipped).is_file():
        yield Problem("inventory", _KEY, f"{name} extends {parent!r}, which is not there", _nearest(shipped))
    elif parent.startswith(f"{SHIPPED}/"):
        there = _blocks(_parsed(TEMPLATES / shipped))
        for block in [block for block in _blocks(tree) if block not in there]:
            seen = f"{name} has a block {block!r}, and {parent} has none of that name: nobody would see it"
            yield Problem("inventory", _KEY, seen, near(block, there) if there else "Replace the whole template")


def _nearest(shipped: str) -> str:
    known = [f"{SHIPPED}/{path.relative_to(TEMPLATES).as_posix()}" for path in TEMPLATES.rglob("*.j2")]
    return near(f"{SHIPPED}/{shipped}", known)


def _parsed(file: Path) -> nodes.Template:
    # As Ansible renders them: configuration files, nothing is escaped.
    extensions = config.get_config_value("DEFAULT_JINJA2_EXTENSIONS")
    environment = jinja2.Environment(trim_blocks=True, extensions=extensions)  # noqa: S701
    return environment.parse(file.read_text(encoding="utf-8"))


def _blocks(tree: Any) -> list[str]:  # noqa: ANN401 (jinja2's nodes are not typed)
    return [block.name for block in tree.find_all(nodes.Block)]
