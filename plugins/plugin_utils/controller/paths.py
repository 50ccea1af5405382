# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a path of the inventory is on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Folders in which a relative path may be, the first that has it counts.
Base = Path | tuple[Path, ...]


def base(variables: Mapping[str, Any], playbook: str) -> tuple[Path, ...]:
    """Return the folder of the inventory that names the host, then that of the playbook, which may be a collection's.

    ``variables`` are a task's. An inventory that is no file, as ``-i host,``, has no folder.
    """
    inventory = variables.get("inventory_dir")
    return (*([Path(str(inventory))] if inventory else []), Path(playbook))


def find(folders: Base, given: str) -> Path:
    """Return where ``given`` is; where it is nowhere, the place that it should have."""
    places = (folders,) if isinstance(folders, Path) else folders
    found = [(folder / Path(given).expanduser()).absolute() for folder in places]
    return next((path for path in found if path.exists()), found[0])
