# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an upgrade is told to change."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.application import breaking_points, versions


def test_every_supported_major_has_some() -> None:
    assert sorted(breaking_points.POINTS) == list(range(versions.OLDEST, versions.NEWEST + 1))


def test_only_what_is_on_the_way() -> None:
    assert breaking_points.told("22.0.3", "22.0.4") == []
    assert breaking_points.told("23.1.0", "24.0.0-beta") == [
        "24 changes for clients of the API: /login is off until API_ENABLE_LOGIN_API is 1 (api.login sees to it)"
    ]
    assert [words.split(":")[0] for words in breaking_points.told("20.0.2", "22.0.4")] == [
        "21 changes for custom modules",
        "22 changes for hosting",
        "22 changes for clients of the API",
        "22 changes for custom modules",
    ]
