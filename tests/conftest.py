# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets Ansible's own loader find the collection, as in a play, and says which tests share a process.

The former has to come before the first import of ``ansible_collections``: in what Python has found by itself, Ansible
looks for no filters.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import lanes

if TYPE_CHECKING:
    from xdist.remote import Producer

    from tests.scheduler import Lanes

# The contract suite runs where there is no Ansible as well.
if importlib.util.find_spec("ansible"):
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([str(Path(__file__).parents[1] / ".collections")])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with what takes longest where `make test` asks for it (--no-loadscope-reorder); otherwise nothing moves."""
    if not config.getoption("loadscopereorder", default=True):
        lanes.longest_first(items)


@pytest.hookimpl(optionalhook=True)  # xdist's
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Lanes:
    """Share the tests out among the processes of ``pytest -n``."""
    from tests.scheduler import Lanes  # noqa: PLC0415 (xdist may be missing as well)

    return Lanes(config, log)
