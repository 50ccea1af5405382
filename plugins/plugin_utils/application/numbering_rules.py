# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a source has the models of numbering that a site names, of the application's own or of a module's."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import settings_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree


def check(site: Site, tree: Tree) -> Iterator[Rest]:
    """Yield the models that are not there: key, what was seen, mend."""
    for kind, given in site["numbering"].items():
        if not (model := given.get("model")):
            continue
        known = models(kind, tree)
        if model not in known:
            seen = f"is {model!r}, which version {tree.version} of the source does not have"
            mend = site_schema.near(model, known) if known else "This version numbers it in no way of its own"
            yield f"numbering.{kind}.model", seen, mend


def models(kind: str, tree: Tree) -> set[str]:
    """Return the models of a kind of record, without what their names begin with."""
    folder, start, _ = settings_rules.NUMBERING[kind]
    name = f"core/modules/{folder}/{start}*.php"
    custom = [(module.path, name) for module in tree.custom]
    places = [(tree.root, name), (tree.root, f"custom/*/{name}"), *custom]
    return {file.stem.removeprefix(start) for top, pattern in places for file in top.glob(pattern)}
