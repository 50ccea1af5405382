# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people did to the release that is served, and the next one would be without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

_SHOWN = 5


def compare(name: str, release: str, seen: Mapping[str, Any], tree: Tree) -> tuple[list[Rest], list[str]]:
    """Return what stops the site from getting ``tree``: what was added and the source lacks; and what to warn of.

    ``seen`` is what the module ``served_modules`` says of the site.
    """
    if not seen["added"] and not seen["changed"]:
        return [], []
    coming = {entry.name: entry.path for entry in tree.entries()}
    folder = f"{layout.of(name)['releases']}/{release}"
    lacking = [added for added in seen["added"] if added not in coming]
    problems: list[Rest] = []
    if lacking:
        words = f"lacks what was put into the served release by hand: {text_lists.shortened(lacking, _SHOWN)}"
        first = f"{folder}/{lacking[0]}"
        mend = f"Put it into the source, or take it out of the release (mv {first} /root/, and so on)"
        problems.append(("source", words, mend))
    replaced = [
        changed
        for changed, digest in seen["changed"].items()
        if changed not in coming or release_files.digest(coming[changed]) != digest
    ]
    names = text_lists.shortened(replaced, _SHOWN)
    told = f"site '{name}': changed by hand in the served release, and replaced by the source's: {names}."
    return problems, [f"{told} What they were stays in {folder}."] if replaced else []
