# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What every program that kills is told: which host, which application on it, and the seed that repeats a run."""

from __future__ import annotations

import argparse
import os
import random


def parser(program: str, host: str) -> argparse.ArgumentParser:
    """Return the command line of ``program``; ``host`` is the name of its test host unless told otherwise."""
    found = argparse.ArgumentParser(prog=program)
    found.add_argument("--host", default=host, help="name of the test host")
    found.add_argument("--release", default="bookworm")
    found.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    found.add_argument("--newer", default="", help="a tree of a newer version")
    found.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    found.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    seed = int(os.environ.get("MICLINIK_SEED") or random.randrange(10**6))  # noqa: S311 (no secret)
    found.add_argument("--seed", type=int, default=seed)
    return found
