# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks that run before anything on a host changes. Each returns what is wrong; none changes anything."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import breaking_points, versions
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import support_matrix
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.database import rules as database_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import custom as source_custom
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers

MIB = 1024 * 1024
PREFIX = "miclinik_"
# Not the operator's: facts that the host_facts module sets.
_FACTS = frozenset({"miclinik_host"})
_SITES = "miclinik_sites"


def is_public(name: str) -> bool:
    """Return whether the variable ``name`` is one for check_variables."""
    return name.startswith(PREFIX) and name not in _FACTS and name != _SITES


def check_variables(variables: Mapping[str, Any]) -> list[Problem]:
    """Return misspelt names and wrong values among the inventory's ``miclinik_…`` variables, the sites left aside."""
    known = {name: spec for name, spec in site_schema.options().items() if name.startswith(PREFIX)}
    given = {name: value for name, value in variables.items() if is_public(name)}
    del known[_SITES]
    problems = site_schema.check(given, known, "inventory")
    folder = given.get("miclinik_templates_dir")
    if isinstance(folder, str) and folder and not Path(folder).expanduser().is_dir():
        problems.append(
            Problem("inventory", "miclinik_templates_dir", f"{folder} is not a folder on the controller", "Name one")
        )
    keep = given.get("miclinik_keep_releases")
    if isinstance(keep, int) and keep < 1:
        problems.append(Problem("inventory", "miclinik_keep_releases", f"is {keep}", "Write a number above 0"))
    days = given.get("miclinik_log_days")
    if isinstance(days, int) and days < 1:
        problems.append(Problem("inventory", "miclinik_log_days", f"is {days}", "Write a number above 0"))
    return problems


def templates_of(variables: Mapping[str, Any]) -> Path | None:
    """Return the folder with the operator's own templates, if there is one."""
    given = variables.get("miclinik_templates_dir")
    folder = Path(given).expanduser() if given and isinstance(given, str) else None
    return folder if folder and folder.is_dir() else None


def check_sources(entries: Sequence[Mapping[str, Any]], base: paths.Base) -> tuple[dict[str, Tree], list[Problem]]:
    """Return the application tree of each site, and what is wrong with the sources."""
    trees, problems = {}, []
    resolve = source_custom.resolver(base)
    secrets = declared.secrets(entries)
    for site in sites.plan(entries):
        where = f"site '{site['name']}'"
        try:
            tree = resolve(site, secrets[site["name"]]["addresses"])
        except SourceError as error:
            problems.append(Problem(where, error.key, error.seen, error.mend))
            continue
        trees[site["name"]] = tree
    return trees, problems


def check_databases(
    entries: Sequence[Mapping[str, Any]],
    trees: Mapping[str, Tree],
    engine: str,
    base: paths.Base,
    pooler: str = "none",
) -> list[Problem]:
    """Return what is wrong with the sites' databases on ``engine``, and with versions that do not work with them."""
    problems = database_rules.check(entries, engine, base) + database_rules.check_pooler(entries, engine, pooler)
    for site in sites.plan(entries):
        tree = trees.get(site["name"])
        tls = database_connections.encryption(site, engine)
        mismatch = support_matrix.database_mismatch(tree.version, engine, tls) if tree else None
        if mismatch:
            problems.append(Problem(f"site '{site['name']}'", *mismatch))
    return problems


def engine_of(variables: Mapping[str, Any]) -> str:
    """Return the database engine that the inventory's variables ask for."""
    return str(variables.get("miclinik_database_engine") or database_connections.MARIADB)


def pooler_of(variables: Mapping[str, Any]) -> str:
    """Return what the inventory's variables let the sites share connections by."""
    return str(variables.get("miclinik_database_pooler") or "none")


def check_engine(facts: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], engine: str) -> list[Problem]:
    """Return the sites whose data lies on another engine: with this one they would begin anew, empty."""
    mend = "Set miclinik_database_engine back: data is not moved from one engine to the other"
    return [
        Problem(f"site '{name}'", "miclinik_database_engine", f"is {engine}, and the site's data is on {served}", mend)
        for name in (entry["name"] for entry in entries)
        if (served := facts["engines"].get(name, engine)) != engine
    ]


def server_of(variables: Mapping[str, Any]) -> str:
    """Return the web server that the inventory's variables ask for."""
    return str(variables.get("miclinik_web_server") or "nginx")


