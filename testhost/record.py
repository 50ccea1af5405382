"""What the caller's folder remembers of a host: address, release, and the inventories that name it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, field

from testhost import places


@dataclass
class Record:
    """One host of the caller's; `inventories` are absolute paths of the files that it was written to."""

    name: str
    release: str
    ip: str
    inventories: list[str] = field(default_factory=list)

    def save(self) -> None:
        """Write the record."""
        folder = places.host_dir(self.name)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "host.json").write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def load(name: str) -> Record | None:
    """Return the record of `name`, or None when there is none (or one that a killed run left half written)."""
    try:
        return Record(**json.loads((places.host_dir(name) / "host.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def names() -> list[str]:
    """Return the names of all recorded hosts, sorted."""
    folder = places.user_dir() / "hosts"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def forget(name: str) -> None:
    """Remove the record of `name`, its known_hosts file and its SSH control socket."""
    shutil.rmtree(places.host_dir(name), ignore_errors=True)
