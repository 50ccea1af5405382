# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which extensions of PHP the application's modules need beside those that every site gets.

Found by looking through 16.0.3, 22.0.4, 23 and 24.0.0-beta for calls and classes that no extension of every site, none
of Debian's package php-common, and no library that the application brings along has. What is left out and why:

* `webservices` and the check of European VAT numbers speak SOAP by a library of the application (nusoap);
* `geoipmaxmind` reads its file by a library of the application, `ftp` has its functions from php-common;
* `imagick`, `tidy` and `ssh2` are used where they are there, or for one connection in a list: `php_extensions_extra`;
* `bcmath` is called by one function only, which nothing calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest


class Need(NamedTuple):
    """What ``module`` needs: only for a company in ``country`` if there is one, and not where ``instead`` is set."""

    module: str
    extension: str
    country: str = ""
    #: Constant that has the application do without; `since` is the first version that knows it.
    instead: str = ""
    since: int = 0


NEEDS = (
    Need("ldap", "ldap"),
    Need("emailcollector", "imap", instead="MAIN_IMAP_USE_PHPIMAP", since=17),
    Need("societe", "soap", country="GR"),
)

#: Extensions that a version's distribution does not have: PHP 8.4 gave imap away, and Debian 13 has no package of it.
ABSENT = {"8.4": frozenset({"imap"})}


def of_site(site: Site) -> list[str]:
    """Return the extensions that the site's modules need, and its way to log in."""
    modes = str(site["conf_extra"].get("dolibarr_main_authentication", "")).split(",")
    login = {"ldap"} if "ldap" in [mode.strip() for mode in modes] else set()
    return sorted({need.extension for need in _needs(site)} | login)


def of_sites(sites: Sequence[Site]) -> list[str]:
    """Return the extensions that the modules of all ``sites`` need, for the role php."""
    return sorted({extension for site in sites for extension in of_site(site)})


def _needs(site: Site) -> Iterator[Need]:
    modules = {name.lower() for name in site["modules"]}
    for need in NEEDS:
        country = not need.country or site["company"]["country"] == need.country
        spared = bool(need.instead) and _is_on(site["constants"].get(need.instead))
        if need.module in modules and country and not spared:
            yield need


def _is_on(value: object) -> bool:
    return value is not None and value is not False and str(value) not in ("", "0")


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
    return extension in ABSENT.get(php, ()) and f"php{php}-{extension}" not in facts["packages"]


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
