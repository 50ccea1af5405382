# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who holds the locks of apt and dpkg, and patience with them. Runs on the host.

apt waits by itself for dpkg's locks alone (``DPkg::Lock::Timeout``), and for none that another user of its lists holds.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LOCKS = (
    Path("/var/lib/dpkg/lock-frontend"),
    Path("/var/lib/dpkg/lock"),
    Path("/var/lib/apt/lists/lock"),
    Path("/var/cache/apt/archives/lock"),
)
#: Seconds between two looks.
PAUSE = 1.0
# The kernel's struct flock: kind, whence, start, length, process.
_FLOCK = "hhqqi"
_INTERPRETER = re.compile(r"(?:python|perl|sh$|bash$|dash$)")


@dataclass(frozen=True)
class Holder:
    """A process that holds a lock, as an operator knows it."""

    lock: Path
    process: int
    name: str

    def __str__(self) -> str:
        """Return it as the middle of a sentence."""
        who = f"{self.name} (process {self.process})" if self.name else "a process that cannot be seen from here"
        return f"{who} holds {self.lock}"


class Busy(Exception):
    """The locks were held for longer than there was patience; the message says by whom, and what to do."""


def holders(locks: Sequence[Path] = LOCKS, proc: Path = Path("/proc")) -> list[Holder]:
    """Return who holds which of ``locks``, other than this process."""
    found = []
    for lock in locks:
        process = _process(lock)
        if process is not None:
            found.append(Holder(lock, process, _name(process, proc)))
    return found


def _process(lock: Path) -> int | None:
    try:
        handle = os.open(lock, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        answer = fcntl.fcntl(handle, fcntl.F_GETLK, asked)
    finally:
        os.close(handle)
    kind, _, _, _, process = struct.unpack(_FLOCK, answer)
    return None if kind == fcntl.F_UNLCK else process


def _name(process: int, proc: Path) -> str:
    """Return the process's name; with that of who started it, unless that is the first process."""
    if process <= 0:
        return ""
    own, parent = _status(process, proc)
    above = _status(parent, proc)[0] if parent > 1 else ""
    return f"{own} of {above}" if own and above and above != own else own


def _status(process: int, proc: Path) -> tuple[str, int]:
    """Return the name of the process, and the number of its parent."""
    folder = proc / str(process)
    try:
        text = (folder / "status").read_text(encoding="utf-8", errors="replace")
        words = (folder / "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return "", 0
    lines = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    name = lines.get("Name", "").strip()
    # Of a program that an interpreter runs, the name is the program's.
    if _INTERPRETER.match(name) and len(words) > 1 and words[1].startswith("/"):
        name = Path(words[1]).name
    return name, int(lines.get("PPid", "0"))


class Patience:
    """Waits for the locks, for ``seconds`` altogether, and remembers for whom."""

    def __init__(
        self,
        seconds: float,
        look: Callable[[], list[Holder]] = holders,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._look, self._clock, self._sleep = look, clock, sleep
        self._seconds = seconds
        self._waited = 0.0
        self._seen: dict[Holder, None] = {}

    @property
    def left(self) -> float:
        """Seconds of patience that are left."""
        return max(0.0, self._seconds - self._waited)

    def wait(self) -> None:
        """Return once nobody else holds a lock; raise Busy when patience is at its end before."""
        begin = self._clock()
        before = self._waited
        while held := self._look():
            self._seen.update(dict.fromkeys(held))
            if self.left <= 0:
                raise Busy(
                    f"waited {self._waited:.0f} s for other programs to finish with apt, and {_words(held)} still. Let "
                    "it finish, or look whether it hangs; or raise packages_lock_timeout. Then run the playbook again"
                )
            self._sleep(min(PAUSE, self.left))
            self._waited = before + self._clock() - begin

    def pause(self) -> None:
        """Wait a moment for what holds a lock that was free when it was looked at."""
        begin = self._clock()
        self._sleep(PAUSE)
        self._waited += self._clock() - begin

    def told(self) -> str:
        """Return for whom there was waiting, and how long; empty when for nobody."""
        return f"waited {self._waited:.0f} s for apt, while {_words(list(self._seen))}" if self._seen else ""


def _words(held: Sequence[Holder]) -> str:
    return ", ".join(dict.fromkeys(str(holder) for holder in held))
