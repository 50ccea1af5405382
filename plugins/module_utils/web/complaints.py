# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a web server's own test of its files says against them. Runs on the host."""

from __future__ import annotations

import re

# AH00558, that it has no name of its own, and what begins with "Warning" keep Apache from nothing.
_COMPLAINT = re.compile(
    r"\[(?:emerg|crit|alert)\]|\bAH(?!00558)\d{5}: (?!Warning)|[Ss]yntax error|Invalid command|^apache2: "
)


def complaint(text: str) -> str:
    """Return in one line what keeps the server from its files; nothing where the test says nothing of the kind."""
    lines = text.splitlines()
    first = next((place for place, line in enumerate(lines) if _COMPLAINT.search(line)), len(lines))
    # Apache says where, and in the line after that what.
    count = 2 if lines[first:] and lines[first].rstrip().endswith(":") else 1
    return " ".join(" ".join(lines[first : first + count]).split())
