# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a line of a log of a known kind is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN


@dataclass(frozen=True)
class Witness:
    """A kind of line: where on the way it speaks of, what it looks like, and the cause and the mend in plain words.

    Groups of the expression can be named in both, as {file}.
    """

    id: str
    layer: str
    expression: str
    cause: str
    mend: str
    confidence: str = CERTAIN
    #: Commands that are the whole mend, for root on the host. They remove nothing.
    run: tuple[str, ...] = ()

    def seen_in(self, text: str) -> re.Match[str] | None:
        """Return where the line is of this kind."""
        return re.search(self.expression, text)
