# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds what of the inventory's variables cannot be evaluated, and says so without any value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError, AnsibleTemplateSyntaxError, AnsibleUndefinedVariable
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.inventory_rules import SITES
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem, entry_points, kind_of

ROLES = Path(__file__).resolve().parents[3] / "roles"
#: Lookups whose words are a name or a path. Others, and filters, may repeat a value or a command.
_TELLING = frozenset({"ansible.builtin.file", "ansible.builtin.env", "ansible.builtin.unvault"})
_PLUGIN = re.compile(r"The (\w+) plugin '([\w.]+)' failed")

#: Evaluates one value; raises AnsibleError.
Evaluate = Callable[[Any], Any]


def unreadable(variables: Mapping[str, Any], evaluate: Evaluate) -> list[Problem]:
    """Return what cannot be evaluated of the sites, and of the variables of the collection and its roles."""
    sites = variables.get(SITES, [])
    problems = list(_sites(sites, evaluate)) or _shape(evaluate(sites))
    if problems and isinstance(sites, str):
        # An expression fails as one. Which site it is, the lists that it is made of tell.
        parts = (value for value in variables.values() if _is_sites(value))
        problems = [problem for part in parts for problem in _sites(part, evaluate)] or problems
    for name in sorted((_options() - {SITES}) & set(variables)):
        # Undefined may be what a role learns later, the facts of the host.
        found = (error for _, error in _broken(variables[name], evaluate, name) if not _is_undefined(error))
        problems += [Problem("inventory", name, *_told(error)) for error in found]
    return problems


def _shape(sites: object) -> list[Problem]:
    """Return what to say of sites that are no list of mappings, before Ansible does with all that it knows of them."""
    mend = "Write a list, whose entries begin with `- name: …`"
    if sites is None:
        return []  # as if it were not there, which is told by preflight
    if not isinstance(sites, (list, tuple)):
        return [Problem("inventory", SITES, f"is {kind_of(sites)}", mend)]
    return [
        Problem("inventory", f"{SITES}[{index}]", f"is {kind_of(entry)}", mend)
        for index, entry in enumerate(sites)
        if not isinstance(entry, Mapping)
    ]


def _options() -> set[str]:
    """Return the names of all variables that roles take."""
    specs = [entry_points(file) for file in ROLES.glob("*/meta/argument_specs.yml")]
    # An entry point `site` describes what is inside of the sites, and no variables.
    return {name for spec in specs for point, about in spec.items() if point != "site" for name in about["options"]}


def _is_sites(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) and "domain" in item for item in value)


def _sites(value: Any, evaluate: Evaluate) -> Iterator[Problem]:  # noqa: ANN401 (whatever an operator may write)
    for path, error in _broken(value, evaluate, SITES):
        index, _, key = path.removeprefix(f"{SITES}[").partition("].")
        if not key:
            yield Problem("inventory", path, *_told(error))
            continue
        yield Problem(_where(value, int(index), evaluate), key, *_told(error))


def _where(value: Any, index: int, evaluate: Evaluate) -> str:  # noqa: ANN401 (as above)
    try:
        name = evaluate(evaluate(value)[index]["name"]) if isinstance(value, str) else evaluate(value[index]["name"])
    except (AnsibleError, LookupError, TypeError):
        return f"{SITES}[{index}]"
    return f"site '{name}'"


def _broken(value: Any, evaluate: Evaluate, path: str) -> Iterator[tuple[str, AnsibleError]]:  # noqa: ANN401 (as above)
    """Yield path and error of every value inside ``value`` that cannot be evaluated."""
    if not isinstance(value, (Mapping, list, tuple)):
        try:
            value = evaluate(value)
        except AnsibleError as error:
            yield path, error
            return
    keys = list(value) if isinstance(value, Mapping) else range(len(value)) if isinstance(value, (list, tuple)) else ()
    for key in keys:
        inner = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
        try:
            item = value[key]
        except AnsibleError as error:  # what an expression has made is evaluated when it is looked at
            yield inner, error
            continue
        yield from _broken(item, evaluate, inner)


def _is_undefined(error: AnsibleError) -> bool:
    return isinstance(error, AnsibleUndefinedVariable)


def _told(error: AnsibleError) -> tuple[str, str]:
    """Return what was seen, and the mend."""
    words = " ".join(str(error).split()).rstrip(".")
    if _is_undefined(error):
        return f"cannot be evaluated: {words}", "Define it, or write the value itself"
    if "decrypt" in words.lower():
        mend = "Give the vault's password, with --vault-password-file, --vault-id or --ask-vault-pass"
        return "is encrypted by Ansible Vault, and no password was given that opens it", mend
    plugin = _PLUGIN.search(words)
    if plugin and plugin[2] in _TELLING:
        return f"cannot be evaluated: {words}", "Mend what it reads"
    if plugin:
        return f"cannot be evaluated: its {plugin[1]} {plugin[2]} fails", "Mend the expression, or what it reads"
    if isinstance(error, AnsibleTemplateSyntaxError):
        return (
            "is no expression that Ansible understands",
            "Mend it, or write !unsafe before a text that holds {{ or {%",
        )
    return f"cannot be evaluated ({type(error).__name__})", "Mend the expression"
