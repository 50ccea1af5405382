# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says why a site's certificate has to be made anew, from what is known of the one it has. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: A site, or as much of it as the module ``certificate`` is given.
Asked = Mapping[str, Any]
Facts = Mapping[str, Any]

SELF_SIGNED_DAYS = 397
#: A self-signed certificate is made anew by a run within this many days of its end.
RENEW_DAYS = 30
#: certbot's timer renews long before; within this many days a run asks as well, and then the failure is seen.
ACME_DAYS = 14


def names(site: Asked) -> list[str]:
    """Return the names that the site's certificate has to cover, in lower case; the domain is the first.

    Of domains that a site has left only what we make or order ourselves is for them.
    """
    left = [] if site.get("tls", {}).get("mode") == "provided" else site.get("former_names", [])
    return list(dict.fromkeys(name.lower() for name in (site["domain"], *site["aliases"], *left)))


def self_signed(site: Asked, seen: Facts) -> str:
    """Return why the site needs a new self-signed certificate; empty when it does not."""
    if not seen or not seen["sound"]:
        return "there is none that can be used"
    if not seen["self_signed"]:
        return "the present one is an authority's"
    return _aged(site, seen, RENEW_DAYS)


def placeholder(seen: Facts) -> str:
    """Return why a site needs a certificate to start with, before an authority gives it one; empty when it does not."""
    return "" if seen and seen["sound"] and seen["days_left"] >= 0 else "there is none that can be used"


def acme(site: Asked, seen: Facts) -> str:
    """Return why certbot has to be asked for the site's certificate; empty when it has not."""
    if not seen or not seen["sound"] or seen["self_signed"]:
        return "there is none of an authority"
    if seen["acme"].get("directory") != site["tls"]["directory"]:
        return "the present one is of another authority"
    if seen["acme"].get("failure"):
        return "the last try failed"
    if not seen["deployed"]:
        return "the present one is not the one that certbot holds and renews"
    return _aged(site, seen, ACME_DAYS)


def _aged(site: Asked, seen: Facts, days: int) -> str:
    if seen["names"] != sorted(names(site)):
        return f"the present one is for {', '.join(seen['names']) or 'no name'}"
    return f"the present one ends in {seen['days_left']} days" if seen["days_left"] < days else ""


def due(sites: Sequence[Asked], certificates: Mapping[str, Facts]) -> list[Asked]:
    """Return the sites whose files the module ``certificate`` has to see to.

    A provided one has always to be compared with the operator's files, which are on the controller.
    """
    return [site for site in sites if site["tls"]["mode"] == "provided" or _reason(site, certificates)]


def _reason(site: Asked, certificates: Mapping[str, Facts]) -> str:
    seen = certificates.get(site["name"], {})
    mode = site["tls"]["mode"]
    return self_signed(site, seen) if mode == "selfsigned" else placeholder(seen) if mode == "acme" else ""


def acme_due(sites: Sequence[Asked], certificates: Mapping[str, Facts]) -> list[Asked]:
    """Return the sites for which certbot has to be asked."""
    return [site for site in sites if site["tls"]["mode"] == "acme" and acme(site, certificates.get(site["name"], {}))]
