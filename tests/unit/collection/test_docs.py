# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The generated pages are those that the code would write now, and the generator says what it should."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.miclinik.hosting.plugins.action import doctor, smoke

from docs import generate, manual

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "plugins" / "modules").glob("*.py"))

SPECS = """
argument_specs:
  main:
    short_description: Does C(this)
    description: More of it.
    examples: |
      - hosts: miclinik
        roles: [miclinik.hosting.preflight]
    options:
      miclinik_sites: {type: list, elements: dict, required: true, description: "The entry C(site)."}
      preflight_limit: {type: int, default: 0, description: A number.}
  site:
    short_description: x
    options:
      name: {type: str, required: true, description: "A | B."}
      mode: {type: str, default: a, choices: [a, b], description: Kind.}
      users:
        type: list
        elements: dict
        default: [{login: api}]
        description: Users.
        options:
          active: {type: bool, default: true, description: Whether.}
"""
INNER_SPECS = """
argument_specs:
  main:
    short_description: Helps
    options: {}
  more:
    short_description: Helps with C(more)
    description: Of it.
    options:
      helper_limit: {type: int, required: true, description: A number.}
"""
MODULE = '''
DOCUMENTATION = r"""
module: x
short_description: Does O(y)
description: [One., Two.]
options:
  y: {type: str, description: [First., "Second, see U(https://example.org)."]}
attributes:
  check_mode: {support: full, description: Says it.}
  diff_mode: {support: none, description: Nothing.}
notes: [Needs V(root).]
"""
EXAMPLES = r"""
- miclinik.hosting.x:
"""
RETURN = r"""
done: {type: dict, returned: always, description: What was done., contains: {n: {type: int, description: How many.}}}
"""
'''
VARIABLES = """\
## In the inventory

| Key | Type | Default | Meaning |
| --- | --- | --- | --- |
| `miclinik_sites` | list of dict | required | The entry `site`. |

## In each entry of `miclinik_sites`

| Key | Type | Default | Meaning |
| --- | --- | --- | --- |
| `name` | str | required | A \\| B. |
| `mode` | str | `a` | Kind. One of `a`, `b`. |
| `users` | list of dict | `[{login: api}]` | Users. |
| `users[].active` | bool | `true` | Whether. |
"""
OPTIONS = """\
| Key | Type | Default | Meaning |
| --- | --- | --- | --- |
| `miclinik_sites` | list of dict | required | The entry `site`. |
| `preflight_limit` | int | `0` | A number. |
"""
ROLES = f"""\
## helper

Helps.

*Internal*: serves the other roles of this collection, and may change without notice.

### helper, tasks_from: more

Helps with `more`.

Of it.

| Key | Type | Default | Meaning |
| --- | --- | --- | --- |
| `helper_limit` | int | required | A number. |

## preflight

Does `this`.

More of it.

[Example](../../roles/preflight/README.md).

{OPTIONS}"""
ROLE = f"""\
# miclinik.hosting.preflight

Does `this`.

More of it.

## Example

The sites are in the inventory, as `miclinik_sites`: [what each may hold](../../docs/reference/variables.md).

```yaml
- hosts: miclinik
  roles: [miclinik.hosting.preflight]
```

## Variables

{OPTIONS}"""
MODULES_PAGE = """\
## x

Does `y`.

One.

Two.

| Key | Type | Default | Meaning |
| --- | --- | --- | --- |
| `y` | str |  | First. Second, see <https://example.org>. |

- Check mode: full. Says it.
- Diff mode: none. Nothing.
- Needs `root`.

```yaml
- miclinik.hosting.x:
```

| Returns | Type | When | Meaning |
| --- | --- | --- | --- |
| `done` | dict | always | What was done. |
| `done.n` | int |  | How many. |
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for role, specs in (("preflight", SPECS), ("helper", INNER_SPECS)):
        (tmp_path / "roles" / role / "meta").mkdir(parents=True)
        (tmp_path / "roles" / role / "meta/argument_specs.yml").write_text(specs)
    (tmp_path / "roles/helper/tasks").mkdir()
    (tmp_path / "roles/helper/tasks/more.yml").write_text("[]")
    (tmp_path / "plugins/modules").mkdir(parents=True)
    (tmp_path / "plugins/modules/x.py").write_text(MODULE)
    (tmp_path / "README.md").write_text("before\n<!-- variables:begin -->\nold\n<!-- variables:end -->\nafter\n")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    # The command line's own pages are made of its verbs, wherever the rest lies.
    monkeypatch.setattr(manual, "pages", dict)
    return tmp_path


def test_what_is_committed_is_up_to_date() -> None:
    assert [str(path.relative_to(ROOT)) for path in generate.stale()] == []


def test_pages(root: Path) -> None:
    reference = root / "docs" / "reference"
    assert generate.pages() == {
        root / "README.md": (
            f"before\n<!-- variables:begin -->\n{VARIABLES.replace('## In', '### In')}<!-- variables:end -->\nafter\n"
        ),
        reference / "variables.md": f"{generate.NOTE}\n# Variables\n\n{VARIABLES}",
        reference / "roles.md": f"{generate.NOTE}\n# Roles\n\n{ROLES}",
        reference / "modules.md": f"{generate.NOTE}\n# Modules\n\n{MODULES_PAGE}",
        root / "roles" / "preflight" / "README.md": f"{generate.NOTE}\n{ROLE}",
    }


def test_check_names_what_is_old_and_changes_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"{name} is out of date: run python docs/generate.py"
        for name in (
            *("README.md", "docs/reference/variables.md", "docs/reference/roles.md", "docs/reference/modules.md"),
            "roles/preflight/README.md",
        )
    ]
    assert not (root / "docs").exists()


def test_writing_and_checking_again(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main([]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "README.md written"
    assert (root / "docs/reference/roles.md").is_file()
    assert (generate.main(["--check"]), generate.main([])) == (0, 0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "<!-- variables:begin -->", "<!-- variables:end --><!-- variables:begin -->"])
def test_a_readme_without_a_place_for_the_tables(root: Path, text: str) -> None:
    (root / "README.md").write_text(text)
    with pytest.raises(ValueError, match=r"^README.md wants a line <!-- variables:begin --> and, below it, a line "):
        generate.pages()


def _constants(file: Path) -> dict[str, str]:
    return {
        node.targets[0].id: str(node.value.value)
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }


def test_a_fragment_comes_before_what_the_module_says_itself(root: Path) -> None:
    file = root / "plugins/modules/x.py"
    extends = "extends_documentation_fragment: [miclinik.hosting.bridge.site]"
    file.write_text(MODULE.replace("module: x", f"module: x\n{extends}"))
    about = generate.documentation(file)
    assert list(about["options"]) == ["site", "y"]
    assert about["options"]["site"] == {"description": "Name of the site.", "type": "str", "required": True}
    assert "extends_documentation_fragment" not in about
    assert "| `site` | str | required | Name of the site. |" in generate.pages()[root / "docs/reference/modules.md"]


def test_a_fragment_that_is_missing(root: Path) -> None:
    file = root / "plugins/modules/x.py"
    file.write_text(MODULE.replace("module: x", "module: x\nextends_documentation_fragment: [miclinik.hosting.nosuch]"))
    with pytest.raises(AnsibleError, match=r"unknown doc_fragment\(s\) in file .*: miclinik\.hosting\.nosuch"):
        generate.documentation(file)


def _shared(options: dict[str, Any], inner: str) -> dict[str, Any]:
    """What an argument spec and a documentation have in common; `inner` is the key of what is within an option."""
    keys = ("type", "elements", "required", "default", "choices")
    return {
        name: {
            **{key: option[key] for key in keys if key in option},
            **({"options": _shared(option[inner], inner)} if inner in option else {}),
        }
        for name, option in options.items()
    }


@pytest.mark.parametrize("action", [smoke, doctor], ids=["smoke", "doctor"])
def test_the_examinations_take_what_is_documented(action: ModuleType) -> None:
    name = action.__name__.rpartition(".")[2]
    about = generate.documentation(ROOT / "plugins" / "modules" / f"{name}.py")
    assert _shared(about["options"], "suboptions") == _shared(action.ActionModule.arguments, "options")


@pytest.mark.parametrize("file", MODULES, ids=[file.stem for file in MODULES])
def test_every_module_is_described_in_full(file: Path) -> None:
    texts = _constants(file)
    about = generate.documentation(file)
    assert about["module"] == file.stem
    assert about["description"]
    assert {"check_mode", "diff_mode"} <= set(about["attributes"])
    for name, spec in about.get("options", {}).items():
        assert spec["description"], name
        assert spec["type"], name
        assert not (spec.get("required") and "default" in spec), name
    assert isinstance(yaml.safe_load(texts["EXAMPLES"]), list)
    assert isinstance(yaml.safe_load(texts["RETURN"]), dict)
    assert f"miclinik.hosting.{file.stem}:" in texts["EXAMPLES"]


PAGES = sorted(path for path in ROOT.rglob("*.md") if not path.relative_to(ROOT).parts[0].startswith("."))
ADDRESS = "https://github.com/miclinik/hosting/blob/main/"
ROOMS = "client|demo|docs|examples|inventories|molecule|playbooks|plugins|roles|sandbox|templates|testhost|tests"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_lead_to_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in link]
    # What is not built is named by its address, by pages that are.
    addressed = re.findall(rf"\]\({re.escape(ADDRESS)}([^)#]+)(?:#[^)]*)?\)", text)
    named = re.findall(rf"`((?:{ROOMS})/[\w./-]*)`", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert [name for name in (*named, *addressed) if not (ROOT / name).exists()] == []
