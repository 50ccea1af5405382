# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the web servers of a host have been told to serve, read from their files. Runs on the host."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded

MARK = b"Written by miclinik.hosting"
_HEAD = 300
#: Where the vhost of a site is enabled, as NAME.conf.
ENABLED = {"nginx": "etc/nginx/sites-enabled", "apache": "etc/apache2/sites-enabled"}
#: Files of ours beside the sites' own, for names that are no site's; no site may be called so.
_FOR_ALL = frozenset({"miclinik-default", "000-miclinik"})
WANTS = "etc/systemd/system/multi-user.target.wants"
_PLAIN_PORT = 80
#: Ports by the module that Apache must have loaded to listen on them; "" for those it always listens on.
Listens = dict[str, list[int]]


@dataclass(frozen=True)
class _Server:
    """Where Debian's package keeps a server's files."""

    unit: str
    pid: str
    enabled: tuple[str, ...]  # read by the server, and there only for a site's sake
    main: tuple[str, ...]  # read by the server; a site may be in them, with what begins one
    other: tuple[str, ...]  # where files of ours may lie that are not read by themselves
    site: re.Pattern[str]


_NGINX = _Server(
    unit="nginx",
    pid="run/nginx.pid",
    enabled=("etc/nginx/sites-enabled/*",),
    main=("etc/nginx/nginx.conf", "etc/nginx/conf.d/*.conf"),
    other=("etc/nginx/sites-available/*", "etc/nginx/snippets/*"),
    site=re.compile(r"^\s*server\s*\{", re.MULTILINE),
)
_APACHE = _Server(
    unit="apache2",
    pid="run/apache2/apache2.pid",
    enabled=("etc/apache2/sites-enabled/*",),
    main=("etc/apache2/apache2.conf", "etc/apache2/ports.conf", "etc/apache2/conf-enabled/*.conf"),
    other=("etc/apache2/sites-available/*", "etc/apache2/conf-available/*"),
    site=re.compile(r"^\s*<VirtualHost\b", re.MULTILINE | re.IGNORECASE),
)
#: Their services, by the names that an inventory has for them.
UNITS = {"nginx": _NGINX.unit, "apache": _APACHE.unit}


def read(root: Path = Path("/")) -> dict[str, Any]:
    """Return what is known of ``nginx`` and ``apache``; ``root`` is another folder in tests.

    Both have ``alive`` (whether it runs or will after a boot), ``ours`` (paths that this collection wrote), ``foreign``
    (paths with sites of others; Debian's own default site does not count while it is as it came), ``lingering`` (paths
    that were there when we had it read its files last, and are not any more) and ``listens``.
    Apache has ``modules`` as well, the names of those that are enabled.
    """
    pristine = _conffiles(root)
    nginx, apache = (_server(root, server, pristine) for server in (_NGINX, _APACHE))
    nginx["listens"] = {"": _nginx_ports(nginx.pop("texts"))}
    apache["listens"] = _apache_ports(apache.pop("texts"))
    modules = (root / "etc/apache2/mods-enabled").glob("*.load")
    return {"nginx": nginx, "apache": apache | {"modules": sorted(file.stem for file in modules)}}


def _server(root: Path, server: _Server, pristine: dict[str, str]) -> dict[str, Any]:
    ours = [path for path in _paths(root, server.enabled + server.main + server.other) if is_ours(path)]
    texts, foreign = [], []
    for path in _paths(root, server.enabled + server.main):
        if path in ours or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        texts.append(text)
        is_site = path.match(server.enabled[0]) or server.site.search(text)
        if is_site and not _is_pristine(root, path, pristine):
            foreign.append(path)
    return {
        "alive": _is_running(root, server) or (root / WANTS / f"{server.unit}.service").is_symlink(),
        "ours": [f"/{path.relative_to(root)}" for path in ours],
        "foreign": [f"/{path.relative_to(root)}" for path in foreign],
        "lingering": _lingering(root, server.unit),
        "texts": texts,
    }


def _lingering(root: Path, unit: str) -> list[str]:
    known = loaded.load(unit, root / loaded.RECORDS.relative_to("/"))
    paths = known.digests if known else {}
    return sorted(path for path in paths if not os.path.lexists(root / path.lstrip("/")))


def _paths(root: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(path for path in root.glob(pattern) if not path.is_dir())


def is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return MARK in stream.read(_HEAD)


def site_of(path: Path) -> str:
    """Return the name of the site whose vhost ``path`` is; empty for what is not ours, or is no site's."""
    in_place = any(path.parent.match(folder) for folder in ENABLED.values())
    return path.stem if in_place and path.stem not in _FOR_ALL and is_ours(path) else ""


def _is_pristine(root: Path, path: Path, known: dict[str, str]) -> bool:
    # Links of sites-enabled are relative or absolute; the package knows the file by its path in sites-available.
    real = path.parent.parent / "sites-available" / path.readlink().name if path.is_symlink() else path
    digest = known.get(f"/{real.relative_to(root)}")
    return digest == hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _conffiles(root: Path) -> dict[str, str]:
    """Return the MD5 sums with which packages delivered the two servers' files, as dpkg has them on record."""
    status = root / "var/lib/dpkg/status"
    text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
    return dict(re.findall(r"^ (/etc/(?:nginx|apache2)/\S+) ([0-9a-f]{32})", text, re.MULTILINE))


def _is_running(root: Path, server: _Server) -> bool:
    try:
        pid = (root / server.pid).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    return pid.isdecimal() and (root / "proc" / pid).is_dir()


def _nginx_ports(texts: Sequence[str]) -> list[int]:
    """Return the ports of the ``listen`` directives; a server without one listens on 80."""
    ports = set()
    for text in texts:
        bare = re.sub(r"#.*", "", text)
        words = re.findall(r"(?:^|[\s;{])listen\s+([^\s;]+)", bare)
        ports |= {_port(word) for word in words if not word.startswith("unix:")}
        if not words and _NGINX.site.search(bare):
            ports.add(_PLAIN_PORT)
    return sorted(ports)


def _port(word: str) -> int:
    """Return the port of ``80``, ``1.2.3.4:80``, ``[::]:80``, ``*:80`` or a bare address."""
    last = word.rpartition(":")[2]
    return int(last) if last.isdecimal() else _PLAIN_PORT


def _apache_ports(texts: Sequence[str]) -> Listens:
    """Return the ports of the ``Listen`` directives, by the innermost ``<IfModule>`` around them."""
    ports: dict[str, set[int]] = {}
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
                ports.setdefault(around[-1] if around else "", set()).add(_port(listen[1]))
    return {module: sorted(found) for module, found in sorted(ports.items())}
