# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site may set in ``php.ini`` of its pools: names that PHP knows, and none that undoes what is promised."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import secrecy
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.text import quoting

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z0-9_]+)*")
_TEMPLATE = "extend the template php/pool.conf.j2"

_SESSIONS = "Leave it out: sessions lie in the site's own folder, and old ones are removed there"
_FINDINGS = "Leave it out: errors go to the journal and never into an answer"
#: What the pool's template sets or needs as it is: the mend by the name of the setting.
REFUSED = {
    "memory_limit": "Write php.memory_limit",
    "upload_max_filesize": "Write php.upload_max_filesize",
    "post_max_size": "Write php.upload_max_filesize, which it follows",
    "max_execution_time": "Write php.max_execution_time",
    "date.timezone": "Write php.timezone",
    **dict.fromkeys(("session.save_path", "session.save_handler"), _SESSIONS),
    **dict.fromkeys(("session.gc_probability", "session.gc_divisor"), _SESSIONS),
    **dict.fromkeys(("upload_tmp_dir", "sys_temp_dir"), "Leave it out: it is the site's own folder for sessions"),
    **dict.fromkeys(("display_errors", "display_startup_errors", "log_errors", "error_log"), _FINDINGS),
    **dict.fromkeys(("syslog.ident", "syslog.facility", "syslog.filter"), _FINDINGS),
    **dict.fromkeys(
        ("zend.exception_ignore_args", "zend.exception_string_param_max_len"),
        "Leave it out: arguments, passwords among them, would be written into the journal",
    ),
    "session.use_strict_mode": "Leave it out: somebody else could choose the number of a person's session",
    "session.cookie_httponly": "Leave it out: scripts in a page could read the session's cookie",
    **dict.fromkeys(
        ("session.use_only_cookies", "session.use_trans_sid", "session.use_cookies"),
        "Leave it out: the session would travel in addresses",
    ),
    "expose_php": "Leave it out: it tells everybody the version of PHP",
    "output_buffering": "Leave it out: without a buffer the API answers 200 where it means 501 and 503",
    "auto_prepend_file": "Leave it out: by it the web server knows who has logged in",
    "output_handler": "Leave it out: the API needs the plain buffer",
    "mysqli.allow_local_infile": "Leave it out: a database server could ask for any file that the site may read",
    "allow_url_include": "Leave it out: PHP would run code from other servers",
    "enable_dl": "Leave it out: code could load extensions",
    **dict.fromkeys(("extension", "zend_extension", "extension_dir"), "Write the role's php_extensions_extra"),
}
#: The same for all names that begin so.
REFUSED_PREFIXES = {
    "opcache.": "The cache is one for all sites, so it is set for the host: php_opcache_mb, php_opcache_files, or a "
    "template php/opcache.ini.j2 of your own",
    "cgi.": "Leave it out: the API finds its routes through PATH_INFO",
    "fastcgi.": "Leave it out: it is the web server that calls PHP",
    **dict.fromkeys(
        ("pm.", "listen.", "access.", "ping.", "process.", "security.limit_"),
        f"It is the pool's and none of PHP's: {_TEMPLATE}, blocks `workers`, `listen` and `requests`",
    ),
}

