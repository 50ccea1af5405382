# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules and settings call on the host, and what is installed for it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import needs_table, program_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

BOOKWORM: dict[str, Any] = {"php_version": "8.2", "packages": []}
TRIXIE: dict[str, Any] = {"php_version": "8.4", "packages": []}


def _site(*modules: str, **constants: Any) -> Site:  # noqa: ANN401
    entry = {"name": "norte", "domain": "x.example.org", "source": {"type": "sandbox"}}
    return sites.plan([entry | {"modules": list(modules), "constants": constants}])[0]


@pytest.mark.parametrize(
    ("site", "packages"),
    [
        (_site(), []),
        (_site("societe", "facture", "barcode", "ecm", "website"), []),
        (_site(MAIN_ODT_AS_PDF="libreoffice"), ["fonts-liberation", "libreoffice-writer-nogui"]),
        (_site(MAIN_ODT_AS_PDF="/usr/bin/unoconv"), ["unoconv"]),
        (_site(MAIN_ODT_AS_PDF="sudo -u unoconv /usr/bin/unoconv"), ["unoconv"]),
        (_site(MAIN_ODT_AS_PDF=1), []),
        (_site(USE_PDFTK_FOR_PDF_CONCAT=True), ["pdftk-java"]),
        (_site(USE_PDFTK_FOR_PDF_CONCAT=False), []),
        (_site(USE_PDFTK_FOR_PDF_CONCAT="0"), []),
        (_site(USE_PDFTK_FOR_PDF_CONCAT=""), []),
        (_site(MAIN_SAVE_FILE_CONTENT_AS_TEXT="pdftotext"), ["poppler-utils"]),
        (_site(MAIN_SAVE_FILE_CONTENT_AS_TEXT="docling"), []),
        (_site(MAIN_SAVE_FILE_CONTENT_AS_TEXT_PDFTOTEXT="/usr/bin/pdftotext"), ["poppler-utils"]),
        (_site(MAIN_ANTIVIRUS_COMMAND="/usr/bin/clamdscan"), ["clamav-daemon", "clamdscan"]),
        (_site(MAIN_ANTIVIRUS_COMMAND="/usr/bin/clamscan"), ["clamav"]),
        (_site(MAIN_ANTIVIRUS_COMMAND="/opt/scan", MAIN_ANTIVIRUS_UPLOAD_ON=1), []),
        (_site(MAIN_ANTIVIRUS_UPLOAD_ON=1), ["clamav-daemon", "clamdscan"]),
        (_site(MODULEBUILDER_ASCIIDOCTOR="/usr/bin/asciidoctor"), ["asciidoctor"]),
        (_site(MODULEBUILDER_ASCIIDOCTORPDF="asciidoctor-pdf"), ["ruby-asciidoctor-pdf"]),
        (_site("ReceiptPrinter"), ["cups-client"]),
        (_site("cron"), ["mariadb-client"]),
    ],
)
def test_what_is_called(site: Site, packages: list[str]) -> None:
    assert program_needs.missing([site], BOOKWORM, "mariadb") == packages


def test_what_the_doctor_looks_for() -> None:
    site = _site("cron", "receiptprinter", MAIN_ODT_AS_PDF="libreoffice")
    assert program_needs.of_site(site) == ["lp", "soffice"]


def test_what_is_there_is_left_alone() -> None:
    wanted = [_site("cron", MAIN_ODT_AS_PDF="libreoffice"), _site("receiptprinter")]
    expected = ["cups-client", "fonts-liberation", "libreoffice-writer-nogui"]
    assert program_needs.missing(wanted, BOOKWORM, "postgresql") == expected
    there = BOOKWORM | {"packages": ["libreoffice-writer", "cups-client", "mariadb-client"]}
    assert program_needs.missing(wanted, there, "mariadb") == []


def test_mysqldump_of_debian_13_has_a_package_of_its_own() -> None:
    assert program_needs.missing([_site("cron")], TRIXIE, "mariadb") == ["mariadb-client", "mariadb-client-compat"]
    there = TRIXIE | {"packages": ["mariadb-client"]}
    assert program_needs.missing([_site("cron")], there, "mariadb") == ["mariadb-client-compat"]


def test_a_program_that_the_distribution_lacks() -> None:
    site = _site(MAIN_ODT_AS_PDF="/usr/bin/unoconv")
    assert list(program_needs.check(site, BOOKWORM, "mariadb")) == []
    assert list(program_needs.check(site, TRIXIE | {"packages": ["unoconv"]}, "mariadb")) == []
    assert list(program_needs.check(site, TRIXIE, "mariadb")) == [
        (
            "constants.MAIN_ODT_AS_PDF",
            "wants the program unoconv, and the host's distribution has no package unoconv",
            "Choose another (libreoffice), or host the site on Debian 12",
        )
    ]


@pytest.mark.parametrize("value", [1, "jodconverter", "/usr/bin/libreoffice"])
def test_a_way_to_pdf_whose_script_no_release_has(value: object) -> None:
    """Every document of a template would end in 500."""
    assert list(program_needs.check(_site(MAIN_ODT_AS_PDF=value), BOOKWORM, "mariadb")) == [
        (
            "constants.MAIN_ODT_AS_PDF",
            f"is {str(value)!r}, which calls the application's script odt2pdf.sh, and releases have none",
            "Take it out, and write files: {odt_to_pdf: true}",
        )
    ]


@pytest.mark.parametrize("value", [0, False, "", "libreoffice", "/usr/bin/unoconv"])
def test_ways_to_pdf_that_are_there(value: object) -> None:
    assert list(program_needs.check(_site(MAIN_ODT_AS_PDF=value), BOOKWORM, "mariadb")) == []


WHOLE, PIECES = "$this->config['ZIP_PROXY'] = 'PhpZipProxy';", "'ZIP_PROXY' => 'PclZipProxy', // PhpZipProxy"


@pytest.mark.parametrize(
    ("odf", "facts", "constants", "stops"),
    [
        (PIECES, TRIXIE, {"MAIN_ODT_AS_PDF": "libreoffice"}, True),
        (WHOLE, TRIXIE, {"MAIN_ODT_AS_PDF": "libreoffice"}, False),
        (PIECES, BOOKWORM, {"MAIN_ODT_AS_PDF": "libreoffice"}, False),
        (PIECES, TRIXIE, {}, False),
        # The sandbox has no templates.
        ("", TRIXIE, {"MAIN_ODT_AS_PDF": "libreoffice"}, False),
    ],
)
def test_odt_documents_that_a_newer_libreoffice_does_not_read(
    odf: str, facts: dict[str, Any], constants: dict[str, Any], stops: bool
) -> None:
    """Seen on 16.0.3 with Debian 13's: no PDF, and no word of it."""
    told = list(program_needs.check_templates(_site(**constants), odf, facts))
    assert [key for key, _, _ in told] == ["constants.MAIN_ODT_AS_PDF"] * stops


def test_the_table_says_of_each_what_calls_it_and_where() -> None:
    for need in needs_table.PROGRAMS:
        assert bool(need.constant) != bool(need.module)
        assert re.match(r"[a-z]+(/[\w.-]+)+\.php", need.source)
        assert need.packages
