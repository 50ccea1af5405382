# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a constant is brought back to what it was, and whether the application knows a name at all."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places

#: What the bridge shows in place of a secret.
_MASK = "********"
#: As the code asks for them: in quotes, or as a property.
_NAME = re.compile(rb"(?:['\"]|global->)([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b")
_CODE = ("*.php", "*.inc")


def commands(site: str, name: str, former: Mapping[str, str | None], *, everywhere: bool) -> list[str]:
    """Return what brings a constant back to what it was: by entity, where something was changed.

    ``everywhere``: whether no entity was named, so that all that holds for the site was changed.
    """
    start = f"miclinikctl {site} const"
    if everywhere and not [value for value in former.values() if value is not None] and len(former) > 1:
        return [f"{start} unset {name}"]
    return [_one(start, name, entity, value) for entity, value in sorted(former.items())]


def _one(start: str, name: str, entity: str, value: str | None) -> str:
    if value is None:
        return f"{start} unset --entity {entity} {name}"
    if value == _MASK:
        return f"{start} set --entity {entity} {name}   (its former value, which is secret, is shown nowhere)"
    # What begins so would be an option.
    end = "-- " if value.startswith("-") else ""
    return f"{start} set --entity {entity} {end}{name} {shlex.quote(value)}"


def names(host: Host, site: str) -> list[str]:
    """Return the names that the code of a site asks for, none where it cannot be read; kept for each release."""
    try:
        release = Places(site, host.root).current.resolve(strict=True)
    except OSError:
        return []
    file = host.cache / f"{site}.names.json"
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
        if known["release"] == str(release):
            return [str(name) for name in known["names"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    found = sorted({name.decode() for name in _asked_for(release)})
    try:
        host.cache.mkdir(mode=0o755, exist_ok=True)
        atomic_file.replace(file, json.dumps({"release": str(release), "names": found}), 0o644)
    except OSError:
        pass  # the next one reads it again
    return found


def _asked_for(release: Path) -> Iterator[bytes]:
    for pattern in _CODE:
        for file in release.rglob(pattern):
            try:
                yield from _NAME.findall(file.read_bytes())
            except OSError:
                continue
