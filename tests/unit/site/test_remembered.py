# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was made of the sites is made once, and anew where anything in them is otherwise."""

from __future__ import annotations

import copy
import itertools
import json

import pytest
from ansible_collections.miclinik.hosting.plugins.filter import sites as site_filters
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.remembered import MOST, Remembered, frozen

from tests.templates.rendering import entry, render


def test_the_same_content_is_made_once() -> None:
    made = itertools.count(1)
    remembered = Remembered(lambda _: next(made))
    one = [{"name": "norte", "modules": ["api", 1]}]
    assert [remembered(one), remembered(copy.deepcopy(one)), remembered(tuple(one))] == [1, 1, 1]
    one[0]["modules"] = ["api", 2]
    assert remembered(one) == 2
    for number in range(MOST):
        remembered([number])
    assert remembered(one) == MOST + 3, "forgotten"


@pytest.mark.parametrize("values", [(1, 1.0, True, "1"), (None, "None", False, 0), ([], {}, "", [[]], [{}])])
def test_what_is_otherwise_is_not_taken_for_the_same(values: tuple[object, ...]) -> None:
    assert len({frozen(value) for value in values}) == len(values)
    assert len({frozen({"key": [value]}) for value in values}) == len(values)


def test_what_fails_is_tried_again() -> None:
    tried: list[object] = []

    def make(value: object) -> object:
        tried.append(value)
        raise ValueError

    remembered = Remembered(make)
    for _ in range(2):
        with pytest.raises(ValueError, match=r"^$"):
            remembered([1])
    assert len(tried) == 2


@pytest.mark.parametrize("server", ["nginx", "apache", "php", "application", "database"])
def test_rendering_changes_nothing_of_what_is_remembered(server: str) -> None:
    sites = [entry("norte"), entry("sur", tls={"mode": "selfsigned"})]
    before = json.dumps(site_filters.complete({}, sites))
    render(server, *sites)
    assert json.dumps(site_filters.complete({}, sites)) == before
    assert site_filters.complete({}, sites)[0] is site_filters.complete({}, sites)[0], "remembered"
