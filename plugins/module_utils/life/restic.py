# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A restic repository, by restic's own program (0.14 and newer). Runs on the host, as root.

Where the repository is, and all that opens it, is in one file that a shell can read as well (docs/backup.md): nothing
of it is ever among a program's arguments.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.module_utils.text.redaction import Redactor

FOLDER, WORK, CACHE = (Path(place) for place in (layout.BACKUP, layout.BACKUP_WORK, layout.BACKUP_CACHE))
_WRITE = "write one, as docs/clones.md says"
ENVIRONMENT, PASSWORD = FOLDER / "environment", FOLDER / "password"
#: Of the names of the environment these hold no secret.
_PUBLIC = ("RESTIC_CACHE_DIR", "RESTIC_PASSWORD_FILE", "AWS_DEFAULT_REGION")
_URL_PASSWORD = re.compile(r"^(\w+:https?://[^/@]*:)([^/@]+)@")
#: What restic says, whatever its version, and what it comes to.
_LOCKED = "already locked"
_SIGNS = (
    ("wrong password or no key found", "the password in {password} does not open the repository: it is another one's"),
    ("ciphertext verification failed", "the repository is damaged"),
    ("no space left on device", "a disk is full"),
)
#: Seconds between two looks at a lock of another host, and for how long.
_PAUSE, _PATIENCE = 30.0, 1800.0

Told = Callable[[Mapping[str, Any]], None]


class ResticError(Exception):
    """The repository could not be used; the message says what was seen and what to do, and no secret."""


def _nobody(_: Mapping[str, Any]) -> None:
    """Tell nobody."""


def read_environment(file: Path = ENVIRONMENT) -> dict[str, str]:
    """Return the assignments of a file as a shell reads it. Raises ResticError where there is none."""
    try:
        words = shlex.split(file.read_text(encoding="utf-8"), comments=True)
    except FileNotFoundError:
        mend = "set miclinik_backup and run playbooks/site.yml" if file == ENVIRONMENT else _WRITE
        raise ResticError(f"there is no {file}: {mend}") from None
    except (OSError, ValueError) as error:
        mend = "run playbooks/site.yml" if file == ENVIRONMENT else _WRITE
        raise ResticError(f"{file} cannot be read ({error}): {mend}") from error
    return dict(word.split("=", 1) for word in words if "=" in word)


