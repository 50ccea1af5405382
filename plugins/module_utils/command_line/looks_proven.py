# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A closer look at a site from its own host, by what the host was told when it was last proven to work.

It knows few faults by name: it asks the web server whether it would load its files, calls the site as the smoke test
does, and where something is wrong it says what is not as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import places
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import smoke
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.looks import Look
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    picture,
    picture_changes,
    picture_files,
    probe_ahead,
    probe_host,
    probe_pages,
    probe_writes,
    told,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: What people change in the pages, day by day.
_OF_PEOPLE = ("database constants",)
#: More of them nobody reads at a terminal.
_MOST = 12


def all_of(host: Host, site: str, *, red: bool = False) -> Iterator[Look]:
    """Look at what a proven run has left word of; say so where there is none.

    Where something is ``red`` already the calls only repeat it.
    """
    known = told.read(layout.below(host.root, told.FILE))
    own = next((entry for entry in known.get("sites", []) if entry["name"] == site), None)
    if own is None:
        yield Look("proven", "never yet by a run that passed: the site itself was not called", "")
        return
    found = [_configuration(str(known["web_server"])), *_files(own)]
    if failing := probe_pages.look(own):
        unit = own["fpm_unit"]
        mend = f"journalctl -u {unit}; miclinikctl {site} logs"
        found.append(Look("pages", f"those who have logged in get {failing}", mend))
    yield from found
    yield from _calls(host, site, red=red or any(not one.well for one in found))


def _configuration(web_server: str) -> Look:
    server = SERVERS[web_server]
    refused = probe_ahead.refused(probe_host.run(*server.test))
    mend = f"mend that line: {web_server} goes on by what it has read before, and would not start again"
    return Look("configuration", refused or f"{web_server} would load it", mend if refused else "")


def _files(own: Mapping[str, Any]) -> Iterator[Look]:
    found = [*places.look(own)]
    for one in found:
        yield Look("files", one["seen"], one["mend"])
    if found:
        return
    for one in probe_writes.look(own):
        mend = f"see who owns {one['place']}, and what is mounted there; {own['user']} has to write to it"
        yield Look("files", f"{own['user']} cannot write to {one['place']}: {one['text']}", mend)


def _calls(host: Host, site: str, *, red: bool) -> Iterator[Look]:
    try:
        results = smoke.run(host, site)
    except CallError as error:
        yield Look("smoke test", str(error), "see what it says")
        return
    failed = [one for one in results if not one["ok"]]
    if not failed:
        yield Look("smoke test", f"all {len(results)} checks pass")
    elif red:
        names = ", ".join(one["check"] for one in failed)
        mend = f"mend what is said above first; then miclinikctl {site} smoke"
        yield Look("smoke test", f"{len(failed)} of {len(results)} checks fail: {names}", mend)
        return
    for one in failed:
        yield Look(f"smoke test: {one['check']}", f"expected {one['expected']}; seen {one['seen']}", one["mend"])


def changes(host: Host, site: str) -> Iterator[Look]:
    """Say what is not as it was when the host was last proven to work; nothing where that is not known."""
    known = told.read(layout.below(host.root, told.FILE))
    before = picture.read(layout.below(host.root, picture.FILE))
    if not known or not before:
        return
    now = picture.take(
        known["sites"], php_version=known["php_version"], web_server=known["web_server"], engine=known["engine"]
    )
    found = picture_changes.compare(before, now, picture_files.since)
    ours = [one for one in found if one["site"] in ("", site) and one["section"] not in _OF_PEOPLE]
    for one in ours[:_MOST]:
        what = " ".join(part for part in (one["section"], one["subject"], one["what"]) if part)
        mend = "playbooks/site.yml writes it anew" if one["own"] else "put it back, if nobody meant it"
        # Of a file that may hold a secret the text is not kept.
        both = (
            f"was {one['was'] or 'not there'}; is {one['is'] or 'not there'}" if one["was"] or one["is"] else "another"
        )
        yield Look("changed", f"{what}: {both}", mend)
