# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules of one source, and what comes along with them; a descriptor is read when it is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors
from ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors import Descriptor
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import CUSTOM, Tree


class Catalogue:
    """What a release made of ``tree`` will bring."""

    def __init__(self, tree: Tree) -> None:
        self.root = tree.root
        self.version = tree.version
        self.custom = tree.custom
        self._read: dict[str, Descriptor] = {}
        #: Descriptors by short name, the one that counts first.
        self.files: dict[str, list[Path]] = {}
        #: Those that only a link leads to which a release takes along without what it leads to.
        self.outside: dict[str, Path] = {}
        tops = [path.resolve() for path in (tree.top, *(module.path for module in tree.custom))]
        for name, files in descriptors.find(self.root, [module.path for module in tree.custom]).items():
            inside = [file for file in files if any(file.resolve().is_relative_to(top) for top in tops)]
            if inside:
                self.files[name] = inside
            else:
                self.outside[name] = files[0]

    def get(self, name: str) -> Descriptor | None:
        """Return what the module ``name`` (lower case) says of itself; None where there is no such module."""
        if name in self.files and name not in self._read:
            self._read[name] = descriptors.read(self.files[name][0], self.root)
        return self._read.get(name)

    def all(self) -> list[Descriptor]:
        """Return every module's descriptor."""
        return [seen for name in self.files if (seen := self.get(name))]

    def classes(self) -> frozenset[str]:
        """Return the names of the classes; the application finds what a module depends on by these, to the letter."""
        return frozenset(file.name.removesuffix(".class.php") for files in self.files.values() for file in files)

    def with_dependencies(self, names: Iterable[str]) -> dict[str, Descriptor]:
        """Return the modules ``names`` and what they may bring along, by name."""
        found: dict[str, Descriptor] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            seen = self.get(name) if name not in found else None
            if seen:
                found[name] = seen
                waiting.extend(class_name[3:].lower() for class_name in seen.depends)
        return found

    def by_default(self) -> list[str]:
        """Return the modules that the installer may switch on by itself."""
        word = "enabled_bydefault"
        told = [name for name, files in self.files.items() if word in files[0].read_text(errors="replace")]
        return [name for name in told if (seen := self.get(name)) and seen.by_default]

    def unreadable(self) -> str:
        """Return what of the custom modules may not be read; empty when all may."""
        for top in (self.root / CUSTOM, *(module.path for module in self.custom)):
            for folder, names, files in os.walk(top, onerror=_raise):
                for name in (*names, *files):
                    path = f"{folder}/{name}"
                    # What a link leads to may be missing.
                    if not os.access(path, os.R_OK) and os.path.lexists(path) and not os.path.islink(path):  # noqa: PTH114
                        return path
        return ""

    def place(self, file: Path) -> str:
        """Return the path of ``file`` as it is below htdocs."""
        for module in self.custom:
            if file.is_relative_to(module.path):
                return f"{CUSTOM}/{module.name}/{file.relative_to(module.path)}"
        return str(file.relative_to(self.root))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
