"""Where test hosts keep their files.

Containers, networks and mount namespaces belong to the whole machine, so what describes them does too (MACHINE, RUN);
keys and addresses belong to the user who started the host (`user_dir`).
"""

from __future__ import annotations

import os
from pathlib import Path

# Images and containers. Survives a reboot.
MACHINE = Path("/var/lib/miclinik-testhost")
STORAGE = MACHINE / "storage"
NETWORKS = MACHINE / "networks"
# A tmpfs of our own: whatever describes running things is gone after a reboot even where /run is on disk.
RUN = Path("/run/miclinik-testhost")
NAMESPACE = RUN / "mount-namespace"
ENGINE_CONF = RUN / "containers.conf"
# Fixed in podman.
LEASES = Path("/run/containers/networks")
# Beside the tmpfs and not in it: mounting would hide a lock that somebody holds.
MACHINE_LOCK = Path("/run/miclinik-testhost.lock")

PREFIX = "miclinik-"


def user_dir() -> Path:
    """Return (and make, 0700) the caller's folder of keys and host records."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "miclinik-testhost"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    return folder


def host_dir(name: str) -> Path:
    """Return the folder of the caller's record of the host `name`; it may not exist."""
    return user_dir() / "hosts" / name
