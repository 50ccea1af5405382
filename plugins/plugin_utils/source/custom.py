# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts the custom modules of a site beside its application, wherever each of them comes from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import fetch as source_fetch
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import CUSTOM, Custom, SourceError, Tree

#: Where a module's folder may be in what its publisher packs; the application's own upload knows the first two.
_BELOW = ("", "htdocs", CUSTOM, f"htdocs/{CUSTOM}")
_DESCRIPTORS = "core/modules/mod*.class.php"

#: The complete site, and its addresses among the declared secrets.
Resolve = Callable[[Mapping[str, Any], Mapping[str, str]], Tree]


def resolver(base: paths.Base) -> Resolve:
    """Return what gives a site's tree with its custom modules, for one run: what sites share is looked at once.

    It raises SourceError, and ValueError as ``declared.source`` does.
    """
    trees = source_fetch.resolver(base)
    folders: dict[str, Path] = {}

    def resolved(site: Mapping[str, Any], addresses: Mapping[str, str]) -> Tree:
        tree = trees(declared.source(site, addresses))
        found = []
        for index, (name, source) in enumerate(declared.custom_modules(site, addresses)):
            known = json.dumps(source, sort_keys=True, default=str)
            try:
                if known not in folders:
                    folders[known] = source_fetch.unpacked(source, base)
                found.append(find(name, folders[known]))
            except SourceError as error:
                raise SourceError(f"custom_modules[{index}].{error.key}", error.seen, error.mend) from None
        return dataclasses.replace(tree, custom=tuple(sorted(found)))

    return resolved


def find(name: str, folder: Path) -> Custom:
    """Return the module ``name`` in what was unpacked to ``folder``. Raises SourceError.

    Its folder may be written in other capitals there, which is what counts: the application's own code names it so.
    """
    if not folder.is_dir():
        raise SourceError("source.path", f"{folder} is not a folder on the controller", "Name the module's folder")
    inside = list(_folders(folder))
    tops = [folder, *(inside if len(inside) == 1 else [])]  # archives of repositories have one around everything
    for top in tops:
        for below in _BELOW:
            for item in _folders(top / below):
                if item.name.lower() == name.lower() and _modules(item):
                    return Custom(item.name, item)
    for top in tops:
        if name.lower() in _modules(top):
            return Custom(name, top)
    raise SourceError("source", f"holds no module {name!r}{_instead(folder)}", _MEND.format(name=name))


_MEND = "Name one with {name}/core/modules/mod….class.php in it, at its top or under htdocs/"


def _folders(folder: Path) -> Iterator[Path]:
    for item in sorted(folder.iterdir()) if folder.is_dir() else ():
        if item.is_dir() and not item.name.startswith((".", "__MACOSX")):
            yield item


def _modules(folder: Path) -> list[str]:
    """Return the short names of the modules whose descriptors are in ``folder``."""
    return sorted(file.name.removesuffix(".class.php")[3:].lower() for file in folder.glob(_DESCRIPTORS))


def _instead(folder: Path) -> str:
    """Return what is there, for people."""
    if next(folder.glob("**/filefunc.inc.php"), None):
        return ", but a whole application"
    others = sorted({file.name.removesuffix(".class.php") for file in folder.glob(f"**/{_DESCRIPTORS}")})
    if others:
        return f", but {', '.join(others)}"
    there = sorted(item.name for item in folder.iterdir())
    return f", but {', '.join(there[:5])}" if there else ": it is empty"
