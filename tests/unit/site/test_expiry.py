# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The day after which a key is dead, on the controller and on the host alike."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules, sites

USER = {"login": "shop", "expires": "2027-01-31"}
MIDNIGHT = datetime.datetime(2027, 2, 1, tzinfo=datetime.UTC).timestamp()


def test_the_last_day_is_a_good_one() -> None:
    assert [expiry.is_over(USER, now) for now in (MIDNIGHT - 1, MIDNIGHT)] == [False, True]
    assert [expiry.days_left(USER, MIDNIGHT - hours * 3600) for hours in (1, 24, 25, 0, -25)] == [1, 1, 2, 0, -1]


@pytest.mark.parametrize("user", [{}, {"expires": None}, {"expires": ""}, {"expires": "never"}])
def test_without_a_day_a_key_is_good_for_ever(user: dict[str, str | None]) -> None:
    assert (expiry.ends(user), expiry.is_over(user), expiry.days_left(user)) == (None, False, None)


def test_what_is_told() -> None:
    dead = {"expires": "2001-01-31"}
    assert expiry.told("shop", dead) == "the key of shop has died with 2001-01-31 (api.users, expires)"
    assert expiry.told("shop", {"expires": "9999-01-01"}) == ""


@pytest.mark.parametrize("day", ["31.1.2027", "2027-02-30", "tomorrow"])
def test_what_is_no_day_is_refused(day: str) -> None:
    api = {"users": [{"login": "shop", "expires": day}]}
    assert [problem for problem in rules._api(api) if "expires" in problem[0]] == [
        ("api.users[0].expires", f"is '{day}'", "Write a day, as in 2027-01-31")
    ]


def test_a_day_may_stand_without_quotes() -> None:
    entry = {"name": "a", "domain": "a.example.org", "source": {"type": "sandbox"}}
    users = [{"login": "shop", "expires": datetime.date(2027, 1, 31)}]
    (site,) = sites.plan([entry | {"api": {"users": users}}])
    assert site["api"]["users"][0]["expires"] == "2027-01-31"
