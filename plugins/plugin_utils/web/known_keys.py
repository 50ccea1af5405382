# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The API keys that a web server knows callers by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files


def of_sites(secrets: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return by site the keys on record in ``secrets``, as the module ``site_secrets`` returns them."""
    return {name: key_files.known(record) for name, record in secrets.items()}
