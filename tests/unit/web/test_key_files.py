# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a web server's files say of keys, and of those that another one has taken the place of."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files

NOW = 1000.0


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the time stand still."""
    monkeypatch.setattr("time.time", lambda: NOW)


def _record(*former: tuple[str, int], key: str = "NEW.2") -> dict[str, Any]:
    entries = [{"key": old, "until": until} for old, until in former]
    return {"users": {"shop": {"key": key, "former": entries}, "other": {"key": "OTHER"}}}


def test_former_keys_lead_to_the_newest_until_their_end() -> None:
    record = _record(("OLD0", 1001), ("OLD1", 2000), ("ENDED", 1000), ("OTHER", 2000), ("a$b", 2000))
    assert key_files.former(record) == {"OLD0": "NEW.2", "OLD1": "NEW.2"}
    assert key_files.former(_record(("OLD0", 2000), key="a$b")) == {}
    assert key_files.former({}) == {}


def test_nginx() -> None:
    record = _record(("OLD1", 2000))
    assert key_files.nginx_pools(record, "/a") == '"NEW.2" unix:/a;\n"OTHER" unix:/a;\n"OLD1" unix:/a;\n'
    assert key_files.nginx_pools(record, "/a", "/h") == '"NEW.2" unix:/a;\n"OTHER" unix:/a;\n"OLD1" unix:/h;\n'
    assert key_files.nginx_former(record, "norte") == '"norte OLD1" "NEW.2";\n'


@pytest.mark.parametrize(("held", "value"), [(False, "1"), (True, "held")])
def test_apache_replaces_a_former_key_where_the_application_would_look(held: bool, value: str) -> None:
    then = f"MICLINIK_KEY={value} MICLINIK_FORMER=NEW.2"
    assert key_files.apache(_record(("O.1", 2000)), held=held).splitlines()[3:] == [
        f'SetEnvIf DOLAPIKEY "^O\\x2e1$" {then}',
        'SetEnvIfExpr "-z %{HTTP:DOLAPIKEY} && %{QUERY_STRING} =~ m#(?:^|&)(?:DOLAPIKEY|api_key)=O\\x2e1(?:&|$)#" '
        + then,
        'SetEnvIfExpr "-z %{HTTP:DOLAPIKEY} && !(%{QUERY_STRING} =~ m#(?:^|&)(?:DOLAPIKEY|api_key)=.#)'
        f' && %{{HTTP:Authorization}} =~ m#^[Bb][Ee][Aa][Rr][Ee][Rr] +O\\x2e1$#" {then}',
    ]


def test_what_has_ended_leaves_the_record() -> None:
    record = _record(("ENDED", 1000), ("OLD1", 2000))
    assert key_files.drop_ended(record) == ["shop"]
    assert record["users"]["shop"] == {"key": "NEW.2", "former": [{"key": "OLD1", "until": 2000}]}
    assert key_files.drop_ended(record) == []
    assert key_files.drop_ended(record, 2000.0) == ["shop"]
    assert record["users"] == {"shop": {"key": "NEW.2"}, "other": {"key": "OTHER"}}


def test_what_is_too_long_for_a_table_of_words_is_an_expression() -> None:
    record = _record(("o" * 46, 2000), ("p" * 47, 2000), key="n." + "n" * 46)
    assert key_files.nginx_pools(record, "/a").splitlines() == [
        '"OTHER" unix:/a;',
        f'"~^n\\x2e{"n" * 46}$" unix:/a;',
        f'"{"o" * 46}" unix:/a;',
        f'"~^{"p" * 47}$" unix:/a;',
    ]
    assert key_files.nginx_former(_record(("o" * 40, 2000)), "villas") == f'"~^villas\\x20{"o" * 40}$" "NEW.2";\n'


def test_the_token_of_the_host() -> None:
    record = {"host_token": "abc", "users": {}}
    assert key_files.nginx_token(record) == '"~^127\\x2e0\\x2e0\\x2e1\\x20abc$" "";\n'
    assert key_files.apache(record) == 'SetEnvIf X-Miclinik-Token "^abc$" MICLINIK_HOST=1\n'
    assert (key_files.nginx_token({}), key_files.apache({})) == ("", "")


def test_a_key_whose_day_is_over_is_unknown() -> None:
    record = {"users": {"shop": {"key": "K", "expires": "1970-01-01", "former": [{"key": "O", "until": 9e9}]}}}
    assert (key_files.known(record), key_files.former(record)) == (["K"], {"O": "K"})
    record["users"]["shop"]["expires"] = "1969-12-31"
    assert (key_files.known(record), key_files.former(record)) == ([], {})
