# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Open the explorer of every site in a browser: ``python -m tests.molecule.browser --inventory FILE``."""

from __future__ import annotations

import sys

from .each_site import run

if __name__ == "__main__":
    sys.exit(run("tests.molecule.browser", sys.argv[1:], ["tests/browser"]))
