# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the checks of the module ``preflight`` on the controller."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.release import __version__
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import (
    outside_needs,
    php_needs,
    support_matrix,
    version_rules,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import exporters
from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import rules as baseline_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import rules as cluster_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import settings as cluster_settings
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import topology
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import ansible_version, paths, run_tags
from ansible_collections.miclinik.hosting.plugins.plugin_utils.life import backup_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import adoption, own_templates
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import checks as preflight_checks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import host as preflight_host
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import identity as preflight_identity
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import neighbours as preflight_neighbours
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import orphans as preflight_orphans
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import users as preflight_users
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight.modules import ModuleChecks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import (
    call_limits,
    inventory_rules,
    logos,
    own_lines,
    secret_rules,
    sites,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import orphans as site_orphans
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import pack as source_pack
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.tls import provided as tls_provided
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import jail_rules

#: Options of the module database_server, by the variables of the role that works with it.
_DATABASE_OPTIONS = {
    "admin_user": "database_admin_user",
    "admin_password": "database_admin_password",
    "version": "database_postgresql_version",
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.preflight``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check inventory and sources, then the host; fail with all that is wrong."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        _, arguments = self.validate_argument_spec(
            {
                "sites": {"type": "raw"},
                "min_free_mb": {"type": "int", "default": 1024},
                "allow_untested": {"type": "bool", "default": False},
                "upgrade": {"type": "bool", "default": False},
                "renamed_from": {"type": "str", "default": ""},
                "put_aside": {"type": "list", "elements": "str", "default": []},
            }
        )
        if refusal := ansible_version.refusal(__version__):
            return result | {"failed": True, "msg": refusal}
        if arguments["sites"] is None:
            missing = inventory_rules.undefined(variables["inventory_hostname"], variables["group_names"])
            return _stopped(result, [missing])
        entries = arguments["sites"]
        # Task variables come as they were written: an inventory may well say "{{ inventory_dir }}/templates".
        public = {
            name: self._templar.template(value) for name, value in variables.items() if preflight_checks.is_public(name)
        }
        cluster = bool(_topology(variables))
        problems = [*preflight_checks.check_variables(public), *self._of_roles(variables)]
        problems += site_rules.check(entries, cluster=cluster)
        templates = preflight_checks.templates_of(public)
        problems += own_templates.check(templates, self._loader.get_basedir()) if templates else []
        trees: dict[str, Tree] = {}
        engine = preflight_checks.engine_of(public)
        server, pooler = preflight_checks.server_of(public), preflight_checks.pooler_of(public)
        if not problems:
            base = paths.base(variables, self._loader.get_basedir())
            trees, problems = preflight_checks.check_sources(entries, base)
            problems += [
                *preflight_checks.check_databases(entries, trees, engine, base, pooler),
                *cluster_rules.check(_topology(variables), entries, engine),
                *version_rules.check(entries, trees, engine),
            ]
            problems += call_limits.check_server(entries, server)
            problems += [*tls_provided.check(entries, base, self._read), *logos.check(entries, base)]
            modules = ModuleChecks(entries, trees, engine)
            problems += modules.of_sources()
        if not problems:
            facts = self._execute_module(
                "miclinik.hosting.host_facts", module_args={"survey": True}, task_vars=variables
            )
            if facts.get("failed"):
                told = {"failed": True, "msg": preflight_host.unanswered(facts)}
                return {key: value for key, value in facts.items() if key != "exception"} | told
            result["ansible_facts"] = facts["ansible_facts"]
            host = adoption.without(facts["ansible_facts"]["miclinik_host"], arguments["put_aside"])
            problems = preflight_checks.check_host(
                host,
                entries,
                trees,
                arguments["min_free_mb"],
                arguments["allow_untested"],
                upgrade=arguments["upgrade"],
                never_installed=preflight_identity.never_installed(
                    host, trees, functools.partial(self._status, variables)
                ),
            )
            planned = sites.plan(entries, cluster=cluster)
            problems += preflight_host.check(host, planned, engine, server, pooler)
            problems += preflight_identity.check(host, entries)
            problems += [
                *preflight_checks.check_engine(host, entries, engine),
                *preflight_checks.check_server(host, planned, server),
                *preflight_orphans.check(planned, host, engine, server, arguments["renamed_from"]),
            ]
            problems += preflight_neighbours.check(planned, host, server, self._flag(variables, server))
            problems += self._database_server(variables, preflight_host.server_to_look_at(host, planned, engine), host)
            neighbours = [
                *preflight_neighbours.cautions(planned, host, server),
                *site_orphans.told(host, [*(site["name"] for site in planned), arguments["renamed_from"]]),
            ]
            problems += modules.of_host(host, source_pack.digest, functools.partial(self._served, variables))
            problems += preflight_users.check(host, entries, functools.partial(self._users, variables))
            extra = self._templar.template(variables.get("php_extensions_extra"))
            problems += [Problem("inventory", *rest) for rest in php_needs.check_extra(extra, host)]
        if problems:
            return _stopped(result, problems)
        versions = {name: tree.version for name, tree in trees.items()}
        cautions = [
            f"site '{name}': {words}."
            for name, version in versions.items()
            for words in support_matrix.cautions(version)
        ]
        cautions += [
            *secret_rules.shared(entries),
            *secret_rules.weak(entries),
            *run_tags.cautions(variables.get("ansible_run_tags", []), variables.get("ansible_skip_tags", [])),
            *own_lines.cautions(entries, server, extra or []),
            *version_rules.cautions(entries, trees),
        ]
        cautions += own_templates.cautions(templates) if templates else []
        cautions += inventory_rules.shared(_sites_of_all(variables))
        cautions += [
            *modules.cautions(),
            *outside_needs.cautions(planned, host),
            *neighbours,
            *(preflight_checks.breaking_points_of(host, trees) if arguments["upgrade"] else []),
        ]
        return result | {
            "changed": False,
            "versions": versions,
            "relaid": preflight_checks.relaid(host, entries, public),
            "warnings": plain.cleaned(cautions),
        }

    def _of_roles(self, variables: Mapping[str, Any]) -> list[Problem]:
        """Return what is wrong with variables of roles that come after much else."""
        found: list[Problem] = []
        for rules in (jail_rules, baseline_rules, exporters, backup_rules, cluster_settings):
            given = {name: self._templar.template(variables.get(name)) for name in rules.NAMES}
            found += [Problem("inventory", *rest) for rest in rules.check(given)]
        return found

    def _flag(self, variables: Mapping[str, Any], server: str) -> bool:
        """Return whether the server's default site stays, as the inventory says."""
        return bool(boolean(self._templar.template(variables.get(SERVERS[server].keep, False))))

    def _database_server(
        self, variables: dict[str, Any], asked: dict[str, Any], host: Mapping[str, Any]
    ) -> list[Problem]:
        """Return why no database can be made on the host's own server."""
        if not asked:
            return []
        for option, name in _DATABASE_OPTIONS.items():
            asked[option] = str(self._templar.template(variables.get(name)) or "")
        asked["version"] = asked["version"] or database_connections.POSTGRESQL_VERSIONS.get(host["codename"], "")
        seen = self._look(variables, "database_server", asked, "The database server cannot be looked at")
        return preflight_host.server_complaints(seen["complaints"])

    def _status(self, variables: dict[str, Any], name: str) -> dict[str, Any]:
        """Return what there is of a site; of one that cannot be asked nothing is known."""
        return dict(
            self._execute_module("miclinik.hosting.app_status", module_args={"site": name}, task_vars=variables)
        )

    def _served(self, variables: dict[str, Any], names: list[str]) -> dict[str, Any]:
        """Return what is on in the sites ``names`` of the host."""
        words = "The sites' modules cannot be read"
        return dict(self._look(variables, "served_modules", {"sites": names}, words)["sites"])

    def _users(self, variables: dict[str, Any], logins: dict[str, list[str]]) -> dict[str, Any]:
        """Return what the sites of the host have of users, by site and login."""
        words = "The sites' users cannot be read"
        return dict(self._look(variables, "served_users", {"logins": logins}, words)["sites"])

    def _look(self, variables: dict[str, Any], module: str, given: Mapping[str, Any], words: str) -> dict[str, Any]:
        """Return what a module says that only reads; fail with ``words`` and its own where it cannot."""
        seen: dict[str, Any] = self._execute_module(
            f"miclinik.hosting.{module}", module_args=dict(given), task_vars=variables
        )
        if seen.get("failed"):
            raise AnsibleActionFail(plain.plain(f"{words}: {seen['msg']}", keep="\n"))
        return seen

    def _read(self, path: Path) -> bytes:
        """Return the content of a file of the controller; Ansible Vault may have encrypted it."""
        text: str = self._loader.get_text_file_contents(str(path))
        return text.encode()


def _stopped(result: dict[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the result of a run that stops here."""
    texts = [str(problem) for problem in problems]
    message = "Nothing on the host was changed. To mend first:\n" + "\n".join(f"- {text}" for text in texts)
    # Ansible prints a failure whole, and the facts of a host are thousands of words.
    kept = {key: value for key, value in result.items() if key != "ansible_facts"}
    return kept | {"failed": True, "changed": False, "msg": message, "problems": texts}


def _sites_of_all(variables: Mapping[str, Any]) -> dict[str, object]:
    """Return the sites of every host of the play, for its first host: they are compared once, and not by each."""
    hosts = variables.get("ansible_play_hosts_all") or []
    if len(hosts) < 2 or hosts[0] != variables["inventory_hostname"] or _topology(variables):  # noqa: PLR2004 - several
        return {}
    return {host: variables["hostvars"][host].get(inventory_rules.SITES) for host in hosts}


def _topology(variables: Mapping[str, Any]) -> Any:  # noqa: ANN401 (a Topology, or nothing)
    """Return which host does what, where several serve the same sites."""
    host = str(variables.get("inventory_hostname"))
    return topology.of(variables.get("groups") or {}, variables.get("hostvars") or {}, host)
