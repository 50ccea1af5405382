# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done with a whole site, step by step: each on record before it begins, and again when it has ended.

Whoever comes after a kill or a power cut reads here how far it came. A record is on the disk before its step begins.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

RUNNING, DONE, FAILED = "running", "done", "failed"


class JournalError(Exception):
    """A record that cannot be read, or something else that is under way; the message says what to do."""


@dataclass
class Step:
    """One step. ``began`` and ``ended`` are seconds since 1970, ``ended`` None of one that is under way or failed."""

    name: str
    about: str
    began: float
    ended: float | None = None


@dataclass
class Journal:
    """One operation. ``facts`` is what a way back has to know, and no secret; ``problem`` is empty of a good one."""

    file: Path
    operation: str
    identifier: str
    began: float
    state: str = RUNNING
    ended: float | None = None
    problem: str = ""
    #: What the operator should know of one that went well.
    warnings: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    #: How often it was begun to be taken back, and what was in the way the last time.
    tries: int = 0
    obstacle: str = ""
    steps: list[Step] = field(default_factory=list)

    @classmethod
    def begin(cls, file: Path, operation: str, identifier: str, facts: dict[str, Any]) -> Journal:
        """Begin a record in the place of the last one's. Raises JournalError while something is under way."""
        last = cls.read(file)
        if last and last.state == RUNNING:
            raise JournalError(f"{last.operation} {last.identifier} is under way, or was killed: recover first")
        journal = cls(file, operation, identifier, time.time(), facts=facts)
        journal.write()
        return journal

    @classmethod
    def read(cls, file: Path) -> Journal | None:
        """Return the last operation's record, None where there is none. Raises JournalError."""
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            return cls(file=file, **{**kept, "steps": [Step(**step) for step in kept["steps"]]})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise JournalError(f"{file} cannot be read ({error}): see what is under way, then take it away") from error

    @contextlib.contextmanager
    def step(self, name: str, about: str) -> Iterator[Step]:
        """Have a step on record, before it begins and after it ended; one that raises stays without an end."""
        step = Step(name, about, time.time())
        self.steps.append(step)
        self.write()
        yield step
        os.sync()  # what the step has renamed, before the record says so
        step.ended = time.time()
        self.write()

    def has_begun(self, name: str) -> bool:
        """Return whether the step ``name`` was begun."""
        return any(step.name == name for step in self.steps)

    def end(self, problem: str = "") -> None:
        """Say that all is as it should be again: done, or failed and taken back."""
        self.state, self.problem, self.ended = (FAILED if problem else DONE), problem, time.time()
        self.write()

    def write(self) -> None:
        """Write it so that a power cut leaves this record or the one before."""
        kept = {name: value for name, value in asdict(self).items() if name != "file"}
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic_file.replace(self.file, json.dumps(kept, indent=1), atomic_file.PRIVATE, durable=True)
