# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Preflight's questions about modules and rights: the source's descriptors, and what is on where the site is served."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import (
    custom_rules,
    module_rules,
    numbering_rules,
    php_needs,
    program_needs,
    right_rules,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import by_hand
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

#: Names of sites to what the module ``served_modules`` says of them.
Look = Callable[[list[str]], Mapping[str, Mapping[str, Any]]]


class ModuleChecks:
    """The checks of one run; sites that share a source have its descriptors read once."""

    def __init__(
        self,
        entries: Sequence[Mapping[str, Any]],
        trees: Mapping[str, Tree],
        engine: str = database_connections.MARIADB,
    ) -> None:
        self._engine = engine
        self._unseen: dict[str, str] = {}
        self._replaced: list[str] = []
        self._going: dict[str, list[str]] = {}
        made: dict[Tree, Catalogue] = {}
        #: Sources that the user who runs Ansible may not read, as external modules are that a web server's user has
        #: unpacked: a release of them would be found out in the middle of a run.
        self._shut: dict[str, str] = {}
        self._trees = trees
        self._sites = [site for site in sites.plan(entries) if site["name"] in trees]
        self._catalogues: dict[str, Catalogue] = {}
        for name, tree in trees.items():
            try:
                made[tree] = made.get(tree) or Catalogue(tree)
                self._catalogues[name] = made[tree]
                if shut := made[tree].unreadable():
                    self._shut[name] = f"{shut} cannot be read"
            except OSError as error:
                self._shut[name] = f"{error.filename} cannot be read"
        self._sites = [site for site in self._sites if site["name"] not in self._shut]

    def of_sources(self) -> list[Problem]:
        """Return what the sources tell without the host."""
        mend = "Give it to the user who runs Ansible: chmod -R a+rX"
        shut = [Problem(_where(name), "source", seen, mend) for name, seen in self._shut.items()]
        return [
            *shut,
            *self._told(lambda site: custom_rules.check(site, self._catalogues[site["name"]])),
            *self._told(lambda site: module_rules.check(site, self._catalogues[site["name"]])),
            *self._told(lambda site: numbering_rules.check(site, self._trees[site["name"]])),
        ]

    def of_host(self, facts: Mapping[str, Any], digest: Callable[[Tree], str], look: Look) -> list[Problem]:
        """Return what only the host's state decides; ``look`` is asked for those sites alone whose answer matters."""
        releases = facts["releases"]
        served = [name for name in self._catalogues if name in releases]
        changing = [name for name in served if releases[name] != self._release(name, digest)]
        doubtful = [problem.where for problem in self._rights({})]
        exact = [site["name"] for site in self._sites if site["modules_exact"] and site["name"] in served]
        asked = sorted({*changing, *exact, *(name for name in served if _where(name) in doubtful)})
        seen = look(asked) if asked else {}
        self._unseen = {name: str(answer["problem"]) for name, answer in seen.items() if answer["problem"]}
        installed = {name: answer for name, answer in seen.items() if answer["installed"]}
        self._going = {
            site["name"]: going
            for site in self._sites
            if site["name"] in installed
            and (going := module_rules.going(site, self._catalogues[site["name"]], installed[site["name"]]["on"]))
        }
        problems = self._rights(installed)
        for name in changing:
            lost, replaced = by_hand.compare(name, releases[name], seen[name], self._trees[name])
            problems += [Problem(_where(name), *rest) for rest in lost]
            self._replaced += replaced
        if facts["php_version"]:
            for rule in (custom_rules.check_php, module_rules.check_php):
                problems += self._told(
                    functools.partial(self._of_php, rule, facts["php_version"]),
                )
        problems += self._told(lambda site: php_needs.check(site, self._trees[site["name"]].version, facts))
        problems += self._told(lambda site: program_needs.check(site, facts, self._engine))
        problems += self._told(lambda site: program_needs.check_templates(site, self._odf(site), facts))
        return problems + self._told(
            lambda site: (
                _lost(site, installed[site["name"]], self._catalogues[site["name"]], facts["php_version"])
                if site["name"] in changing and site["name"] in installed
                else ()
            )
        )

    def cautions(self) -> list[str]:
        """Return which sites could not be asked, what of them is replaced, and what goes off, after ``of_host``."""
        seen = "its modules could not be compared with those of the source"
        return [
            *(f"{_where(name)}: {seen}: {why}" for name, why in self._unseen.items()),
            *(
                f"{_where(name)}: modules_exact: on and not named, so they go off: {', '.join(going)}"
                for name, going in self._going.items()
            ),
            *self._replaced,
        ]

    def _of_php(self, rule: Callable[[Site, Catalogue, str], Iterable[Rest]], php: str, site: Site) -> Iterable[Rest]:
        return rule(site, self._catalogues[site["name"]], php)

    def _rights(self, installed: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
        return self._told(
            lambda site: right_rules.check(
                site,
                self._catalogues[site["name"]],
                # What is on and not named is off when the rights are given.
                None if site["modules_exact"] else installed.get(site["name"]),
            )
        )

    def _odf(self, site: Site) -> str:
        return self._trees[site["name"]].text("includes/odtphp/odf.php")

    def _release(self, name: str, digest: Callable[[Tree], str]) -> str:
        return f"{self._trees[name].version}-{digest(self._trees[name])}"

    def _told(self, rule: Callable[[Site], Iterable[Rest]]) -> list[Problem]:
        return [Problem(_where(site["name"]), *rest) for site in self._sites for rest in rule(site)]


def _where(name: str) -> str:
    return f"site '{name}'"


def _lost(site: Site, served: Mapping[str, Any], catalogue: Catalogue, php: str) -> Iterator[Rest]:
    """Yield the modules that are on and would be dead with the new source."""
    asked = {name.lower() for name in site["modules"]}
    for module in sorted(set(served["on"]) & set(served["brings"])):
        off = f"switch it off while its files are there: miclinikctl --site {site['name']} module disable {module}"
        part = catalogue.get(module)
        if part is None:
            seen = f"lacks the module {module!r}, which is on"
            yield "source", seen, f"Put the module's folder into the source, or {off}"
        elif part.fault:
            seen = f"has the module {module!r}, which is on, and {catalogue.place(part.file)} {part.fault}"
            yield "source", seen, f"Mend the file, or {off}"
        elif module not in asked and (lack := module_rules.version_lack(part, catalogue)):
            yield "source", f"has the module {module!r}, which is on, and {lack}", f"Get a release of it, or {off}"
        elif module not in asked and php and (lack := module_rules.php_lack(part, php)):
            yield "source", f"has the module {module!r}, which is on: {lack}", f"Get another release of it, or {off}"
