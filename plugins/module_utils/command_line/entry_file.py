# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what ``export`` writes: an entry of ``miclinik_sites``, or a part of one, as YAML."""

from __future__ import annotations

import re
import stat
import sys
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import USAGE, CallError

SITES = "miclinik_sites"
#: What a vault's variable looks like; what else looks like an expression of Ansible's only Ansible can work out.
VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_EXPRESSION = re.compile(r"\{[{%#]")
#: The name under which a value is known that only Ansible could read.
_VAULTED = "a value that ansible-vault has encrypted"


class Variable(str):
    """The name of a variable, in whose place a value is to stand."""


class Expression(str):
    """An expression of Ansible's that is more than a variable."""


class _Loader(yaml.SafeLoader):
    """Reads what Ansible reads, and takes no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                told = f"the key {key.value!r} stands there twice"
                raise yaml.MarkedYAMLError(problem=told, problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)

    def text(self, node: yaml.ScalarNode) -> str:
        """Return a text, and mark what is an expression of Ansible's."""
        value = str(self.construct_scalar(node))
        if found := VARIABLE.fullmatch(value.strip()):
            return Variable(found[1])
        return Expression(value) if _EXPRESSION.search(value) else value

    def plain(self, node: yaml.ScalarNode) -> str:
        """Return a text as it is."""
        return str(self.construct_scalar(node))

    def encrypted(self, _node: yaml.Node) -> str:
        """Return a variable in its place."""
        return Variable(_VAULTED)


_Loader.add_constructor("tag:yaml.org,2002:str", _Loader.text)
_Loader.add_constructor("!unsafe", _Loader.plain)
_Loader.add_constructor("!vault", _Loader.encrypted)


def entry(name: str, site: str) -> dict[str, Any]:
    """Return what the file ``name`` says of ``site``; ``-`` is standard input. Raises CallError."""
    text = sys.stdin.read() if name == "-" else _read(Path(name))
    found = _load(text, name)
    entries = found.get(SITES) if isinstance(found, Mapping) and SITES in found else found
    if isinstance(entries, list):
        entries = _one(entries, name, site)
    if not isinstance(entries, Mapping) or not entries:
        raise CallError(f"{name} holds no entry of {SITES}. Write one, as `miclinikctl {site} export` does.", USAGE)
    return dict(entries)


def _one(entries: list[Any], name: str, site: str) -> object:
    """Return the entry of the site; where there is one alone it is meant, whatever its name."""
    if len(entries) == 1:
        return entries[0]
    names = [str(one.get("name")) for one in entries if isinstance(one, Mapping)]
    if names.count(site) != 1:
        raise CallError(f"{name} has no entry of {site!r}, but of: {', '.join(names) or 'none'}.", USAGE)
    return next(one for one in entries if isinstance(one, Mapping) and one.get("name") == site)


def variables(name: str) -> dict[str, str]:
    """Return the values of variables that a file gives, which nobody but its owner can read. Raises CallError."""
    file = Path(name)
    text = _read(file)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise CallError(f"{name} can be read by others. Have it be yours alone: chmod 600 {name}", USAGE)
    found = _load(text, name)
    if not isinstance(found, Mapping) or not all(isinstance(value, (str, int, float)) for value in found.values()):
        raise CallError(f"{name} is no list of variables. Write NAME: VALUE in each line.", USAGE)
    wrong = [key for key, value in found.items() if isinstance(value, (Variable, Expression))]
    if wrong:
        raise CallError(f"{name}: {wrong[0]} is no value. Decrypt the file: ansible-vault decrypt", USAGE)
    return {str(key): str(value) for key, value in found.items()}


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "is no text in UTF-8"
        raise CallError(f"{file} cannot be read: {said}") from None


def _load(text: str, name: str) -> object:
    if text.startswith("$ANSIBLE_VAULT"):
        raise CallError(f"{name} is encrypted. Decrypt it: ansible-vault view", USAGE)
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - it is a safe one
    except (yaml.YAMLError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        # Never the text itself: it may hold a secret.
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        told = getattr(error, "problem", None) or "it cannot be read"
        raise CallError(f"{name} is no YAML{where}: {told}", USAGE) from None
