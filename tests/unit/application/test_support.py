# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which versions are let through where."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import support_matrix

RANGE = "Use a version of the application from 15 to 24"


@pytest.mark.parametrize("version", ["15.0.3", "16.0.3", "20.0.2", "22.0.4", "22.0.4-rc1", "23.1.0", "24.0.0-beta"])
@pytest.mark.parametrize("php", ["8.2", "8.4"])
def test_supported(version: str, php: str) -> None:
    assert support_matrix.mismatch(version, php) is None


@pytest.mark.parametrize(
    ("version", "php", "seen", "mend"),
    [
        ("11.0.4", "8.2", "version 11.0.4 does not run on PHP 8.2, which is what this host has", RANGE),
        ("14.0.0", "8.4", "version 14.0.0 does not run on PHP 8.4, which is what this host has", RANGE),
        (
            "25.0.0-alpha",
            "8.2",
            "version 25.0.0-alpha is newer than 24, the newest that was tested",
            f"{RANGE}, or set preflight_allow_untested: true to try it",
        ),
        ("1.0-rc1", "8.2", "version 1.0-rc1 does not run on PHP 8.2, which is what this host has", RANGE),
        ("22.0.4", "8.1", "version 22.0.4 was never run on PHP 8.1", "Use a host with PHP 8.2 or 8.4"),
        ("22.0.4", "7.4", "version 22.0.4 was never run on PHP 7.4", "Use a host with PHP 8.2 or 8.4"),
    ],
)
def test_refused(version: str, php: str, seen: str, mend: str) -> None:
    assert support_matrix.mismatch(version, php) == (seen, mend)


@pytest.mark.parametrize("version", ["15.0.3", "17.0.2", "22.0.4", "23.1.0", "24.0.0-beta"])
def test_nothing_to_know(version: str) -> None:
    assert support_matrix.cautions(version) == []


@pytest.mark.parametrize("version", ["18.0.5", "19.0.2", "20.0.0", "21.0.0-alpha"])
def test_subqueries_in_filters_are_told(version: str) -> None:
    assert support_matrix.cautions(version) == [
        f"version {version} runs subqueries in sqlfilters, so a key that may list one thing can read any table, and has"
        " no setting against it. Give keys only to those who may read all, or use version 22"
    ]


def test_what_is_tried_is_told() -> None:
    assert support_matrix.cautions("25.0.0") == [
        "version 25.0.0 is newer than 24, the newest that was tested, and is tried as 24 is (preflight_allow_untested):"
        " let the smoke test and tests/contract judge it before people work with it"
    ]
    assert support_matrix.cautions("14.0.5") == [
        "version 14.0.5 is older than 15, the oldest that is known to run on PHP 8"
    ]
