# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of the distribution's packages each server that sites live by comes with; what they need comes along."""

from __future__ import annotations

DATABASE = {"mariadb": "mariadb-server", "postgresql": "postgresql"}


def php(version: str) -> str:
    """Return that of PHP-FPM, which brings the command line too."""
    return f"php{version}-fpm"
