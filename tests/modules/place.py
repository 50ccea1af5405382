# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A test host with two sites of one tree: `one` has a module at a time, `every` has all of them at once."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree

from testhost import hosts, inventory
from tests.faults.bench import Bench, ssh_command
from tests.played import playbook

_RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+)", re.MULTILINE)
#: Of two that switch each other off the one that is kept.
LEFT_OUT = {"accounting": "comptabilite"}
#: From this version on mailboxes are read without PHP's imap where a setting says so.
_OWN_IMAP = 17
#: The oldest that is known to write ODT documents that LibreOffice 24 and newer read.
_WHOLE_ODT = 22
RIGHTS = [
    *("societe.lire", "societe.creer", "produit.lire", "produit.creer", "commande.lire", "commande.creer"),
    *("facture.lire", "facture.creer"),
    # Up to 16 whatever is loaded up wants it.
    "ecm.upload",
]


@dataclass
class Place:
    """The host, by its name, and how it is reached."""

    host: str
    release: str
    source: Path
    web_server: str
    engine: str
    folder: Path
    constants: Mapping[str, Any] = field(default_factory=dict)
    benches: dict[str, Bench] = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """What the tree has."""
        return Catalogue(source_tree.find(self.source))

    @property
    def major(self) -> int:
        """First number of the tree's version."""
        return source_tree.find(self.source).major

    def makes_pdfs(self) -> bool:
        """Whether the release's LibreOffice reads the version's ODT documents; preflight stops otherwise."""
        return self.release == "bookworm" or self.major >= _WHOLE_ODT

    def together(self) -> list[str]:
        """All modules that can be on at once, `adherent` before what it would switch off."""
        names = set(self.catalogue.files)
        if self.release != "bookworm" and self.major < _OWN_IMAP:
            # Preflight stops: the distribution has no extension for it, and the version no way without.
            names -= {"emailcollector"}
        return sorted(names - {other for kept, other in LEFT_OUT.items() if kept in names})

    def sites(self) -> list[dict[str, Any]]:
        """What the inventory says."""
        common = {
            "source": {"type": "directory", "path": str(self.source)},
            "company": {"name": "Norte", "country": "ES"},
            "admin": {"login": "admin"},
            "tls": {"mode": "none"},
            "constants": dict(self.constants),
            # One PHP-FPM for two sites' hosts of two cores: enough for one visitor.
            "php": {"memory_max": "1500M"},
        }
        users = {"users": [{"login": "integration", "rights": RIGHTS}]}
        least = ["societe", "product", "commande", "facture"]
        return [
            {"name": "one", "domain": "one.example.org", **common, "api": {"users": [{"login": "integration"}]}},
            {
                "name": "every",
                "domain": "every.example.org",
                **common,
                "modules": [*least, *(name for name in self.together() if name not in least and name != "api")],
                "api": users,
                "files": {"odt_to_pdf": True if self.makes_pdfs() else None},
            },
        ]

    def up(self, *, fresh: bool) -> None:
        """Have the host, with the inventory beside it."""
        (self.folder / "group_vars").mkdir(parents=True, exist_ok=True)
        wanted: dict[str, Any] = {
            "miclinik_sites": self.sites(),
            "miclinik_web_server": self.web_server,
            "miclinik_database_engine": self.engine,
        }
        (self.folder / "group_vars/miclinik.json").write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        known = hosts.up(
            self.host,
            release=self.release,
            fresh=fresh,
            inventories=[self.folder / "hosts.json"],
            groups=["miclinik"],
        )
        way = ssh_command(inventory.variables(known), Path(tempfile.mkdtemp(prefix="modules")) / "mux")
        for site in wanted["miclinik_sites"]:
            self.benches[site["name"]] = Bench(way, known.ip, site, self.web_server, self.engine)

    def converge(self) -> tuple[int, str]:
        """Run the playbook; return how many tasks changed something, and what it said. Ends where it fails."""
        done = playbook("-i", str(self.folder), "playbooks/site.yml", patience=1800)
        if done.returncode:
            raise SystemExit(f"site.yml ended with {done.returncode}:\n{done.stdout[-6000:]}{done.stderr[-2000:]}")
        for bench in self.benches.values():
            bench.prepare()
        return sum(int(changed) for changed in _RECAP.findall(done.stdout)), done.stdout + done.stderr
