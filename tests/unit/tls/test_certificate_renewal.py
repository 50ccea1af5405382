# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When a certificate has to be made anew, and when not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.filter.certificates import FilterModule
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import renewal
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

DIRECTORY = "https://ca.example.org/directory"
PRESENT: dict[str, Any] = {
    "names": ["norte.example.org", "www.norte.example.org"],
    "days_left": 300,
    "self_signed": True,
    "sound": True,
    "pem": "",
    "acme": {},
    "deployed": True,
}
ISSUED = PRESENT | {"self_signed": False, "days_left": 60, "acme": {"directory": DIRECTORY}}


def _site(mode: str = "selfsigned", name: str = "norte") -> Site:
    tls = {"mode": mode} | ({"directory": DIRECTORY} if mode == "acme" else {})
    entry = {
        "name": name,
        "domain": "Norte.example.org",
        "aliases": ["www.norte.example.org"],
        "source": {"type": "sandbox"},
        "tls": tls,
    }
    return sites.plan([entry])[0]


def test_names_are_those_of_the_site_each_once() -> None:
    site = {"domain": "B.example.org", "aliases": ["a.example.org", "b.example.org"]}
    assert renewal.names(site) == ["b.example.org", "a.example.org"]


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (PRESENT, ""),
        ({}, "there is none that can be used"),
        (PRESENT | {"sound": False}, "there is none that can be used"),
        (PRESENT | {"self_signed": False}, "the present one is an authority's"),
        (PRESENT | {"names": ["norte.example.org"]}, "the present one is for norte.example.org"),
        (PRESENT | {"names": []}, "the present one is for no name"),
        (PRESENT | {"days_left": 30}, ""),
        (PRESENT | {"days_left": 29}, "the present one ends in 29 days"),
    ],
)
def test_self_signed(seen: dict[str, Any], reason: str) -> None:
    assert renewal.self_signed(_site(), seen) == reason


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (PRESENT, ""),
        (ISSUED, ""),
        (PRESENT | {"names": ["old.example.org"]}, ""),
        ({}, "there is none that can be used"),
        (PRESENT | {"sound": False}, "there is none that can be used"),
        (PRESENT | {"days_left": -1}, "there is none that can be used"),
    ],
)
def test_placeholder(seen: dict[str, Any], reason: str) -> None:
    assert renewal.placeholder(seen) == reason


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (ISSUED, ""),
        ({}, "there is none of an authority"),
        (PRESENT, "there is none of an authority"),
        (ISSUED | {"sound": False}, "there is none of an authority"),
        (ISSUED | {"acme": {}}, "the present one is of another authority"),
        (ISSUED | {"acme": {"directory": "https://staging"}}, "the present one is of another authority"),
        (ISSUED | {"acme": {"directory": DIRECTORY, "failure": "x"}}, "the last try failed"),
        (ISSUED | {"deployed": False}, "the present one is not the one that certbot holds and renews"),
        (ISSUED | {"names": ["norte.example.org"]}, "the present one is for norte.example.org"),
        (ISSUED | {"days_left": 14}, ""),
        (ISSUED | {"days_left": 13}, "the present one ends in 13 days"),
    ],
)
def test_acme(seen: dict[str, Any], reason: str) -> None:
    assert renewal.acme(_site("acme"), seen) == reason


def test_filters_pick_the_sites_that_want_work() -> None:
    filters = FilterModule().filters()
    assert set(filters) == {"certificates_due", "acme_due"}
    every = [_site("selfsigned", "a"), _site("provided", "b"), _site("acme", "c"), _site("selfsigned", "d")]
    seen = {"a": PRESENT, "b": PRESENT, "c": PRESENT}
    assert [site["name"] for site in filters["certificates_due"](every, seen)] == ["b", "d"]
    assert [site["name"] for site in filters["certificates_due"](every, {})] == ["a", "b", "c", "d"]
    assert [site["name"] for site in filters["acme_due"](every, seen)] == ["c"]
    assert filters["acme_due"](every, seen | {"c": ISSUED}) == []
