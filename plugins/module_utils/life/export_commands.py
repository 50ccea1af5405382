# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verb ``export``: prints what a site is as an inventory; of an installation that others have made as well."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import export as bridge_export
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge
from ansible_collections.miclinik.hosting.plugins.module_utils.life import foreign
from ansible_collections.miclinik.hosting.plugins.module_utils.life.foreign import ForeignError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.foreign_conf import ConfError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site.logo import BEGINNINGS, LOGOS, MOST, NAME


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    verb = verbs.add_parser("export", help="print what it is as an inventory, without secrets")
    verb.add_argument("--from", dest="source", default="", metavar="FOLDER", help="of an installation of others there")
    verb.add_argument("--files", default="", metavar="FOLDER", help="put its logos there, and name them")
    verb.set_defaults(does=export)


def export(places: Places, given: argparse.Namespace) -> int:
    """Print it; return an exit code. Raises StageError and BridgeError."""
    if given.source:
        bridge, url, documents = _of_others(places, given.source)
    elif places.facts.is_file():
        bridge, facts = Bridge(places.site), json.loads(places.facts.read_text(encoding="utf-8"))
        url, documents = facts["base_url"], Path(facts["documents"])
    else:
        raise StageError(f"there is no site '{places.site}' on this host; for one of others name its folder: --from")
    status = bridge.call("status")
    version, admins = str(status["version"]), (status.get("schema") or {}).get("administrators") or []
    if not admins:
        raise StageError("nobody is an administrator of it, so that it cannot be asked")
    answers = bridge.batch(bridge_export.ORDERS)
    files = put_beside(bridge_export.logos(answers), documents, Path(given.files)) if given.files else {}
    site, lost = bridge_export.entry(places.site, url, version, admins[0], answers, files)
    print(bridge_export.text(site, lost, version), end="")
    return 0


def put_beside(names: Mapping[str, str], documents: Path, folder: Path) -> dict[str, str]:
    """Copy logos into ``folder``; return where each is now. Those that an inventory cannot name are left out.

    Whoever has the site chooses what is in its documents: nothing is followed out of them, and only an image is taken.
    """
    found: dict[str, str] = {}
    top = documents.resolve()
    for key, name in names.items():
        file = (top / LOGOS / name).resolve()
        if not NAME.fullmatch(name) or top not in file.parents or not file.is_file():
            continue
        with file.open("rb") as stream:
            content = stream.read(MOST + 1)
        if content.startswith(BEGINNINGS) and len(content) <= MOST:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
            found[key] = str(folder / name)
    return found


def _of_others(places: Places, source: str) -> tuple[Bridge, str, Path]:
    """Return the bridge to an installation that others have made, its address, and its documents."""
    try:
        site = foreign.find(foreign.Order(source), places.work)
    except (ForeignError, ConfError) as error:
        raise StageError(str(error)) from error
    owner = Path(site.documents).owner()
    layout = {"root": str(site.root), "user": owner}
    return Bridge(places.site, layout=layout, unserved=layout), site.conf.text("url_root"), Path(site.documents)
