# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What makes the database of a clone harmless: which constants go, which get another value, what is emptied."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import neutral

from .sites import Server

TABLES = {
    "llx_user": {"rowid", "api_key"},
    "llx_const": {"rowid", "name"},
    "llx_cronjob": {"rowid", "status", "processing"},
    "llx_webhook_target": {"rowid", "status"},
    "llx_webhook_history": {"rowid"},
    "llx_oauth_token": {"rowid"},
    "llx_user_param": {"fk_user", "param"},
    "llx_product": {"rowid"},
}


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server(databases={"staging$next": {}})
    monkeypatch.setattr(server, "columns", lambda _database: TABLES)
    return server


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("MAIN_MAIL_SMTP_SERVER", "cleared"),
        ("MAIN_MAIL_SMTPS_PW_TICKET", "cleared"),
        ("MAIN_MAIL_SENDMODE_EMAILING", "cleared"),
        ("STRIPE_LIVE", "cleared"),
        ("STRIPE_LIVE_WEBHOOK_KEY", "cleared"),
        ("PAYPAL_SECURITY_TOKEN", "cleared"),
        ("LDAP_SERVER_HOST_SLAVE", "cleared"),
        ("EXTERNAL_RSS_URLRSS_1", "cleared"),
        ("AGENDA_EXT_SRC_3", "cleared"),
        ("SOME_CUSTOM_MODULE_SECRET", "cleared"),
        # Without a value the hash in links that are sent to customers could be guessed.
        ("PROPOSAL_ONLINE_SIGNATURE_SECURITY_TOKEN", "renewed"),
        ("MAIN_AGENDA_XCAL_EXPORTKEY", "renewed"),
        ("MAILING_EMAIL_UNSUBSCRIBE_KEY", "renewed"),
        ("CRON_KEY", "renewed"),
        # 23 and newer write no invoice without it.
        ("BLOCKEDLOG_HMAC_KEY", "kept"),
        ("MAIN_LOGEVENTS_USER_NEW_PASSWORD", "kept"),
        ("MAIN_AGENDA_ACTIONAUTO_USER_NEW_PASSWORD", "kept"),
        ("MAIN_SECURITY_SALT", "kept"),
        ("MAIN_MAIL_EMAIL_FROM", "kept"),
        ("MAIN_INFO_SOCIETE_NOM", "kept"),
        ("MAIN_MODULE_STRIPE", "kept"),
        ("MICLINIK_SITE_SIGN", "kept"),
    ],
)
def test_what_becomes_of_a_constant(name: str, becomes: str) -> None:
    cleared, renewed = neutral._sorted([name])
    assert (cleared, renewed) == ([name] if becomes == "cleared" else [], [name] if becomes == "renewed" else [])


def test_all_of_it_is_one_transaction_over_what_the_version_has(server: Server) -> None:
    server.answers = ["MAIN_MAIL_SMTP_SERVER\nPAYMENT_SECURITY_TOKEN\nMAIN_INFO_SOCIETE_NOM\n"]
    told = neutral.neutralise(server, "staging$next", "norte", "2026-11-27 02:00 UTC")
    assert told == ["constants that were cleared: MAIN_MAIL_SMTP_SERVER"]
    _asked, done = server.asked
    lines = done.removeprefix("staging$next: ").split(";\n")
    # A history goes before what it belongs to; tables that are not there are passed over.
    assert lines[:8] == [
        "BEGIN",
        "DELETE FROM llx_webhook_history",
        "DELETE FROM llx_webhook_target",
        "DELETE FROM llx_oauth_token",
        "UPDATE llx_user SET api_key = NULL",
        "UPDATE llx_cronjob SET status = 0, processing = 0",
        "DELETE FROM llx_user_param WHERE param LIKE 'AGENDA!_EXT!_SRC%' ESCAPE '!'",
        lines[7],
    ]
    assert lines[-1] == "COMMIT"
    assert "'MAIN_MAIL_SMTP_SERVER'" in lines[7] and "'CRON_KEY'" in lines[7]
    inserted = {line.split("'")[1]: line.split("'")[3] for line in lines[8:-1]}
    assert inserted["MAIN_DISABLE_ALL_MAILS"] == inserted["MAIN_DISABLE_ALL_SMS"] == "1"
    assert (
        inserted["MAIN_MOTD"]
        == "TEST COPY of norte, data of 2026-11-27 02:00 UTC: no mail, no job and no payment leaves it"
    )
    assert inserted["MAIN_MOTD"] in inserted["MAIN_HTML_HEADER"]
    assert len(inserted["CRON_KEY"]) == len(inserted["PAYMENT_SECURITY_TOKEN"]) == 32
    assert inserted["CRON_KEY"] != inserted["PAYMENT_SECURITY_TOKEN"]
    # For every entity.
    assert all(line.endswith(", 0)") for line in lines[8:-1])


def test_text_is_the_same_in_both_engines() -> None:
    assert neutral.text("d'or") == "'d''or'"
    with pytest.raises(ValueError, match="back"):
        neutral.text("back\\slash")
