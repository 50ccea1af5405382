# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes docs/faults.md from the matrix: ``PYTHONPATH=.collections python -m tests.faults.table``."""

from __future__ import annotations

import sys
from pathlib import Path

from . import matrix
from .fault import BOTH, Fault

PAGE = Path(__file__).parents[2] / "docs" / "faults.md"
_HEAD = """<!-- Written by `PYTHONPATH=.collections python -m tests.faults.table`: change tests/faults instead. -->
# Faults, what they look like, and the cause that the doctor names

Every row is code in `tests/faults`: it breaks a converged host, the smoke test has to turn red in the checks that are
named, and the doctor has to name the cause first; then the fault is undone, and the host has to be green again.
`inside` is the smoke test's look at the host, for what cannot be seen from outside; it is red for most other rows too.
A certificate that is refused, or no connection, ends an `https://` site's checks at `tls`; without TLS it is `web`.

    pytest tests/faults --inventory INVENTORY   # one converged host, which is broken and mended

| fault | on | what people see | checks that go red | cause named |
| --- | --- | --- | --- | --- |
"""
_PAIRS = """
Two faults at once give two causes. These pairs are tried:

"""
_ENDS = """
Limits of the matrix, said openly:

- Test hosts are containers, which share the kernel's clock: the web server is started with a clock of its own
  (libfaketime) that is two hours behind. The comparison of the host's own clock is tested on made-up evidence.
- A wrong DNS answer is given to the test itself, in place of the resolver's.
- Headers are stripped in the vhost. That a proxy in front did it is told from the call that succeeds on the host
  itself, which is tested on made-up evidence.
- Without PATH_INFO a site without a table of routes answers 404 to every endpoint and lists no operation. One that has
  its table, as ours do, answers 500 with an empty body to calls with a key (measured on Dolibarr 22.0.4).
- A database is full when its file system is. The engine's own limits are not looked at.

## What no row lists

`site.yml` ends with a picture of the host that it has just proven to work (`/var/lib/miclinik-picture`, root alone).
When a check fails, the doctor compares: a cause called `changed-…` says what is not as it was, what it was and is, and
what puts it back. It comes behind what a rule is certain of, and before what is only possible. A host without a picture
is examined as before; what changed on a host whose checks all pass is no fault, and is not told, but that one of the
application's own tables or columns is gone or has another name: pages and calls will miss it.

`make test-doctor N=100` measures this (`tests/doctor`): it draws faults of every kind from what is there, by a seed
that it prints, each on a host that is as it was; asks a client that knows nothing of the doctor what it feels, then the
doctor; does what the first finding says is to be done, and compares rows, documents and keys. It ends with the figures
and the misses, and with an exit status by the thresholds. `SOURCE=/tree`, `DOCTOR="--web-server apache --pairs"`.
`DOCTOR=--by-hand` takes the faults of `tests/doctor/by_hand.yml`, which people thought of, in place of drawn ones.
"""


def row(fault: Fault) -> str:
    """One line of the table."""
    where = "" if tuple(fault.web_servers) == BOTH else "/".join(name.capitalize() for name in fault.web_servers)
    limits = [
        where,
        "TLS" if fault.tls else "",
        f"`{fault.module}`" if fault.module else "",
        f"{fault.since} on" if fault.since > min_since() else "",
    ]
    if len(fault.engines) == 1:
        limits.append({"mariadb": "MariaDB", "postgresql": "PostgreSQL"}[fault.engines[0]])
    checks = ", ".join(" or ".join(f"`{name}`" for name in check.split("|")) for check in fault.red)
    cells = (fault.title, ", ".join(entry for entry in limits if entry), fault.people_see, checks, f"`{fault.cause}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def min_since() -> int:
    """The oldest release that is supported."""
    return min(fault.since for fault in matrix.FAULTS)


def page() -> str:
    """The whole page."""
    titles = {fault.name: fault.title for fault in matrix.FAULTS}
    rows = "\n".join(row(fault) for fault in matrix.FAULTS)
    pairs = "\n".join(f"- {titles[one]}, and {titles[other]}" for one, other in matrix.PAIRS)
    return f"{_HEAD}{rows}\n{_PAIRS}{pairs}\n{_ENDS}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
