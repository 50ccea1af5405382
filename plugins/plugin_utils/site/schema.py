# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what an operator may write in an inventory, and checks a value against it.

The description is the argument specification of the role ``preflight``. Only code on the controller uses this file:
PyYAML is there with Ansible.
"""

from __future__ import annotations

import copy
import datetime
import difflib
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

SPEC_FILE = Path(__file__).resolve().parents[3] / "roles" / "preflight" / "meta" / "argument_specs.yml"

Spec = Mapping[str, Any]
#: A marked option of this name is an address, of which all may see what is no name, no password and no query.
ADDRESS = "url"


class Problem(NamedTuple):
    """One thing that is wrong: where (``site 'norte'``), which key, what was seen, and what to do."""

    where: str
    key: str
    seen: str
    mend: str

    def __str__(self) -> str:
        return plain.plain(f"{self.where}: {self.key}: {self.seen}. {self.mend}.")


@lru_cache(maxsize=1)
def _entry_points() -> dict[str, Spec]:
    return entry_points(SPEC_FILE)


def entry_points(file: Path) -> dict[str, Spec]:
    """Return what a role's ``meta/argument_specs.yml`` says of each of its entry points."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # written in C, it is ten times as fast
    document = yaml.load(file.read_text(encoding="utf-8"), loader)  # noqa: S506 (a safe one)
    found: dict[str, Spec] = document["argument_specs"]
    return found


def options() -> dict[str, Spec]:
    """Return the public variables with their specifications, as read from the role ``preflight``."""
    return dict(_entry_points()["main"]["options"])


def site_options() -> dict[str, Spec]:
    """Return the specification of one entry of ``miclinik_sites``."""
    return dict(_entry_points()["site"]["options"])


def is_secret(key: str, spec: Spec) -> bool:
    """Return whether the option ``key`` is secret as a whole; a marked ``url`` is so only in parts."""
    return bool(spec.get("no_log")) and key != ADDRESS


def near(word: str, known: Iterable[str]) -> str:
    """Return the mend for an unknown ``word``: the nearest known one, or all of them."""
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'" if close else f"Known are: {', '.join(names)}"


def kind_of(value: object) -> str:
    """Return what ``value`` is in an operator's words, without any of it: it may hold a secret."""
    for fits, word in _KINDS.values():
        if fits(value):
            return word
    return "nothing" if value is None else "a value of another kind"


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_KINDS: dict[str, tuple[Callable[[object], bool], str]] = {
    "str": (_is_text, "a text"),
    "path": (_is_text, "a path"),
    "int": (_is_int, "a whole number"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "dict": (lambda value: isinstance(value, Mapping), "a mapping"),
    "list": (lambda value: isinstance(value, (list, tuple)), "a list"),
    # Of what a keyword of Ansible's own takes, which says the rest itself.
    "raw": (lambda value: _is_text(value) or _is_int(value) or isinstance(value, list), "a number, a text or a list"),
}


def check(value: object, specs: Mapping[str, Spec], where: str, path: str = "") -> list[Problem]:
    """Return what is wrong with the mapping ``value``; values of secrets are never repeated in it."""
    if not isinstance(value, Mapping):
        return [Problem(where, path.rstrip(".") or "entry", f"is {kind_of(value)}", "Write a mapping")]
    problems = []
    for key in value:
        if key not in specs:
            problems.append(Problem(where, f"{path}{key}", "is not a known key", near(str(key), specs)))
    for key, spec in specs.items():
        name = f"{path}{key}"
        given = value.get(key)
        if given is None:
            if spec.get("required"):
                problems.append(Problem(where, name, "is missing", f"Add it: {_first_sentence(spec)}"))
            continue
        problems.extend(_check_one(given, spec, where, name))
    return problems


def _check_one(given: object, spec: Spec, where: str, name: str) -> list[Problem]:
    if isinstance(given, datetime.date) and name.endswith(f".{expiry.NAME}"):
        given = given.isoformat()  # YAML takes a day without quotes for one
    fits, wanted = _KINDS[spec["type"]]
    if not fits(given):
        keys = f" with {', '.join(spec['options'])}" if spec["type"] == "dict" and "options" in spec else ""
        return [Problem(where, name, f"is {kind_of(given)}", f"Write {wanted}{keys}")]
    # Of a list they are its elements'.
    if "choices" in spec and spec["type"] != "list" and given not in spec["choices"]:
        return [Problem(where, name, f"is {given!r}", f"Choose one of: {', '.join(spec['choices'])}")]
    if spec["type"] == "dict" and "options" in spec:
        return check(given, spec["options"], where, f"{name}.")
    if spec["type"] == "list" and isinstance(given, (list, tuple)):
        element = {"type": spec.get("elements", "str")} | {k: spec[k] for k in ("options", "choices") if k in spec}
        return [p for i, item in enumerate(given) for p in _check_one(item, element, where, f"{name}[{i}]")]
    return []


def _first_sentence(spec: Spec) -> str:
    text = spec["description"]
    text = text if isinstance(text, str) else text[0]
    return " ".join(text.split()).rstrip(".")


def with_defaults(value: Mapping[str, Any], specs: Mapping[str, Spec]) -> dict[str, Any]:
    """Return ``value`` with every option of ``specs``, the ones not given at their default or None.

    Secrets are taken out of ``value`` before (see ``declared``), and nothing stands for them.
    """
    full: dict[str, Any] = {}
    for key, spec in specs.items():
        if is_secret(key, spec):
            continue
        given = value.get(key)
        given = copy.deepcopy(spec.get("default")) if given is None else given
        if spec["type"] == "dict" and "options" in spec and given is not None:
            given = with_defaults(given, spec["options"])
        elif spec["type"] == "list" and "options" in spec and given is not None:
            given = [with_defaults(item, spec["options"]) for item in given]
        full[key] = given.isoformat() if isinstance(given, datetime.date) else given
    return full
