# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site's own lines for the web server and for conf.php have to keep, as far as it can be seen without a host."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import php_settings, schema, secrecy
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

# An underscore is in each: so none of them is a variable that the application itself works with where it reads the
# file ($conf, $conffile, $result, $path).
_VARIABLE = re.compile(r"[a-z][A-Za-z0-9]*(_[A-Za-z0-9]+)+")
_CONNECTION = "Write the site's database.… keys: the connection is made from them"
_PLACE = "Leave it out: it is where the site lies on the host"
_ENCRYPTED = (
    "Leave it out: what is stored encrypted, every API key too, could not be read any more. For a site that comes with "
    "one extend the template application/conf.php.j2, block `secrets`"
)
_REFUSED = {
    "dolibarr_main_url_root": "Write domain, port, base_path, tls or proxy: the address is made from them",
    **dict.fromkeys(
        (
            "dolibarr_main_document_root",
            "dolibarr_main_document_root_alt",
            "dolibarr_main_url_root_alt",
            "dolibarr_main_data_root",
        ),
        _PLACE,
    ),
    "dolibarr_main_force_https": "Write tls.mode or proxy.tls: the web server leads to HTTPS",
    "dolibarr_main_prod": "Leave it out: errors would show the inner workings of the application to everybody",
    "dolibarr_nocsrfcheck": "Leave it out: other sites could act in the name of whoever is logged in",
    "dolibarr_allow_unsecured_select_in_extrafields_filter": "Leave it out: API users could read every table",
    "dolibarr_disable_dolcrypt_for_debug": "Leave it out: secrets would be stored in clear",
    "dolibarr_main_instance_unique_id": "Write instance_unique_id",
    **dict.fromkeys(
        ("dolibarr_main_cookie_cryptkey", "dolibarr_main_dolcrypt_key", "dolibarr_main_crypt_key"), _ENCRYPTED
    ),
}
_DATABASE = "dolibarr_main_db_"
_OURS = "dolibarr_"
_AUTHENTICATION = "dolibarr_main_authentication"

# What 15 to 24 read from conf.php beside that (searched for in their trees).
_KNOWN = """
dolibarr_ai_allow_local_endpoints dolibarr_allow_download_external_modules dolibarr_allow_localurl_for_webhooks
dolibarr_api_count_always_enabled dolibarr_auto_user dolibarr_cron_allow_cli dolibarr_distrib
dolibarr_font_DOL_DEFAULT_TTF dolibarr_font_DOL_DEFAULT_TTF_BOLD dolibarr_js_CKEDITOR dolibarr_js_JQUERY
dolibarr_js_JQUERY_UI dolibarr_lib_ADODB_PATH dolibarr_lib_FPDF_PATH dolibarr_lib_FPDI_PATH dolibarr_lib_GEOIP_PATH
dolibarr_lib_NUSOAP_PATH dolibarr_lib_ODTPHP_PATH dolibarr_lib_ODTPHP_PATHTOPCLZIP dolibarr_lib_PHPEXCELNEW_PATH
dolibarr_lib_TCPDF_PATH dolibarr_lib_TCPDI_PATH dolibarr_login_badcharunauthorized dolibarr_mailing_limit_sendbycli
dolibarr_mailing_limit_sendbyday dolibarr_mailing_limit_sendbyweb dolibarr_main_allow_unoconv
dolibarr_main_allow_unsecured_special_chars_in_dol_eval dolibarr_main_auth_ldap_admin_login
dolibarr_main_auth_ldap_admin_pass dolibarr_main_auth_ldap_debug dolibarr_main_auth_ldap_dn
dolibarr_main_auth_ldap_filter dolibarr_main_auth_ldap_host dolibarr_main_auth_ldap_login_attribute
dolibarr_main_auth_ldap_port dolibarr_main_auth_ldap_servertype dolibarr_main_auth_ldap_version
dolibarr_main_authentication dolibarr_main_authentication_autocreateuser dolibarr_main_data_root_images
dolibarr_main_demo dolibarr_main_distrib dolibarr_main_limit_users dolibarr_main_no_leaked_credentials
dolibarr_main_restrict_eval_methods dolibarr_main_restrict_eval_methods_array dolibarr_main_restrict_ip
dolibarr_main_restrict_os_commands dolibarr_main_stream_do_not_disable dolibarr_main_stream_to_disable
dolibarr_nocache dolibarr_session_db_host dolibarr_session_db_name dolibarr_session_db_pass dolibarr_session_db_port
dolibarr_session_db_type dolibarr_session_db_user dolibarr_strict_mode dolibarr_user
dolibarr_website_allow_custom_php
"""
KNOWN = frozenset(_KNOWN.split())


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with a site's own lines; the types of its keys were checked before."""
    for server, text in (entry.get("web_server_extra") or {}).items():
        wrong = _lines(server, text or "")
        if wrong:
            yield f"web_server_extra.{server}", *wrong
    yield from php_settings.check((entry.get("php") or {}).get("ini") or {}, entry["name"])
    for name, value in (entry.get("conf_extra") or {}).items():
        wrong = _variable(str(name), value)
        if wrong:
            yield f"conf_extra.{name}", *wrong