def check_server(facts: Mapping[str, Any], planned: Sequence[Site], server: str) -> list[Problem]:
    """Return why the web server cannot serve the sites beside what others serve on the host."""
    found = web_servers.obstacles(planned, facts, server)
    return [Problem("host", "miclinik_web_server", *obstacle) for obstacle in found]


def check_host(
    facts: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    trees: Mapping[str, Tree],
    min_free_mb: int,
    allow_untested: bool,
    *,
    never_installed: Collection[str] = (),
    upgrade: bool = False,
) -> list[Problem]:
    """Return why the host cannot take these sites.

    Those ``never_installed`` may have any version next, and with ``upgrade`` all others a newer one.
    """
    problems = _distribution(facts, allow_untested)
    planned = sites.plan(entries)
    new = [site for site in planned if site["name"] not in facts["releases"]]
    sizes = {tree: _size(tree) for tree in {trees[site["name"]] for site in new}}
    need = min_free_mb + sum(sizes[trees[site["name"]]] for site in new) // MIB
    if new and facts["free_mb"] < need:
        seen = f"has {facts['free_mb']} MiB free, and the sites want {need} MiB"
        problems.append(Problem("host", "/srv", seen, "Free some, or lower preflight_min_free_mb"))
    for site in planned:
        where = f"site '{site['name']}'"
        home = facts["accounts"].get(site["user"])
        if home not in (None, site["home"]):
            seen = f"{site['user']!r} is a Unix user of this host already, with home {home}"
            problems.append(Problem(where, "name", seen, "Choose another name"))
        mismatch = (
            support_matrix.mismatch(trees[site["name"]].version, facts["php_version"]) if facts["php_version"] else None
        )
        if mismatch and not allow_untested:
            problems.append(Problem(where, "source", *mismatch))
        if site["name"] in facts["releases"] and site["name"] not in never_installed:
            served = facts["versions"][site["name"]], facts["releases"][site["name"]]
            problems.extend(_upgrade(where, *served, trees[site["name"]], upgrade))
    return problems


def _distribution(facts: Mapping[str, Any], allow_untested: bool) -> list[Problem]:
    host = (facts["distribution"], facts["codename"])
    problems = []
    if not facts["systemd"]:
        problems.append(Problem("host", "systemd", "does not run as its first process", "Use a host with systemd"))
    if not facts["php_version"]:
        seen = f"is {' '.join(host).strip() or 'unknown'}, which is not supported"
        problems.append(Problem("host", "distribution", seen, "Use Debian 12 or 13"))
    elif host not in support_matrix.TESTED_HOSTS and not allow_untested:
        seen = f"{' '.join(host)} was never tested with this version"
        problems.append(
            Problem("host", "distribution", seen, "Use Debian 12 or 13, or set preflight_allow_untested: true")
        )
    return problems


def _upgrade(where: str, version: str, release: str, tree: Tree, upgrade: bool) -> list[Problem]:
    """A change of version needs the database upgraded with it, step by step: not a thing to happen by the way."""
    if version == tree.version:
        return []
    if not version:
        seen = f"holds version {tree.version}, and the site runs the release '{release}', whose version cannot be read"
        return [Problem(where, "source", seen, "Point the site's link `current` at a whole release first")]
    seen = f"holds version {tree.version}, and the site runs {version}"
    if versions.older(tree.version, version):
        mend = f"Name a source of version {version}, or go back to before the last upgrade: playbooks/rollback.yml"
        return [Problem(where, "source", seen, mend)]
    return [] if upgrade else [Problem(where, "source", seen, f"Run playbooks/upgrade.yml, or name one of {version}")]


def breaking_points_of(facts: Mapping[str, Any], trees: Mapping[str, Tree]) -> list[str]:
    """Return what changes for the sites that get a newer major version, before anything is done about it."""
    return [
        f"site '{name}': {words}."
        for name, tree in trees.items()
        if (served := facts["versions"].get(name))
        for words in breaking_points.told(served, tree.version)
    ]


def relaid(facts: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]) -> list[str]:
    """Return the sites whose layout this version of the collection changes, where a snapshot of them can be made."""
    if not (variables.get("miclinik_backup") or {}).get("repository"):
        return []
    return [
        entry["name"]
        for entry in entries
        if facts["layouts"].get(entry["name"], layout.VERSION) < layout.VERSION
        and f"miclinik-backup@{entry['name']}.timer" in facts["backup_timers"]
    ]


def _size(tree: Tree) -> int:
    return sum(entry.size for entry in tree.entries())
