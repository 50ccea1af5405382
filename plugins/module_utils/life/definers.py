# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose rights triggers, views and routines of MariaDB have, in a database that was written out for another site.

MariaDB runs them with the rights of the user who has made them. That one may do nothing in the other database, or
is not there any more, and then each statement that meets one of them fails (error 1449).
"""

from __future__ import annotations

import re
from pathlib import Path

#: Rows begin otherwise; a line break within a text is written as two characters.
_DATA = (b"(", b"INSERT INTO ")


def rewrite(file: Path, old: str, new: str) -> int:
    """Have what the database user ``old`` has made in a dump be made by ``new``; return on how many lines it was so."""
    wanted = re.compile(rb"DEFINER=`" + re.escape(old.replace("`", "``").encode()) + rb"`@`([^`]*)`")
    given = b"DEFINER=`" + new.replace("`", "``").encode() + b"`@`\\1`"
    changed = 0
    fresh = file.with_name(f"{file.name}.new")
    with file.open("rb") as source, fresh.open("wb") as target:
        for line in source:
            if b"DEFINER=" in line and not line.startswith(_DATA):
                line, found = wanted.subn(given, line)  # noqa: PLW2901
                changed += bool(found)
            target.write(line)
    if changed:
        fresh.replace(file)
    else:
        fresh.unlink()
    return changed
