# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""certbot's hook: puts a certificate that certbot got in place and has the web server read it.

certbot runs it after every issue and renewal, with RENEWED_LINEAGE in its environment.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import certificate_files  # beside this file

STATE = Path("/etc/miclinik")
PREFIX = "miclinik-"
# What tests the configuration of each server before it is asked to read it.
SERVERS = {"nginx": ["nginx", "-t"], "apache2": ["apache2ctl", "configtest"]}


def reload_servers() -> None:
    """Have the servers that run read their files anew; stop with what a test said against it."""
    for unit, test in SERVERS.items():
        if subprocess.run(["systemctl", "is-active", "--quiet", unit], check=False).returncode:
            continue
        tested = subprocess.run(test, check=False, capture_output=True, text=True)
        if tested.returncode:
            said = (tested.stdout + tested.stderr).strip()
            raise SystemExit(f"{unit} still uses the old certificate, since it refuses its configuration:\n{said}")
        subprocess.run(["systemctl", "reload", unit], check=True)


def main() -> None:
    """Deploy one lineage."""
    lineage = Path(os.environ["RENEWED_LINEAGE"])
    site = lineage.name.removeprefix(PREFIX)
    if site == lineage.name or not (STATE / site).is_dir():
        raise SystemExit(f"{lineage} should be a certificate of a site under {STATE}, and is not")
    try:
        changed = certificate_files.place(
            STATE / site, (lineage / "fullchain.pem").read_bytes(), (lineage / "privkey.pem").read_bytes()
        )
    except (OSError, certificate_files.CertificateError) as error:
        raise SystemExit(f"the certificate of site {site} could not be put in place: {error}") from None
    if changed:
        reload_servers()


if __name__ == "__main__":
    sys.exit(main())
