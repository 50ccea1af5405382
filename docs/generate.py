#!/usr/bin/env python3
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the reference pages, the roles' README.md, and the tables of variables in the README, from the code itself.

    python docs/generate.py           write what is out of date
    python docs/generate.py --check   only name it, and end with 1 when there is something

Sources are ``roles/*/meta/argument_specs.yml`` and the DOCUMENTATION, EXAMPLES and RETURN of ``plugins/modules/*.py``,
with the fragments of ``plugins/doc_fragments`` that they extend.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible.plugins.loader import fragment_loader, init_plugin_loader
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible.utils.plugin_docs import add_fragments

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs import manual

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- variables:begin -->", "<!-- variables:end -->"
NOTE = "<!-- Written by docs/generate.py: change the roles' argument_specs or the modules' documentation instead. -->"
INTERNAL = "*Internal*: serves the other roles of this collection, and may change without notice."
SITES = "The sites are in the inventory, as `miclinik_sites`: [what each may hold](../../docs/reference/variables.md)."

Spec = Mapping[str, Any]


def main(arguments: list[str]) -> int:
    """Write or check everything; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing; end with 1 when something is out of date")
    check = parser.parse_args(arguments).check
    old = stale()
    for path, text in old.items():
        print(f"{path.relative_to(ROOT)} {'is out of date: run python docs/generate.py' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(check and bool(old))


def stale() -> dict[Path, str]:
    """Return the text that each file should have, for the files that have another one."""
    return {
        path: text for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def pages() -> dict[Path, str]:
    """Return every generated file with its text; raises ValueError when README.md has no place for its tables."""
    reference = ROOT / "docs" / "reference"
    return {
        ROOT / "README.md": _between_markers((ROOT / "README.md").read_text(encoding="utf-8"), _variables("###")),
        reference / "variables.md": f"{NOTE}\n# Variables\n\n{_variables('##')}",
        reference / "roles.md": f"{NOTE}\n# Roles\n\n{_roles()}",
        reference / "modules.md": f"{NOTE}\n# Modules\n\n{_modules()}",
        **manual.pages(),
        **{ROOT / "roles" / name / "README.md": _role_page(name, spec) for name, spec in _mains() if _is_public(spec)},
    }


def _between_markers(text: str, table: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"README.md wants a line {BEGIN} and, below it, a line {END}")
    return f"{before}{BEGIN}\n{table}{END}{after}"


def _specs(role: str) -> dict[str, Spec]:
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    found: dict[str, Spec] = yaml.safe_load(text)["argument_specs"]
    return found


def _variables(level: str) -> str:
    specs = _specs("preflight")
    public = {name: spec for name, spec in specs["main"]["options"].items() if name.startswith("miclinik_")}
    return (
        f"{level} In the inventory\n\n{_table(public)}\n"
        f"{level} In each entry of `miclinik_sites`\n\n{_table(specs['site']['options'])}"
    )


def _mains() -> Iterator[tuple[str, Spec]]:
    """Yield the name of every role, and the specification of what it does when nothing else is named."""
    for folder in sorted(path for path in (ROOT / "roles").iterdir() if path.is_dir()):
        yield folder.name, _specs(folder.name)["main"]


def _is_public(spec: Spec) -> bool:
    """Tell whether a role is for everybody, which it says by an example; the others serve this collection's roles."""
    return "examples" in spec


def _roles() -> str:
    parts = []
    for name, spec in _mains():
        part = [f"## {name}", "", f"{_prose(spec['short_description'])}.", *_paragraphs(spec.get("description"))]
        part += ["", f"[Example](../../roles/{name}/README.md)." if _is_public(spec) else INTERNAL]
        if spec.get("options"):
            part += ["", _table(spec["options"]).rstrip("\n")]
        for point, about in _other_entry_points(name):
            part += ["", f"### {name}, tasks_from: {point}", "", f"{_prose(about['short_description'])}."]
            part += [*_paragraphs(about.get("description")), "", _table(about["options"]).rstrip("\n")]
        parts.append("\n".join(part) + "\n")
    return "\n".join(parts)


def _other_entry_points(role: str) -> Iterator[tuple[str, Spec]]:
    """Yield what else of a role can be called, with its specification."""
    for point, about in _specs(role).items():
        if point != "main" and (ROOT / "roles" / role / "tasks" / f"{point}.yml").exists():
            yield point, about


def _role_page(name: str, spec: Spec) -> str:
    part = [NOTE, f"# miclinik.hosting.{name}", "", f"{_prose(spec['short_description'])}."]
    part += _paragraphs(spec.get("description"))
    part += ["", "## Example", "", SITES, "", "```yaml", spec["examples"].strip(), "```"]
    part += ["", "## Variables", "", _table(spec["options"])]
    calls = [
        f"- `tasks_from: {call}`: {_prose(about['short_description'])}." for call, about in _other_entry_points(name)
    ]
    part += ["## Parts that can be called alone", "", *calls, ""] if calls else []
    return "\n".join(part)


def _modules() -> str:
    parts = []
    for file in sorted((ROOT / "plugins" / "modules").glob("*.py")):
        texts, about = _constants(file), documentation(file)
        part = [f"## {about['module']}", "", f"{_prose(about['short_description'])}."]
        part += _paragraphs(about.get("description"))
        if about.get("options"):
            part += ["", _table(about["options"]).rstrip("\n")]
        attributes = about.get("attributes", {})
        modes = [(name, attributes[key]) for key, name in (("check_mode", "Check mode"), ("diff_mode", "Diff mode"))]
        part += ["", *(f"- {name}: {mode['support']}. {_prose(_joined(mode['description']))}" for name, mode in modes)]
        part += [f"- {_prose(note)}" for note in about.get("notes", [])]
        part += ["", "```yaml", texts["EXAMPLES"].strip(), "```"]
        returned = yaml.safe_load(texts.get("RETURN", "")) or {}
        if returned:
            part += ["", "| Returns | Type | When | Meaning |", "| --- | --- | --- | --- |"]
            part += [f"| {' | '.join(row)} |" for row in _returns(returned)]
        parts.append("\n".join(part) + "\n")
    return "\n".join(parts)


def documentation(file: Path) -> dict[str, Any]:
    """Return what a module says of itself, with the fragments that it extends.

    :raises ansible.errors.AnsibleError: there is no such fragment.
    """
    about: dict[str, Any] = yaml.safe_load(_constants(file)["DOCUMENTATION"])
    if AnsibleCollectionConfig.collection_finder is None:
        init_plugin_loader([str(Path(__file__).resolve().parents[1] / ".collections")])
    own = about.get("options", {}).copy()
    add_fragments(about, str(file), fragment_loader, is_module=True)
    if own:
        about["options"] = {name: spec for name, spec in about["options"].items() if name not in own} | own
    # Ansible's texts and numbers remember where they come from, which YAML can't write.
    plain: dict[str, Any] = json.loads(json.dumps(about))
    return plain


def _constants(file: Path) -> dict[str, str]:
    """Return the texts that a module assigns at its top level, without importing it."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[node.targets[0].id] = value.value
    return found


def _returns(values: Mapping[str, Spec], path: str = "") -> Iterator[tuple[str, str, str, str]]:
    for name, spec in values.items():
        meaning = _prose(_joined(spec["description"]))
        yield f"`{path}{name}`", spec["type"], spec.get("returned", ""), _cell(meaning)
        yield from _returns(spec.get("contains", {}), f"{path}{name}{'[]' if spec['type'] == 'list' else ''}.")


def _table(options: Mapping[str, Spec]) -> str:
    rows = ["| Key | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    rows += [f"| {' | '.join(row)} |" for row in _rows(options)]
    return "\n".join(rows) + "\n"


def _rows(options: Mapping[str, Spec], path: str = "") -> Iterator[tuple[str, str, str, str]]:
    for name, spec in options.items():
        kind = f"list of {spec['elements']}" if spec.get("elements") else spec["type"]
        meaning = _prose(_joined(spec["description"]))
        if len(spec.get("choices", [])) > 1:
            meaning += f" One of {', '.join(f'`{choice}`' for choice in spec['choices'])}."
        yield f"`{path}{name}`", kind, _default(spec), _cell(meaning)
        yield from _rows(spec.get("options", {}), f"{path}{name}{'[]' if spec['type'] == 'list' else ''}.")


def _default(spec: Spec) -> str:
    if spec.get("required"):
        return "required"
    value = spec.get("default")
    if value is None or value in ({}, [], ""):
        return ""
    if isinstance(value, str):
        return f"`{_cell(value)}`"
    shown = yaml.safe_dump(value, default_flow_style=True, width=1000, allow_unicode=True)
    return f"`{_cell(shown.removesuffix('...' + chr(10)).strip())}`"


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else " ".join(text)


def _paragraphs(text: str | list[str] | None) -> list[str]:
    lines = [text] if isinstance(text, str) else (text or [])
    return [word for line in lines for word in ("", _prose(line))]


def _prose(text: str) -> str:
    """Turn Ansible's markup into Markdown."""
    text = " ".join(text.split())
    text = re.sub(r"\bL\(([^,)]+),\s*([^)]+)\)", r"[\1](\2)", text)
    text = re.sub(r"\bU\(([^)]+)\)", r"<\1>", text)
    text = re.sub(r"\bP\(([^)#]+)#[^)]+\)", r"`\1`", text)
    text = re.sub(r"\b(?:C|V|O|E|RV|M)\(((?:[^()\\]|\\.)+)\)", r"`\1`", text)
    return re.sub(r"\b[IB]\(([^)]+)\)", r"*\1*", text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
