# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which constants are secret: one table for the rule in Python and for the one in the bridge."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import secrecy

PHP = Path(__file__).parents[3] / "templates" / "bridge" / "src" / "Secrecy.php"

# Of the application's own lists, as read in 22.0.4 to 24: dolibarr_set_const and isASecretKey.
OWN_ENDS = """
_KEY _EXPORTKEY _SECUREKEY _SERVERKEY _PASS _PASSWORD _PW _PW_TICKET _PW_EMAILING _SECRET _SECURITY_TOKEN _WEB_TOKEN
_pass password _pw _key securekey serverkey secret secret7 p12key exportkey _PW_PASSWORDRESET token
"""
# Names that the application's code holds (16.0.3 to 24) or that modules of others use.
SECRET_NAMES = """
MAIN_MAIL_SMTPS_PW MAIN_MAIL_SMTPS_PW_EMAILING MAIN_MAIL_SMTPS_PW_TICKET MAIN_MAIL_SMTPS_PW_PASSWORDRESET
ADHERENT_MAILMAN_ADMINPW ADHERENT_MAILMAN_ADMIN_PASSWORD ADHERENT_SPIP_PASS AADE_WEBSERVICE_KEY AI_MCP_API_KEY
BLOCKEDLOG_HMAC_KEY BOOKCAL_SECUREKEY CDAV_URI_KEY CERTIFICATE_CRT_PRIVATE CLICKTODIAL_KEY_FOR_CIDLOOKUP CRON_KEY
CONTRACT_ONLINE_SIGNATURE_SECURITY_TOKEN EVENTORGANIZATION_SECUREKEY FTP_PASSWORD_1 LDAP_ADMIN_PASS
MAILING_EMAIL_UNSUBSCRIBE_KEY MAIN_AGENDA_XCAL_EXPORTKEY MAIN_AUTHENTICATION_OIDC_CLIENT_SECRET
MAIN_MAIL_EMAIL_DKIM_PRIVATE_KEY MAIN_MODULE_DOLISTORE_BASIC_PASSWORD MAIN_PROXY_PASS MAIN_SECURITY_SALT
MULTICURRENCY_APP_KEY OAUTH_GOOGLE_SECRET PAYBOX_HMAC_KEY PAYBOX_HASH PAYPAL_API_PASSWORD PAYPAL_API_SIGNATURE
PDF_SECURITY_ENCRYPTION_OWNERPASS PDF_SECURITY_ENCRYPTION_USERPASS PRINTIPP_PASSWORD STRIPE_LIVE_SECRET_KEY
STRIPE_LIVE_WEBHOOK_KEY TAKEPOS_JO_EFATURA_PASSWORD TAKEPOS_SA_ZATCA_CSID_SECRET TAKEPOS_TERMINAL_PIN_1 WEBSERVICES_KEY
SMS_APIKEY2 SMS_PWD SMS_PASSWD SMS_ACCESSTOKEN SMS_CREDENTIALS SMS_PASSPHRASE SMS_JWT SMS_BEARER_VALUE SMS_BASIC_AUTH
SMS_LICENSE SMS_DSN SMS_WEBHOOK_URL
"""
PUBLIC_NAMES = """
MAIN_SIZE_LISTE_LIMIT MAIN_ONLY_LOGIN_ALLOWED API_RESTRICT_ON_IP API_ENDPOINT_RULES MAIN_INFO_SOCIETE_NOM MAIN_MONNAIE
MAIN_MAIL_SMTP_SERVER MAIN_MAIL_EMAIL_FROM MAIN_LANG_DEFAULT MAIN_INFO_SIREN COMPANY_AQUARIUM_MASK MAIN_THEME
SHIPPING_DISPLAY_STOCK_ENTRY_DATE ACCOUNTING_VAT_BUY_REVERSE_CHARGES_CREDIT PRODUCT_CODEPRODUCT_ADDON
"""
#: Name, value, whether it is secret.
TABLE = [
    *((f"SOME{end}", "a value", True) for end in OWN_ENDS.split()),
    *((name, "a value", True) for name in SECRET_NAMES.split()),
    *((name.lower(), "a value", True) for name in SECRET_NAMES.split()),
    *((name, "a value", False) for name in PUBLIC_NAMES.split()),
    # Switches tell nothing, whatever their names.
    *((name, value, False) for name in ("API_IN_TOKEN_TABLE", "CRON_DISABLE_KEY_CHANGE") for value in ("0", "1", "")),
    ("TAKEPOS_TERMINAL_PIN_1", "4711", True),
    ("CRON_KEY", "10", True),
    # Secret by what it holds.
    ("SOME_URL", "https://me:pass@example.org/", True),
    ("SOME_URL", "redis://:pass@127.0.0.1:6379/0", True),
    ("SOME_URL", "https://token@example.org/", True),
    ("SOME_URL", "https://example.org/?a=1&api_key=x", True),
    ("SOME_URL", "https://example.org/?access_token=x", True),
    ("SOME_TEXT", "Server=db;Uid=me;Pwd=x;", True),
    ("SOME_TEXT", "password=x host=db", True),
    ("SOME_TEXT", "Authorization: Bearer x", True),
    ("SOME_TEXT", "-----BEGIN RSA PRIVATE KEY-----\nx", True),
    ("SOME_TEXT", "dolcrypt:AES-256-CTR:x:y", True),
    ("SOME_URL", "https://example.org/a?page=2", False),
    ("SOME_TEXT", "me@example.org", False),
    ("SOME_TEXT", "ñandú | 50 %", False),
    ("SOME_TEXT", "a\nb", False),
]
ASK = """
require $argv[1];
$told = array();
foreach (json_decode(stream_get_contents(STDIN), true) as $row) {
    $told[] = Miclinik\\Bridge\\Secrecy::isSecret($row[0], $row[1]);
}
echo json_encode($told);
"""


@pytest.mark.parametrize(("name", "value", "secret"), TABLE)
def test_the_rule_of_the_controller(name: str, value: str, secret: bool) -> None:
    assert secrecy.is_secret(name, value) is secret


def test_the_rule_of_the_bridge() -> None:
    done = subprocess.run(
        ["php", "-r", ASK, "--", str(PHP)],
        input=json.dumps([row[:2] for row in TABLE]),
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert len(told) == len(TABLE)
    assert [row for row, secret in zip(TABLE, told, strict=True) if row[2] is not secret] == []


def test_numbers_and_switches_of_an_inventory() -> None:
    assert secrecy.is_secret("TAKEPOS_TERMINAL_PIN_1", 4711)
    assert not secrecy.is_secret("API_IN_TOKEN_TABLE", True)
    assert not secrecy.is_secret("API_IN_TOKEN_TABLE", 1)
    assert not secrecy.is_secret("CRON_KEY", None)
