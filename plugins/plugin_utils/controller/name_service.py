# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the controller's own name service knows, asked beside other work and never waited for long."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterable

#: Seconds after which a name server that does not answer is given up: less than the checks take beside it.
PATIENCE = 1.0
_UNKNOWN = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class Question:
    """The addresses of host names, asked at once; a name server that is asked in vain may take half a minute."""

    def __init__(self, names: Iterable[str]) -> None:
        self._found: dict[str, list[str]] = {}
        self._until = time.monotonic() + PATIENCE
        # Daemons, so that nobody waits for them in the end.
        self._threads = [threading.Thread(target=self._ask, args=(name,), daemon=True) for name in sorted(set(names))]
        for thread in self._threads:
            thread.start()

    def answers(self) -> dict[str, list[str]]:
        """Return the addresses by name, none for a name that nobody knows; a name without an answer is left out."""
        for thread in self._threads:
            thread.join(max(0.0, self._until - time.monotonic()))
        return dict(self._found)

    def _ask(self, name: str) -> None:
        try:
            answers = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            if error.errno in _UNKNOWN:
                self._found[name] = []
        except (OSError, UnicodeError):
            return
        else:
            self._found[name] = sorted({str(entry[4][0]) for entry in answers})
