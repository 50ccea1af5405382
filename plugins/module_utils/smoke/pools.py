# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How full the pools of sites' PHP-FPM are. PHP-FPM says it at a socket that answers while all workers are taken.

https://www.php.net/manual/en/fpm.status.php
"""

from __future__ import annotations

import json
import re
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.services import fastcgi
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import Pool

#: A site that is taken over may say anything here, for as long as it likes.
SECONDS = 3.0
MOST_BYTES = 64 * 1024
AT_A_TIME = 8
_MOST_WORKERS = re.compile(r"^pm\.max_children\s*=\s*(\d+)\s*$", re.MULTILINE)
#: PHP-FPM's words, and ours.
_COUNTS = {
    "active processes": "active",
    "idle processes": "idle",
    "max children reached": "full",
    "accepted conn": "accepted",
}
_TIMES = {"start time": "began", "start since": "for"}
# linux/netlink.h, linux/sock_diag.h and linux/unix_diag.h
_SOCK_DIAG, _BY_FAMILY, _REQUEST_DUMP, _DONE, _ERROR = 4, 20, 0x301, 3, 2
_HEADER, _PART = 16, 4
_LISTEN, _SHOW_NAME_AND_QUEUE, _NAME, _QUEUE = 1 << 10, 0x11, 0, 4


@dataclass(frozen=True)
class State:
    """One pool: ``most`` workers, None where its file does not say, and what PHP-FPM said; empty for no answer."""

    site: str
    role: str
    most: int | None
    #: Calls that wait for a worker; None where the kernel does not say. PHP-FPM knows it of TCP only.
    queue: int | None
    counts: Mapping[str, int] = field(default_factory=dict)


def look(sites: Iterable[str], root: Path = Path("/")) -> list[State]:
    """Return the state of each pool of the sites of these names."""
    pools = [(site, pool) for site in sites for pool in layout.of(site)["pools"]]
    waiting = queues()

    def state(of: tuple[str, Pool]) -> State:
        site, pool = of
        path = str(layout.below(root, pool["socket"]))
        counts = ask(str(layout.below(root, pool["status"])))
        return State(site, pool["role"], _most(layout.below(root, pool["file"])), waiting.get(path), counts)

    with ThreadPoolExecutor(max_workers=AT_A_TIME) as threads:
        return list(threads.map(state, pools))


def _most(file: Path) -> int | None:
    try:
        found = _MOST_WORKERS.search(file.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return int(found[1]) if found else None


def ask(path: str, seconds: float = SECONDS) -> dict[str, int]:
    """Return what PHP-FPM says at the socket ``path``; nothing where it says nothing that can be understood."""
    return _numbers(path, seconds, _COUNTS)


def clock_offset(path: str, seconds: float = SECONDS) -> float | None:
    """Return by how many seconds PHP-FPM's clock is ahead of ours; None where it does not say.

    It says since when it runs and for how long: a program may have another clock than its host.
    """
    said = _numbers(path, seconds, _TIMES)
    return said["began"] + said["for"] - time.time() if said else None


def _numbers(path: str, seconds: float, wanted: Mapping[str, str]) -> dict[str, int]:
    try:
        said = json.loads(_call(path, time.monotonic() + seconds).partition(b"\r\n\r\n")[2])
    except (OSError, ValueError, struct.error):
        return {}
    counts = {ours: said.get(theirs) for theirs, ours in wanted.items()} if isinstance(said, dict) else {}
    whole = {name: count for name, count in counts.items() if type(count) is int and 0 <= count < 1 << 63}
    return whole if len(whole) == len(wanted) else {}


def _call(path: str, deadline: float) -> bytes:
    parameters = {"SCRIPT_NAME": layout.STATUS_PATH, "SCRIPT_FILENAME": layout.STATUS_PATH}
    parameters |= {"REQUEST_METHOD": "GET", "QUERY_STRING": "json"}
    return fastcgi.call(path, parameters, deadline, MOST_BYTES)


def queues() -> dict[str, int]:
    """Return by path how many wait at each Unix socket that somebody listens on; nothing where the kernel says none."""
    request = struct.pack("=BBHIIIII", socket.AF_UNIX, 0, 0, _LISTEN, 0, _SHOW_NAME_AND_QUEUE, 0xFFFFFFFF, 0xFFFFFFFF)
    header = struct.pack("=IHHII", 16 + len(request), _BY_FAMILY, _REQUEST_DUMP, 1, 0)
    found: dict[str, int] = {}
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG) as kernel:
            kernel.settimeout(SECONDS)
            kernel.sendto(header + request, (0, 0))
            while True:
                for kind, content in _messages(kernel.recv(1 << 16)):
                    if kind in (_DONE, _ERROR):
                        return found
                    parts: dict[int, bytes] = dict(_parts(content[16:]))
                    if _NAME in parts and _QUEUE in parts:
                        found[parts[_NAME].rstrip(b"\0").decode(errors="replace")] = struct.unpack_from(
                            "=I", parts[_QUEUE]
                        )[0]
    except (OSError, struct.error):
        return found


def _messages(read: bytes) -> Iterable[tuple[int, bytes]]:
    while len(read) >= _HEADER:
        size, kind = struct.unpack_from("=IH", read)
        yield kind, read[16:size]
        read = read[max(16, (size + 3) & ~3) :]


def _parts(read: bytes) -> Iterable[tuple[int, bytes]]:
    while len(read) >= _PART:
        size, kind = struct.unpack_from("=HH", read)
        yield kind, read[4:size]
        read = read[max(4, (size + 3) & ~3) :]
