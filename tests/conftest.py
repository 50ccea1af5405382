# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lets Ansible's own loader find the collection, as in a play.

It has to come before the first import of ``ansible_collections``: in what Python has found by itself, Ansible looks
for no filters.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

# The contract suite runs where there is no Ansible as well.
if importlib.util.find_spec("ansible"):
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([str(Path(__file__).parents[1] / ".collections")])
