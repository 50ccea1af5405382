# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A person opens the explorer, gives the key, presses Explore, looks for what was promised, and tries a call out."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from .chromium import Chromium
from .conftest import Explored
from .explorer_page import ExplorerPage

LIST = "/api/index.php/explorer/"
TRIED = "status"


@pytest.fixture(scope="module")
def page(chromium: Chromium, explored: Explored) -> Iterator[ExplorerPage]:
    """The explorer once the key was given. A picture of how it was left is kept whatever happens."""
    chromium.open(explored.base_url + LIST)
    try:
        shown = ExplorerPage(chromium)
        chromium.screenshot(explored.screenshots / "1-without-key.png", explored.key)
        anybody = [name for segments in explored.modules.values() for name in shown.groups(segments)]
        assert anybody == [], "operations of modules are shown to whoever has no key"
        shown.explore(explored.key)
        chromium.screenshot(explored.screenshots / "2-with-key.png", explored.key)
        yield shown
    finally:
        chromium.screenshot(explored.screenshots / "4-at-the-end.png", explored.key)


def test_every_module_has_its_operations(page: ExplorerPage, explored: Explored) -> None:
    for module, segments in explored.modules.items():
        groups = page.groups(segments)
        assert groups, f"no operation of {module} is shown"
        for group in groups:
            operations = page.open_group(group)
            assert ("GET", f"/{group}") in operations
            assert ("POST", f"/{group}") in operations
            assert {path.split("/")[1] for _, path in operations} == {group}


def test_a_call_is_tried_out(page: ExplorerPage, chromium: Chromium, explored: Explored) -> None:
    assert ("GET", f"/{TRIED}") in page.open_group(TRIED)
    shown = page.try_out(TRIED, f"/{TRIED}")
    chromium.screenshot(explored.screenshots / "3-tried-out.png", explored.key)
    assert shown.status == "200"
    content = json.loads(shown.body)
    assert content["success"]["code"] == 200
    assert content["success"]["dolibarr_version"].split(".")[0].isdigit()


def test_the_browser_had_no_complaint(page: ExplorerPage, chromium: Chromium) -> None:
    # A script or a style sheet that is missing is one, and so is a call that a browser refuses to make.
    assert chromium.errors() == []
