# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold of the modules that a site asks for: the source has them, and the application can switch them on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import api_modules
from ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors import Descriptor
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

# The application's own order of what a version may end in (versioncompare in core/lib/admin.lib.php of 16 to 24).
_STAGES = (("alpha|dev", -5), ("beta$", -4), ("beta[0-9]", -3), ("rc$", -2), ("rc[0-9]", -1))


def wanted(site: Site) -> list[str]:
    """Return the modules that the run switches on, in the names of the bridge."""
    return (["api"] if site["api"]["enabled"] else []) + [name.lower() for name in site["modules"]]


def going(site: Site, catalogue: Catalogue, on: Iterable[str]) -> list[str]:
    """Return the modules of ``on`` that the run switches off since they are not named; the bridge has the last word."""
    if not site["modules_exact"]:
        return []
    staying = {"user", *wanted(site), *catalogue.with_dependencies(wanted(site))}
    return sorted({*on} & {*catalogue.files} - staying)


def check(site: Site, catalogue: Catalogue) -> Iterator[Rest]:
    """Yield what is wrong with ``modules`` as far as the source tells: key, what was seen, mend."""
    for index, name in enumerate(site["modules"]):
        key = f"modules[{index}]"
        if name.lower() in catalogue.outside:
            file = catalogue.outside[name.lower()]
            yield (
                key,
                f"is {name!r}, and {catalogue.place(file)} is reached by a link that leads out of the source",
                "Put the folder itself there: a release takes links as they are",
            )
        elif name.lower() not in catalogue.files:
            yield (
                key,
                f"is {name!r}, a module that version {catalogue.version} of the source does not have",
                _near(name.lower(), catalogue),
            )
        else:
            yield from _one(key, name, catalogue)
    yield from _conflicts(site, catalogue)


def _near(name: str, catalogue: Catalogue) -> str:
    """Return the mend: people write names of endpoints, classes and rights for those of modules."""
    named = {name, f"{name}s"}
    meant = [
        api_modules.canonical(name),
        *(has for has, segments in api_modules.MODULES.items() if named & {*segments}),
    ]
    known = next((module for module in meant if module in catalogue.files), None)
    return f"Did you mean '{known}'" if known else site_schema.near(name, catalogue.files)


def _one(key: str, name: str, catalogue: Catalogue) -> Iterator[Rest]:
    files = catalogue.files[name.lower()]
    if len(files) > 1:
        places = " and ".join(catalogue.place(file) for file in files)
        yield key, f"is {name!r}, which the source has twice: {places}", "Leave one of them"
    for part in catalogue.with_dependencies([name.lower()]).values():
        about = f"is {name!r}" + ("" if part.name == name.lower() else f", which needs {part.name!r}")
        if part.fault:
            mend = "Mend the file, or take the module out of modules"
            yield key, f"{about}, and {catalogue.place(part.file)} {part.fault}", mend
        for seen, mend in _needs(part, catalogue):
            yield key, f"{about}, and {seen}", mend


def _needs(part: Descriptor, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    if lack := version_lack(part, catalogue):
        yield lack, "Name a newer source, or a release of the module for this one"
    for class_name in _sure_needs(part):
        if class_name not in catalogue.classes():
            yield (
                f"that needs {class_name}.class.php, which version {catalogue.version} of the source does not have",
                "Put that module into the source, or take this one out of modules",
            )


def version_lack(part: Descriptor, catalogue: Catalogue) -> str:
    """Return that the module wants a newer version of the application than the source has; empty when it does not."""
    version = part.sure.get("need_dolibarr_version")
    if isinstance(version, dict) and is_older(re.split(r"[-.]", catalogue.version), list(version.values())):
        told = ".".join(str(level) for level in version.values())
        return f"that wants version {told} of the application or newer; the source has {catalogue.version}"
    return ""


def php_lack(part: Descriptor, php: str) -> str:
    """Return that the module wants a newer PHP than ``php``; empty when it does not."""
    least = part.sure.get("phpmin")
    if isinstance(least, dict) and is_older(php.split("."), list(least.values())[:2]):
        told = ".".join(str(level) for level in least.values())
        return f"{part.name!r} wants PHP {told} or newer; the host has {php}"
    return ""


def _sure_needs(part: Descriptor) -> list[str]:
    """Return the classes without which the application refuses the module whatever the company's country is."""
    depends = part.sure.get("depends")
    found: list[str] = []
    for key, needed in depends.items() if isinstance(depends, dict) else ():
        if isinstance(key, int) or key.startswith("always"):
            names = list(needed.values()) if isinstance(needed, dict) else [needed]
            found += [name for name in names if isinstance(name, str)]
    return found


def _conflicts(site: Site, catalogue: Catalogue) -> Iterator[Rest]:
    """Yield the modules each of which switches the other off: they would take turns, run after run."""
    names = [name.lower() for name in site["modules"]]
    for index, name in enumerate(names):
        for other in names[:index]:
            if _excludes(catalogue.get(name), other) and _excludes(catalogue.get(other), name):
                seen = f"is {name!r}, and {other!r} stands there too: each switches the other off"
                yield f"modules[{index}]", seen, "Leave one of them"


def _excludes(part: Descriptor | None, other: str) -> bool:
    return part is not None and other in excluded(part)


def excluded(part: Descriptor) -> list[str]:
    """Return the modules that this one switches off."""
    listed = part.sure.get("conflictwith")
    return [str(name).lower().removeprefix("mod") for name in listed.values()] if isinstance(listed, dict) else []


def check_php(site: Site, catalogue: Catalogue, php: str) -> Iterator[Rest]:
    """Yield the modules that want a newer PHP than ``php`` (major and minor number), the host's."""
    for index, name in enumerate(site["modules"]):
        for part in catalogue.with_dependencies([name.lower()]).values():
            if lack := php_lack(part, php):
                mend = "Host the site where PHP is newer, or take the module out of modules"
                yield f"modules[{index}]", f"is {name!r}, and {lack}", mend


def is_older(version: list[str], than: list[Any]) -> bool:
    """Return whether the application takes ``version`` for older; False where that cannot be told."""
    for level in range(max(len(version), len(than))):
        pair = [_level(side[level] if level < len(side) else 0) for side in (version, than)]
        if None in pair:
            return False
        if pair[0] != pair[1]:
            return bool(pair[0] < pair[1])  # type: ignore[operator]
    return False


def _level(written: object) -> int | None:
    text = str(written)
    for pattern, number in _STAGES:
        if re.search(pattern, text, re.IGNORECASE):
            return number
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else None
