# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only the operator can bring is told before it is missed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import needs_table, outside_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

FRESH: dict[str, Any] = {"releases": {}}
SERVED: dict[str, Any] = {"releases": {"norte": "22.0.4-0123456789ab"}}


def _site(*modules: str, **constants: Any) -> Site:  # noqa: ANN401
    entry = {"name": "norte", "domain": "x.example.org", "source": {"type": "sandbox"}}
    return sites.plan([entry | {"modules": list(modules), "constants": constants}])[0]


def _told(site: Site, facts: dict[str, Any] = FRESH) -> list[str]:
    return list(outside_needs.cautions([site], facts))


def test_a_module_that_wants_an_account() -> None:
    assert _told(_site("societe", "Stripe")) == [
        "site 'norte': modules[1]: stripe does nothing without an account with Stripe. Set STRIPE_LIVE_SECRET_KEY or"
        " STRIPE_TEST_SECRET_KEY in constants, or on the module's own page."
    ]


@pytest.mark.parametrize(
    "site",
    [
        _site("societe", "facture"),
        _site("stripe", STRIPE_TEST_SECRET_KEY="sk_test_1"),
        _site("paypal", PAYPAL_API_USER="shop"),
        # Nobody can tell from the settings.
        _site("webhook", "gravatar", "oauth"),
    ],
)
def test_where_there_is_nothing_to_say(site: Site) -> None:
    assert _told(site) == []


def test_of_a_site_that_is_served_the_doctor_knows_more() -> None:
    assert _told(_site("stripe"), SERVED) == []


def test_a_module_that_may_not_do_what_it_is_for() -> None:
    (told,) = _told(_site("ModuleBuilder"), SERVED)
    assert told.startswith("site 'norte': modules[0]: modulebuilder writes modules into htdocs/custom")
    assert told.endswith("name them in custom_modules.")


def test_each_row_says_where_it_was_read() -> None:
    for need in needs_table.OUTSIDE:
        assert re.match(r"[a-z]+(/[\w.-]+)+$", need.source)
        assert need.module == need.module.lower()
        assert all(re.fullmatch(r"[A-Z][A-Z0-9_]+", name) for name in need.constants)
    names = [need.module for need in needs_table.OUTSIDE]
    assert names == sorted(set(names))
