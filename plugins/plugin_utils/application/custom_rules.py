# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold of the custom modules that a site declares, whether ``modules`` switches them on or not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors import Descriptor
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import php as text_php
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import module_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import CUSTOM, Custom

#: Of a module's folder these are the parts of the API that the application loads.
API_FILES = "class/api_*.class.php"
_CLASS = re.compile(r"^\s*(?:(?:abstract|final)\s+)*class\s+(\w+)", re.MULTILINE | re.IGNORECASE)
_NEWER = "Get a whole release of the module for this version"


def check(site: Site, catalogue: Catalogue) -> Iterator[Rest]:
    """Yield what is wrong with ``custom_modules`` as far as the sources tell: key, what was seen, mend."""
    if catalogue.custom and (catalogue.root / CUSTOM).is_symlink():
        seen = f"cannot be put into the source's {CUSTOM}/, which is a link"
        yield "custom_modules", seen, "Put the folder itself there"
        return
    asked = {name.lower() for name in site["modules"]}
    for key, module in _declared(site, catalogue):
        yield from ((key, *rest) for rest in _place(module, catalogue))
        yield from ((key, *rest) for rest in _links(module))
        for part in _parts(module, catalogue):
            # Of those in modules it is said there.
            if part.name not in asked:
                yield from ((key, *rest) for rest in _one(part, catalogue))
        yield from ((key, *rest) for rest in _api(module, catalogue))
    yield from _conflicts(site, catalogue, asked)


def check_php(site: Site, catalogue: Catalogue, php: str) -> Iterator[Rest]:
    """Yield the modules that want a newer PHP than ``php``, the host's."""
    asked = {name.lower() for name in site["modules"]}
    for key, module in _declared(site, catalogue):
        for part in _parts(module, catalogue):
            if part.name not in asked and (seen := module_rules.php_lack(part, php)):
                yield key, seen, "Host the site where PHP is newer, or take an older release of the module"


def _declared(site: Site, catalogue: Catalogue) -> Iterator[tuple[str, Custom]]:
    for index, entry in enumerate(site["custom_modules"]):
        for module in catalogue.custom:
            if module.name.lower() == entry["name"].lower():
                yield f"custom_modules[{index}]", module


def _parts(module: Custom, catalogue: Catalogue) -> Iterator[Descriptor]:
    for name, files in catalogue.files.items():
        if files[0].is_relative_to(module.path) and (part := catalogue.get(name)):
            yield part


def _place(module: Custom, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield what else has the module's place or its name."""
    for folder, mend in (
        (catalogue.root / CUSTOM, "Take it out of one of both"),
        (catalogue.root, "Leave it out: it is the application's own"),
    ):
        for item in folder.iterdir() if folder.is_dir() else ():
            if item.name.lower() == module.name.lower() and item.is_dir():
                yield f"is {module.name!r}, and the source has {item.relative_to(catalogue.root)} itself", mend
    for files in catalogue.files.values():
        mine = [file for file in files if file.is_relative_to(module.path)]
        others = [catalogue.place(file) for file in files if file not in mine]
        if mine and others:
            yield f"brings {mine[0].name}, which is in {others[0]} already", "Leave one of them"


def _links(module: Custom) -> Iterator[tuple[str, str]]:
    top = module.path.resolve()
    for folder, names, files in os.walk(module.path):
        for name in (*names, *files):
            path = Path(folder) / name
            if path.is_symlink() and (Path(os.readlink(path)).is_absolute() or not path.resolve().is_relative_to(top)):
                seen = f"has a link that leads out of it: {path.relative_to(module.path)}"
                yield seen, "Put the file itself there: on the host it would lead elsewhere"
                return


def _one(part: Descriptor, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if part.fault:
        yield f"brings {catalogue.place(part.file)}, which {part.fault}", _NEWER
    elif lack := module_rules.version_lack(part, catalogue):
        yield f"has {part.name!r}, and {lack}", "Name a newer source, or a release of the module for this one"


def _api(module: Custom, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield the parts of the API that would take the list of operations of all modules with them."""
    for file in sorted(module.path.glob(API_FILES)):
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            text_php.words(text)
        except text_php.BrokenError as broken:
            seen = f"brings {catalogue.place(file)}, which is no PHP: {broken}"
            yield f"{seen}. The API lists nothing at all with it", _NEWER
            continue
        if "namespace " in text:
            continue
        mine = {name.lower(): name for name in _CLASS.findall(text)}
        for other in _api_files(catalogue, module):
            if both := mine.keys() & {name.lower() for name in _CLASS.findall(other.read_text(errors="replace"))}:
                name = mine[sorted(both)[0]]
                seen = f"has the class {name} in {catalogue.place(file)}, and so has {catalogue.place(other)}"
                yield f"{seen}: where both are on, the API lists nothing at all", "Leave one of them"


def _api_files(catalogue: Catalogue, besides: Custom) -> Iterator[Path]:
    yield from sorted((catalogue.root / CUSTOM).glob(f"*/{API_FILES}"))
    for module in catalogue.custom:
        if module != besides:
            yield from sorted(module.path.glob(API_FILES))


def _conflicts(site: Site, catalogue: Catalogue, asked: set[str]) -> Iterator[Rest]:
    """Yield custom modules that say that they do not go with another one that is asked for."""
    for key, module in _declared(site, catalogue):
        for part in _parts(module, catalogue):
            others = [name for name in module_rules.excluded(part) if name in asked] if part.name in asked else []
            for other in others:
                if part.name not in (module_rules.excluded(found) if (found := catalogue.get(other)) else ()):
                    seen = f"has {part.name!r}, which says that it does not go with {other!r}, and modules has both"
                    yield key, seen, "Leave one of them"
