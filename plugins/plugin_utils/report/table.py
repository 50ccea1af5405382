# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A smoke run for the terminal: a line a check in columns, what to do under each red one, and a verdict a site."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised

OK, FAIL = "ok", "FAIL"


@dataclass(frozen=True)
class Line:
    """A line, and whether it is a good one."""

    text: str
    ok: bool


def lines(
    sites: Sequence[Promised], results: Sequence[Result], *, whole: bool = True, explained: Collection[str] = ()
) -> list[Line]:
    """The table. A site with nothing to say is said to have been asked nothing.

    :param whole: tell under each red check what was expected, and what to do.
    :param explained: sites of which the cause is known: its mend is told in place of those of what it looks like.
    """
    names = max((len(entry.site) for entry in results), default=0)
    checks = max((len(entry.check) for entry in results), default=0)
    table = []
    for site in sites:
        own = [entry for entry in results if entry.site == site.name]
        for entry in own:
            start = f"{OK if entry.ok else FAIL:<4} {entry.site:<{names}}  {entry.check:<{checks}}  {entry.ms:>5} ms  "
            table.append(Line(start + entry.seen, entry.ok))
            if not entry.ok and whole:
                margin = " " * len(start)
                table.append(Line(f"{margin}expected: {entry.expected}", False))
                if entry.site not in explained:
                    table.append(Line(f"{margin}to do: {entry.mend}", False))
        table.append(verdict(site, own))
    return table


def verdict(site: Promised, own: Sequence[Result]) -> Line:
    """How the site is, in one line."""
    failed = [entry.check for entry in own if not entry.ok]
    version = next((f", version {entry.facts['version']}" for entry in own if "version" in entry.facts), "")
    if not own:
        return Line(f"{FAIL} {site.name}: no check was made", False)
    if failed:
        return Line(f"{FAIL} {site.name}: {len(failed)} of {len(own)} checks failed: {', '.join(failed)}", False)
    return Line(f"{OK:<4} {site.name}: all {len(own)} checks passed{version}, {site.base_url}", True)
