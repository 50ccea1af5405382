# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a declared secret has to be, and that no message repeats it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import secret_rules

from tests.application_tree import entry
from tests.every_secret import declare

KEY = "a1b2c3d4e5f6a7b8c9d0"
SHORT = "is shorter than 12 characters or the login itself. Leave it out to have one generated, or write a longer one."
BLANK = "begins or ends with a blank, which the application cuts off. Write one without."
CONTROL = "holds a line break or another control character. Write one without."
GUESSED = "is easily guessed. Leave it out to have one generated, or write another one."
BAD_KEY = "is not of 20 to 64 letters, digits, _, . and -. Leave it out to have one generated, or write such a one."
OURS, THEIRS = "Leave it out to have one generated, or write", "Have another one set on the server, and write"
ENCRYPTED = (
    "holds crypted: or dolcrypt:, by which the application knows encrypted ones. "
    "Leave it out to have one generated, or write another."
)


def _said(**more: Any) -> list[str]:  # noqa: ANN401 (whatever an operator may write)
    return [str(problem) for problem in site_rules.check([entry(**more)])]


def _user(**more: str) -> dict[str, Any]:
    return {"users": [{"login": "integration", **more}]}


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", SHORT),
        ("short", SHORT),
        ("x" * 73, "is longer than 72 bytes, and the application looks at no more. Write a shorter one."),
        ("ñ" * 37, "is longer than 72 bytes, and the application looks at no more. Write a shorter one."),
        (" leading-blank-7", BLANK),
        ("trailing-blank-7\n", BLANK),
        ("two\nlines-of-it", CONTROL),
        ("nul\0inside-of-it", CONTROL),
        ("half\ud800surrogate", "is not UTF-8. Write another one."),
        ("aaaaaaaaaaaaaaaa", GUESSED),
        ("abababababababab", GUESSED),
        ("1234567890123456", GUESSED),
        ("abcdefghijklmnop", GUESSED),
        ("passwordpassword", GUESSED),
        ("P@ssw0rd-2026!!!", GUESSED),
        ("changeme-changeme", GUESSED),
        ("AdminDolibarr2026", GUESSED),
        ("norte.example.org", GUESSED),
        ("Norte-Norte-12345", GUESSED),
    ],
)
def test_passwords_of_the_application(password: str, expected: str) -> None:
    assert _said(admin={"password": password}) == [f"site 'norte': admin.password: {expected}"]
    assert _said(api=_user(password=password)) == [f"site 'norte': api.users[0].password: {expected}"]


def test_a_password_is_not_the_login() -> None:
    assert _said(api={"users": [{"login": "integration.robot", "password": "Integration-Robot"}]}) == [
        f"site 'norte': api.users[0].password: {GUESSED}"
    ]


@pytest.mark.parametrize(
    "password",
    # The first two were stored, and logged in with, on 22.0.4 with MariaDB.
    ["a'b\"c\\d$e{f}g <h>&i#%;=|é€😀 `j", "${HOME} \\n %0a \\x41 \\\\z", "correct-horse-battery", "0123456789abcdeX"],
)
def test_odd_characters_are_taken(password: str) -> None:
    assert _said(admin={"password": password}, database={"password": password}, api=_user(password=password)) == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", "is shorter than 12 characters. Leave it out to have one generated, or write a longer one."),
        ("a", "is shorter than 12 characters. Leave it out to have one generated, or write a longer one."),
        (" leading-blank-7", BLANK),
        ("two\nlines-of-it", CONTROL),
        ("aaaaaaaaaaaaaaaa", GUESSED),
        ("clinica_norte_clinica_norte", GUESSED),
        ("crypted:0123456789", ENCRYPTED),
        ("it-is-DOLCRYPT:x", ENCRYPTED),
    ],
)
def test_passwords_of_the_database(password: str, expected: str) -> None:
    assert _said(database={"user": "clinica_norte", "password": password}) == [
        f"site 'norte': database.password: {expected}"
    ]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("a", "is shorter than 12 characters"),
        ("Zq8fX3kd", "is shorter than 12 characters"),
        ("clinica_norte_clinica_norte", "is easily guessed"),
        ("aaaaaaaaaaaaaaaa", "is easily guessed"),
    ],
)
def test_what_others_have_set_is_a_caution(password: str, expected: str) -> None:
    database = {"host": "db.example.org", "user": "clinica_norte", "password": password}
    assert _said(database=database) == []
    assert secret_rules.weak([entry(database=database)]) == [
        f"site 'norte': database.password: {expected}. Have another one set on the server, and write a better one."
    ]


