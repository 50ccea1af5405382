# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a list of sites must keep beyond the types of its keys: names, domains, sources, and no two that collide."""

from __future__ import annotations

import contextlib
import difflib
import re
import zoneinfo
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import addresses as site_addresses
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import (
    call_limits,
    cors,
    cron,
    files,
    former,
    fpm_unit,
    login,
    mail,
    own_lines,
    people,
    secret_rules,
    settings_rules,
    sites,
    source_rules,
    webhooks,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

# A group of that name and -www goes with it, and 32 characters are all that Linux takes.
NAME = re.compile(r"[a-z][a-z0-9-]{0,26}[a-z0-9]|[a-z]")
SIZE = re.compile(r"[1-9][0-9]*[KMG]")
#: Of a database of somebody else.
NO_PASSWORD = ("database.password", "is missing", "Give the password that this user has on the existing server")
IDENTIFIER = re.compile(r"[A-Za-z0-9_]{1,64}")
CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
# Of Debian 13's package tzdata-legacy, which a controller may lack.
_OLD_AREAS = frozenset({"US", "Canada", "Brazil", "Chile", "Mexico"})

# Accounts that Debian's base-passwd and the packages of a host bring, and databases of the server's own: a site of that
# name would take them over. The last two are what Ansible's module and pg_hba.conf take for every database, and the
# name of a file beside the vhosts.
_RESERVED = """
root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody sshd messagebus
systemd-network systemd-resolve systemd-timesync systemd-journal mysql postgres redis nginx admin adm sudo staff
users utmp shadow disk tty kvm render crontab ssl-cert test information-schema performance-schema
all miclinik-default
"""
RESERVED_NAMES = frozenset(_RESERVED.split())
# A site would get all rights on the one, and another password for the other.
RESERVED_DATABASE = {
    "name": frozenset({"mysql", "sys", "information_schema", "performance_schema", "all"}),
    "user": frozenset({"root", "mysql", "mariadb"}),
}


def check(entries: object, *, cluster: bool = False) -> list[Problem]:
    """Return everything that is wrong with ``miclinik_sites``, in the order of the sites."""
    if not isinstance(entries, (list, tuple)) or not entries:
        return [Problem("inventory", "miclinik_sites", "is not a list of sites", "Write at least one site")]
    problems: list[Problem] = []
    for index, entry in enumerate(entries):
        where = _where(entry, index)
        found = site_schema.check(entry, site_schema.site_options(), where)
        # Rules read values that the schema has vouched for.
        problems.extend(found or [Problem(where, *rest) for rest in _rules(entry)])
    if problems:
        return problems
    planned = sites.plan(entries, cluster=cluster)
    return _collisions(planned) + _clones(planned) + site_addresses.unheard(planned)


def _where(entry: object, index: int) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return f"site '{name}'" if isinstance(name, str) and name else f"miclinik_sites[{index}]"


def _rules(entry: Mapping[str, Any]) -> Iterator[Rest]:
    name = entry["name"]
    if not NAME.fullmatch(name):
        yield (
            "name",
            f"is {name!r}",
            "Use up to 28 lower-case letters, digits and hyphens, beginning with a letter",
        )
    elif name in RESERVED_NAMES:
        what = "every database in the words of its server" if name == "all" else "an account of the system"
        yield "name", f"is {name!r}, {what}", "Choose another name: it becomes a Unix user"
    yield from site_addresses.check(entry)
    if not people.LANGUAGE.fullmatch(entry.get("language") or "en_US"):
        yield "language", f"is {entry['language']!r}", "Write language and country, as in es_ES"
    yield from source_rules.check(entry["source"])
    yield from source_rules.custom_modules(entry.get("custom_modules") or [])
    yield from _admin(entry.get("admin") or {})
    yield from _company(entry.get("company") or {})
    yield from _api(entry.get("api") or {})
    yield from people.check(entry)
    yield from login.check(entry)
    yield from _database(entry.get("database") or {})
    yield from _php(entry.get("php") or {})
    yield from _disk(entry.get("disk") or {})
    yield from cron.check(entry)
    yield from mail.check(entry)
    yield from webhooks.check(entry)
    yield from secret_rules.check(entry)
    yield from own_lines.check(entry)
    yield from files.check(entry)
    yield from settings_rules.check(entry)
    for constant, value in (entry.get("constants") or {}).items():
        if not CONSTANT.fullmatch(str(constant)):
            yield f"constants.{constant}", "is not the name of a constant", "Write capitals, digits and _"
        if not isinstance(value, (str, int, float)):
            yield f"constants.{constant}", "is not a text, a number or true/false", "Write one of these"


def _admin(admin: Mapping[str, Any]) -> Iterator[Rest]:
    login = admin.get("login") or "admin"
    if not people.LOGIN.fullmatch(login):
        yield "admin.login", f"is {login!r}", people.LOGIN_MEND


def _company(company: Mapping[str, Any]) -> Iterator[Rest]:
    for key, length, example in (("country", 2, "ES"), ("currency", 3, "EUR")):
        value = company.get(key)
        if value is not None and not re.fullmatch(f"[A-Z]{{{length}}}", value):
            yield f"company.{key}", f"is {value!r}", f"Write {length} capitals, as in {example}"


def _api(api: Mapping[str, Any]) -> Iterator[Rest]:
    for index, user in enumerate(api.get("users") or []):
        if user.get(expiry.NAME) and expiry.ends(user) is None:
            yield f"api.users[{index}].{expiry.NAME}", f"is {user[expiry.NAME]!r}", "Write a day, as in 2027-01-31"
    if "users" in api and not api["users"] and api.get("enabled", True):
        yield "api.users", "is empty", "Name at least one user: the smoke test logs in with the first one"
    yield from site_addresses.networks("api.allowed_ips", api.get("allowed_ips") or [])
    yield from call_limits.check(api)
    yield from cors.check(api.get("cors") or {})


def _database(database: Mapping[str, Any]) -> Iterator[Rest]:
    for key in ("name", "user"):
        value = database.get(key)
        if value is not None and not IDENTIFIER.fullmatch(value):
            yield f"database.{key}", f"is {value!r}", "Use up to 64 letters, digits and _"
        elif value is not None and value.lower() in RESERVED_DATABASE[key]:
            yield f"database.{key}", f"is {value!r}, which belongs to the database server", "Choose another one"
    host = database.get("host") or sites.LOCAL_DATABASE
    if host != sites.LOCAL_DATABASE:
        yield from site_addresses.host("database.host", host)
        if database.get("password") is None and (host, database.get("port")) != sites.CLUSTER_DATABASE:
            yield NO_PASSWORD


def _disk(disk: Mapping[str, Any]) -> Iterator[Rest]:
    for key in ("max", "free"):
        size = disk.get(key) or ""
        if size and not fpm_unit.SIZE.fullmatch(size):
            yield f"disk.{key}", f"is {size!r}", "Write a number with M, G or T, as in 20G"


def _php(php: Mapping[str, Any]) -> Iterator[Rest]:
    for key in ("memory_limit", "upload_max_filesize"):
        value = php.get(key)
        if value is not None and not SIZE.fullmatch(value):
            yield f"php.{key}", f"is {value!r}", "Write a number with K, M or G, as in 256M"
    if zone := php.get("timezone"):
        yield from _timezone(zone)
    yield from fpm_unit.check(php)
    for key in ("web_max_children", "api_max_children", "quarantine_max_children", "max_execution_time"):
        value = php.get(key)
        if value is not None and value < 1:
            yield f"php.{key}", f"is {value}", "Write a number above 0"


def _timezone(given: str) -> Iterator[Rest]:
    """PHP takes UTC for a name that it does not know, and only its log says so."""
    with contextlib.suppress(zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        zoneinfo.ZoneInfo(given)
        return
    known = {name.lower(): name for name in zoneinfo.available_timezones()}
    # Without a data base here nothing can be said; capitals are no matter to PHP; some areas became another package.
    if not known or given.lower() in known or given.partition("/")[0] in _OLD_AREAS:
        return
    place = given.lower().replace(" ", "_")
    near = [name for name in known if name.rpartition("/")[2] == place] or difflib.get_close_matches(
        place, known, n=1, cutoff=0.8
    )
    mend = f"Did you mean '{known[near[0]]}'" if near else "Write area and place, as in Europe/Madrid"
    yield "php.timezone", f"is {given!r}, which is no time zone", mend


def _clones(planned: Sequence[Site]) -> list[Problem]:
    """Return the sites that cannot be a clone of what they name."""
    known = {site["name"]: site for site in planned}
    problems = []
    for site in planned:
        name = site["clone_of"]
        where = f"site '{site['name']}'", "clone_of"
        if not name:
            continue
        away = site["clone_from"] == "snapshot" and name not in known
        if name == site["name"] or not (away or name in known):
            seen = f"is '{name}', " + ("the site itself" if name == site["name"] else "no site of this host")
            others = ", ".join(other for other in known if other != site["name"]) or "there is none"
            problems.append(Problem(*where, seen, f"Name another one: {others}"))
        elif not away and known[name]["clone_of"]:
            problems.append(
                Problem(
                    *where, f"is '{name}', a clone itself", f"Name {known[name]['clone_of']}, where its data is from"
                )
            )
        else:
            problems += [
                Problem(
                    *where, f"is '{name}', and the database of '{one['name']}' is on {one['database']['host']}", mend
                )
                for one in (site, *([] if away else [known[name]]))
                if not one["database"]["local"]
                for mend in ("Have both databases on the site's own host: a clone takes the right to make databases",)
            ]
    return problems


def _collisions(planned: Sequence[Site]) -> list[Problem]:
    """Return the sites that would take something on the host that an earlier one in the list has."""
    problems: list[Problem] = []
    taken: dict[tuple[str, ...], str] = {}
    for site in planned:
        problems += former.check(site)
        database = site["database"]
        server = (database["host"], str(database["port"]))
        claims = [
            ("name", ("name", site["name"])),
            ("domain", ("host", site["domain"])),
            *((f"aliases[{index}]", ("host", alias)) for index, alias in enumerate(site["aliases"])),
            *(("former", ("host", name)) for name in site["former_names"]),
            ("database.name", ("database", *server, database["name"])),
            ("database.user", ("database user", *server, database["user"])),
        ]
        for key, identity in claims:
            if identity in taken:
                seen = f"'{identity[-1]}' is that of site '{taken[identity]}' already"
                problems.append(Problem(f"site '{site['name']}'", key, seen, "Give each site its own"))
            taken.setdefault(identity, site["name"])
    return problems
