# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``mail`` sets in the application, and what of it is refused before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, mail, rules, sites

ENTRY = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
OTHER = {"name": "sur", "domain": "sur.example.org", "source": {"type": "sandbox"}}
KEY = "-----BEGIN PRIVATE KEY-----\nMIIBVQ\n-----END PRIVATE KEY-----\n"
MAIL = {"from": "clinic@example.org", "server": "smtp.example.org", "user": "norte", "password": "hush-hush-1"}
SIGNED = {"dkim": {"domain": "example.org", "selector": "norte", "key": KEY}}


def _constants(given_mail: dict[str, Any], secrets: dict[str, Any] | None = None) -> dict[str, Any]:
    given = ENTRY | {"mail": given_mail}
    assert rules.check([given]) == []
    known = declared.part(given).stored if secrets is None else secrets
    found: dict[str, Any] = promises.settings(sites.plan([given]), {"norte": {"users": {}} | known})[0]["constants"]
    return found


def test_nothing_is_set_where_nothing_is_said() -> None:
    assert _constants({}) == {}
    assert _constants({"from": "Me@Clínica.example"}) == {"MAIN_MAIL_EMAIL_FROM": "Me@xn--clnica-4va.example"}


def test_the_application_sends_by_the_server() -> None:
    assert _constants(MAIL) == {
        "MAIN_MAIL_EMAIL_FROM": "clinic@example.org",
        "MAIN_MAIL_SENDMODE": "smtps",
        "MAIN_MAIL_SMTP_SERVER": "smtp.example.org",
        "MAIN_MAIL_SMTP_PORT": 587,
        "MAIN_MAIL_EMAIL_TLS": 0,
        "MAIN_MAIL_EMAIL_STARTTLS": 1,
        "MAIN_MAIL_SMTPS_ID": "norte",
        "MAIL_SMTP_USE_FROM_FOR_HELO": "norte.example.org",
        "MAIN_MAIL_SMTPS_PW": "hush-hush-1",
        "MAIN_MAIL_EMAIL_DKIM_ENABLED": 0,
        "MAIN_MAIL_EMAIL_DKIM_DOMAIN": None,
        "MAIN_MAIL_EMAIL_DKIM_SELECTOR": None,
        "MAIN_MAIL_EMAIL_DKIM_PRIVATE_KEY": None,
    }


@pytest.mark.parametrize(
    ("encryption", "port", "tls", "starttls"), [("starttls", 587, 0, 1), ("tls", 465, 1, 0), ("none", 25, 0, 0)]
)
def test_each_way_has_its_port(encryption: str, port: int, tls: int, starttls: int) -> None:
    found = _constants(MAIL | {"encryption": encryption})
    names = ("MAIN_MAIL_SMTP_PORT", "MAIN_MAIL_EMAIL_TLS", "MAIN_MAIL_EMAIL_STARTTLS")
    assert tuple(found[name] for name in names) == (port, tls, starttls)


def test_a_server_without_a_password() -> None:
    found = _constants({"from": "a@example.org", "server": "relay.example.org", "encryption": "none", "port": 2525})
    assert (found["MAIN_MAIL_SMTP_PORT"], found["MAIN_MAIL_SMTPS_ID"], found["MAIN_MAIL_SMTPS_PW"]) == (
        2525,
        None,
        None,
    )


def test_one_without_a_name_greets_by_none() -> None:
    site = sites.plan([ENTRY | {"domain": "192.0.2.1", "mail": MAIL}])[0]
    assert mail.constants(site, {})["MAIL_SMTP_USE_FROM_FOR_HELO"] is None


def test_what_signs_is_the_other_of_the_applications_ways() -> None:
    found = _constants(MAIL | SIGNED)
    assert (found["MAIN_MAIL_SENDMODE"], found["MAIN_MAIL_EMAIL_DKIM_ENABLED"]) == ("swiftmailer", 1)
    assert found["MAIN_MAIL_EMAIL_DKIM_PRIVATE_KEY"] == KEY


def test_a_password_that_is_lost_stays_in_the_application() -> None:
    assert "MAIN_MAIL_SMTPS_PW" not in _constants(MAIL, {})


def test_no_secret_is_in_a_site() -> None:
    site = sites.plan([ENTRY | {"mail": MAIL | SIGNED}])[0]
    assert "hush" not in str(site)
    assert "MIIBVQ" not in str(site)
    assert {"mail_password", "mail_dkim_key"} <= set(site["declared"])


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"mail": {"user": "a", "password": "b"}}, "mail.server: is missing, and mail.user is given."),
        ({"mail": MAIL | {"from": None}}, "mail.from: is missing."),
        ({"mail": MAIL | {"from": "nobody"}}, "mail.from: is 'nobody'."),
        ({"mail": MAIL | {"server": "a b"}}, "mail.server: "),
        ({"mail": MAIL | {"server": "127.0.0.1"}}, "mail.server: is '127.0.0.1', which the application takes for no"),
        ({"mail": MAIL | {"port": 70000}}, "mail.port: is 70000."),
        ({"mail": MAIL | {"password": None}}, "mail.password: is missing, and mail.user is given."),
        (
            {"mail": MAIL | {"user": None, "password": None}},
            "mail.encryption: is starttls, and there is no mail.user: without one the application sends in the clear.",
        ),
        ({"mail": MAIL | {"encryption": "ssl"}}, "mail.encryption: is 'ssl'."),
        ({"mail": MAIL | {"dkim": {"domain": "example.org"}}}, "mail.dkim.selector: is missing."),
        ({"mail": MAIL | {"dkim": SIGNED["dkim"] | {"key": "hush"}}}, "mail.dkim.key: is no private key in PEM form."),
        ({"mail": MAIL | {"dkim": SIGNED["dkim"] | {"selector": "a b"}}}, "mail.dkim.selector: is 'a b'."),
        ({"mail": MAIL, "clone_of": "sur"}, "mail.server: is given for a clone, from which no mail may leave."),
        (
            {"mail": MAIL, "constants": {"MAIN_MAIL_SMTPS_PW": "hush"}},
            "constants.MAIN_MAIL_SMTPS_PW: is what `mail` sets.",
        ),
    ],
)
def test_what_is_refused(more: dict[str, Any], said: str) -> None:
    problems = [str(problem) for problem in rules.check([ENTRY | more, OTHER])]
    assert problems
    assert problems[0].startswith(f"site 'norte': {said}")
    assert not any("hush" in problem for problem in problems)
