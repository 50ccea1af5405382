# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hold every site to the contract, writing as well: ``python -m tests.molecule.contract --inventory FILE``.

The sandbox is called in every way that its own description allows, too; of the real application's answers to that, some
are its own faults.
"""

from __future__ import annotations

import os
import sys

from .each_site import run

#: Of `variants` the tables are there, be the module on or not: sites with products are given them.
SUITE = [
    "tests/contract",
    "--writes",
    "--modules=variants",
    *([] if os.environ.get("MICLINIK_SOURCE") else ["--described"]),
]

if __name__ == "__main__":
    sys.exit(run("tests.molecule.contract", sys.argv[1:], SUITE))
