# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a site works behind its closed door: asked at the sockets of its PHP, and by the bridge."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import fastcgi

SECONDS = 60.0
_MOST_BYTES = 16 * 1024 * 1024
_STATUS, _OPERATIONS = "/status", "/explorer/swagger.json"


class ProofError(Exception):
    """A site that does not work; the message says what was expected and what was seen."""


def status(places: Places) -> dict[str, Any]:
    """Return what the bridge says of a site. Raises ProofError."""
    try:
        return Bridge(places.site).call("status")
    except BridgeError as error:
        raise ProofError(str(error)) from error


def prove(places: Places, version: str = "", key: str | None = None) -> dict[str, Any]:
    """Return what the bridge says of a site that works, with ``version`` where one is given. Raises ProofError.

    The API is called with one of the keys on record unless a ``key`` is given; an empty one is none.
    """
    said = status(places)
    schema = said.get("schema") or {}
    found = {
        "state of the schema": (schema.get("state"), "installed"),
        "upgrade pending": (said.get("upgrade_pending"), False),
        "identity": (said.get("identity"), "ours"),
    }
    if version:
        found |= {name: (kept.get("version"), version) for name, kept in (("code", said), ("database", schema))}
    if wrong := [f"{name}: {seen!r}, not {wanted!r}" for name, (seen, wanted) in found.items() if seen != wanted]:
        raise ProofError("; ".join(wrong))
    if said.get("api"):
        _api(places, str(said.get("version")), _a_key(places) if key is None else key)
    return said


def _api(places: Places, version: str, key: str) -> None:
    """Have the API answer with its version, and make its table of routes."""
    code, body = _get(places, _STATUS, key)
    if not key:
        # Nobody has a key here: it has to say so, and in its own words.
        if code != HTTPStatus.UNAUTHORIZED or not isinstance(body, dict):
            raise ProofError(f"GET {_STATUS} without a key: status {code}, not 401 with JSON")
        return
    seen = body.get("success", {}).get("dolibarr_version") if isinstance(body, dict) else None
    if code != HTTPStatus.OK or seen != version:
        raise ProofError(f"GET {_STATUS}: status {code}, version {seen}, not 200 and {version}")
    code, body = _get(places, _OPERATIONS, key)
    if isinstance(body, dict) and code == HTTPStatus.OK and not body.get("paths"):
        raise ProofError(f"GET {_OPERATIONS}: no operation is listed")


def _a_key(places: Places) -> str:
    try:
        keys = secret_store.user_keys(secret_store.load(places.state / "secrets.json"))
    except secret_store.SecretError:
        return ""
    return next(iter(keys.values()), "")


def _get(places: Places, path: str, key: str) -> tuple[int, Any]:
    """Call the API at its own pool, as the web server does; return status and what the body holds."""
    facts = json.loads(places.facts.read_text(encoding="utf-8"))
    address = urlsplit(facts["base_url"])
    root = Path(places.usual["root"]).resolve()
    script = f"{address.path.rstrip('/')}/api/index.php"
    parameters = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REQUEST_METHOD": "GET",
        "SCRIPT_FILENAME": f"{root}/api/index.php",
        "DOCUMENT_ROOT": str(root),
        "SCRIPT_NAME": script,
        "PATH_INFO": path,
        "REQUEST_URI": f"{script}{path}",
        "DOCUMENT_URI": f"{script}{path}",
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": address.hostname or "localhost",
        "HTTP_HOST": address.netloc,
        "HTTP_ACCEPT": "application/json",
        "REMOTE_ADDR": "127.0.0.1",
        "REDIRECT_STATUS": "200",
    }
    if key:
        parameters["HTTP_DOLAPIKEY"] = key
    try:
        said = fastcgi.call(places.usual["sockets"]["api"], parameters, time.monotonic() + SECONDS, _MOST_BYTES)
    except (OSError, ValueError) as error:
        raise ProofError(f"PHP does not answer: {error}") from error
    head, _, body = said.partition(b"\r\n\r\n")
    lines = [line for line in head.decode(errors="replace").splitlines() if line.lower().startswith("status:")]
    code = int(lines[0].split()[1]) if lines else 200
    try:
        return code, json.loads(body)
    except ValueError:
        return code, body[:200].decode(errors="replace")
