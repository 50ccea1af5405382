# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the playbook in check mode with an inventory that wants more.

``python -m tests.molecule.foresee --inventory FILE``

The first site of each host is to get TLS, a port, a path and a module, and a new one is to come. The run must end well,
call neither and say so, and still test the site that stays as it is.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from typing import Any

from tests.hosts.conftest import GROUP, inventory
from tests.played import playbook

NEW = "nueva"


def _and_stock(modules: list[str] | str) -> list[str] | str:
    """Return the modules with one more; the listing of an inventory gives an expression as it is written."""
    if isinstance(modules, str):
        return f"{modules.rstrip().removesuffix('}}')} + ['stock'] }}}}"
    return [*modules, "stock"]


def wanted(present: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sites of the changed inventory."""
    first, *others = present
    changed = first | {
        "tls": {"mode": "selfsigned"},
        "port": 8443,
        "base_path": "/elsewhere",
        "modules": _and_stock(first["modules"]),
    }
    return [changed, *others, {"name": NEW, "domain": f"{NEW}.example.org", "source": first["source"]}]


def expected(present: Sequence[dict[str, Any]]) -> list[str]:
    """Return, for each site of the changed inventory, the beginning of the line that the smoke test prints of it."""
    first, *others = present
    return [
        *(f"ok   {site['name']}: all " for site in others),
        f"none {first['name']}: not called: its URL is http://{first['domain']}, and is to be "
        f"https://{first['domain']}:8443/elsewhere; it has no vhost on port 8443 yet; a new certificate is due: there "
        "is none that can be used; settings are still to be made: module stock on",
        f"none {NEW}: not called: it is not on the host yet",
    ]


def main(arguments: Sequence[str]) -> None:
    """Run it on every host of the inventories in ``arguments``; exit with what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.molecule.foresee")
    parser.add_argument("--inventory", action="append", required=True)
    sources = parser.parse_args(arguments).inventory
    listing = inventory(tuple(sources))
    for host in listing[GROUP]["hosts"]:
        present = listing["_meta"]["hostvars"][host]["miclinik_sites"]
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"miclinik_sites": wanted(present)}, file)
            file.flush()
            done = playbook(
                *("--check", "--diff", "--limit", host),
                *(f"--inventory={source}" for source in sources),
                *("--extra-vars", f"@{file.name}", "playbooks/site.yml"),
            )
        told = re.findall(r"^(?:ok  |FAIL|none) \S+: .*", done.stdout, re.MULTILINE)
        lines = expected(present)
        as_expected = len(told) == len(lines) and all(map(str.startswith, told, lines))
        if done.returncode != 0 or not as_expected:
            raise SystemExit(
                f"check mode with a changed inventory should end with 0 and say\n{lines}\n"
                f"it ended with {done.returncode} and said\n{told}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
