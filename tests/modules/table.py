# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes the tables of docs/modules.md: ``PYTHONPATH=.collections python -m tests.modules.table``.

What modules need is read from ``needs_table``, how they did from the results that ``python -m tests.modules`` has left.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import needs_table

from tests.modules import known

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/modules.md"
RESULTS = Path(__file__).parent / "results"
BEGIN, END = "<!-- table:begin -->", "<!-- table:end -->"
#: Of what the application's own core is, there is nothing to switch.
_ALL = "all"


def page() -> str:
    """Return the page with its table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{_table()}{END}{after}"


def results() -> list[dict[str, Any]]:
    """Return what was seen, oldest version first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in RESULTS.glob("*.json")]
    return sorted(found, key=lambda one: [int(part) for part in re.findall(r"\d+", one["version"])])


def _table() -> str:
    seen = results()
    head = [
        "module",
        "needs, beside the application's own modules",
        *(f"{one['version']} ({one['host']})" for one in seen),
    ]
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for module in [*sorted({name for one in seen for name in one["modules"]} - {_ALL}), _ALL]:
        cells = [_verdict(one["modules"].get(module)) for one in seen]
        name = "**all at once**" if module == _ALL else f"`{module}`"
        lines.append(f"| {name} | {'; '.join(needs(module))} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _verdict(seen: dict[str, Any] | None) -> str:
    if seen is None:
        return ""
    wrong, own = known.told(seen.get("wrong", []))
    if wrong:
        return _escaped(f"**{wrong[0]}**")
    pages = len(seen.get("pages", []))
    parts = [f"{pages} page{'' if pages == 1 else 's'}"] + ([f"API: {len(seen['paths'])}"] if "paths" in seen else [])
    return "; ".join([f"ok ({', '.join(parts)})", *own])


def needs(module: str) -> Iterator[str]:
    """Yield what a module needs, and who brings it."""
    for extension in needs_table.EXTENSIONS:
        if extension.module == module:
            yield _extension(extension)
    for program in needs_table.PROGRAMS:
        if program.module == module:
            on = f" on {program.engine}" if program.engine else ""
            yield f"`{program.program}`{on}: brought ({', '.join(program.packages)})"
    for outside in needs_table.OUTSIDE:
        if outside.module == module:
            told = ", ".join(f"`{name}`" for name in outside.constants)
            yield f"{outside.what}: **yours**{f' ({told})' if told else ''}"
    if module in needs_table.SCHEDULED:
        yield "the timer of scheduled jobs"
    if module in needs_table.MAILING:
        yield "a way for mail"
    if module in needs_table.BARRED:
        yield f"{needs_table.BARRED[module]}: said by preflight"


def _extension(need: needs_table.Extension) -> str:
    where = f" for a company in {need.country}" if need.country else ""
    absent = [php for php, names in needs_table.ABSENT_EXTENSIONS.items() if need.extension in names]
    but = f", not with PHP {absent[0]} (Debian 13): preflight stops" if absent else ""
    other = f", or from version {need.since} on `{need.instead}: 1`" if need.instead else ""
    return f"PHP's `{need.extension}`{where}: brought{but}{other}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def main() -> int:
    """Write it."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
