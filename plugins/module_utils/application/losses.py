# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of a site is lost or does not belong together, so that nothing may be written. Runs on both sides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.application.identity import MARK, RECORD, Known
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout


@dataclass(frozen=True)
class Loss:
    """Something that stops whatever would write: the key in the inventory that is nearest, what was seen, the mend."""

    id: str
    key: str
    seen: str
    mend: str


def evidence(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return for the doctor what is there of a site, and ``losses``; no secret is in it."""
    known = identity.look(identity.Places.of(site))
    return {
        "secrets": known.secrets,
        "recorded": known.recorded,
        "database": known.database,
        "losses": [asdict(loss) for loss in losses(site, known)],
    }


def losses(site: Mapping[str, Any], known: Known) -> list[Loss]:
    """Return what is wrong with a site, of which ``conf``, ``documents``, ``state`` and ``user`` are read."""
    return [*_secrets(site, known), *_documents(site, known)]


def _secrets(site: Mapping[str, Any], known: Known) -> Iterator[Loss]:
    secrets, conf = f"{site['state']}/{layout.SECRETS}", site["conf"]
    if known.secrets == "broken":
        instead = "Or move it away: id and database password are then taken back from conf.php, keys from the database"
        mend = f"Restore it from a backup. {instead if known.conf_id else 'It is not overwritten'}"
        yield Loss(
            "secrets-broken", "instance_unique_id", f"{secrets} should be a file with a JSON object and is not", mend
        )
    elif known.same_id is False:
        yield Loss(
            "instance-id-differs",
            "instance_unique_id",
            f"{secrets} and {conf} hold different ids, and every encrypted value depends on the right one",
            _right(secrets, conf, known.right_id),
        )
    elif (
        not known.secrets_id
        and not known.conf_id
        and (known.installed or known.served)
        and "instance_unique_id" not in (site.get("declared") or [])
    ):
        seen = f"the site was installed, and neither {secrets} nor {conf} holds its id, on which all keys depend"
        yield Loss("instance-id-lost", "instance_unique_id", seen, where_to_look(site))


def _right(secrets: str, conf: str, right: str) -> str:
    if right == "secrets":
        return f"The one in {secrets} is the one that the site was installed with: remove {conf}, which is written anew"
    if right == "conf":
        return f"The one in {conf} is the one that the site was installed with: write it into {secrets}"
    return (
        "Find out which of them the database was made with (a backup of either file, an old release's conf/conf.php) "
        "and write it into the other file"
    )


def where_to_look(site: Mapping[str, Any]) -> str:
    """Return where the id of a site may still be found."""
    return (
        f"Restore {site['state']}/{layout.SECRETS} or {site['conf']} from a backup, or declare the id that a backup of "
        "either, or a conf/conf.php of an old release, still has as instance_unique_id: no other one is made. To begin "
        f"anew, move {Path(site['conf']).parent} and {site['state']} away, and drop the database"
    )


def _documents(site: Mapping[str, Any], known: Known) -> Iterator[Loss]:
    folder = site["documents"]
    if known.documents == "silent":
        mend = "See mount and the kernel's log (dmesg) for what hangs, and mend that first"
        yield Loss("documents-silent", "name", f"{folder} gives no answer: what it is on hangs", mend)
    if known.documents == "other":
        seen = f"{folder} carries the mark of another site"
        mend = f"Look at what is mounted or was restored there; to make it the site's, remove {folder}/{MARK}"
        yield Loss("documents-other", "name", seen, mend)
    elif known.documents in ("bare", "missing") and known.recorded:
        there = "holds neither the site's mark nor the installer's lock" if known.documents == "bare" else "is missing"
        accept = f"install -D -o {site['user']} -g {site['user']} -m 0440 /dev/null {folder}/install.lock"
        yield Loss(
            "documents-lost",
            "name",
            f"{folder} {there}, though the site was installed: its documents are not there",
            f"Mount or restore them. Where they are lost for good, accept it: {accept}. To begin anew, with an empty "
            f"database too, remove {site['state']}/{RECORD}",
        )
