# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls a site's API from its host, with a key on record that nobody has to see."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import words
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import USAGE, CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

METHODS = ("GET", "POST", "PUT", "DELETE")
_FINE = 400
#: What is worth a column, where an object has a hundred keys.
COLUMNS = (
    *("id", "ref", "login", "code", "name", "nom", "label", "firstname", "lastname", "email", "town", "price"),
    *("total_ttc", "date", "statut", "status"),
)
_MOST = 7


@dataclass(frozen=True)
class Answered:
    """What the API answered."""

    status: int
    body: bytes
    login: str = ""
    #: Why it was refused, as far as that can be told.
    why: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether the call was done."""
        return self.status < _FINE

    def data(self) -> Any:  # noqa: ANN401 (any JSON)
        """Return the body as data, as text where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return self.body.decode("utf-8", "replace")


def logins(host: Host, site: str) -> list[str]:
    """Return the users whose keys are on record. Raises CallError."""
    return list(_users(host, site))


def _users(host: Host, site: str) -> Mapping[str, Any]:
    # Here, and not above: completion imports this file, and has no time for what speaks HTTP.
    from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store  # noqa: PLC0415

    try:
        users = secret_store.load(host.states / site / layout.SECRETS).get("users", {})
    except secret_store.SecretError as error:
        raise CallError(f"{error} Are you root?") from None
    return {login: user for login, user in users.items() if user.get("key")}


def call(  # noqa: PLR0917 (as the command line has them)
    host: Host, site: str, login: str | None, method: str, path: str, query: Sequence[tuple[str, str]], body: str | None
) -> Answered:
    """Call it. Raises CallError where there is no key, no API, or no answer."""
    from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_proof  # noqa: PLC0415
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import refusals  # noqa: PLC0415

    users = _users(host, site)
    name = login or _first(host, site, users)
    if name not in users:
        raise CallError(
            f"No key of {name or 'any user'} is on record.{words.meant(name, users)}"
            f" Users with one: {', '.join(users) or 'none'}"
        )
    if body is not None:
        require_json(body)
    try:
        told = json.loads((host.states / site / "web.json").read_text(encoding="utf-8"))
        api = key_proof.Api(**told["web"]["api"], site=site)
        key = users[name]["key"]
        status, answer = api.request(method, target(path, query), key, body)
        told = refusals.why(host, site, name, key, path, status)
        if told and not login and (others := [one for one in users if one != name]):
            told.append(f"{name} is the first who has a key on record; others, as in --user: {', '.join(others)}")
        return Answered(status, answer, name, tuple(told))
    except FileNotFoundError as error:
        raise CallError(
            f"{error.filename} is not there: is the API on (api.enabled)? Run playbooks/site.yml."
        ) from None
    except OSError as error:
        raise CallError(f"the API of {site} did not answer: {error}") from None


def _first(host: Host, site: str, users: Mapping[str, Any]) -> str:
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import refusals  # noqa: PLC0415

    name, others = refusals.first_of(host, site, list(users))
    if users and not name:
        raise CallError([f"Nobody whose key is on record may use the API of {site}:", *others])
    return name


def target(path: str, query: Sequence[tuple[str, str]]) -> str:
    """Return what is asked for; a path may be written with or without its first slash, and with its own query."""
    whole, mark, own = path.partition("?")
    asked = "&".join(part for part in (own if mark else "", urlencode(list(query))) if part)
    return "/" + quote(whole.lstrip("/"), safe="/%:,;=@!$&'()*+~.-_") + (f"?{asked}" if asked else "")


def require_json(body: str) -> None:
    """Raise CallError where the body is no JSON: the application would answer with a page of HTML."""
    try:
        json.loads(body)
    except ValueError as error:
        raise CallError(f"--data is no JSON: {error}", USAGE) from None


def columns(rows: Sequence[Mapping[str, Any]], wanted: Sequence[str]) -> list[str]:
    """Return the columns of a table of these objects."""
    if wanted:
        return list(wanted)
    found = [name for name in COLUMNS if any(row.get(name) not in (None, "") for row in rows)]
    return (found or list(rows[0]))[:_MOST]
