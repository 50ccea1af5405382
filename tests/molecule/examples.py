# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the examples of every language on every site: ``python -m tests.molecule.examples --inventory FILE``."""

from __future__ import annotations

import sys

from .each_site import run

if __name__ == "__main__":
    sys.exit(run("tests.molecule.examples", sys.argv[1:], ["tests/examples"]))
