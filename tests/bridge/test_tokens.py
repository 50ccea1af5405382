# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys in the table of tokens, where version 24 looks for them once API_IN_TOKEN_TABLE is set."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions

from .servers import Server
from .sites import Answer, BridgedSite

KEY, OTHER, THIRD = "a" * 40, "b" * 40, "c" * 40
SWITCH = "API_IN_TOKEN_TABLE"


@pytest.fixture(scope="module")
def newer(server: Server, folder: Path) -> BridgedSite:
    """Return a site whose code calls itself 24: what is written is the same in all that have the table."""
    site = BridgedSite(folder, server, f"tokens_{server.engine}")
    if not versions.has(site.version(), "token_table"):
        marker = site.htdocs / "filefunc.inc.php"
        text = marker.read_text(encoding="utf-8").replace("<?php\n", "<?php\ndefine('DOL_VERSION', '24.0.0');\n", 1)
        marker.unlink()  # a link to the tree's own
        marker.write_text(text, encoding="utf-8")
    site.install()
    site.ok("module", "enable", "api")
    return site


@pytest.fixture
def site(newer: BridgedSite) -> BridgedSite:
    """Return it with two users who have keys, none of them in the table."""
    newer.sql("DELETE FROM llx_oauth_token")
    newer.ok("constant", "set", SWITCH, "0")
    newer.ok("user", "ensure", "shop", given={"key": KEY, "enabled": True})
    newer.ok("user", "ensure", "other", given={"key": OTHER, "enabled": True})
    newer.sql("DELETE FROM llx_oauth_token")
    return newer


def rows(site: BridgedSite) -> list[str]:
    """Return whose keys the table holds."""
    return site.sql(
        "SELECT u.login FROM llx_oauth_token t JOIN llx_user u ON u.rowid = t.fk_user"
        " WHERE t.service = 'dolibarr_rest_api' AND t.entity = 1 AND t.tokenstring LIKE 'dolcrypt:%'"
        " AND t.token = t.tokenstring AND t.state = '0' AND t.datec IS NOT NULL ORDER BY u.login"
    )


def ensure(site: BridgedSite, login: str, key: str, *words: str) -> Answer:
    return site.ok(*words, "user", "ensure", login, given={"key": key})


def test_without_the_switch_nothing_is_written(site: BridgedSite) -> None:
    assert ensure(site, "shop", THIRD)["changes"] == ["key"]
    assert rows(site) == []


def test_the_keys_of_all_users_are_carried_over(site: BridgedSite) -> None:
    assert site.ok("--check", "constant", "set", SWITCH, "1")["changed"]
    assert rows(site) == []
    site.ok("constant", "set", SWITCH, "1")
    assert rows(site) == ["other", "shop"]
    assert not site.ok("constant", "set", SWITCH, "1")["changed"]
    assert not ensure(site, "shop", KEY)["changed"]
    assert rows(site) == ["other", "shop"]


def test_the_switch_and_a_user_in_one_batch(site: BridgedSite) -> None:
    site.batch(("constant set", {"name": SWITCH, "value": 1}), ("user ensure", {"login": "fresh", "key": THIRD}))
    assert rows(site) == ["fresh", "other", "shop"]
    site.ok("user", "disable", "fresh")
    assert rows(site) == ["other", "shop"]


def test_a_row_that_is_gone_is_a_change(site: BridgedSite) -> None:
    site.ok("constant", "set", SWITCH, "1")
    site.sql("DELETE FROM llx_oauth_token")
    assert ensure(site, "shop", KEY, "--check")["changes"] == ["key"]
    assert rows(site) == []
    assert ensure(site, "shop", KEY)["changes"] == ["key"]
    assert rows(site) == ["shop"]


def test_a_new_key_takes_the_place_of_the_former_one(site: BridgedSite) -> None:
    site.ok("constant", "set", SWITCH, "1")
    before = site.sql(
        "SELECT tokenstring FROM llx_oauth_token WHERE fk_user IN (SELECT rowid FROM llx_user WHERE login = 'shop')"
    )
    ensure(site, "shop", THIRD)
    after = site.sql(
        "SELECT tokenstring FROM llx_oauth_token WHERE fk_user IN (SELECT rowid FROM llx_user WHERE login = 'shop')"
    )
    assert (len(before), len(after), before == after) == (1, 1, False)
    assert rows(site) == ["other", "shop"]


def test_a_key_that_people_added_stays(site: BridgedSite) -> None:
    site.ok("constant", "set", SWITCH, "1")
    site.sql(
        "INSERT INTO llx_oauth_token (service, tokenstring, fk_user, entity)"
        " SELECT 'dolibarr_rest_api', 'added-by-hand-0123', rowid, 1 FROM llx_user WHERE login = 'shop'"
    )
    ensure(site, "shop", THIRD)
    assert site.sql("SELECT count(*) FROM llx_oauth_token WHERE tokenstring = 'added-by-hand-0123'") == ["1"]
    assert site.error("user", "ensure", "other", given={"key": "added-by-hand-0123"})["code"] == "key_taken"


def test_a_key_that_was_taken_back_does_not_come_alive_again(site: BridgedSite) -> None:
    site.ok("constant", "set", SWITCH, "1")
    site.ok("constant", "set", SWITCH, "0")
    assert rows(site) == ["other", "shop"]
    ensure(site, "shop", THIRD)
    assert rows(site) == ["other"]
    site.ok("constant", "set", SWITCH, "1")
    assert rows(site) == ["other", "shop"]


def test_a_disabled_user_has_no_key_there(site: BridgedSite) -> None:
    site.ok("constant", "set", SWITCH, "1")
    site.ok("user", "disable", "other")
    assert rows(site) == ["shop"]


def test_tokens_of_other_services_are_left_alone(site: BridgedSite) -> None:
    site.sql("INSERT INTO llx_oauth_token (service, tokenstring, entity) VALUES ('Google', '{}', 1)")
    site.ok("constant", "set", SWITCH, "1")
    ensure(site, "shop", THIRD)
    assert site.sql("SELECT tokenstring FROM llx_oauth_token WHERE service = 'Google'") == ["{}"]
