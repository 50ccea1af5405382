# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hold every site to the contract, writing as well: ``python -m tests.molecule.contract --inventory FILE``."""

from __future__ import annotations

import sys

from .each_site import run

if __name__ == "__main__":
    sys.exit(run("tests.molecule.contract", sys.argv[1:], ["tests/contract", "--writes"]))
