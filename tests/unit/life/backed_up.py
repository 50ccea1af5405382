# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site of files alone that can be put into a snapshot, with the server of databases of sites.py."""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage

from .sites import OLD, Server

IDENTIFIER = "0123456789abcdef" * 4


def site(root: Path, name: str = "norte") -> tuple[Stage, Server]:
    """Return a site with 6 rows, two documents, secrets and a release."""
    places = Places(name, root)
    root_of_release = places.releases / OLD
    (root_of_release / "htdocs").mkdir(parents=True)
    (root_of_release / "htdocs/filefunc.inc.php").write_text("<?php define('DOL_VERSION', '16.0.3');")
    release_files.record(root_of_release, release_files.list_of(root_of_release))
    places.current.symlink_to(f"releases/{OLD}")
    places.work.mkdir(parents=True)
    places.state.mkdir(parents=True)
    conf = "<?php\n$dolibarr_main_db_type='mysqli';\n$dolibarr_main_db_name='norte';\n"
    places.conf.write_text(conf)
    (places.state / "secrets.json").write_text(
        json.dumps({"instance_unique_id": IDENTIFIER, "users": {"integration": {"key": "k1", "password": "p"}}})
    )
    facts = {"base_url": "https://norte.example.org", "php": "/usr/bin/php8.2"}
    places.facts.write_text(json.dumps(facts))
    documents = places.documents("live")
    documents.mkdir()
    (documents / "invoice.pdf").write_text("old")
    (documents / "[odd] *.txt").write_text("odd")
    for file in documents.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    server = Server(databases={"norte": {"a": 1, "b": 2, "c": 3}})
    return Stage(places, server), server