def cautions(entries: Sequence[Mapping[str, Any]], server: str, extensions: Collection[str]) -> list[str]:
    """Return what is likely a mistake in the own lines of sites that ``server`` serves.

    ``extensions`` are those of PHP that the inventory asks for beside the toolkit's own.
    """
    found = []
    for entry in entries:
        where = f"site '{entry['name']}'"
        extra = {name for name, text in (entry.get("web_server_extra") or {}).items() if text}
        if extra and server not in extra:
            found.append(
                f"{where}: web_server_extra has lines for {', '.join(sorted(extra))} only, and the site is served by "
                f"{server}: they do nothing there. Write the same for {server}."
            )
        for name, extension in php_settings.of_extensions((entry.get("php") or {}).get("ini") or {}).items():
            if extension not in extensions:
                found.append(
                    f"{where}: php.ini.{name}: does nothing unless PHP has an extension of that name; those that are "
                    "asked for stand in php_extensions_extra."
                )
        for name in entry.get("conf_extra") or {}:
            if name.startswith(_OURS) and name not in KNOWN:
                near = schema.near(name, KNOWN)
                mend = f" {near}?" if near.startswith("Did") else ""
                found.append(f"{where}: conf_extra.{name}: no version from 15 to 24 reads it.{mend}")
    return found


def _lines(server: str, text: str) -> tuple[str, str] | None:
    """Return what is wrong with lines for ``server``, and the mend."""
    if _CONTROL.search(text):
        return "holds a control character", "Write it without"
    if secrecy.holds_credential(text):
        return (
            "holds a password or a token, and everybody on the host may read the vhost",
            f"Put that line into a file on the host that only root may read, and write {SERVERS[server].include}",
        )
    return SERVERS[server].lines(text)


def _variable(name: str, value: object) -> tuple[str, str] | None:
    """Return what is wrong with a variable for conf.php, and the mend. A value may be a secret: it is not repeated."""
    if not _VARIABLE.fullmatch(name):
        return "is not the name of a variable of conf.php", "Write it without its $, as in dolibarr_main_restrict_ip"
    if name in _REFUSED or name.startswith(_DATABASE):
        return "is not for a site to set", _REFUSED.get(name, _CONNECTION)
    single = (str, int, float)
    many = isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value)
    if not isinstance(value, single) and not many:
        return "is not a text, a number, true/false or a list of texts", "Write one of these"
    if "\0" in str(value):
        return "holds a NUL character", "Write it without"
    return _authentication(str(value)) if name == _AUTHENTICATION else None


def _authentication(value: str) -> tuple[str, str] | None:
    modes = [mode.strip() for mode in value.split(",")]
    if "forceuser" in modes:
        return "holds forceuser, which logs everybody in", "Take it out"
    return (
        None
        if "dolibarr" in modes
        else ("is without dolibarr, by which API users log in", "Add it, as in ldap,dolibarr")
    )
