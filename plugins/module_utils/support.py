# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which versions run where. Every cell was measured or is named as untested."""

from __future__ import annotations

OLDEST, NEWEST = 15, 22
# Dolibarr 15.0.3, 16.0.3, 20.0.2 and 22.0.4 were run on both; 11.0.4 does not start on PHP 8 at all.
TESTED_PHP = ("8.2", "8.4")
TESTED_HOSTS = {("debian", "bookworm")}
WRITTEN_FOR = {("debian", "trixie"), ("ubuntu", "jammy"), ("ubuntu", "noble")}


def mismatch(version: str, php: str) -> tuple[str, str] | None:
    """Return why ``version`` of the application is not supported on ``php``, with the mend; None when it is."""
    major = int(version.partition(".")[0])
    use = f"Use a version of the application from {OLDEST} to {NEWEST}"
    if major < OLDEST:
        return f"version {version} does not run on PHP {php}, which is what this host has", use
    if major > NEWEST:
        return f"version {version} is newer than {NEWEST}, the newest that was tested", use
    if php not in TESTED_PHP:
        return f"version {version} was never run on PHP {php}", f"Use a host with PHP {' or '.join(TESTED_PHP)}"
    return None
