# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the command line finds things on a host. Tests have another host."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import audit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout


@dataclass(frozen=True)
class Host:
    """A host: the folders of its sites' facts, of our programs, and of the words that completion knows."""

    states: Path = Path(layout.STATES)
    programs: Path = Path("/usr/local/lib/miclinik")
    bridge: Path = Path("/usr/local/sbin/miclinik-bridge")
    cache: Path = Path("/var/cache/miclinik-ctl")
    starter: Path = Path("/usr/local/sbin/miclinikctl")
    root: Path = Path("/")
    #: Whether we may do everything here.
    is_root: Callable[[], bool] = field(default=lambda: os.geteuid() == 0)
    #: Leaves a line in the journal.
    note: Callable[[str], None] = field(default=audit.note)

    def sites(self) -> list[str]:
        """Return the names of the sites."""
        return sorted(file.parent.name for file in self.states.glob("*/site.json"))

    def program(self, name: str) -> Path:
        """Return one of our programs, such as ``life``."""
        return self.programs / name / f"miclinik-{name}"
