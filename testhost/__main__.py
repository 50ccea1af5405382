"""Entry point of ``python3 -m testhost``."""

from __future__ import annotations

import sys

from testhost.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
