# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which programs of the host the modules and settings of sites call, and Debian's packages of them.

What calls what stands in ``needs_table``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import needs_table
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.needs_table import (
    ABSENT_PACKAGES,
    MOVED_PACKAGES,
    PROGRAMS,
    Program,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

_ODT = "MAIN_ODT_AS_PDF"


def missing(sites: Sequence[Site], facts: Mapping[str, Any], engine: str) -> list[str]:
    """Return the packages that the host with ``facts`` lacks of those that ``sites`` need, for the role php."""
    installed = set(facts["packages"])
    wanted: set[str] = set()
    for site in sites:
        for need in _needs(site, engine):
            if not installed & set(need.instead):
                moved = MOVED_PACKAGES.get(facts["php_version"], {})
                wanted.update(*(moved.get(package, (package,)) for package in need.packages))
    return sorted(wanted - installed)


def of_site(site: Site) -> list[str]:
    """Return the programs that the site calls, whatever its database."""
    return sorted({need.program for need in _needs(site, "")})


def whole_proc(site: Site) -> bool:
    """Return whether the site calls LibreOffice, which does not start without ``/proc/version``."""
    return _text(site, _ODT) not in ("", "0")


def check(site: Site, facts: Mapping[str, Any], engine: str) -> Iterator[Rest]:
    """Yield what calls a program that the host's distribution does not have: key, what was seen, mend."""
    odt = _text(site, _ODT)
    if odt not in ("", "0") and not any(need.constant == _ODT and re.match(need.value, odt) for need in PROGRAMS):
        seen = f"is {odt!r}, which calls the application's script odt2pdf.sh, and releases have none"
        yield f"constants.{_ODT}", seen, "Take it out, and write files: {odt_to_pdf: true}"
    absent = ABSENT_PACKAGES.get(facts["php_version"], frozenset())
    for need in _needs(site, engine):
        for package in sorted(absent & set(need.packages) - set(facts["packages"])):
            seen = f"wants the program {need.program}, and the host's distribution has no package {package}"
            key = f"constants.{need.constant}" if need.constant else "modules"
            yield key, seen, "Choose another (libreoffice), or host the site on Debian 12"


def check_templates(site: Site, odf: str, facts: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield that LibreOffice could not read what the application makes of ODT templates: key, what was seen, mend.

    :param odf: the text of includes/odtphp/odf.php; empty where the source has none.
    """
    newer = facts["php_version"] in needs_table.STRICT_OFFICE
    if newer and odf and needs_table.WHOLE_ODT not in odf and whole_proc(site):
        key = f"constants.{_ODT}" if site["files"]["odt_to_pdf"] is None else "files.odt_to_pdf"
        seen = "is on, and the ODT documents of this version are broken archives to the host's LibreOffice"
        yield key, seen, "Name a newer source (22 works), host the site on Debian 12, or take it out: they stay ODT"


def _needs(site: Site, engine: str) -> Iterator[Program]:
    modules = {name.lower() for name in site["modules"]}
    for need in PROGRAMS:
        if need.engine not in ("", engine) or (need.unless and _text(site, need.unless) not in ("", "0")):
            continue
        if need.module in modules or (need.constant and re.match(need.value, _text(site, need.constant))):
            yield need


def _text(site: Site, constant: str) -> str:
    """Return the value as the application stores it."""
    value = site["constants"].get(constant)
    return "" if value is None else str(int(value)) if isinstance(value, bool) else str(value)
