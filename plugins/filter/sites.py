# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that complete ``miclinik_sites``, take out its secrets, and name its sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import topology
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.remembered import Remembered
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from jinja2 import pass_context

#: What an expression can see: the inventory's groups say whether the sites are of a cluster.
Known = Mapping[str, Any]


@pass_context
def complete(context: Known, entries: object) -> list[Site]:
    """Return every site with all keys and derived names, and no secret; raise with all problems when one is wrong."""
    problems, planned = _REMEMBERED((_is_cluster(context), entries))
    _refuse(problems)
    return list(planned)


@pass_context
def secrets(context: Known, entries: object) -> dict[str, dict[str, Any]]:
    """Return what of the sites is secret, by site. For modules with ``no_log`` and for actions on the controller."""
    return declared.secrets(_checked(context, entries))


def _is_cluster(context: Known) -> bool:
    return bool(topology.hosts(context.get("groups") or {}))


def _made(given: tuple[bool, object]) -> tuple[Sequence[Problem], list[Site]]:
    """Return what is wrong with sites, whether they are of a cluster being said first, or else what they are."""
    cluster, entries = given
    problems = site_rules.check(entries, cluster=cluster)
    return problems, [] if problems else sites.plan(cast("Sequence[Any]", entries), cluster=cluster)


_REMEMBERED = Remembered(_made)


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        raise AnsibleFilterError("miclinik_sites is not right:\n" + "\n".join(f"- {problem}" for problem in problems))


def _checked(context: Known, entries: object) -> Sequence[Any]:
    problems, _ = _REMEMBERED((_is_cluster(context), entries))
    _refuse(problems)
    return cast("Sequence[Any]", entries)  # site_rules.check has refused everything else


@pass_context
def names(context: Known, entries: object) -> str:
    """Return the sites' names for people to read; an empty text when something is wrong, which is told elsewhere.

    In the name of preflight's task Ansible evaluates it in its own process, from whose memory each task's process
    begins: what is remembered there all of them know.
    """
    try:
        return ", ".join(site["name"] for site in _checked(context, entries))
    except AnsibleFilterError:
        return ""


def pools(planned: Sequence[Site]) -> list[dict[str, Any]]:
    """Return every site once for each of its pools, which is its key ``pool``."""
    return [{**site, "pool": pool} for site in planned for pool in site["pools"]]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"sites": complete, "declared_secrets": secrets, "site_names": names, "site_pools": pools}
