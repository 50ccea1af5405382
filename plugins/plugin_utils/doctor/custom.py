# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with modules that are not the application's own."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    LIKELY,
    Case,
    Finding,
    Rule,
    quote,
)

_SOURCE = "mend it in its source (custom_modules, or custom/ of the site's source) and run site.yml"


def modules(case: Case) -> Iterator[Finding]:
    """A custom module that cannot be loaded, or is not there: it takes the list of operations of all with it."""
    custom = case.here.get("custom")
    if not custom:
        return
    shown = quote(case.failed("operations", "explorer", "reads"), 1)
    if custom["broken"]:
        names = sorted(custom["broken"])
        off = f"miclinikctl {case.site['name']} module disable {' '.join(names)}"
        plural = "Custom modules cannot" if len(names) > 1 else "A custom module cannot"
        words = tuple(str(custom["broken"][name]) for name in names)
        mend = f"{_SOURCE}; or switch it off: {off}"
        yield Finding("custom-module-broken", f"{plural} be loaded: {', '.join(names)}", (*words, *shown), mend)
    there = {name.lower() for name in custom["there"]}
    gone = [name for name in case.site["custom_modules"] if name.lower() not in there]
    if gone and case.here.get("files", {}).get("code", {}).get("there"):
        seen = f"{case.site['root']}/custom has no {', '.join(gone)}"
        by_hand = set(case.here.get("release_files", {}).get("missing", []))
        taken_out = any(f"htdocs/custom/{name}".lower() in {path.lower() for path in by_hand} for name in gone)
        # A release that is there is not unpacked once more.
        mend = (
            "have the release as it came, as said above" if taken_out else "run site.yml, which makes a release with it"
        )
        yield Finding(
            "custom-module-missing", f"Custom modules that are declared are missing: {', '.join(gone)}", (seen,), mend
        )
    elif custom["missing"] and shown:
        # An upgraded site may have some on that the application itself has given up, and goes well.
        names = custom["missing"]
        seen = f"on, and without a file in the release: {', '.join(names)}"
        mend = f"put the module into custom_modules, or see what it leaves: miclinikctl {case.site['name']} module list"
        yield Finding("custom-module-missing", "Modules are on whose files are not there", (seen, *shown), mend, LIKELY)


RULES: tuple[Rule, ...] = (modules,)
