# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every filter takes what its page for ansible-doc says, and its examples give what they say."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

FOLDER = Path(__file__).parents[3] / "plugins" / "filter"
PACKAGE = "ansible_collections.miclinik.hosting.plugins.filter"
#: A line `# name => result`, where the result may go on in more lines of comment.
RESULT = re.compile(r"^# (\w+) =>(.*(?:\n#   .*)*)$", re.MULTILINE)


def _filters() -> dict[str, Callable[..., Any]]:
    found: dict[str, Callable[..., Any]] = {}
    for file in sorted(FOLDER.glob("*.py")):
        found |= importlib.import_module(f"{PACKAGE}.{file.stem}").FilterModule().filters()
    return found


FILTERS = _filters()


def _page(name: str) -> Any:  # noqa: ANN401 (any YAML)
    return yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))


def _examples(name: str) -> dict[str, Any]:
    text = trust_as_template(_page(name)["EXAMPLES"])
    return dict(DataLoader().load(text, file_name=str(FOLDER / f"{name}.yml")))


def _results(name: str) -> Iterator[tuple[str, Any]]:
    for variable, text in RESULT.findall(_page(name)["EXAMPLES"]):
        yield variable, yaml.safe_load(re.sub(r"\n#", "\n", text))


def test_every_filter_has_a_page_and_every_page_a_filter() -> None:
    assert {file.stem for file in FOLDER.glob("*.yml")} == set(FILTERS)


@pytest.mark.parametrize("name", FILTERS)
def test_a_page_describes_what_the_filter_takes(name: str) -> None:
    about = _page(name)["DOCUMENTATION"]
    taken = list(inspect.signature(FILTERS[name]).parameters.values())
    # What Jinja itself gives is none of an expression's.
    taken = taken[1:] if hasattr(FILTERS[name], "jinja_pass_arg") else taken
    options = about["options"]
    assert about["name"] == name
    assert list(options) == ["_input", *(parameter.name for parameter in taken[1:])]
    assert options["_input"]["required"] is True
    for parameter in taken[1:]:
        option = options[parameter.name]
        assert option.get("required", False) is (parameter.default is inspect.Parameter.empty), parameter.name
        if not option.get("required"):
            default = parameter.default if isinstance(parameter.default, (str, bool, int)) else None
            assert (option.get("default") or None) == (default or None), parameter.name
    by_place = [parameter.name for parameter in taken[1:] if parameter.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert [word for word in about.get("positional", "").split(", ") if word] == by_place


@pytest.mark.parametrize("name", FILTERS)
def test_the_examples_give_what_they_say(name: str) -> None:
    examples, results = _examples(name), dict(_results(name))
    templar = Templar(loader=DataLoader(), variables=examples)
    assert {variable: templar.template(examples[variable]) for variable in results} == results
    assert any(f"miclinik.hosting.{name}" in str(text) for text in examples.values())


@pytest.mark.parametrize("name", FILTERS)
def test_every_example_has_a_result(name: str) -> None:
    text = _page(name)["EXAMPLES"]
    assert text.count("=>") == len(dict(_results(name))) > 0


def test_a_distribution_whose_postgresql_is_not_known() -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        FILTERS["postgresql_version"]("sid")
    assert str(refused.value) == (
        "no version of PostgreSQL is known for the distribution 'sid' (only for bookworm, trixie, jammy, noble):"
        " name that of this host's cluster in database_postgresql_version"
    )
