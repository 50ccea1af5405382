# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The faults of by_hand.yml: those that fit a host, in the order of the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from .draws import AGAIN, Draw

FILE = Path(__file__).with_name("by_hand.yml")


def entries() -> list[dict[str, Any]]:
    """Return what the file says."""
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


def fitting(web_server: str, engine: str) -> list[Draw]:
    """Return the faults that there can be with this web server and this database."""
    return [
        Draw("by hand", entry["what"], AGAIN + entry["script"], tuple(entry["names"]))
        for entry in entries()
        if entry.get("web_server", web_server) == web_server and entry.get("engine", engine) == engine
    ]