def test_what_is_strong_or_our_own_is_no_caution() -> None:
    kinds = [{"password": "a"}, {"host": "localhost", "password": "a"}, {"host": "db.example.org"}]
    kinds += [{"host": "db.example.org", "password": "Zq8fX3kd-Zq9f"}]
    assert secret_rules.weak([entry(), *(entry(database=database) for database in kinds)]) == []


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", "is empty. Have another one set on the server, and write a longer one."),
        ("two\nlines", CONTROL),
        ("crypted:0", ENCRYPTED.replace(OURS, THEIRS)),
    ],
)
def test_what_the_application_cannot_use_stops_on_any_server(password: str, expected: str) -> None:
    said = _said(database={"host": "db.example.org", "password": password})
    assert said == [f"site 'norte': database.password: {expected}"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", BAD_KEY),
        ("k", BAD_KEY),
        ("a1b2c3d4e5f6a7b8c9d", BAD_KEY),
        ("a1b2c3d4" * 8 + "x", BAD_KEY),
        ("a1b2c3d4e5f6 a7b8c9d0", BAD_KEY),
        ("a1b2c3d4e5f6a7b8c9d0\n", BAD_KEY),
        ("clé-a1b2c3d4e5f6a7b8", BAD_KEY),
        ("a1b2c3d4e5f6a7b8/+==", BAD_KEY),
        ("aaaaaaaaaaaaaaaaaaaa", "is easily guessed. Leave it out to have one generated, or write one made at random."),
        ("integration-norte-01", "is easily guessed. Leave it out to have one generated, or write one made at random."),
    ],
)
def test_keys(key: str, expected: str) -> None:
    assert _said(api=_user(key=key)) == [f"site 'norte': api.users[0].key: {expected}"]


@pytest.mark.parametrize("identity", ["", "0123456789abcde", "0123456789 abcdef0", "é" * 32])
def test_the_instance_id(identity: str) -> None:
    assert _said(instance_unique_id=identity) == [
        "site 'norte': instance_unique_id: is not of 16 to 255 printable characters without a blank, and every stored "
        "key is encrypted with it. Leave it out to have one made, or write the one of the site's own conf.php."
    ]
    assert _said(instance_unique_id="0123456789abcdef" * 2) == []


def test_two_users_have_two_keys() -> None:
    users = [{"login": "shop", "key": KEY}, {"login": "till", "key": KEY.upper()}]
    assert _said(api={"users": users}) == [
        "site 'norte': api.users[1].key: is that of api.users[0] as well. Give each user a key of its own."
    ]


def test_what_every_secret_declares_is_good_enough() -> None:
    assert site_rules.check([declare(entry())]) == []


def test_no_message_repeats_a_secret() -> None:
    weak = ["k", "xyz\n", "crypted:xyzxyzxyz", "zzzzzzzzzzzzzzzzzz", "P@ssw0rd-P@ssw0rd"]
    for secret in weak:
        said = _said(admin={"password": secret}, database={"password": secret}, api=_user(key=secret, password=secret))
        assert len(said) == 4 - (secret == "crypted:xyzxyzxyz") * 2, said
        assert not any(secret in words for words in said if len(secret) > 1), said


def test_two_sites_with_one_secret_are_a_caution() -> None:
    entries = [
        entry("norte", api=_user(key=KEY), constants={"CRON_KEY": "the same for all"}),
        entry("sur", api=_user(key=KEY), constants={"CRON_KEY": "the same for all"}),
        entry("este", api=_user(key="another-one-f6a7b8c9")),
    ]
    assert site_rules.check(entries) == []
    assert secret_rules.shared(entries) == [
        "site 'sur': users.integration.key is the users.integration.key of site 'norte' as well: whoever learns it "
        "there gets in here. Give each site its own."
    ]
