# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Apache serves for others, and for which site of ours, read from the files that Debian's package reads.

Runs on the host.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web import ours
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import port

FOLDER = "etc/apache2"
MAIN = f"{FOLDER}/apache2.conf"
ENABLED = f"{FOLDER}/sites-enabled"
#: What begins a site.
SITE = re.compile(r"^\s*<VirtualHost\b", re.MULTILINE | re.IGNORECASE)
_FILES = ("apache2.conf", "ports.conf", "conf-enabled/*.conf", "sites-enabled/*.conf")
_USER = re.compile(r"^\s*(?:export\s+)?APACHE_RUN_USER=['\"]?([\w.-]+)", re.MULTILINE)
_OPEN = re.compile(r"<VirtualHost\s+([^>]+)>", re.IGNORECASE)
_CLOSE = re.compile(r"</VirtualHost", re.IGNORECASE)
_NAMES = re.compile(r"Server(?:Name|Alias)\s+(.+)", re.IGNORECASE)
_LISTEN = re.compile(r"Listen\s+(\S+)", re.IGNORECASE)
_DEFAULT_USER = "www-data"
_ALL = frozenset({"*", "_default_", "0.0.0.0", ""})  # noqa: S104 (nothing is bound here)


def read(root: Path) -> dict[str, Any]:
    """Return ``user``, ``listens`` (``address`` and ``port``, of others) and ``servers``; empty without Apache.

    Servers stand in the order in which Apache reads them; our own for names that are no site's is left out.
    Each has ``file``, ``site`` (of ours, empty for one of others), ``names`` and ``listens``, in which port 0 stands
    for every port.
    """
    if not (root / MAIN).is_file():
        return {}
    envvars = root / FOLDER / "envvars"
    text = envvars.read_text(encoding="utf-8", errors="replace") if envvars.is_file() else ""
    users = _USER.findall(text)
    found: dict[str, Any] = {"user": users[-1] if users else _DEFAULT_USER, "listens": [], "servers": []}
    for pattern in _FILES:
        for file in sorted((root / FOLDER).glob(pattern)):
            site = ours.site_of(file, ENABLED)
            if file.is_file() and (site or not ours.is_ours(file)):
                _collect(file, f"/{file.relative_to(root)}", site, found)
    return found


def _collect(file: Path, name: str, site: str, found: dict[str, Any]) -> None:
    server: dict[str, Any] | None = None
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        words = line.strip()
        if match := _OPEN.match(words):
            server = {"file": name, "site": site, "names": [], "listens": [_place(place) for place in match[1].split()]}
            found["servers"].append(server)
        elif _CLOSE.match(words):
            server = None
        elif server is not None and (match := _NAMES.match(words)):
            server["names"] += [_host(given) for given in match[1].split()]
        elif server is None and (match := _LISTEN.match(words)):
            found["listens"].append(_place(match[1], bare=True))


def _place(words: str, bare: bool = False) -> dict[str, Any]:
    """Return address and port; a ``bare`` number is a port."""
    words = words.strip("\"'")
    if bare and words.isdigit():
        return {"address": "*", "port": int(words)}
    address, _, port = words.rpartition(":") if not words.endswith("]") else (words, "", "")
    if not (port.isdigit() or port == "*"):
        address, port = words, ""
    return {"address": "*" if address in _ALL else address, "port": int(port) if port.isdigit() else 0}


def _host(given: str) -> str:
    """Return the name of ``https://name:443``."""
    return re.sub(r":\d+$", "", given.strip("\"'").rpartition("://")[2])


def modules(root: Path) -> list[str]:
    """Return the names of the modules that are enabled."""
    return sorted(file.stem for file in (root / FOLDER / "mods-enabled").glob("*.load"))


def ports(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return the ports of the ``Listen`` directives, by the innermost ``<IfModule>`` around them."""
    found: dict[str, set[int]] = {}
    for text in texts:
        around: list[str] = []
        for line in text.splitlines():
            opened = re.match(r"\s*<IfModule\s+\"?([^\s\">]+)", line, re.IGNORECASE)
            listen = re.match(r"\s*Listen\s+(\S+)", line, re.IGNORECASE)
            if opened:
                around.append(opened[1])
            elif re.match(r"\s*</IfModule", line, re.IGNORECASE):
                around = around[:-1]
            elif listen:
                found.setdefault(around[-1] if around else "", set()).add(port(listen[1]))
    return {module: sorted(numbers) for module, numbers in sorted(found.items())}
