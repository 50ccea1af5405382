# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with a site's files as such: of another kind, another owner, or changed by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule

_CAUSES = {
    "place-kind": "Something else is where a file or folder of the site has to be",
    "current-replaced": "The link to the release that is served was replaced",
    "conf-unlinked": "The application reads a conf.php of its own",
    "documents-shut": "Documents are not the site's user's to use: what people save there is lost",
}
_SHOWN = 5


#: The end of a mend that is no more than a command.
_COMMAND = re.compile(r": ((?:chown|ln) .+)$")


def places(case: Case) -> Iterator[Finding]:
    """What is at the site's places is of another kind, or not for its user."""
    for loss in case.here.get("places", []):
        found = _COMMAND.search(loss["mend"])
        run = (found[1],) if found else ()
        yield Finding(loss["id"], _CAUSES[loss["id"]], (loss["seen"],), loss["mend"], run=run)


def owners(case: Case) -> Iterator[Finding]:
    """Deep in the documents there is something that the site's user cannot use."""
    found, folder, user = case.here.get("owners") or [], case.site["documents"], case.site["user"]
    if not found or any(loss["id"] == "documents-shut" for loss in case.here.get("places", [])):
        return
    told = ", ".join(f"{entry['path'].removeprefix(f'{folder}/')} ({entry['seen']})" for entry in found)
    command = f"chown -R {user}: {folder}/ && chmod -R u+rwX {folder}/"
    mend = (
        f"Give it to the site's user: {command}. Commands of the application are run as {user}, as by miclinikctl and"
        f" runuser -u {user}"
    )
    seen = f"{user} cannot read, or cannot write to, what is in {folder}: {told}"
    yield Finding("documents-shut", _CAUSES["documents-shut"], (seen,), mend, run=(command,))


def release(case: Case) -> Iterator[Finding]:
    """The code that is served is not as it was unpacked, or not root's alone."""
    seen = case.here.get("release_files")
    if not seen:
        return
    counts, folder = seen["counts"], _release(case)
    if counts["loose"]:
        shown = ", ".join(seen["loose"][:_SHOWN])
        yield Finding(
            "release-owner",
            "The code of the site is not root's alone, or cannot be read",
            (f"of {folder}, {counts['loose']} files and folders, such as {shown}",),
            f"chown -R root:root {folder} && chmod -R go-w,a+rX {folder}",
            run=(f"chown -R root:root {folder}", f"chmod -R go-w,a+rX {folder}"),
        )
    told = [
        f"{counts[kind]} {kind}: {', '.join(list(seen[kind])[:_SHOWN])}"
        for kind in ("changed", "added", "missing")
        if counts[kind]
    ]
    if told:
        back = _back(case)
        yield Finding(
            "release-changed",
            "The code of the site was changed by hand: the next release begins without that",
            tuple(f"in {folder}, {words}" for words in told),
            f"put what is to stay into the source. To have the release as it came: {' && '.join(back)}, then run"
            " playbooks/site.yml",
            run=tuple(back),
        )


def hollow(case: Case) -> Iterator[tuple[str, str]]:
    """Yield that folders of the code are gone or empty, with the mend, where the whole was not compared in time."""
    found = case.here.get("hollow") or []
    if found and not case.here.get("release_files"):
        what = f"of the code of the site, folders are missing or empty: {', '.join(found[:_SHOWN])}"
        if len(found) > _SHOWN:
            what += f" and {len(found) - _SHOWN} more"
        yield what, f"to have the release as it came: {' && '.join(_back(case))}, then run playbooks/site.yml"


def _release(case: Case) -> str:
    return f"{case.site['current'].rpartition('/')[0]}/releases/{case.here['release']}"


def _back(case: Case) -> list[str]:
    """Return the commands after which a run unpacks the release anew."""
    folder = _release(case)
    commands = [f"mv {folder} {folder}.by-hand"]
    if case.here["files"]["code"]["there"]:
        # It goes on as it is until the run; of one that is empty the run could not tell the version.
        commands.append(f"ln -sfn releases/{case.here['release']}.by-hand {case.site['current']}")
    return commands


def database(case: Case) -> Iterator[Finding]:
    """conf.php names another database than the inventory."""
    named = case.here.get("identity", {}).get("database") or {}
    wanted = case.site["database_name"]
    if named.get("name") and named["name"] != wanted:
        yield Finding(
            "conf-database",
            "conf.php names another database than the inventory",
            (f"{case.site['conf']} says {named['name']}, the inventory {wanted}",),
            f"run the role application, which writes {wanted} into conf.php; where the data has been moved to"
            f" {named['name']}, say so in the inventory (database.name) first",
        )


RULES: tuple[Rule, ...] = (places, owners, release, database)
