# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run a suite of tests that speak HTTP against every site of an inventory.

Password and key go from the host's own records to pytest's environment and nowhere else. Certificates are verified:
with the one that the host has, which is enough for self-signed ones, and with the authorities in the file MICLINIK_CA.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from demo.access import SiteAccess, sites


def environment(site: SiteAccess) -> dict[str, str]:
    """Return what the suites want to know, for the site's first API user."""
    login, user = next(iter(site.users.items()))
    return {
        "MICLINIK_BASE_URL": site.base_url,
        "MICLINIK_CONNECT_TO": site.connect_to,
        "MICLINIK_DATABASE": site.database,
        "MICLINIK_LOGIN": login,
        "MICLINIK_PASSWORD": user["password"],
        "MICLINIK_API_KEY": user["key"],
    }


def run(program: str, arguments: Sequence[str], suite: Sequence[str]) -> int:
    """Run pytest with ``suite`` on each site of the inventories in ``arguments``; return how many sites failed."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}")
    parser.add_argument("--inventory", action="append", required=True)
    found = sites(parser.parse_args(arguments).inventory)
    if not found:
        raise SystemExit("the inventory should name a site in miclinik_sites of the group miclinik; it names none")
    failed = 0
    for site in found:
        print(f"{suite[0]} on {site.name} of {site.host}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", *suite]
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as authorities:
            settings = environment(site)
            if site.certificate:
                authorities.write(site.certificate + named_authorities())
                authorities.flush()
                settings["MICLINIK_CA"] = authorities.name
            failed += subprocess.run(command, check=False, env={**os.environ, **settings}).returncode != 0
    return failed


def named_authorities() -> str:
    """Return the certificates in the file that MICLINIK_CA names, if it names one."""
    file = os.environ.get("MICLINIK_CA")
    return Path(file).read_text(encoding="ascii") if file else ""
