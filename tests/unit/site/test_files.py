# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is asked for documents follows as constants, programs and settings, and nothing does where nothing is asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import program_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from tests.application_tree import entry

BOOKWORM: dict[str, Any] = {"php_version": "8.2", "packages": []}


def _site(**files: bool) -> Site:
    return sites.plan([entry("norte", files=files, constants={"A": 1})])[0]


@pytest.mark.parametrize(
    ("site", "constants", "packages"),
    [
        (_site(), {}, []),
        (_site(odt_to_pdf=False), {"MAIN_ODT_AS_PDF": None}, []),
        (
            _site(odt_to_pdf=True),
            {"MAIN_ODT_AS_PDF": "libreoffice"},
            ["fonts-liberation", "libreoffice-writer-nogui"],
        ),
        (
            _site(virus_scan=True),
            {
                "MAIN_ANTIVIRUS_COMMAND": "/usr/bin/clamdscan",
                "MAIN_ANTIVIRUS_PARAM": "--stream --no-summary",
                "MAIN_ANTIVIRUS_UPLOAD_ON": 1,
            },
            ["clamav-daemon", "clamdscan"],
        ),
    ],
)
def test_what_follows(site: Site, constants: dict[str, Any], packages: list[str]) -> None:
    assert site["constants"] == constants | {"A": 1}
    assert program_needs.missing([site], BOOKWORM, "mariadb") == packages


def test_what_is_not_wanted_any_more_is_taken_back() -> None:
    orders = settings.orders({"name": "norte", "constants": _site(odt_to_pdf=False)["constants"]})
    assert {"command": "constant unset", "args": {"name": "MAIN_ODT_AS_PDF"}} in orders


def test_the_largest_upload_is_the_pages_largest_as_well() -> None:
    php = {"upload_max_filesize": "64M"}
    assert sites.plan([entry("norte", php=php)])[0]["constants"] == {"MAIN_UPLOAD_DOC": 65536}
    # What nobody has written leaves the application's own as it is, and a constant of the inventory's wins.
    assert sites.plan([entry("norte")])[0]["constants"] == {}
    own = sites.plan([entry("norte", php=php, constants={"MAIN_UPLOAD_DOC": 100})])[0]
    assert own["constants"] == {"MAIN_UPLOAD_DOC": 100}
