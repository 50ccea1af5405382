# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which extensions of PHP the modules of sites need beside those that every site gets, from ``needs_table``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.needs_table import (
    ABSENT_EXTENSIONS,
    EXTENSIONS,
    Extension,
    is_on,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest


def of_site(site: Site) -> list[str]:
    """Return the extensions that the site's modules need, and its way to log in."""
    modes = str(site["conf_extra"].get("dolibarr_main_authentication", "")).split(",")
    login = {"ldap"} if "ldap" in [mode.strip() for mode in modes] else set()
    return sorted({need.extension for need in _needs(site)} | login)


def of_sites(sites: Sequence[Site]) -> list[str]:
    """Return the extensions that the modules of all ``sites`` need, for the role php."""
    return sorted({extension for site in sites for extension in of_site(site)})


def _needs(site: Site) -> Iterator[Extension]:
    modules = {name.lower() for name in site["modules"]}
    for need in EXTENSIONS:
        country = not need.country or site["company"]["country"] == need.country
        spared = bool(need.instead) and is_on(site["constants"].get(need.instead))
        if need.module in modules and country and not spared:
            yield need


def check(site: Site, version: str, facts: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield the modules whose extension the host's distribution does not have: key, what was seen, mend."""
    php = facts["php_version"]
    modules = [name.lower() for name in site["modules"]]
    for need in _needs(site):
        if _is_absent(need.extension, facts):
            index = modules.index(need.module)
            mend = f"Host the site where PHP has {need.extension} (Debian 12), or take the module out of modules"
            if need.instead and versions.number(version) >= need.since:
                mend = f"Set constants.{need.instead}: 1, with which the application does without it; or {_small(mend)}"
            seen = f"is {site['modules'][index]!r}, which needs PHP's extension {need.extension}"
            yield f"modules[{index}]", f"{seen}, and the host's distribution has no php{php}-{need.extension}", mend


def check_extra(names: object, facts: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the operator's own list: key, what was seen, mend."""
    for index, name in enumerate(names if isinstance(names, list) else []):
        if _is_absent(str(name), facts):
            seen = f"is {name!r}, and the host's distribution has no php{facts['php_version']}-{name}"
            yield f"php_extensions_extra[{index}]", seen, "Take it out, or host the sites on Debian 12"


def _is_absent(extension: str, facts: Mapping[str, Any]) -> bool:
    php = facts["php_version"]
    # Another archive may have brought it.
    return extension in ABSENT_EXTENSIONS.get(php, ()) and f"php{php}-{extension}" not in facts["packages"]


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
