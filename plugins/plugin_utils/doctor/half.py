# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules and settings that are on and do only half of what they are for. Pure functions.

What the inventory asks for the role php has brought, or preflight has refused. This is about what people have switched
on since, on the application's pages, and about what nobody has entered there yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import needs_table, outside_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

#: Settings that only have to be there, and those whose values say which program is called.
THERE = sorted({name for need in needs_table.OUTSIDE for name in need.constants})
_OF_PROGRAMS = {name for need in needs_table.PROGRAMS for name in (need.constant, need.unless)}
VALUES = sorted((_OF_PROGRAMS | {need.instead for need in needs_table.EXTENSIONS}) - {""})
#: The programs.
CALLED = sorted({need.program for need in needs_table.PROGRAMS if need.constant})
#: Their services.
UNITS = sorted({need.unit for need in needs_table.PROGRAMS if need.unit})
_ODT = "MAIN_ODT_AS_PDF"
#: From this version on a virus scanner is not called by its name alone.
_SWITCHED, _COMMAND, _SWITCH = 23, "MAIN_ANTIVIRUS_COMMAND", "MAIN_ANTIVIRUS_UPLOAD_ON"


def told(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what is half there, and what to do, as far as the application has said what is on."""
    settings: Mapping[str, Any] = case.application.get("needs") or {}
    modules = set(case.status.get("modules") or ())
    yield from _extensions(case, settings, modules)
    yield from _programs(case, settings)
    yield from _scanner(case, settings)
    for need in needs_table.OUTSIDE:
        asked = need.constants and all(name in settings for name in need.constants)
        if need.module in modules and asked and not any(settings[name] for name in need.constants):
            what = f"the module {need.module} is on, and has nothing to work with: it wants {need.what}"
            yield what, f"set {outside_needs.told(need.constants)}, or switch the module off"


def _extensions(case: Case, settings: Mapping[str, Any], modules: set[str]) -> Iterator[tuple[str, str]]:
    loaded = (case.here.get("php") or {}).get("extensions") or []
    version = versions.number(case.status.get("version") or "0")
    for need in needs_table.EXTENSIONS:
        spared = need.instead and version >= need.since and needs_table.is_on(settings.get(need.instead))
        lacking = bool(loaded) and need.extension not in loaded and not need.country and not spared
        if lacking and need.module in modules and need.module not in case.site["declared"]["modules"]:
            what = f"the module {need.module} is on, and PHP lacks what it needs: {need.extension}"
            yield what, f"name {need.module} in modules of the inventory, and run the role php"


def _programs(case: Case, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    absent = set(case.here.get("absent_programs") or ()) - set(case.site["programs"])
    for need in needs_table.PROGRAMS:
        called = need.constant and re.match(need.value, str(settings.get(need.constant) or "0"))
        if called and need.program in absent and not (need.unless and needs_table.is_on(settings.get(need.unless))):
            what = f"{need.constant} has the site call {need.program}, which the host lacks"
            yield what, f"name {need.constant} in constants of the inventory, and run the role php"
        elif called and need.constant == _ODT and need.program not in case.site["programs"]:
            what = f"{_ODT} is set, and {need.program} does not start in the sandbox of a site whose inventory does not"
            yield f"{what} ask for it: documents of ODT templates end in 500", "write files: {odt_to_pdf: true}"
        elif called and need.unit in (case.here.get("stopped_units") or ()):
            what = f"{need.constant} has the site call {need.program}, and {need.unit} does not run"
            yield (
                what,
                f"see why: systemctl status {need.unit} (a scanner wants its signatures first: clamav-freshclam)",
            )


def _scanner(case: Case, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    new = versions.number(case.status.get("version") or "0") >= _SWITCHED
    if new and needs_table.is_on(settings.get(_COMMAND)) and not needs_table.is_on(settings.get(_SWITCH, "unasked")):
        what = f"{_COMMAND} is set, and no upload is scanned: since version {_SWITCHED} {_SWITCH} has to be on too"
        yield what, "write files: {virus_scan: true} in place of the constant"
