# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be written of `api.limits`, and which web server can keep it, to the word."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import call_limits, rules, sites

SITE: dict[str, Any] = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
NUMBER = "Write a number between 1 and 65535, or leave it out"
MEND = "Leave it out, or serve the sites by Nginx (miclinik_web_server: nginx)"


def _site(limits: dict[str, Any]) -> dict[str, Any]:
    return SITE | {"api": {"limits": limits}}


def test_what_holds_where_nothing_is_said() -> None:
    (site,) = sites.plan([SITE])
    assert site["api"]["limits"] == {
        "per_key": {"rate": None, "burst": None, "connections": None},
        "stranger": {"rate": 100, "burst": 500, "connections": 30, "pace": 20, "together": None},
    }
    assert rules.check([SITE]) == []


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({"per_key": {"rate": 50, "burst": 200, "connections": 20}, "stranger": {"together": 40, "pace": 5}}, []),
        ({"per_key": {"rate": 50}, "stranger": {"rate": None}}, []),
        ({"per_key": {"rate": 0}}, [f"site 'norte': api.limits.per_key.rate: is 0. {NUMBER}."]),
        ({"stranger": {"connections": -3}}, [f"site 'norte': api.limits.stranger.connections: is -3. {NUMBER}."]),
        ({"stranger": {"pace": 70000}}, [f"site 'norte': api.limits.stranger.pace: is 70000. {NUMBER}."]),
        (
            {"per_key": {"burst": 10}},
            [
                "site 'norte': api.limits.per_key.burst: is given, and no rate. "
                "Write api.limits.per_key.rate, or leave it out."
            ],
        ),
        (
            {"per_keys": {"rate": 10}},
            ["site 'norte': api.limits.per_keys: is not a known key. Did you mean 'per_key'."],
        ),
        (
            {"per_key": {"rate": "50/s"}},
            ["site 'norte': api.limits.per_key.rate: is a text. Write a whole number."],
        ),
    ],
)
def test_what_may_be_written(limits: dict[str, Any], told: list[str]) -> None:
    assert [str(problem) for problem in rules.check([_site(limits)])] == told


def test_apache_is_not_asked_for_what_it_has_not() -> None:
    both = {"per_key": {"rate": 50}, "stranger": {"connections": 9, "together": 40, "pace": 5, "burst": None}}
    entries = [SITE, _site(both)]
    assert call_limits.check_server(entries, "nginx") == []
    assert [str(problem) for problem in call_limits.check_server(entries, "apache")] == [
        f"site 'norte': api.limits.{name}: is given, and Apache has no such limit. {MEND}."
        for name in ("per_key.rate", "stranger.connections")
    ]
