# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the database of a copy harmless before anything of the application runs on it, by SQL.

The one exception to the rule that data is changed by the application alone: it would have to run for that, and send
what is due. Statements are the same for both engines, and for versions 15 to 24: what a version does not have is passed
over. Constants hold for every entity from entity 0, so a row of an entity's own goes.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator

from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine

#: Where mails, calls, payments and external data come and go, by how the constants begin.
_OUTWARD = (
    "ADHERENT_MAILMAN",
    "ADHERENT_SPIP",
    "ADHERENT_USE_",
    "AGENDA_EXT_SRC",  # calendars that are fetched when the agenda is shown
    "AI_",
    "ASTERISK_",
    "BLOCKEDLOG_AUTHORITY_URL",
    "BLOCKEDLOG_USE_REMOTE_AUTHORITY",
    "CLICKTODIAL_URL",
    "EXTERNAL_RSS_URLRSS",  # fetched when the home page is shown
    "FTP_",
    "LDAP_CONTACT_ACTIVE",
    "LDAP_MEMBER_ACTIVE",
    "LDAP_MEMBER_TYPE_ACTIVE",
    "LDAP_SERVER_HOST",
    "LDAP_SYNCHRO_ACTIVE",
    "MAIN_AUTHENTICATION_OIDC",
    "MAIN_AUTHENTICATION_OPENID",
    "MAIN_MAIL_AUTOCOPY_",
    "MAIN_MAIL_SENDMODE",
    "MAIN_MAIL_SMTP",
    "MAIN_SMS_",
    "MULTICURRENCY_APP_",
    "OAUTH_",
    "PAYBOX_",
    "PAYPAL_",
    "PRINTGCP_",
    "PRINTIPP_",
    "STRIPE_",
    "TAKEPOS_JO_",
    "TAKEPOS_PRINT_SERVER",
    "TAKEPOS_SA_",
)
#: What the application itself takes for a secret, see dolibarr_set_const in core/lib/admin.lib.php.
_SECRET = re.compile(
    r"(_KEY|_EXPORTKEY|_SECUREKEY|_SERVERKEY|_PASS|_PASSWORD|_PW|_PW_TICKET|_PW_EMAILING|_SECRET|_SECURITY_TOKEN"
    r"|_WEB_TOKEN)$"
)
_NO_SECRET = re.compile(r"^(MAIN_LOGEVENTS|MAIN_AGENDA_ACTIONAUTO)")
#: Doors of the site's own, from outside: without a value some of them stand open, so they get another one.
_DOOR = re.compile(r"(_SECURITY_TOKEN|_SECUREKEY|_EXPORTKEY|_UNSUBSCRIBE_KEY|^CRON_KEY|^WEBSERVICES_KEY)$")
#: 23 and newer do not write an invoice without it; it is encrypted anew.
_NEEDED = frozenset({"BLOCKEDLOG_HMAC_KEY"})
#: Emptied, by parts of names: whom the site would call, who could call it, and who is logged in.
_EMPTIED = re.compile(r"webhook|zapier_hook|^llx_oauth_(token|state)$|^llx_session$|price_global_variable_updater$")
_CHANGED = {
    "llx_user": ("api_key = NULL", ("api_key",)),
    "llx_cronjob": ("status = 0, processing = 0", ("status", "processing")),
    "llx_emailcollector_emailcollector": ("status = 0, password = NULL", ("status", "password")),
}
_CONST = "llx_const"


def banner(source: str, day: str) -> dict[str, str]:
    """Return the constants by which everybody sees what it is: at the log-in, at home, and at the top of each page."""
    text = f"TEST COPY of {source}, data of {day}: no mail, no job and no payment leaves it"
    style = (
        f'body::before {{ content: "{text}"; position: fixed; top: 0; left: 0; right: 0; z-index: 100000;'
        " pointer-events: none; text-align: center; font: bold 12px/16px sans-serif; color: #fff;"
        " background: rgba(176, 0, 32, .85) }"
    )
    return {"MAIN_HOME": text, "MAIN_MOTD": text, "MAIN_HTML_HEADER": f"<style>{style}</style>"}


def neutralise(engine: Engine, database: str, source: str, day: str) -> list[str]:
    """Have nothing leave the copy of ``source`` in ``database``; return what the operator should know.

    Raises EngineError.
    """
    columns = engine.columns(database)
    names = engine.ask(database, f"SELECT DISTINCT name FROM {_CONST}").splitlines()
    cleared, renewed = _sorted(names)
    wanted = {
        "MAIN_DISABLE_ALL_MAILS": "1",
        "MAIN_DISABLE_ALL_SMS": "1",
        # The application's note of itself to its makers, by whoever logs in first.
        "MAIN_FIRST_PING_OK_ID": "disabled",
        **banner(source, day),
        **{name: secrets.token_hex(16) for name in {*renewed, "CRON_KEY"}},
    }
    engine.ask(database, ";\n".join(_statements(columns, cleared, wanted)))
    return [f"constants that were cleared: {', '.join(cleared)}"] if cleared else []


def _sorted(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return which constants are cleared, and which get another value."""
    cleared, renewed = [], []
    for name in sorted(names):
        if name in _NEEDED:
            continue
        if _DOOR.search(name) and not name.startswith(_OUTWARD):
            renewed.append(name)
        elif name.startswith(_OUTWARD) or (_SECRET.search(name) and not _NO_SECRET.match(name)):
            cleared.append(name)
    return cleared, renewed


def _statements(columns: dict[str, set[str]], cleared: list[str], wanted: dict[str, str]) -> Iterator[str]:
    yield "BEGIN"
    for table in sorted(filter(_EMPTIED.search, columns), key=lambda name: (-len(name), name)):
        yield f"DELETE FROM {table}"  # a history, whose name is longer, before what it belongs to
    for table, (change, needed) in _CHANGED.items():
        if columns.get(table, set()).issuperset(needed):
            yield f"UPDATE {table} SET {change}"
    if "llx_user_param" in columns:
        yield "DELETE FROM llx_user_param WHERE param LIKE 'AGENDA!_EXT!_SRC%' ESCAPE '!'"
    yield f"DELETE FROM {_CONST} WHERE name IN ({', '.join(text(name) for name in [*cleared, *wanted])})"
    for name, value in wanted.items():
        yield (
            f"INSERT INTO {_CONST} (name, value, type, visible, note, entity)"
            f" VALUES ({text(name)}, {text(value)}, 'chaine', 0, 'miclinik.hosting: a clone', 0)"
        )
    yield "COMMIT"


def text(value: str) -> str:
    """Return ``value`` as SQL of both engines; one with a backslash would not be the same in them."""
    if "\\" in value:
        raise ValueError(value)
    return "'" + value.replace("'", "''") + "'"
