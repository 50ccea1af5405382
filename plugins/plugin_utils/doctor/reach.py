# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether clients get to a site by its domain, where the checks called it at another address. On the controller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import rest
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

_LOOPBACK = ("127.", "::1")


def target(connect_to: str) -> str:
    """Return the host of `connect_to`, which may have a port."""
    return rest.split_address(connect_to)[0]


def note(case: Case) -> str:
    """Return what to say of the site's domain; empty where it leads to the host, or that cannot be told.

    The controller's part of the case has ``called``, where the checks went, and ``names``, what its name service knows.
    """
    called, known = case.controller.get("called"), case.controller.get("names", {})
    addresses = case.host.get("addresses", [])
    if not called or case.site["proxied"] or not addresses:
        return ""
    own = {*addresses, *known.get(target(called), [target(called)])}
    seen = _astray(case.site["domain"], own, known, addresses, case.here.get("resolved", []))
    return f"{seen}; the checks called {target(called)} instead" if seen else ""


def _astray(
    domain: str,
    own: Set[str],
    known: Mapping[str, Sequence[str]],
    addresses: Sequence[str],
    here: Sequence[str],
) -> str:
    if text_names.is_address(domain):
        at_home = domain in own or domain.startswith(_LOOPBACK)
        return "" if at_home else f"{domain} is no address of the host, which has {', '.join(addresses)}"
    found = known.get(domain)
    if found is None or own & set(found) or (not found and own & set(here)):
        return ""
    if not found:
        return f"{domain} has no address that the controller knows (DNS), so that clients may not find it"
    return f"{domain} leads to {', '.join(found)} for the controller, which is no address of the host"
