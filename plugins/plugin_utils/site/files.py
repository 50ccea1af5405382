# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site does with its documents, as constants of the application: key ``files``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

#: By the key, what makes it so. Read in includes/odtphp/odf.php, core/class/antivir.class.php and
#: core/lib/files.lib.php of 16.0.3, 22.0.4, 23 and 24.0.0-beta.
CONSTANTS: Mapping[str, Mapping[str, Any]] = {
    "odt_to_pdf": {"MAIN_ODT_AS_PDF": "libreoffice"},
    "virus_scan": {
        "MAIN_ANTIVIRUS_COMMAND": "/usr/bin/clamdscan",
        # What the site has been given its user alone may read: the scanner gets the content. Debian 13 takes no open
        # file (--fdpass): https://github.com/Dolibarr/dolibarr/issues/37421
        "MAIN_ANTIVIRUS_PARAM": "--stream --no-summary",
        # From 23 on nothing is scanned without it; before, nobody reads it.
        "MAIN_ANTIVIRUS_UPLOAD_ON": 1,
    },
}


def constants(files: Mapping[str, Any], upload: str | None) -> dict[str, Any]:
    """Return the constants that follow: unset (None) where the key says no, none where it says nothing.

    :param upload: the largest upload, where somebody has said it: the application's pages take 2 MB as installed.
    """
    limit = {"MAIN_UPLOAD_DOC": sizes.in_kb(upload)} if upload else {}
    return limit | {
        name: value if files[key] else None
        for key, wanted in CONSTANTS.items()
        if files[key] is not None
        for name, value in wanted.items()
    }


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield the constants that would say the same another way: key, what was seen, mend."""
    declared = entry.get("constants") or {}
    for key, wanted in CONSTANTS.items():
        if (entry.get("files") or {}).get(key) is not None:
            for name in wanted:
                if name in declared:
                    yield f"constants.{name}", f"is set by files.{key}", "Take one of the two out"
