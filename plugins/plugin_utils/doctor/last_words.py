# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a red run ends with: for each site at most five lines, since red is read from its end. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import mends, since, way
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN, Case, Finding

_WIDTH = 200


def of(site: str, results: Sequence[Result], findings: Sequence[Finding], case: Case | None = None) -> list[str]:
    """Return what is broken, since when, where on a request's way, what shows it, and the mend.

    Nothing where all is well.
    """
    own = [entry for entry in results if entry.site == site]
    failed = [entry for entry in own if not entry.ok]
    if not failed:
        return []
    named = f"{len(failed)} of {len(own)} checks failed: {', '.join(entry.check for entry in failed)}"
    found = [entry for entry in findings if entry.site == site]
    when = since.told(case, found[0] if found else None) if case else ""
    if not found:
        told = [f"  {when}"] if when else []
        return [*map(_line, [f"{site}: {named}", *told, f"  seen: {failed[0].seen}"]), _whole(failed[0].mend)]
    first = found[0]
    sure = "" if first.confidence == CERTAIN else f" ({first.confidence})"
    lines = [f"{site}: {first.cause}{sure} [{first.id}]{_beside(found)}", f"  {when + '; ' if when else ''}{named}"]
    if first.layer:
        lines.append(f"  way: {way.shown(first.layer)}")
    seen = next(iter(first.evidence), failed[0].seen)
    return [*map(_line, [*lines, f"  seen: {seen}"]), _whole(first.mend, mends.changes(first.mend))]


def _beside(found: Sequence[Finding]) -> str:
    """The other causes, by name; what only follows from one is in the report."""
    more = [entry.id for entry in found[1:] if not entry.follows]
    return f"; besides: {', '.join(more)}" if more else ""


def _whole(mend: str, changes: str = "") -> str:
    """A mend is told to its end, however long, and what it changes."""
    return f"  to do: {' '.join(mend.split())}{f' (changes {changes})' if changes else ''}"


def _line(text: str) -> str:
    """One line, and none that ends in a space: a result that is shown as YAML would be put in quotes for that."""
    text = " ".join(text.splitlines()).replace("\t", " ").rstrip()
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3].rstrip() + "..."