# In a pool's file PHP-FPM completes these (FPM_PHP_INI_TO_EXPAND in its sources, seen with 8.2).
_PATHS = frozenset({"sendmail_path", "session.cookie_path", "soap.wsdl_cache_dir"})
# Of PHP 8.2 to 8.4 with the extensions that Debian packages with it, without what is refused anyway.
_KNOWN = """
allow_url_fopen arg_separator.input
arg_separator.output assert.active assert.bail assert.callback assert.exception assert.warning auto_append_file
auto_detect_line_endings auto_globals_jit bcmath.scale browscap
curl.cainfo date.default_latitude date.default_longitude date.sunrise_zenith date.sunset_zenith default_charset
default_mimetype default_socket_timeout disable_classes disable_functions doc_root docref_ext docref_root
enable_post_data_reading error_append_string error_log_mode error_prepend_string error_reporting
exif.decode_jis_intel exif.decode_jis_motorola exif.decode_unicode_intel exif.decode_unicode_motorola
exif.encode_jis exif.encode_unicode ffi.enable ffi.preload fiber.stack_size file_uploads filter.default
filter.default_flags from gd.jpeg_ignore_warning hard_timeout highlight.comment highlight.default highlight.html
highlight.keyword highlight.string html_errors iconv.input_encoding iconv.internal_encoding iconv.output_encoding
ignore_repeated_errors ignore_repeated_source ignore_user_abort imap.enable_insecure_rsh implicit_flush include_path
input_encoding internal_encoding intl.default_locale intl.error_level intl.use_exceptions ldap.max_links
mail.add_x_header mail.force_extra_parameters mail.log mail.mixed_lf_and_crlf max_file_uploads
max_input_nesting_level max_input_time max_input_vars max_multipart_body_parts mbstring.detect_order
mbstring.encoding_translation mbstring.http_input mbstring.http_output mbstring.http_output_conv_mimetypes
mbstring.internal_encoding mbstring.language mbstring.regex_retry_limit mbstring.regex_stack_limit
mbstring.strict_detection mbstring.substitute_character memory_hard_limit_percent
mysqli.allow_persistent mysqli.default_host mysqli.default_port mysqli.default_pw mysqli.default_socket
mysqli.default_user mysqli.local_infile_directory mysqli.max_links mysqli.max_persistent
mysqli.rollback_on_cached_plink mysqlnd.collect_memory_statistics mysqlnd.collect_statistics mysqlnd.debug
mysqlnd.log_mask mysqlnd.mempool_default_size mysqlnd.net_cmd_buffer_size mysqlnd.net_read_buffer_size
mysqlnd.net_read_timeout mysqlnd.sha256_server_public_key mysqlnd.trace_alloc odbc.allow_persistent
odbc.check_persistent odbc.defaultbinmode odbc.defaultlrl odbc.max_links odbc.max_persistent open_basedir
openssl.cafile openssl.capath openssl.libctx output_encoding pcre.backtrack_limit pcre.jit pcre.recursion_limit
pdo_mysql.default_socket pdo_odbc.connection_pooling pgsql.allow_persistent pgsql.auto_reset_persistent
pgsql.ignore_notice pgsql.log_notice pgsql.max_links pgsql.max_persistent phar.cache_list phar.readonly
phar.require_hash precision realpath_cache_size realpath_cache_ttl register_argc_argv report_memleaks
report_zend_debug request_order sendmail_from sendmail_path serialize_precision session.auto_start
session.cache_expire session.cache_limiter session.cookie_domain session.cookie_lifetime session.cookie_path
session.cookie_samesite session.cookie_secure session.gc_maxlifetime session.lazy_write session.name
session.referer_check session.serialize_handler session.sid_bits_per_character session.sid_length
session.trans_sid_hosts session.trans_sid_tags session.upload_progress.cleanup session.upload_progress.enabled
session.upload_progress.freq session.upload_progress.min_freq session.upload_progress.name
session.upload_progress.prefix short_open_tag SMTP smtp_port soap.wsdl_cache
soap.wsdl_cache_dir soap.wsdl_cache_enabled soap.wsdl_cache_limit soap.wsdl_cache_ttl tidy.clean_output
tidy.default_config unserialize_callback_func unserialize_max_depth url_rewriter.hosts url_rewriter.tags user_agent
user_dir user_ini.cache_ttl user_ini.filename variables_order xmlrpc_error_number xmlrpc_errors zend.assertions
zend.detect_unicode zend.enable_gc zend.max_allowed_stack_size zend.multibyte zend.reserved_stack_size
zend.script_encoding zend.signal_check zlib.output_compression zlib.output_compression_level zlib.output_handler
"""
KNOWN = frozenset(_KNOWN.split())
_FAMILIES = frozenset(name.partition(".")[0] for name in KNOWN if "." in name)


