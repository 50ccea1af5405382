# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the application's modules and settings need beside its own code: the one table, with the source of each fact.

Found by reading 16.0.3, 22.0.4 and 24.0.0-beta, descriptors and code. ``php_needs`` and ``program_needs`` have what is
brought installed, ``outside_needs`` tells of what nobody but the operator can bring, docs/modules.md shows it all, and
``python -m tests.modules`` tries every module. Paths are those of 22.0.4 where nothing else is said.

Extensions that every site gets (``php_extensions_always`` of the role php: curl, gd, intl, mbstring, xml, zip, and the
database's) stand in no row, nor do those of Debian's package php-common. What is left out and why:

* `webservices` and the check of European VAT numbers speak SOAP by a library of the application (nusoap);
* `geoipmaxmind` reads its file by a library of the application, `ftp` has its functions from php-common;
* `imagick`, `tidy` and `ssh2` are used where they are there, or for one connection in a list: `php_extensions_extra`;
* `bcmath` is called by one function only, which nothing calls;
* `tar` and `gzip` are there on every Debian; `bzip2` and `zstd` are choices of a page for exports;
* `docling` and `genbarcode` have no package, `odt2pdf.sh` (MAIN_ODT_AS_PDF: 1) is not in a release's htdocs;
* previews of PDFs want `imagick`, `ghostscript`, and Debian's policy for ImageMagick changed;
* `pg_dump`: the application only shows the command.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections

#: What a constant holds that is on, whatever it says.
ON = r"(?!0?$)"


def is_on(value: object) -> bool:
    """Return whether a constant is on: of the application, or as an inventory has it."""
    return str(value or "") not in ("", "0")


class Extension(NamedTuple):
    """What of PHP ``module`` needs: only for a company in ``country`` if there is one, not where ``instead`` is set."""

    module: str
    extension: str
    #: Where in the application it is called.
    source: str
    country: str = ""
    #: Constant that has the application do without; `since` is the first version that knows it.
    instead: str = ""
    since: int = 0


EXTENSIONS = (
    Extension("ldap", "ldap", "core/class/ldap.class.php"),
    Extension(
        "emailcollector",
        "imap",
        "emailcollector/class/emailcollector.class.php",
        instead="MAIN_IMAP_USE_PHPIMAP",
        since=17,
    ),
    Extension("societe", "soap", "societe/checkvat/checkVatGr.php", country="GR"),
)

#: Extensions that a version's distribution does not have: PHP 8.4 gave imap away, and Debian 13 has no package of it.
ABSENT_EXTENSIONS = {"8.4": frozenset({"imap"})}


class Program(NamedTuple):
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
    #: Service that has to run for it.
    unit: str = ""


_ODF, _FILES = "includes/odtphp/odf.php", "core/lib/files.lib.php"
_ANTIVIRUS, _BUILDER = "core/class/antivir.class.php", "core/class/utils.class.php"
_DAEMON = ("clamdscan", "clamav-daemon")
_SCANNER = "clamav-daemon.service"
_PRINTER = "core/class/dolreceiptprinter.class.php (mike42/escpos-php, CupsPrintConnector)"

PROGRAMS = (
    Program(
        "soffice",
        # The fonts have the widths of those that people's templates name.
        ("libreoffice-writer-nogui", "fonts-liberation"),
        _ODF,
        "MAIN_ODT_AS_PDF",
        "libreoffice$",
        instead=("libreoffice-writer",),
    ),
    Program("unoconv", ("unoconv",), _ODF, "MAIN_ODT_AS_PDF", r".*\bunoconv\b"),
    Program("pdftk", ("pdftk-java",), "core/actions_massactions.inc.php", "USE_PDFTK_FOR_PDF_CONCAT"),
    Program("pdftotext", ("poppler-utils",), _FILES, "MAIN_SAVE_FILE_CONTENT_AS_TEXT", ".*pdftotext"),
    Program("pdftotext", ("poppler-utils",), _FILES, "MAIN_SAVE_FILE_CONTENT_AS_TEXT_PDFTOTEXT", r".*\bpdftotext\b"),
    Program("clamdscan", _DAEMON, _ANTIVIRUS, "MAIN_ANTIVIRUS_COMMAND", r".*\bclamdscan\b", unit=_SCANNER),
    Program("clamscan", ("clamav",), _ANTIVIRUS, "MAIN_ANTIVIRUS_COMMAND", r".*\bclamscan\b"),
    # 24 has a switch of its own, and clamdscan where no other command is set.
    Program(
        "clamdscan", _DAEMON, _ANTIVIRUS, "MAIN_ANTIVIRUS_UPLOAD_ON", unless="MAIN_ANTIVIRUS_COMMAND", unit=_SCANNER
    ),
    Program("asciidoctor", ("asciidoctor",), _BUILDER, "MODULEBUILDER_ASCIIDOCTOR", r".*\basciidoctor$"),
    Program(
        "asciidoctor-pdf",
        ("ruby-asciidoctor-pdf",),
        _BUILDER,
        "MODULEBUILDER_ASCIIDOCTORPDF",
        r".*\basciidoctor-pdf$",
    ),
    Program("lp", ("cups-client",), _PRINTER, module="receiptprinter"),
    # The job that dumps the database, by the name that MariaDB had.
    Program(
        "mysqldump",
        ("mariadb-client",),
        "core/modules/modCron.class.php",
        module="cron",
        engine=database_connections.MARIADB,
    ),
)

#: By the version of PHP that a distribution has: packages that it lacks, and those that parts moved to.
ABSENT_PACKAGES = {"8.4": frozenset({"unoconv"})}
MOVED_PACKAGES = {"8.4": {"mariadb-client": ("mariadb-client", "mariadb-client-compat")}}

#: By the version of PHP: distributions whose LibreOffice (24 and newer) takes no ODT that is written file by file, and
#: what is in odf.php of the versions that write it whole. Seen with 25.2 on 16.0.3, and told for 18 to 21:
#: https://github.com/Dolibarr/dolibarr/issues/31708
STRICT_OFFICE = frozenset({"8.4"})
WHOLE_ODT = "['ZIP_PROXY'] = 'PhpZipProxy'"


class Outside(NamedTuple):
    """What ``module`` does nothing without, and only the operator can have."""

    module: str
    what: str
    source: str
    #: Constants one of which says that the operator has it; without any nobody can tell from here.
    constants: tuple[str, ...] = ()


OUTSIDE = (
    Outside("ai", "an account with a provider of language models", "ai/class/ai.class.php", ("AI_API_SERVICE",)),
    Outside(
        "clicktodial",
        "a telephone server that dials when its web address is called, or telephones of the desks",
        "core/class/html.form.class.php",
        ("CLICKTODIAL_URL", "CLICKTODIAL_USE_TEL_LINK_ON_PHONE_NUMBERS"),
    ),
    Outside("emailcollector", "an IMAP mailbox, entered on the module's pages", "emailcollector/class"),
    Outside("externalrss", "feeds of other sites", "core/boxes/box_external_rss.php", ("EXTERNAL_RSS_URLRSS_1",)),
    Outside("externalsite", "a site to show in the menu", "externalsite/frametop.php", ("EXTERNALSITE_URL",)),
    Outside("ftp", "an FTP server", "ftp/index.php", ("FTP_SERVER_1",)),
    Outside(
        "geoipmaxmind",
        "MaxMind's file of countries, which wants their licence, where the site may read it",
        "core/class/dolgeoip.class.php",
        ("GEOIPMAXMIND_COUNTRY_DATAFILE",),
    ),
    Outside("gravatar", "gravatar.com, which people's browsers call", "core/class/html.form.class.php"),
    # Switched on it has settings already, of a server that is not there.
    Outside("ldap", "a directory server", "core/class/ldap.class.php"),
    Outside(
        "mailmanspip",
        "a list server (Mailman) or a site of SPIP; SPIP's database wants php_extensions_extra: [mysql] on PostgreSQL",
        "mailmanspip/class/mailmanspip.class.php",
        ("ADHERENT_MAILMAN_ADMIN_PASSWORD", "ADHERENT_SPIP_SERVEUR"),
    ),
    Outside("multicurrency", "rates: typed, or an account with currencylayer.com", "multicurrency/class"),
    Outside("oauth", "an application entered at each provider, on the module's pages", "core/modules/oauth"),
    Outside(
        "openidconnect",
        "a provider of log-ins",
        "core/login/functions_openid_connect.php",
        ("MAIN_AUTHENTICATION_OIDC_CLIENT_ID",),
    ),
    Outside("paybox", "an account with Paybox", "paybox/lib", ("PAYBOX_PBX_IDENTIFIANT",)),
    Outside("paypal", "an account with PayPal", "paypal/lib/paypal.lib.php", ("PAYPAL_API_USER",)),
    Outside(
        "printing",
        "a print server that speaks IPP",
        "core/modules/printing/printipp.modules.php",
        ("PRINTIPP_HOST",),
    ),
    Outside(
        "receiptprinter", "a receipt printer, entered on the module's pages", "core/class/dolreceiptprinter.class.php"
    ),
    Outside(
        "stripe",
        "an account with Stripe",
        "stripe/class/stripe.class.php",
        ("STRIPE_LIVE_SECRET_KEY", "STRIPE_TEST_SECRET_KEY"),
    ),
    Outside(
        "webhook",
        "somebody who listens: `webhooks` (docs/webhooks.md), or entered on the module's pages",
        "webhook/class/target.class.php",
    ),
    Outside(
        "webservices",
        "a key that its SOAP clients send",
        "webservices/server_thirdparty.php",
        ("WEBSERVICES_KEY",),
    ),
    Outside("zapier", "an account with Zapier", "zapier/README.md"),
)

#: What works only where something else of the host is there: a timer that runs the scheduled jobs, a way for mail. Who
#: brings the two is docs/jobs.md's and docs/mail.md's subject. Read from ``$this->cronjobs`` of the descriptors (16 to
#: 24), and from who makes a ``CMailFile``.
SCHEDULED = (
    *("adherent", "agenda", "cron", "datapolicy", "emailcollector", "facture", "fournisseur", "holiday"),
    *("multicurrency", "partnership", "projet", "syslog"),
)
MAILING = (
    *("adherent", "agenda", "cron", "datapolicy", "emailcollector", "eventorganization", "expensereport", "facture"),
    *("fournisseur", "holiday", "mailing", "notification", "opensurvey", "partnership", "projet", "recruitment"),
    *("takepos", "ticket", "user"),
)

#: Modules that cannot do here what they are for, and why.
BARRED = {
    "modulebuilder": "writes modules into htdocs/custom, where the site may not write: what it serves is root's alone."
    " Build modules elsewhere, and name them in custom_modules",
}
