# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people ask about a site's API on its host: ``miclinikctl SITE api spec``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import openapi
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_proof, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: What the roles of the web server and of the application write down of each site whose API is on.
WEB, FACTS = "web.json", "site.json"
DESCRIPTION = "/explorer/swagger.json"
Get = Callable[[str, str], tuple[int, bytes]]


class SpecError(Exception):
    """There is no description; the text says why, and holds no key."""


def main(arguments: list[str], states: Path = Path(layout.STATES)) -> int:
    """Do what ``arguments`` say; return an exit code."""
    asked = _parser().parse_args(arguments)
    try:
        made = openapi.text(_spec(asked.site, asked.user, states / asked.site))
        if asked.out:
            atomic_file.replace(Path(asked.out), made)
        else:
            print(made, end="")
    except FileNotFoundError as error:
        print(f"{error.filename} is not there: is the API on (api.enabled)? Run playbooks/site.yml.", file=sys.stderr)
        return 1
    except (SpecError, secret_store.SecretError, OSError) as error:
        print(plain.plain(str(error)), file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="miclinikctl SITE api", allow_abbrev=False)
    parser.add_argument("site", metavar="SITE")
    spec = parser.add_subparsers(dest="verb", required=True).add_parser(
        "spec", help="prints it as OpenAPI 3.0, in JSON"
    )
    spec.add_argument("--out", metavar="FILE", help="writes it there")
    spec.add_argument("--user", metavar="LOGIN", help="the user whose key is shown; else the first whose key is taken")
    return parser


def _spec(site: str, login: str | None, state: Path) -> openapi.Document:
    """Return the document of ``site``. Raises SpecError, SecretError, OSError."""
    told = json.loads((state / WEB).read_text(encoding="utf-8"))
    url = json.loads((state / FACTS).read_text(encoding="utf-8"))["base_url"]
    users: dict[str, Any] = secret_store.load(state / layout.SECRETS).get("users", {})
    get = key_proof.Api(**told["web"]["api"], site=site).get
    name = login or _first(get, {one: users[one]["key"] for one in told["users"] if users.get(one, {}).get("key")})
    if not users.get(name, {}).get("key"):
        name = name or next(iter(told["users"]), "")
        raise SpecError(f"No key of {name or 'a user'} is on record: name one of {', '.join(users) or 'api.users'}.")
    return described(get, users[name]["key"], url)


def _first(get: Get, keys: Mapping[str, str]) -> str:
    """Return the first whose key the API takes: one may be disabled. Where none is taken, the first of all."""
    taken = (login for login, key in keys.items() if len(keys) == 1 or get("/status", key)[0] == HTTPStatus.OK)
    return next(taken, next(iter(keys), ""))


def described(get: Get, key: str, url: str) -> openapi.Document:
    """Return the document that ``get``, a call of the API with ``key``, leads to. Raises SpecError, OSError."""
    status, body = get(DESCRIPTION, key)
    try:
        return openapi.document(_decoded(status, body), url, _version(*get("/status", key)))
    except ValueError as error:
        text = body[:200].decode("utf-8", "replace")
        raise SpecError(
            f"{DESCRIPTION} {error}: status {status}, {text!r}."
            " Is the explorer on (api.explorer), and is the site open?"
        ) from None


def _version(status: int, body: bytes) -> str:
    """Return the application's version. Raises ValueError: without it the key is none, and most paths are missing."""
    told = _decoded(status, body)
    found = told.get("success", {}).get("dolibarr_version") if isinstance(told, dict) else None
    if not isinstance(found, str):
        raise ValueError(  # noqa: TRY004 (what was called is wrong, not the caller)
            "is not whole, since /status does not take the key"
        )
    return found


def _decoded(status: int, body: bytes) -> Any:  # noqa: ANN401 (as JSON is)
    if status != HTTPStatus.OK:
        raise ValueError("is not given")
    return json.loads(body)
