# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which sites a host does not serve yet as the inventory says, so that in check mode there is nothing to call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import server_packages
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import php_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import php as doctor_php

#: The server's configuration could not be read: whatever it serves, it is not known to be old.
_UNREADABLE = frozenset({"broken", "unreadable"})
#: Debian's packages of PHP's drivers.
_DRIVERS = {"mariadb": "mysql", "postgresql": "pgsql"}
#: Changes that are named; of the others only the number.
_NAMED = 3


def reasons(
    sites: Sequence[Site],
    facts: Mapping[str, Any],
    server: str,
    *,
    evidence: Mapping[str, Any],
    settings: Mapping[str, Any],
    certificates: Mapping[str, str],
    changing: Sequence[str] = (),
    engine: str = "mariadb",
) -> dict[str, str]:
    """Return, by site, why it is not as the inventory says; sites that are do not stand in it.

    ``sites`` are complete, ``facts`` those of ``host_facts``, ``server`` is ``nginx`` or ``apache``. The rest is what
    modules say in check mode, by site: ``evidence`` of ``doctor_probe``, ``settings`` of ``rest_api``, and
    ``certificates`` of ``certificate``, the reasons for new ones. ``changing`` names the sites that are to get another
    release. ``engine`` is that of the databases.
    """
    missing = SERVERS[server].package not in facts["packages"]
    found = {}
    for site in sites:
        name = site["name"]
        if name not in facts["releases"]:
            found[name] = "it is not on the host yet"
            continue
        told = [
            *([f"{SERVERS[server].title} is not installed yet"] if missing else []),
            *_packages(site, facts, engine),
            *(["its release is to be put in place"] if name in changing else []),
            *_address(site, evidence.get(name, {}), missing),
            *([f"a new certificate is due: {certificates[name]}"] if name in certificates else []),
            *_settings(settings.get(name, {})),
        ]
        if told:
            found[name] = "; ".join(told)
    return found


def _packages(site: Site, facts: Mapping[str, Any], engine: str) -> Iterator[str]:
    """Yield the packages by which the site lives, and which the run is still to install."""
    extensions = (*doctor_php.EXTENSIONS, _DRIVERS[engine], *php_needs.of_site(site))
    wanted = [f"php{facts['php_version']}-{name}" for name in ("cli", "fpm", *extensions)]
    wanted += [server_packages.DATABASE[engine]] if site["database"]["local"] else []
    lacking = [name for name in wanted if name not in facts["packages"]]
    if lacking:
        yield f"packages are still to be installed: {text_lists.shortened(lacking, _NAMED)}"


def _address(site: Site, seen: Mapping[str, Any], missing: bool) -> Iterator[str]:
    if not seen:  # the host could not be looked at, which is for the smoke test to say
        return
    if seen["url_root"] != site["url"]:
        yield f"its URL is {seen['url_root'] or 'not written yet'}, and is to be {site['url']}"
    shape = seen.get("vhost")
    if missing or not shape or any(problem["id"] in _UNREADABLE for problem in shape["problems"]):
        return
    api = site["api"]
    # A vhost that somebody has added an address to is none to be written anew.
    refused = set(api["allowed_ips"]) - set(shape.get("allow", ()))
    if not shape["found"]:
        yield f"it has no vhost on port {site['listen']} yet"
    elif api["enabled"] and not shape["socket"]:
        yield "its vhost does not hand the API to PHP yet"
    elif api["enabled"] and (refused or (shape["allow"] and not api["allowed_ips"])):
        yield "its API lets other addresses in"


def _settings(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer.get("pending"):
        yield f"its settings are not made yet ({answer['pending'].rstrip('.')})"
    elif answer.get("changes"):
        changes = answer["changes"]
        yield f"settings are still to be made: {text_lists.shortened(changes, _NAMED)}"
