# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory asks of a version of the application that this one cannot do. Runs on the controller."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

_ACCESS = "api/class/api_access.class.php"
# The query names "rowid" of two tables, which no database takes: seen in 23.1.0 and 23.0.0-beta. Later releases of 23
# may have it mended, as 24.0.0-beta has, so the tree itself is looked at.
_AMBIGUOUS = re.compile(r"[\s,]rowid as token_rowid")
_OFF = ("", "0", "False", "None")


def check(entries: Sequence[Mapping[str, Any]], trees: Mapping[str, Tree]) -> list[Problem]:
    """Return what is wrong between the sites and the versions of their sources."""
    problems = []
    # As they are written: some values of this name look like secrets, which a completed site does not hold.
    for site in entries:
        tree = trees.get(site["name"])
        wanted = str((site.get("constants") or {}).get("API_IN_TOKEN_TABLE", "")) not in _OFF
        if tree and wanted and _AMBIGUOUS.search(tree.text(_ACCESS)):
            seen = f"is set, and version {tree.version} answers 503 to every key with it"
            mend = "Leave it out: keys stay with their users; 24 can look for them in the table"
            problems.append(Problem(f"site '{site['name']}'", "constants.API_IN_TOKEN_TABLE", seen, mend))
    return problems
