# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whose lines a check of new files refused: what a site adds of its own, or a template of the operator's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# As nginx, Apache, PHP-FPM and PHP name a place.
_PLACES = [
    re.compile(expression)
    for expression in (
        r" in (?P<file>/\S+?):(?P<line>\d+)",
        r"on line (?P<line>\d+) of (?P<file>/[^\s:]+)",
        r"\[(?P<file>/[^\]:]+):(?P<line>\d+)\]",
        r" in (?P<file>/\S+) on line (?P<line>\d+)",
    )
]
# The templates put these around a site's own lines.
_MARK = re.compile(r"\s*[#;]+ (?P<side>From|To) here: (?P<key>\S+) of site '(?P<site>[^']+)'")


@dataclass(frozen=True)
class Origin:
    """Where a file comes from: the site it is for, and the operator's own template; both may be empty."""

    site: str = ""
    template: str = ""

    def told(self) -> str:
        """Return both as the beginning of a sentence."""
        where = f"site '{self.site}': " if self.site else ""
        return where + (f"miclinik_templates_dir: {self.template}: " if self.template else "")


def blame(said: str, texts: Mapping[Path, str], origins: Mapping[Path, Origin]) -> str:
    """Return a sentence that names the sites and the keys that ``said`` leads to; empty when there are none.

    ``texts`` are the new files, ``origins`` where they come from.
    """
    place = next((found for expression in _PLACES if (found := expression.search(said))), None)
    if not place:
        return _suspects(list(texts), texts, origins)
    path, number = Path(place["file"]).resolve(), int(place["line"])
    lines = texts.get(path, "").splitlines()
    if not 0 < number <= len(lines):
        return ""
    refused = lines[number - 1].strip()
    marks = [(index, mark) for index, line in enumerate(lines[: number - 1]) if (mark := _MARK.fullmatch(line))]
    if marks and marks[-1][1]["side"] == "From":
        index, mark = marks[-1]
        here = f"site '{mark['site']}': {mark['key']}: its line {number - index - 1} is refused: {refused}."
        return f"{here} Mend it or take it out."
    # What clashes with own lines further up is named where it stands.
    return _suspects([path], texts, origins)


def _suspects(paths: Sequence[Path], texts: Mapping[Path, str], origins: Mapping[Path, Origin]) -> str:
    """Return what in these files is not the toolkit's own."""
    own = [origins[path].told().rstrip(": ") for path in paths if path in origins and origins[path].template]
    for path in paths:
        marks = [mark for line in texts[path].splitlines() if (mark := _MARK.fullmatch(line))]
        own += [f"site '{mark['site']}': {mark['key']}" for mark in marks if mark["side"] == "From"]
    return f"What is not the toolkit's own there: {'; '.join(sorted(set(own)))}. Mend it or take it out." if own else ""
