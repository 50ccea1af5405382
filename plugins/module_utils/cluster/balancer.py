# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the HAProxy of this host thinks of the hosts with the sites, as its own socket says."""

from __future__ import annotations

import csv
import io
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SOCKET = Path("/run/haproxy/admin.sock")
#: A site's backends: its API's, and its pages', where people stay with the host that has their session.
CALLS, PAGES = "-calls", "-pages"
_PATIENCE = 5.0


class BalancerError(Exception):
    """HAProxy does not say; the text says what to do."""


@dataclass(frozen=True)
class Server:
    """A host in one backend: whether callers who were not there before are led to it, and how many calls are open."""

    backend: str
    name: str
    status: str
    calls: int

    @property
    def led_to(self) -> bool:
        """Whether new callers are led there; `UP 1/2` is on its way down."""
        return self.status.startswith(("UP", "no check"))


def servers(path: Path = SOCKET) -> list[Server]:
    """Return every host with sites in every backend. Raises BalancerError."""
    rows = csv.DictReader(io.StringIO(_ask("show stat", path).lstrip("# ")))
    return [
        Server(row["pxname"], row["svname"], row["status"], int(row["scur"] or 0))
        for row in rows
        if row["svname"] not in ("FRONTEND", "BACKEND") and row["pxname"].endswith((CALLS, PAGES))
    ]


def _ask(question: str, path: Path) -> str:
    answer = b""
    try:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(_PATIENCE)
            asked.connect(str(path))
            asked.sendall(f"{question}\n".encode())
            while part := asked.recv(65536):
                answer += part
    except OSError as error:
        raise BalancerError(f"HAProxy does not answer at {path} ({error}). See: systemctl status haproxy") from None
    return answer.decode("utf-8", "replace")


def alone(host: str, seen: Sequence[Server]) -> list[str]:
    """Return the backends in which callers are led to ``host`` and to nobody else."""
    return [
        one.backend
        for one in seen
        if one.name == host
        and one.led_to
        and not any(other.led_to for other in seen if other.backend == one.backend and other.name != host)
    ]


def busy(host: str, seen: Sequence[Server]) -> list[str]:
    """Return what keeps ``host`` from being drained: who is led there still, and open calls of the API.

    People who have a session there stay, and a reload of PHP or of the web server ends none of their calls.
    """
    found = []
    for one in seen:
        if one.name != host:
            continue
        if one.led_to:
            found.append(f"{one.backend} still leads there")
        elif one.calls and one.backend.endswith(CALLS):
            found.append(f"{one.backend} has {one.calls} open calls there")
    return found


def away(host: str, seen: Sequence[Server]) -> list[str]:
    """Return the backends that do not lead to ``host``."""
    return [f"{one.backend} says {one.status}" for one in seen if one.name == host and not one.led_to]


def wait(
    lacks: Callable[[str, Sequence[Server]], list[str]],
    host: str,
    patience: float,
    *,
    path: Path = SOCKET,
    pause: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Return what is still lacking after ``patience`` seconds; nothing as soon as it is so. Raises BalancerError."""
    until = time.monotonic() + patience
    while (found := lacks(host, servers(path))) and time.monotonic() < until:
        pause(0.25)
    return found
