# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What fail2ban would refuse, or misunderstand, when the sites are there already."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import jail_rules


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"fail2ban_never": []},
        {"fail2ban_never": ["192.0.2.7", "2001:db8::/32"]},
        *({"fail2ban_findtime": time} for time in ("10m", "1d", 600, "2mo")),
        *({name: tries} for name in ("fail2ban_maxretry", "fail2ban_maxretry_known") for tries in (1, "20")),
    ],
)
def test_what_is_right(given: dict[str, Any]) -> None:
    assert list(jail_rules.check(given)) == []


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"fail2ban_never": "192.0.2.7"}, "fail2ban_never"),
        # A name is looked up by fail2ban, and one that is not found spares nobody.
        ({"fail2ban_never": ["192.0.2.7", "clinic.example.org"]}, "fail2ban_never[1]"),
        ({"fail2ban_never": ["192.0.2.7/24"]}, "fail2ban_never[0]"),
        *(({name: "10 minutes"}, name) for name in ("fail2ban_findtime", "fail2ban_bantime", "fail2ban_maxtime")),
        *(({"fail2ban_maxretry": tries}, "fail2ban_maxretry") for tries in (0, -1, "many", True)),
    ],
)
def test_what_is_wrong(given: dict[str, Any], key: str) -> None:
    assert [rest[0] for rest in jail_rules.check(given)] == [key]
