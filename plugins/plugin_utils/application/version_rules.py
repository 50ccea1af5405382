# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory asks of a version of the application that this one cannot do. Runs on the controller."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

_ACCESS = "api/class/api_access.class.php"
# The query names "rowid" of two tables, which no database takes: seen in 23.1.0 and 23.0.0-beta. Later releases of 23
# may have it mended, as 24.0.0-beta has, so the tree itself is looked at.
_AMBIGUOUS = re.compile(r"[\s,]rowid as token_rowid")
_OPENID = "core/login/functions_openid_connect.php"
#: Where there is such a module it has to be on; 23 and newer have a constant in its place.
_OPENID_MODULE, _OPENID_DESCRIPTOR = "openidconnect", "core/modules/modOpenIDConnect.class.php"
_WEBHOOK_TRIGGERS = tuple(f"core/triggers/interface_{order}_modWebhook_WebhookTriggers.class.php" for order in (95, 99))
#: The last but one argument of getURLContent(): 2 for any address; from 24 on a variable of conf.php decides.
_TO_ITSELF = re.compile(r"dolibarr_allow_localurl_for_webhooks|getURLContent\([^;]*,\s*2\s*,\s*-1\)")
#: A second connection for the history of webhooks, which PHP does not open: it hands out the first one again, unless it
#: is told not to. Whoever closes the one has closed the other: https://github.com/Dolibarr/dolibarr/issues/39802
_SECOND, _DRIVER, _APART = "getDoliDBInstance(", "core/db/pgsql.class.php", "PGSQL_CONNECT_FORCE_NEW"
#: The application's own list of triggers, which its pages show.
_EVENTS = "install/mysql/data/llx_c_action_trigger.sql"
_LISTED = re.compile(r"(?im)^insert into llx_c_action_trigger .*values \('(\w+)'")
_OFF = ("", "0", "False", "None")


def check(entries: Sequence[Mapping[str, Any]], trees: Mapping[str, Tree], engine: str) -> list[Problem]:
    """Return what is wrong between the sites and the versions of their sources, with databases of this engine."""
    problems = []
    # As they are written: some values of this name look like secrets, which a completed site does not hold.
    for site in entries:
        tree = trees.get(site["name"])
        wanted = str((site.get("constants") or {}).get("API_IN_TOKEN_TABLE", "")) not in _OFF
        if tree and wanted and _AMBIGUOUS.search(tree.text(_ACCESS)):
            seen = f"is set, and version {tree.version} answers 503 to every key with it"
            mend = "Leave it out: keys stay with their users; 24 can look for them in the table"
            problems.append(Problem(f"site '{site['name']}'", "constants.API_IN_TOKEN_TABLE", seen, mend))
    return problems + _openid(entries, trees) + _webhooks(entries, trees) + _shared_connection(entries, trees, engine)


def cautions(entries: Sequence[Mapping[str, Any]], trees: Mapping[str, Tree]) -> Iterator[str]:
    """Yield which events of webhooks a source does not list: a code that is mistyped is never sent."""
    for entry in entries:
        tree = trees.get(entry["name"])
        listed = set(_LISTED.findall(tree.text(_EVENTS))) if tree and entry.get("webhooks") else set()
        for index, hook in enumerate(entry["webhooks"] if listed else []):
            for event in hook["events"]:
                if event not in listed:
                    near = next(iter(difflib.get_close_matches(event, listed, n=1)), "")
                    hint = f" Did you mean '{near}'?" if near else ""
                    yield (
                        f"site '{entry['name']}': webhooks[{index}].events: {event} is not among the events that its"
                        f" version lists: see that it is ever sent.{hint}"
                    )


def _webhooks(entries: Sequence[Mapping[str, Any]], trees: Mapping[str, Tree]) -> list[Problem]:
    """Return the sites whose version cannot send to the relay of its own host."""
    problems = []
    for entry in entries:
        tree = trees.get(entry["name"])
        if not tree or not entry.get("webhooks"):
            continue
        text = next(filter(None, map(tree.text, _WEBHOOK_TRIGGERS)), "")
        where, version = f"site '{entry['name']}'", tree.version
        if not text:
            seen = f"are given, and version {version} has no module webhook"
            problems.append(Problem(where, "webhooks", seen, "Leave them out, or host a newer version"))
        elif not _TO_ITSELF.search(text):
            seen = f"are given, and version {version} sends to no address of its own host, where the relay is"
            mend = "Leave them out, or host a newer version: 22 sends there"
            problems.append(Problem(where, "webhooks", seen, mend))
    return problems


def _shared_connection(entries: Sequence[Mapping[str, Any]], trees: Mapping[str, Tree], engine: str) -> list[Problem]:
    """Return the sites whose module webhook takes the database away from under the calls that it tells of."""
    problems = []
    for entry in entries if engine == "postgresql" else ():
        tree = trees.get(entry["name"])
        if not tree or "webhook" not in {str(name).lower() for name in entry.get("modules") or []}:
            continue
        text = next(filter(None, map(tree.text, _WEBHOOK_TRIGGERS)), "")
        if _SECOND in text and _APART not in tree.text(_DRIVER):
            seen = (
                f"hold webhook, and on PostgreSQL version {tree.version} does what it is asked for, tells others of it,"
                " and answers 500 (Dolibarr 39802)"
            )
            mend = "Leave webhook and `webhooks` out, or host 22, a version in which that is mended, or MariaDB"
            problems.append(Problem(f"site '{entry['name']}'", "modules", seen, mend))
    return problems


def _openid(entries: Sequence[Mapping[str, Any]], trees: Mapping[str, Tree]) -> list[Problem]:
    """Return the sites whose version cannot log anybody in by OpenID Connect as it is asked for."""
    problems = []
    for entry in entries:
        tree = trees.get(entry["name"])
        if not tree or not (entry.get("login") or {}).get("openid"):
            continue
        where = f"site '{entry['name']}'"
        if not tree.text(_OPENID):
            seen = f"is given, and version {tree.version} has no OpenID Connect"
            problems.append(Problem(where, "login.openid", seen, "Leave it out, or host a newer version: 22 has it"))
        elif tree.text(_OPENID_DESCRIPTOR) and _OPENID_MODULE not in {
            name.lower() for name in entry.get("modules") or []
        }:
            seen = f"are without {_OPENID_MODULE}, by which version {tree.version} offers login.openid"
            problems.append(Problem(where, "modules", seen, f"Add {_OPENID_MODULE}"))
    return problems
