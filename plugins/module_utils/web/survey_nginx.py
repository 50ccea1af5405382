# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Nginx serves for others, and for which site of ours, read from the files that it reads itself.

Runs on the host.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web import nginx_config, ours, server
from ansible_collections.miclinik.hosting.plugins.module_utils.web.nginx_config import Directive

FOLDER = "etc/nginx"
MAIN = f"{FOLDER}/nginx.conf"
ENABLED = f"{FOLDER}/sites-enabled"
#: What begins a site.
SITE = re.compile(r"^\s*server\s*\{", re.MULTILINE)
#: Where our files lie, of which Nginx has to read each.
PLACES = ("conf.d/miclinik.conf", "sites-enabled/miclinik.conf")
#: Nginx's own, where the main file names no user.
_USER = "nobody"
_DEFAULT = frozenset({"default", "default_server"})
#: What a socket is, for all servers that listen on it.
_FLAGS = frozenset({"ssl", "proxy_protocol", "ipv6only=off"})


def read(root: Path) -> dict[str, Any]:
    """Return ``user``, ``unread`` and ``servers`` in the order in which Nginx reads them; empty without Nginx.

    ``unread`` are folders of which our files would not be read. Each server has ``file``, ``site`` (of ours, empty for
    one of others), ``names`` and ``listens``, a list of ``address`` (``*``, ``[::]`` or one of the host's), ``port``,
    ``default`` and ``flags``. Our own server for names that are no site's is left out.
    """
    main = root / MAIN
    if not main.is_file():
        return {}
    reader = _Reader(root)
    servers = [one for one in reader.servers() if one["site"] or not ours.is_ours(root / one["file"][1:])]
    return {
        "user": reader.user(),
        "unread": [f"/{FOLDER}/{place.partition('/')[0]}" for place in PLACES if not reader.reads(place)],
        "servers": servers,
    }


class _Reader:
    """The configuration, with the file that each part comes from."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._patterns: list[str] = []
        self._entries = list(self._expanded(root / MAIN, ()))

    def user(self) -> str:
        """Return the user that the workers run as."""
        named = [entry.arguments for _, entry in self._entries if entry.name == "user" and entry.arguments]
        return named[-1][0] if named else _USER

    def reads(self, place: str) -> bool:
        """Return whether a file of that name in the folder would be read, within ``http``."""
        return any(fnmatch.fnmatchcase(f"/{FOLDER}/{place}", pattern) for pattern in self._patterns)

    def servers(self) -> Iterator[dict[str, Any]]:
        """Return the servers of the http blocks."""
        for file, block in self._entries:
            if block.name != "http":
                continue
            for within, entry in self._inside(file, block.body or [], ()):
                if entry.name == "server" and entry.body is not None:
                    yield self._server(within, entry.body)

    def _server(self, file: Path, body: Sequence[Directive]) -> dict[str, Any]:
        entries = [entry for _, entry in self._inside(file, body, ())]
        listens = [_listen(entry.arguments) for entry in entries if entry.name == "listen" and entry.arguments]
        names = [word for entry in entries if entry.name == "server_name" for word in entry.arguments]
        return {
            "file": f"/{file.relative_to(self._root)}",
            "site": ours.site_of(file, ENABLED),
            "names": names,
            "listens": [listen for listen in listens if listen]
            if listens
            else [{"address": "*", "port": server.PLAIN_PORT, "default": False, "flags": []}],
        }

    def _expanded(self, file: Path, above: tuple[Path, ...]) -> Iterator[tuple[Path, Directive]]:
        try:
            entries = nginx_config.parse(file.read_text(encoding="utf-8", errors="replace"))
        except (OSError, ValueError):
            return  # `nginx -t` says it better
        yield from self._inside(file, entries, above)

    def _inside(
        self, file: Path, entries: Sequence[Directive], above: tuple[Path, ...]
    ) -> Iterator[tuple[Path, Directive]]:
        """Return the directives with what is included in their place; one that includes itself ends there."""
        for entry in entries:
            if entry.name != "include" or not entry.arguments:
                yield file, entry
                continue
            # Of a relative path, and of an absolute one alike.
            pattern = str(Path("/", FOLDER) / entry.arguments[0])
            self._patterns.append(pattern)
            for included in sorted(self._root.glob(pattern[1:])):
                if included.is_file() and included not in above:
                    yield from self._expanded(included, (*above, included))


def _listen(words: Sequence[str]) -> dict[str, Any] | None:
    """Return what a ``listen`` says; None for a socket that is no port."""
    where, options = words[0], set(words[1:])
    if where.startswith("unix:"):
        return None
    address, _, port = where.rpartition(":") if not where.endswith("]") else (where, "", "")
    if not port.isdigit():
        address, port = where, str(server.PLAIN_PORT)
    elif not address:
        address = "*"
    return {
        "address": "*" if address == "0.0.0.0" else address,  # noqa: S104 (nothing is bound here)
        "port": int(port),
        "default": bool(options & _DEFAULT),
        "flags": sorted(options & _FLAGS),
    }


def ports(texts: Sequence[str]) -> dict[str, list[int]]:
    """Return the ports of the ``listen`` directives, under an empty name; a server without one listens on 80."""
    found = set()
    for text in texts:
        bare = re.sub(r"#.*", "", text)
        words = re.findall(r"(?:^|[\s;{])listen\s+([^\s;]+)", bare)
        found |= {server.port(word) for word in words if not word.startswith("unix:")}
        if not words and SITE.search(bare):
            found.add(server.PLAIN_PORT)
    return {"": sorted(found)}
