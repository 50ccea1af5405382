# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules of a site do nothing without, and nobody but the operator can bring, from ``needs_table``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.needs_table import BARRED, OUTSIDE, Outside


def cautions(sites: Sequence[Site], facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what to say before modules are switched on that want something from outside.

    Only of sites that the host does not serve yet: of the others the doctor knows what has been set since, by whomever.
    """
    for site in sites:
        key = {name.lower(): f"site '{site['name']}': modules[{at}]" for at, name in enumerate(site["modules"])}
        for module, why in BARRED.items():
            if module in key:
                yield f"{key[module]}: {module} {why}."
        if site["name"] not in facts["releases"]:
            for need in _unset(site):
                yield f"{key[need.module]}: {need.module} does nothing without {need.what}. Set {told(need.constants)}."


def told(constants: Sequence[str]) -> str:
    """Return how it is set."""
    return f"{' or '.join(constants)} in constants, or on the module's own page"


def _unset(site: Site) -> Iterator[Outside]:
    modules = {name.lower() for name in site["modules"]}
    declared = {*site["constants"], *site["secret_constants"]}
    for need in OUTSIDE:
        if need.module in modules and need.constants and not declared & {*need.constants}:
            yield need
