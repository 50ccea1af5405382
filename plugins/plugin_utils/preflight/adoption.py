# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an installation that others have made can be what the inventory says of a site. On the controller."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers

_SHOWN = 8


def judge(
    found: Mapping[str, Any],
    name: str,
    entries: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
    *,
    engine: str,
    server: str,
    version: str = "",
    vhosts: Sequence[str] = (),
) -> dict[str, Any]:
    """Return ``problems``, ``notes``, ``vhosts``, and ``beside``: whether the new vhost can be laid before the switch.

    ``found`` is what the module ``foreign_site`` returns, ``version`` that of the site's source, ``vhosts`` the files
    that the operator names, with all that they serve.
    """
    planned = sites.plan(entries)
    site = next(one for one in planned if one["name"] == name)
    problems = [Problem(f"site '{name}'", "adopt_from", *problem) for problem in found["problems"]]
    files = list(vhosts) or [one["file"] for one in found["vhosts"]]
    # Of one that was adopted before nothing is read.
    if not found["problems"] and "root" in found:
        problems += [
            Problem(f"site '{name}'", *rest)
            for rest in (
                *_versions(found, version),
                *_database(found, site, engine),
                *_users(found, site),
                *_jobs(found),
                *_vhosts(found, vhosts),
            )
        ]
    theirs = {one["server"] for one in found["vhosts"]}
    obstacles = web_servers.obstacles(planned, _with_old(found, facts), server)
    return {
        "problems": [str(problem) for problem in problems],
        "notes": list(_notes(found, site)) if "root" in found and not problems else [],
        "vhosts": files,
        "beside": theirs <= {server} and not obstacles,
    }


def _with_old(found: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a host where the old site's files are sites of others, whatever they look like.

    Images serve it by Debian's default site as it came, which counts as none: Apache would lose its PHP under a site
    that is served, and hand out its code.
    """
    seen = {name: dict(one) for name, one in facts["web_servers"].items()}
    for one in found["vhosts"]:
        if one["server"] in seen:
            seen[one["server"]]["foreign"] = sorted({*seen[one["server"]]["foreign"], one["file"]})
    return {**facts, "web_servers": seen}


def without(facts: Mapping[str, Any], files: Sequence[str]) -> dict[str, Any]:
    """Return the facts of a host as they are once ``files`` of its web servers are out of the way."""
    if not files:
        return dict(facts)
    gone = set(files)
    left = copy.deepcopy(dict(facts))
    for seen in left["web_servers"].values():
        seen["foreign"] = [path for path in seen["foreign"] if path not in gone]
    for name in left["web_servers"]:
        seen = left["survey"].get(name)
        if seen:
            seen["servers"] = [one for one in seen["servers"] if one["file"] not in gone]
    return left


def _versions(found: Mapping[str, Any], version: str) -> Iterator[tuple[str, str, str]]:
    files, database = found["version"], found["schema"]
    number = versions.number(files)
    if not versions.OLDEST <= number <= versions.NEWEST:
        yield (
            "adopt_from",
            f"the old site is of version {files}",
            f"Versions {versions.OLDEST} to {versions.NEWEST} are hosted here: upgrade it where it is first",
        )
    elif database != files:
        yield (
            "adopt_from",
            f"the files of the old site are of version {files}, and its database says {database or 'nothing'}",
            "Bring its upgrade to an end where it is (its page /install/), or give it back the files that it had",
        )
    elif version and version != files:
        yield (
            "source",
            f"holds version {version}, and the old site is of {files}",
            f"Name a source of {files}; playbooks/upgrade.yml brings it to {version} afterwards",
        )


def _database(found: Mapping[str, Any], site: Site, engine: str) -> Iterator[tuple[str, str, str]]:
    if found["engine"] != engine:
        yield (
            "miclinik_database_engine",
            f"is {engine}, and the old site's data is on {found['engine']}",
            "Set it to that: data is not moved from one engine to the other",
        )
    there = found["database"]
    for key in ("name", "user"):
        if there[key] == site["database"][key]:
            yield (
                f"database.{key}",
                f"would be {there[key]}, as in the old site, which stays as it is",
                f"Name another one: database: {{{key}: {there[key]}_new}}, or give the site another name",
            )


def _users(found: Mapping[str, Any], site: Site) -> Iterator[tuple[str, str, str]]:
    there = {user["login"]: user for user in found["users"]}
    admins = [user["login"] for user in found["users"] if user["admin"] and user["active"]]
    login = site["admin"]["login"]
    if login not in admins:
        yield (
            "admin.login",
            f"is {login}, who is no administrator of the old site",
            f"Name one of: {', '.join(admins) or 'none is active there'}",
        )
    for index, user in enumerate(site["api"]["users"]):
        known = there.get(user["login"])
        if known and not user.get("existing"):
            yield (
                f"api.users[{index}].login",
                f"{user['login']} is a user of the old site already",
                "Say existing: true beside it, where its rights are to be the ones declared, or choose another login",
            )


def _jobs(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if found["jobs"]:
        yield (
            "adopt_from",
            f"jobs of cron run the old site, and would go on beside the new one: {'; '.join(found['jobs'])}",
            "Put a # before each; with cron among its modules the new site runs its scheduled jobs",
        )


def _vhosts(found: Mapping[str, Any], named: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    for one in found["vhosts"]:
        if one["others"] and one["file"] not in named:
            yield (
                "adopt_vhosts",
                f"{one['file']} serves the old site, and other things: {_some(one['others'])}",
                "Give the old site a file of its own, or name this one, and nothing in it is served any more:"
                f' -e \'{{"adopt_vhosts": ["{one["file"]}"]}}\'',
            )
    for file in named:
        if file not in {one["file"] for one in found["vhosts"]}:
            yield "adopt_vhosts", f"{file} does not serve the old site", "Name those that do"


def _notes(found: Mapping[str, Any], site: Site) -> Iterator[str]:
    old = urlsplit(found["url"])
    if found["url"] and (old.hostname or "", old.path.rstrip("/")) != (site["domain"], site["prefix"]):
        yield (
            f"the old site calls itself {found['url']}, and is {site['url']} from now on: where people know it by the"
            " old address, name that in former (docs/moving.md)"
        )
    if not found["vhosts"]:
        yield "no file of a web server on this host was found that serves the old site: it is not put aside"
    if found["more"]:
        yield f"conf.php of the old site sets what the new one's does not: {_some(found['more'])} (see conf_extra)"
    if not found["has_id"]:
        yield "the old site has no instance id: it gets one"
    if found["other_tables"]:
        yield f"tables of others are in its database, and come along: {_some(found['other_tables'])}"
    declared = {user["login"] for user in site["api"]["users"]}
    keys = [user["login"] for user in found["users"] if user["key"] and user["login"] not in declared]
    if keys:
        yield (
            f"users with keys of the API that are not in api.users: {_some(keys)}. Their keys work on, in the small"
            " pool of unknown callers, until: miclinikctl "
            f"{site['name']} key adopt LOGIN"
        )
    gone = sorted(set(found["modules"]) - {module.lower() for module in site["modules"]} - {"api", "user"})
    if gone:
        yield f"modules that are on, and not in the inventory, stay on: {_some(gone)}"


def _some(names: Sequence[str]) -> str:
    return text_lists.shortened(names, _SHOWN)
