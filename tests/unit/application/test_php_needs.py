# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules need of PHP, and what is said where a distribution does not have it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import php_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

BOOKWORM: dict[str, Any] = {"php_version": "8.2", "packages": []}
TRIXIE: dict[str, Any] = {"php_version": "8.4", "packages": []}


def _site(*modules: str, **more: Any) -> Site:  # noqa: ANN401
    entry = {"name": "norte", "domain": "x.example.org", "source": {"type": "sandbox"}, "modules": list(modules)}
    return sites.plan([entry | more])[0]


@pytest.mark.parametrize(
    ("site", "extensions"),
    [
        (_site(), []),
        (_site("societe", "product", "webservices", "geoipmaxmind", "ftp", "barcode"), []),
        (_site("ldap", "EmailCollector"), ["imap", "ldap"]),
        (_site("emailcollector", constants={"MAIN_IMAP_USE_PHPIMAP": 1}), []),
        (_site("emailcollector", constants={"MAIN_IMAP_USE_PHPIMAP": "0"}), ["imap"]),
        (_site("emailcollector", constants={"MAIN_IMAP_USE_PHPIMAP": False}), ["imap"]),
        (_site("societe", company={"country": "GR"}), ["soap"]),
        (_site("societe", company={"country": "ES"}), []),
        (_site(conf_extra={"dolibarr_main_authentication": "dolibarr, ldap"}), ["ldap"]),
        (_site(conf_extra={"dolibarr_main_authentication": "dolibarr"}), []),
    ],
)
def test_what_modules_need(site: Site, extensions: list[str]) -> None:
    assert php_needs.of_site(site) == extensions


def test_sites_share_one_php() -> None:
    assert php_needs.of_sites([_site("ldap"), _site(), _site("ldap", "emailcollector")]) == ["imap", "ldap"]


@pytest.mark.parametrize(
    "facts", [BOOKWORM, TRIXIE | {"packages": ["php8.4-imap"]}, {"php_version": "", "packages": []}]
)
def test_a_distribution_that_has_them(facts: dict[str, Any]) -> None:
    assert list(php_needs.check(_site("ldap", "emailcollector"), "22.0.4", facts)) == []
    assert list(php_needs.check_extra(["imap", "imagick"], facts)) == []


@pytest.mark.parametrize(
    ("version", "mend"),
    [
        (
            "22.0.4",
            "Set constants.MAIN_IMAP_USE_PHPIMAP: 1, with which the application does without it; or host the site "
            "where PHP has imap (Debian 12), or take the module out of modules",
        ),
        ("16.0.3", "Host the site where PHP has imap (Debian 12), or take the module out of modules"),
    ],
)
def test_a_distribution_that_lacks_one(version: str, mend: str) -> None:
    assert list(php_needs.check(_site("ldap", "emailCollector"), version, TRIXIE)) == [
        (
            "modules[1]",
            "is 'emailCollector', which needs PHP's extension imap, and the host's distribution has no php8.4-imap",
            mend,
        )
    ]
    spared = _site("emailcollector", constants={"MAIN_IMAP_USE_PHPIMAP": "1"})
    assert list(php_needs.check(spared, version, TRIXIE)) == []


def test_an_extra_one_that_the_distribution_lacks() -> None:
    assert list(php_needs.check_extra(["imagick", "imap"], TRIXIE)) == [
        (
            "php_extensions_extra[1]",
            "is 'imap', and the host's distribution has no php8.4-imap",
            "Take it out, or host the sites on Debian 12",
        )
    ]


@pytest.mark.parametrize("names", [None, [], "imap"])
def test_no_list_is_nothing_to_check(names: object) -> None:
    assert list(php_needs.check_extra(names, TRIXIE)) == []