#: From 23 on the application adds months in UTC to dates of the site's zone, unless told not to: east of Greenwich
#: an invoice of each month's first becomes one of each month's last (Dolibarr #39962). Older ones do not read it.
_MONTHS = "MAIN_DATE_IN_MEMORY_ARE_NOT_GMT"


def constants(timezone: str) -> dict[str, int]:
    """Return what the application has to be told beside PHP's own settings, where its zone is `timezone`."""
    return {} if timezone == "UTC" else {_MONTHS: 1}


def check(settings: Mapping[str, Any], site: str) -> Iterator[Rest]:
    """Yield what is wrong with ``php.ini`` of the site of that name."""
    for name, value in settings.items():
        wrong = _wrong(str(name), value, site)
        if wrong:
            yield f"php.ini.{name}", *wrong


def of_extensions(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return the settings of extensions that nobody here knows, each with the extension that its name begins with."""
    families = {str(name): str(name).partition(".")[0] for name in settings if "." in str(name)}
    return {name: family for name, family in families.items() if family not in _FAMILIES}


def _wrong(name: str, value: object, site: str) -> tuple[str, str] | None:
    """Return what is wrong with a setting, and the mend."""
    if not _NAME.fullmatch(name):
        return "is not the name of a setting", "Write one of PHP's, as in session.gc_maxlifetime"
    prefix = next((prefix for prefix in REFUSED_PREFIXES if name.startswith(prefix)), "")
    if name in REFUSED or prefix:
        return "is not for a site to set", REFUSED.get(name) or REFUSED_PREFIXES[prefix]
    return _unknown(name) or _bad_value(name, value, site)


def _unknown(name: str) -> tuple[str, str] | None:
    family, dot, _ = name.partition(".")
    if name in KNOWN:
        return None
    of_extension = bool(dot) and family not in _FAMILIES
    # Extensions that nobody here knows have settings of their own; what is nearly a known name is none of them.
    near = difflib.get_close_matches(name, sorted({*KNOWN, *REFUSED}), n=1, cutoff=0.85 if of_extension else 0.6)
    if of_extension and not near:
        return None
    guess = f"Did you mean '{near[0]}'" if near else "Write one of PHP's"
    return "is no setting of PHP 8.2 to 8.4", f"{guess}; for one of a newer PHP {_TEMPLATE}"


def _bad_value(name: str, value: object, site: str) -> tuple[str, str] | None:
    if not isinstance(value, (str, int, float)):
        return "is not a text, a number or true/false", "Write one of these"
    if secrecy.is_secret(name, value):
        return (
            "is a secret, and the files of PHP's pools can be read by everybody on the host",
            "Leave it out; what the application reads from its conf.php can be a secret: conf_extra",
        )
    try:
        quoting.ini(value)
    except ValueError as error:
        return str(error), "Write it without"
    return _bad_text(name, value, layout.of(site)["home"])


def _bad_text(name: str, value: object, home: str) -> tuple[str, str] | None:
    """Return what is wrong with what PHP makes of a value."""
    if name == "error_reporting" and (isinstance(value, bool) or not str(value).isdecimal()):
        # In quotes PHP reads a text as the number 0.
        return (
            "is not a number, and PHP reads no names there",
            "Write the number, as in 22527 for E_ALL & ~E_DEPRECATED",
        )
    if name in _PATHS and not str(value).startswith("/"):
        return "does not begin with /, and PHP-FPM would put /usr/ in front", "Write the whole path"
    if name == "open_basedir" and not {home, f"{home}/", "/"} & set(str(value).split(":")):
        return f"does not hold {home}", f"Begin it with {home}/: code, records and sessions lie there"
    return None
