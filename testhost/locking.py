"""One lock for the machine: starts and stops of hosts happen one after the other, their boots in parallel."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from testhost import places, privileged


@contextmanager
def machine_lock() -> Iterator[None]:
    """Hold the machine's lock; the kernel frees it when the process dies, however it dies."""
    if not places.MACHINE_LOCK.exists():
        privileged.run(["touch", str(places.MACHINE_LOCK)])
    # flock works on a descriptor opened for reading, so root can own the file and every user can hold it.
    descriptor = os.open(places.MACHINE_LOCK, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
