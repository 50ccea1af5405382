# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which programs of the host the application's modules and settings call, and Debian's packages of them.

Found by looking through 16.0.3, 22.0.4 and 24.0.0-beta for `exec`, `popen`, `proc_open` and `Utils::executeCLI`, those
of the libraries that the application brings along too. What is left out and why:

* `tar` and `gzip` are there on every Debian; `bzip2` and `zstd` are choices of a page for exports;
* `docling` and `genbarcode` have no package, `odt2pdf.sh` (MAIN_ODT_AS_PDF: 1) is not in a release's htdocs;
* a mail server for PHP's mail(): the host's own matter, MAIN_MAIL_SENDMODE: smtps does without;
* previews of PDFs want `imagick`, `ghostscript`, and Debian's policy for ImageMagick changed;
* `pg_dump`: the application only shows the command.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

#: What a constant holds that is on, whatever it says.
ON = r"(?!0?$)"


class Need(NamedTuple):
    """A program, and what calls it: a ``module``, or a ``constant`` whose value fits ``value``."""

    program: str
    packages: tuple[str, ...]
    #: Where in the application (22.0.4) it is called.
    source: str
    constant: str = ""
    value: str = ON
    module: str = ""
    #: Constant that names another program in place of this one.
    unless: str = ""
    #: Packages that have the program as well, and must not be replaced.
    instead: tuple[str, ...] = ()
    engine: str = ""


_ODF, _FILES = "includes/odtphp/odf.php", "core/lib/files.lib.php"
_ANTIVIRUS, _BUILDER = "core/class/antivir.class.php", "core/class/utils.class.php"
_DAEMON = ("clamdscan", "clamav-daemon")
_PRINTER = "core/class/dolreceiptprinter.class.php (mike42/escpos-php, CupsPrintConnector)"

NEEDS = (
    Need(
        "soffice",
        # The fonts have the widths of those that people's templates name.
        ("libreoffice-writer-nogui", "fonts-liberation"),
        _ODF,
        "MAIN_ODT_AS_PDF",
        "libreoffice$",
        instead=("libreoffice-writer",),
    ),
    Need("unoconv", ("unoconv",), _ODF, "MAIN_ODT_AS_PDF", r".*\bunoconv\b"),
    Need("pdftk", ("pdftk-java",), "core/actions_massactions.inc.php", "USE_PDFTK_FOR_PDF_CONCAT"),
    Need("pdftotext", ("poppler-utils",), _FILES, "MAIN_SAVE_FILE_CONTENT_AS_TEXT", ".*pdftotext"),
    Need("pdftotext", ("poppler-utils",), _FILES, "MAIN_SAVE_FILE_CONTENT_AS_TEXT_PDFTOTEXT", r".*\bpdftotext\b"),
    Need("clamdscan", _DAEMON, _ANTIVIRUS, "MAIN_ANTIVIRUS_COMMAND", r".*\bclamdscan\b"),
    Need("clamscan", ("clamav",), _ANTIVIRUS, "MAIN_ANTIVIRUS_COMMAND", r".*\bclamscan\b"),
    # 24 has a switch of its own, and clamdscan where no other command is set.
    Need("clamdscan", _DAEMON, _ANTIVIRUS, "MAIN_ANTIVIRUS_UPLOAD_ON", unless="MAIN_ANTIVIRUS_COMMAND"),
    Need("asciidoctor", ("asciidoctor",), _BUILDER, "MODULEBUILDER_ASCIIDOCTOR", r".*\basciidoctor$"),
    Need(
        "asciidoctor-pdf",
        ("ruby-asciidoctor-pdf",),
        _BUILDER,
        "MODULEBUILDER_ASCIIDOCTORPDF",
        r".*\basciidoctor-pdf$",
    ),
    Need("lp", ("cups-client",), _PRINTER, module="receiptprinter"),
    # The job that dumps the database, by the name that MariaDB had.
    Need(
        "mysqldump",
        ("mariadb-client",),
        "core/modules/modCron.class.php",
        module="cron",
        engine=database_connections.MARIADB,
    ),
)

#: By the version of PHP that a distribution has: packages that it lacks, and those that parts moved to.
ABSENT = {"8.4": frozenset({"unoconv"})}
MOVED = {"8.4": {"mariadb-client": ("mariadb-client", "mariadb-client-compat")}}


def missing(sites: Sequence[Site], facts: Mapping[str, Any], engine: str) -> list[str]:
    """Return the packages that the host with ``facts`` lacks of those that ``sites`` need, for the role php."""
    installed = set(facts["packages"])
    wanted: set[str] = set()
    for site in sites:
        for need in _needs(site, engine):
            if not installed & set(need.instead):
                moved = MOVED.get(facts["php_version"], {})
                wanted.update(*(moved.get(package, (package,)) for package in need.packages))
    return sorted(wanted - installed)


def of_site(site: Site) -> list[str]:
    """Return the programs that the site calls, whatever its database."""
    return sorted({need.program for need in _needs(site, "")})


def check(site: Site, facts: Mapping[str, Any], engine: str) -> Iterator[Rest]:
    """Yield what calls a program that the host's distribution does not have: key, what was seen, mend."""
    absent = ABSENT.get(facts["php_version"], frozenset())
    for need in _needs(site, engine):
        for package in sorted(absent & set(need.packages) - set(facts["packages"])):
            seen = f"wants the program {need.program}, and the host's distribution has no package {package}"
            key = f"constants.{need.constant}" if need.constant else "modules"
            yield key, seen, "Choose another (libreoffice), or host the site on Debian 12"


def _needs(site: Site, engine: str) -> Iterator[Need]:
    modules = {name.lower() for name in site["modules"]}
    for need in NEEDS:
        if need.engine not in ("", engine) or (need.unless and _text(site, need.unless) not in ("", "0")):
            continue
        if need.module in modules or (need.constant and re.match(need.value, _text(site, need.constant))):
            yield need


def _text(site: Site, constant: str) -> str:
    """Return the value as the application stores it."""
    value = site["constants"].get(constant)
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)
