# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what the host holds of the sites belongs together, before anything is changed. On the controller."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import losses
from ansible_collections.miclinik.hosting.plugins.module_utils.application.identity import Known
from ansible_collections.miclinik.hosting.plugins.module_utils.application.losses import Loss
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree


def check(facts: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Return for preflight what is wrong with the sites, by the facts of the host."""
    found = []
    for site in sites.plan(entries):
        told = [Loss(**fault) for fault in facts["places"].get(site["name"], [])]
        if seen := facts["identities"].get(site["name"]):
            known = Known(**seen)
            # What stands in the place of the documents says why they are missing.
            replaced = any(fault.seen.startswith(f"{site['documents']} ") for fault in told)
            lost = [loss for loss in losses.losses(site, known) if not (replaced and loss.id == "documents-lost")]
            user = facts.get("hosted", {}).get(site["name"], {}).get("database", {}).get("user", "")
            told += [*lost, *_database(site, known, user)]
        found += [Problem(f"site '{site['name']}'", loss.key, loss.seen, loss.mend) for loss in told]
    return found


def _database(site: Mapping[str, Any], known: Known, user: str) -> Iterator[Loss]:
    """A site whose database has no sign yet goes on with the one that it has, and its user; later the sign tells."""
    there, wanted = known.database.get("name"), site["database"]["name"]
    if there and there != wanted and not known.recorded and known.installed:
        seen = f"is {wanted}, and {site['conf']} has the site's data in {there}"
        # A user that is not named follows the database's name.
        whose = f", and {user} as database.user" if user not in ("", site["database"]["user"], there) else ""
        mend = f"Name {there}{whose}; where {wanted} is right, since the data was moved, put that into conf.php"
        yield Loss("database-other", "database.name", seen, mend)


def never_installed(
    facts: Mapping[str, Any], trees: Mapping[str, Tree], status: Callable[[str], Mapping[str, Any]]
) -> list[str]:
    """Return the sites that are to change their version and whose first installation has come to nothing.

    ``status`` is asked, as the module ``app_status`` answers, of those alone that nothing calls installed.
    """
    begun = [
        name
        for name, tree in trees.items()
        if name in facts["releases"]
        and facts["versions"][name] != tree.version
        and not Known(**facts["identities"][name]).installed
    ]
    return [name for name in begun if status(name).get("schema", {}).get("state") == "none"]