@dataclass(frozen=True)
class Repository:
    """One repository, and what opens it."""

    environment: Mapping[str, str] = field(repr=False)
    patience: float = _PATIENCE
    #: Whether who reads puts a lock there, which keeps others from taking away what is read.
    locked: bool = True

    @property
    def place(self) -> str:
        """Where it is, without a password."""
        return _URL_PASSWORD.sub(r"\1***@", self.environment.get("RESTIC_REPOSITORY", ""))

    def run(self, *words: str, ok: Sequence[int] = (0,), told: Told = _nobody) -> str:
        """Run restic and return what it prints; ``told`` gets its messages of progress, where it has ``--json``.

        What stands in the way is taken away where it is a lock that a killed run of this host has left, and waited for
        where it is another host's. Raises ResticError.
        """
        deadline = time.monotonic() + self.patience
        cleared = False
        words = (*words, *self._lockless(words))
        while True:
            code, out, err = self._run(words, told)
            if code in ok:
                return out
            # Once in any case: to find the lock may have taken all of the time.
            if _LOCKED not in err or (cleared and time.monotonic() > deadline):
                raise ResticError(self._failure(words, code, err))
            cleared = True
            if not self.clear_locks():
                time.sleep(_PAUSE)

    def bytes_of(self, snapshot: str, path: str) -> bytes:
        """Return the content of a file in a snapshot. Raises ResticError."""
        done = subprocess.run(
            [self._program(), "dump", snapshot, path, *self._lockless(("dump",))],
            check=False,
            capture_output=True,
            env=self._environment(),
        )
        if done.returncode:
            raise ResticError(
                self._failure(("dump", snapshot, path), done.returncode, done.stderr.decode(errors="replace"))
            )
        return done.stdout

    def snapshots(self, *tags: str) -> list[dict[str, Any]]:
        """Return the snapshots that have all ``tags``, the oldest first."""
        found: list[dict[str, Any]] = json.loads(
            self.run("snapshots", "--json", "--no-lock", "--tag", ",".join(tags)) or "[]"
        )
        return sorted(found or [], key=lambda one: str(one["time"]))

    def listing(self, snapshot: str) -> Iterator[dict[str, Any]]:
        """Yield what is in a snapshot: ``path``, ``type``, ``size`` and ``mtime`` of each."""
        for line in self.run("ls", "--json", snapshot).splitlines():
            node = json.loads(line)
            if node.get("struct_type") == "node" or node.get("message_type") == "node":
                yield node

    def identifier(self) -> str:
        """Return the repository's own id, empty where there is no repository yet. Raises ResticError."""
        # A repository that another host prunes is locked, and there all the same.
        code, out, err = self._run(("cat", "config", "--no-lock"), _nobody)
        if not code:
            return str(json.loads(out)["id"])
        if _is_missing(code, err):
            return ""
        raise ResticError(self._failure(("cat", "config"), code, err))

    def clear_locks(self) -> bool:
        """Take away locks whose run is over; return whether there is none left. Whoever calls holds ``alone``."""
        held = []
        for name in self._run(("list", "locks", "--no-lock", "--quiet"), _nobody)[1].split():
            code, out, _ = self._run(("cat", "lock", name, "--no-lock"), _nobody)
            if code:
                continue  # gone meanwhile
            lock = json.loads(out)
            held.append(lock.get("hostname") != socket.gethostname() or _is_restic(int(lock.get("pid", 0))))
        if not any(held):
            # All of them are of runs of this host that are over, whatever has their process numbers now.
            return self._run(("unlock", "--remove-all"), _nobody)[0] == 0
        self._run(("unlock",), _nobody)  # those that restic itself holds for stale
        return False

    def _run(self, words: Sequence[str], told: Told) -> tuple[int, str, str]:
        kept: list[str] = []
        with subprocess.Popen(
            [self._program(), *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            env=self._environment(),
        ) as process:
            with _drained(process.stderr) as complaint:
                for line in process.stdout or ():
                    if line.startswith('{"message_type":"status"'):
                        told(json.loads(line))
                    else:
                        kept.append(line)
            process.wait()
        return process.returncode, "".join(kept), "".join(complaint)

    def _lockless(self, words: Sequence[str]) -> list[str]:
        return [] if self.locked or "--no-lock" in words else ["--no-lock"]

    def _program(self) -> str:
        program = shutil.which("restic", path=programs.environment()["PATH"])
        if not program:
            raise ResticError("restic is not on this host: run playbooks/site.yml with miclinik_backup set")
        return program

    def _environment(self) -> dict[str, str]:
        # Without HOME restic has no place for what it keeps; ssh looks for root's own settings by itself. Nobody says
        # where the cache is of a repository that is not this host's own.
        usual = {"RESTIC_PROGRESS_FPS": "0.2", "HOME": "/root", "RESTIC_CACHE_DIR": str(CACHE)}
        return programs.environment() | usual | dict(self.environment)

    def _failure(self, words: Sequence[str], code: int, complaint: str) -> str:
        hidden = [value for name, value in self.environment.items() if name not in _PUBLIC]
        hidden += [found[2]] if (found := _URL_PASSWORD.match(self.environment.get("RESTIC_REPOSITORY", ""))) else []
        redact = Redactor(value for value in hidden if value != self.place)
        said = [redact(line.strip()) for line in complaint.splitlines() if line.strip()]
        told = " | ".join(said[:4]) or f"exit code {code}, and no word"
        password = self.environment.get("RESTIC_PASSWORD_FILE", str(PASSWORD))
        sign = next((mend for words, mend in _SIGNS if words in complaint.lower()), "")
        return plain.plain(
            f"the repository {self.place}: {sign.format(password=password) + '. ' if sign else ''}"
            f"`restic {words[0]}` says: {told}"
        )


def _is_missing(code: int, complaint: str) -> bool:
    """Return whether restic has found no repository, and not one that it could not reach."""
    if code == 10:  # noqa: PLR2004 - since 0.17
        return True
    said = complaint.lower()
    return "unable to open config file" in said and any(
        words in said for words in ("no such file", "does not exist", "not found", "404", "nosuchkey", "nosuchbucket")
    )


def _is_restic(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "restic"
    except OSError:
        return False


@contextlib.contextmanager
def _drained(stream: Any) -> Iterator[list[str]]:  # noqa: ANN401 (what Popen gives)
    """Read a stream to its end beside the other one, so that neither fills up."""
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.extend(stream))
    reader.start()
    try:
        yield lines
    finally:
        reader.join()


@contextlib.contextmanager
def alone(work: Path | None = None) -> Iterator[None]:
    """Have no other run of ours on this host in the repository; wait for one that is under way."""
    work = work or WORK
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(work / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
