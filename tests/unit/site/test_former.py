# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a site was before: what preflight refuses, and for which names a certificate of ours is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import renewal
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules, sites

from tests.application_tree import entry

OLD = "old.example.org"


def _said(keys: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in rules.check([entry(**keys)])]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"former": [{"domain": "Norte.example.org"}]},
            "former[0]: is norte.example.org/, and the site is there. Write where it was before, or remove the entry.",
        ),
        (
            {"base_path": "/a", "aliases": [OLD], "former": [{"domain": OLD, "base_path": "/a"}]},
            f"former[0]: is {OLD}/a, and aliases lead there by themselves. Write where it was before, or remove the"
            " entry.",
        ),
        (
            {"former": [{"domain": OLD, "base_path": "/a/"}]},
            "former[0].base_path: is '/a/'. Write / or a path without a slash at its end, as in /miclinik.",
        ),
        (
            {"former": [{"domain": "192.0.2.7"}], "tls": {"mode": "acme"}},
            "former[0].domain: is an address, and tls.mode is acme. Remove it: authorities sign host names.",
        ),
        (
            {"former": [{"base_path": "/a"}]},
            "former[0].domain: is missing. Add it: The former host name, or the"
            " present one where only the path has changed.",
        ),
    ],
)
def test_what_is_no_former_address(keys: dict[str, Any], said: str) -> None:
    assert _said(keys) == [f"site 'norte': {said}"]


def test_a_former_address_is_taken_as_it_is_written() -> None:
    former = [{"domain": OLD}, {"domain": OLD, "base_path": "/a"}, {"domain": "192.0.2.7"}]
    assert _said({"former": former}) == []


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("selfsigned", ["norte.example.org", OLD]),
        ("acme", ["norte.example.org", OLD]),
        ("provided", ["norte.example.org"]),
    ],
)
def test_certificates_of_ours_are_for_the_former_domain_too(mode: str, names: list[str]) -> None:
    (site,) = sites.plan([entry(tls={"mode": mode}, former=[{"domain": OLD}, {"domain": OLD, "base_path": "/a"}])])
    assert renewal.names(site) == names


def test_clients_of_a_former_address_name_no_host() -> None:
    (site,) = sites.plan([entry(former=[{"domain": "192.0.2.7"}])])
    assert (site["sni"], site["former_names"]) == (False, ["192.0.2.7"])
