# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One module from off to on, looked at, and off again; and all of them where they are on together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import api_modules
from ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors import Descriptor

from .place import Place
from .visitor import Visitor

_SEVERE = re.compile(r"PHP (?:Fatal|Parse|Recoverable)")


@dataclass
class Seen:
    """What came of one module."""

    module: str
    #: What is wrong; nothing where all is well.
    wrong: list[str] = field(default_factory=list)
    #: What came along, and what it brought.
    also: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    #: What PHP logged beside errors, and what the doctor says in yellow.
    warnings: list[str] = field(default_factory=list)
    yellow: list[str] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """As data, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value}


def alone(place: Place, module: str) -> Seen:
    """Switch it on by the bridge on a site that has none but the application's own, and off again."""
    bench, seen = place.benches["one"], Seen(module)
    visitor = Visitor(bench)
    before, known = _on(visitor), set(visitor.links())
    since = visitor.now()
    told = _bridge(visitor, "enable", module)
    if not told.get("ok"):
        seen.wrong.append(f"cannot be switched on: {told.get('error', {}).get('message')}")
        return seen
    seen.also = sorted(_on(visitor) - before - {module})
    try:
        _explorer(visitor, seen, [module], place.catalogue.version)
        new = [link for link in visitor.links() if link not in known]
        _pages(visitor, seen, [*_config(place.catalogue.get(module)), *dict.fromkeys(new)][:8])
        _log(visitor, seen, since)
        _smoke(place, "one", seen)
    finally:
        extra = sorted(_on(visitor) - before)
        if extra:
            told = _bridge(visitor, "disable", *extra)
            if not told.get("ok"):
                seen.wrong.append(f"cannot be switched off: {told.get('error', {}).get('message')}")
    return seen


def together(place: Place) -> Seen:
    """Look at the site that has all of them."""
    seen, visitor = Seen("all"), Visitor(place.benches["every"])
    since = visitor.now()
    wanted = {*place.together()} - {"api"}
    if missing := sorted(wanted - _on(visitor)):
        seen.wrong.append(f"not on: {', '.join(missing)}")
    _explorer(visitor, seen, sorted(wanted), place.catalogue.version)
    configured = [page for name in sorted(wanted) for page in _config(place.catalogue.get(name))]
    _pages(visitor, seen, [*dict.fromkeys([*visitor.links(), *configured])])
    _log(visitor, seen, since)
    _smoke(place, "every", seen)
    return seen


def _bridge(visitor: Visitor, verb: str, *modules: str) -> dict[str, Any]:
    name = visitor.bench.settings["name"]
    text = visitor.bench.shell(f"miclinik-bridge --site {name} module {verb} {' '.join(modules)} || true")
    answer: dict[str, Any] = json.loads(text)
    return answer


def _on(visitor: Visitor) -> set[str]:
    name = visitor.bench.settings["name"]
    return set(json.loads(visitor.bench.shell(f"miclinik-bridge --site {name} status"))["modules"])


def _config(part: Descriptor | None) -> list[str]:
    """Return the pages on which a module is set, as its descriptor names them: page.php@folder."""
    named = part.sure.get("config_page_url") if part else None
    found = []
    for value in named.values() if isinstance(named, dict) else [named] if isinstance(named, str) else []:
        page, _, folder = str(value).partition("@")
        if page.endswith(".php"):
            found.append(f"/{folder}/admin/{page}" if folder else f"/admin/{page}")
    return found


def _explorer(visitor: Visitor, seen: Seen, modules: Iterable[str], version: str) -> None:
    paths, wrong = visitor.explorer()
    if wrong:
        seen.wrong.append(wrong)
        return
    for module in modules:
        promised = api_modules.endpoints(module, version)
        if promised and not set(promised) & paths:
            seen.wrong.append(f"the explorer lists none of {', '.join(promised)}")
        seen.paths += sorted(set(promised) & paths)


def _pages(visitor: Visitor, seen: Seen, pages: list[str]) -> None:
    seen.wrong += [wrong for page in ["/index.php", *pages] if (wrong := visitor.page(page))]
    seen.pages = [page.partition("?")[0] for page in pages]


def _log(visitor: Visitor, seen: Seen, since: str) -> None:
    for line in dict.fromkeys(re.sub(r"\d{3,}", "N", line)[:220] for line in visitor.logged(since)):
        (seen.wrong if _SEVERE.search(line) else seen.warnings).append(line)


def _smoke(place: Place, site: str, seen: Seen) -> None:
    examined = place.benches[site].examine(writes=False)
    seen.wrong += [f"smoke test, {entry.check}: {entry.seen}" for entry in examined.results if not entry.ok]
    seen.yellow = [entry["what"] for entry in examined.yellow() if entry["id"] == "half-there"]
