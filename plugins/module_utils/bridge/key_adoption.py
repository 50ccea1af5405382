# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys that people have made in the application: taken on record, so that the web server knows them, and taken away."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_rotation, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files


class AdoptionError(Exception):
    """A key that cannot be taken on record, or away; the message says why, and holds no key."""


def adopt(bridge: Bridge, login: str, web: key_rotation.WebServer, *, check: bool = False) -> bool:
    """Have the key that the application has for ``login`` on record, and in the web server's files.

    It is proven before anything is written. Raises AdoptionError, BridgeError, ProofError and UnitError.
    """
    key_rotation.require_one_host(bridge)
    key_rotation.require_enabled(bridge, login)
    key = str(bridge.call(f"key show {login}", {"reveal": True})["key"] or "")
    known = key_rotation.record(bridge)[1].get("users", {}).get(login, {})
    if dead := expiry.told(login, known):
        raise AdoptionError(f"site '{bridge.site}': {dead}. Give it a later day, and run site.yml")
    where = f"site '{bridge.site}': the user '{login}'"
    if not key:
        raise AdoptionError(f"{where} has no key in the application. Make one there, or: key rotate")
    if not key_files.fits(key):
        raise AdoptionError(
            f"{where} has a key with letters that the web server's files cannot hold: it works, with the unknown ones. "
            "Make another one in the application"
        )
    web.api.require("application's", key, good=True)
    if check:
        return bool(known.get("key") != key)
    with key_rotation.alone(bridge):
        file, values = key_rotation.record(bridge)
        user = values.setdefault("users", {}).setdefault(login, {})
        changed = bool(user.get("key") != key)
        if changed:
            user["key"] = key
            secret_store.write(file, values)
        if web.write(bridge.site, values):
            web.leave(web.reload(), key_rotation.LEAVING)
    web.api.require("adopted", key, good=True)
    return changed


def revoke(bridge: Bridge, login: str, web: key_rotation.WebServer, *, check: bool = False) -> bool:
    """Take the key of ``login`` out of the application, the record and the web server; return whether there was one.

    Raises BridgeError, ProofError and UnitError.
    """
    key_rotation.require_one_host(bridge)
    key_rotation.require_user(bridge, login)
    key = str(bridge.call(f"key show {login}", {"reveal": True})["key"] or "")
    if check:
        known = key_rotation.record(bridge)[1].get("users", {}).get(login, {})
        return bool(key or known.get("key") or known.get("former"))
    with key_rotation.alone(bridge):
        # First where it works: a run that is killed after this leaves a name of a dead key, and no living key.
        bridge.call(f"key remove {login}")
        file, values = key_rotation.record(bridge)
        user = values.get("users", {}).get(login, {})
        dead = [text for text in (key, user.pop("key", "")) if text]
        former = user.pop("former", None)
        secret_store.write(file, values)
        if web.write(bridge.site, values):
            web.leave(web.reload(), key_rotation.LEAVING)
    for text in dict.fromkeys(dead):
        web.api.require("revoked", text, good=False)
    return bool(dead or former)
