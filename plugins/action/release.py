# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packs sources on the controller and has the module ``release`` unpack those that the host lacks."""

from __future__ import annotations

import functools
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import custom as source_custom
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import pack as source_pack
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

MODULE = "miclinik.hosting.release"
# What the host needs to know of a site.
_KEYS = ("name", "user", "modules", "releases", "current", "conf", "documents")


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.release``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the host what it has, send what it lacks, and point each site at its release."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        _, arguments = self.validate_argument_spec(
            {
                "sites": {"type": "list", "elements": "dict", "required": True},
                "declared": {"type": "dict", "default": {}},
                "serve": {"type": "bool", "default": True},
                "keep": {"type": "int", "default": 0},
            }
        )
        trees: dict[str, Tree] = {}
        digest = functools.cache(source_pack.digest)
        resolve = source_custom.resolver(paths.base(variables, self._loader.get_basedir()))
        sites = []
        for site in arguments["sites"]:
            addresses = arguments["declared"].get(site["name"], {}).get("addresses", {})
            try:
                tree = resolve(site, addresses)
            except (SourceError, ValueError) as error:
                return result | {"failed": True, "msg": f"site '{site['name']}': {error}"}
            release = f"{tree.version}-{digest(tree)}"
            trees[release] = tree
            sites.append({key: site[key] for key in _KEYS} | {"release": release})

        given = {"sites": sites, "serve": arguments["serve"], "keep": arguments["keep"]}
        asked = self._execute_module(MODULE, module_args=given, task_vars=variables)
        if asked.get("failed"):
            return asked  # type: ignore[no-any-return]
        states = asked["states"]
        missing = {site["release"] for site in sites if not states[site["name"]]["unpacked"]}
        served = {name: state["current"] for name, state in states.items()}
        moving = [site["name"] for site in sites if arguments["serve"] and served[site["name"]] != site["release"]]
        result |= {
            "changed": bool(missing or moving or asked["prunable"]),
            "pruned": asked["prunable"],
            "releases": {site["name"]: site["release"] for site in sites},
            "served": served,
            "switched": moving,
            "diff": [
                {
                    "before_header": f"{site['name']}: current",
                    "after_header": f"{site['name']}: current",
                    "before": f"{states[site['name']]['current'] or ''}\n",
                    "after": f"{site['release']}\n",
                }
                for site in sites
                if site["name"] in moving
            ],
        }
        if not result["changed"] or self._task.check_mode:
            return result
        packs = {release: self._send(release, trees[release], release in missing) for release in trees}
        try:
            done = self._execute_module(MODULE, module_args={**given, "packs": packs}, task_vars=variables)
        finally:
            self._remove_tmp_path(self._connection._shell.tmpdir, force=True)
        return done if done.get("failed") else result

    def _send(self, release: str, tree: Tree, needed: bool) -> str:
        """Copy the packed tree to the host when it is needed; return its path there."""
        if not needed:
            return ""
        local = source_pack.pack(tree, release.rsplit("-", 1)[-1])
        if not self._connection._shell.tmpdir:
            self._make_tmp_path()
        remote = self._connection._shell.join_path(self._connection._shell.tmpdir, local.name)
        self._transfer_file(str(local), remote)
        return str(remote)
