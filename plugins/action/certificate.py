# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads the certificates that operators provide on the controller, for the module ``certificate``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import renewal as tls_renewal
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.certificate``."""

    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send every site with what its files hold."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        _, arguments = self.validate_argument_spec(
            {
                "sites": {"type": "list", "elements": "dict", "required": True},
                "pairs": {"type": "dict", "default": {}, "no_log": True},
            }
        )
        base = paths.base(variables, self._loader.get_basedir())
        pairs = arguments["pairs"]
        entries = [
            _entry(site) | (_given(pairs[site["name"]]) if site["name"] in pairs else self._provided(site, base))
            for site in arguments["sites"]
        ]
        done: dict[str, Any] = self._execute_module(
            "miclinik.hosting.certificate", module_args={"sites": [], "entries": entries}, task_vars=variables
        )
        done.pop("invocation", None)  # it repeats the keys
        return result | done

    def _provided(self, site: Mapping[str, Any], base: paths.Base) -> dict[str, str]:
        tls = site["tls"]
        if tls["mode"] != "provided":
            return {}
        return {
            key: self._loader.get_text_file_contents(str(paths.find(base, tls[key]))) for key in ("certificate", "key")
        }


def _entry(site: Mapping[str, Any]) -> dict[str, Any]:
    return {key: site[key] for key in ("name", "state")} | {
        "mode": site["tls"]["mode"],
        "names": tls_renewal.names(site),
    }


def _given(pair: Mapping[str, str]) -> dict[str, str]:
    return {"mode": "provided", "certificate": pair["certificate"], "key": pair["key"]}
