# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with what belongs to a site: its secrets, its database, its documents. Lost, or another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule, quote

#: What is lost of a site, or another's, by the name of the loss.
CAUSES = {
    "secrets-broken": "The secrets on record cannot be read",
    "instance-id-differs": "conf.php and the secrets on record hold different instance ids",
    "instance-id-lost": "The instance id, on which all keys depend, is lost",
    "documents-other": "The documents are another site's",
    "documents-silent": "The site's documents give no answer",
    "documents-lost": "The site's documents are not there",
}


def losses(case: Case) -> Iterator[Finding]:
    """What of the site's files is lost or does not belong together."""
    for loss in case.here.get("identity", {}).get("losses", []):
        yield Finding(loss["id"], CAUSES[loss["id"]], (loss["seen"],), loss["mend"])


def secrets(case: Case) -> Iterator[Finding]:
    """The secrets on record are gone; what is taken back from where is the writing playbook's work."""
    seen = case.here.get("identity", {})
    if seen.get("secrets") in ("missing", "partial") and not seen["losses"]:
        path = f"{case.site['state']}/{layout.SECRETS}"
        what = "is missing" if seen["secrets"] == "missing" else "lacks the instance id or the database's password"
        mend = (
            "restore it from a backup, or run playbooks/site.yml, which takes id and database password back from "
            "conf.php, and keys from the application"
        )
        yield Finding("secrets-missing", "The secrets on record are lost", (f"{path} {what}",), mend)


def database(case: Case) -> Iterator[Finding]:
    """The database is another site's, or empty although the site was installed."""
    schema = case.status.get("schema") or {}
    if case.status.get("identity") == "other":
        mend = (
            "give the site its own database back: compare db_name and db_user in conf.php with the inventory, and look "
            "at what was restored last; nothing is written into it meanwhile"
        )
        evidence = ("the sign in the database follows from another instance id", *quote(case.failed("status"), 1))
        yield Finding("other-site", "The database is another site's", evidence, mend)
    elif schema.get("state") == "none" and case.here.get("identity", {}).get("recorded"):
        evidence = ("the host has it on record that the site was installed", *map(str, schema["reasons"][:1]))
        yield Finding("database-lost", "The database is empty", evidence, "restore it from a backup")


def absent(case: Case) -> Iterator[Finding]:
    """The site is in the inventory, and was never put on the host."""
    seen, files = case.here.get("identity", {}), case.here.get("files")
    if not files or seen.get("secrets") != "missing" or seen["recorded"]:
        return
    if not any(files[role]["there"] for role in ("conf", "code", "documents")):
        places = [str(PurePath(files["conf"]["path"]).parent), case.site["state"]]
        evidence = (f"there is nothing in {' and '.join(places)}",)
        mend = "run playbooks/site.yml, which puts it there; if it was there before, restore these folders first"
        yield Finding("not-there", "The site is not on the host", evidence, mend)


#: Instead of all others, which would name one by one what is not there.
NEVER_THERE: tuple[Rule, ...] = (absent,)
RULES: tuple[Rule, ...] = (losses, secrets, database)
