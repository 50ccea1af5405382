# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives an API user a new key, in the site's secrets, in the application, and in the web server's files.

The application knows one key for a user, so an old one can only go on working where the web server puts the new one in
its place. Between the two there would be a moment in which a call meets neither, so calls with the old key wait in it:
the web server sends them, with the new key, to a socket that is opened when the application has the new key.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_proof, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.host import folders
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes, service, systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.held_calls import HeldCalls
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry, layout, several
from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files

#: How long calls that began before are waited for: they show their key to the application at once.
_PATIENCE = 5.0
LEAVING = 30.0
#: The code of what is said of a user who may not log in.
DISABLED = "disabled"


@dataclass(frozen=True)
class WebServer:
    """The web server that knows a site's keys, its files of them, and where its API proves them."""

    name: str
    service: service.Service
    api: key_proof.Api

    @classmethod
    def of(cls, site: str, given: Mapping[str, Any]) -> WebServer:
        """Return that of ``site``, as roles describe it."""
        names = ("unit", "kind", "reads", "test", "restart_for")
        unit = service.Service(**{name: given[name] for name in names})
        return cls(given["name"], unit, key_proof.Api(**given["api"], site=site))

    def write(self, site: str, record: Mapping[str, Any], *, held: bool = False) -> bool:
        """Write the files of the keys of ``site`` as the roles render them; return whether they have changed."""
        names, state = layout.of(site), secret_store.path({"name": site}).parent
        if self.name == "nginx":
            pools = key_files.nginx_pools(record, names["sockets"]["api"], names["held_socket"] if held else "")
            contents = {"keys.nginx": pools, "former.nginx": key_files.nginx_former(record, site)}
        else:
            contents = {"keys.apache": key_files.apache(record, held=held)}
        return bool([name for name, content in contents.items() if _replace(state / name, content)])

    def reload(self) -> list[str]:
        """Have it serve by its files; return the processes that it had before. Raises UnitError."""
        before = processes.workers(systemd_unit.state(self.service.unit).pid)
        service.act(self.service, service.see(self.service))
        return before

    def leave(self, before: list[str], patience: float) -> None:
        """Return once the processes ``before`` have ended, or after ``patience`` seconds."""
        deadline = time.monotonic() + patience
        pid = systemd_unit.state(self.service.unit).pid
        while set(before) & set(processes.workers(pid)) and time.monotonic() < deadline:
            time.sleep(0.05)


def _replace(file: Path, lines: str) -> bool:
    """Replace all but the comments at the top, which the template has written."""
    before = file.read_text(encoding="utf-8")
    head = "".join(line for line in before.splitlines(keepends=True)[:2] if line.startswith("#"))
    if before == head + lines:
        return False
    new = file.with_name(f".{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(head + lines)
    new.replace(file)
    return True


def rotate(
    bridge: Bridge,
    login: str,
    check: bool,
    *,
    grace: int = 0,
    web: WebServer | None = None,
    now: Callable[[], float] = time.time,
) -> Answer:
    """Make a new key for ``login``; return ``changed``, ``login`` and ``stored`` (``encrypted`` or ``clear``).

    The old key is good for ``grace`` seconds more, which needs ``web``. Raises BridgeError when there is no such user,
    and when the key could not be stored; UnitError when the web server does not take its files.
    """
    require_one_host(bridge)
    require_enabled(bridge, login)
    if dead := expiry.told(login, record(bridge)[1].get("users", {}).get(login, {})):
        raise BridgeError(
            bridge.site, "expired", f"{dead}.", "Give it a later day and run site.yml.", command="key set"
        )
    if check:
        return {"changed": True, "login": login}
    with alone(bridge):
        return _rotate(bridge, login, grace, web, int(now()) + grace)


def require_one_host(bridge: Bridge) -> None:
    """Raise BridgeError on a host of a cluster: the others would know nothing of another key."""
    if refusal := several.refusal("what changes a key"):
        raise BridgeError(bridge.site, "several_hosts", f"{refusal}.", "", command="key set")


def require_user(bridge: Bridge, login: str) -> Mapping[str, Any]:
    """Return a user as the bridge shows it. Raises BridgeError where there is none."""
    seen: Mapping[str, Any] | None = bridge.call(f"user show {login}")["user"]
    if seen is None:
        raise BridgeError(
            bridge.site, "no_such_user", f"There is no user '{login}'.", "Make it first.", command="user show"
        )
    return seen


def is_enabled(bridge: Bridge, login: str) -> bool:
    """Return whether a user may log in. Raises BridgeError where there is none."""
    return _kept_out(require_user(bridge, login)) == ""


def require_enabled(bridge: Bridge, login: str) -> None:
    """Raise BridgeError where a user may not log in.

    From 17 on a key of such a one is dead, and on 15 and 16 it works, which is worse.
    """
    if why := _kept_out(require_user(bridge, login)):
        mend = f"Let it in first: miclinikctl {bridge.site} user enable {login}"
        if why != DISABLED:
            mend = "Give it other days on its card in the application."
        seen = f"The user '{login}' is {why}, and may not use the API."
        raise BridgeError(bridge.site, DISABLED, seen, mend, command="key set")


def _kept_out(user: Mapping[str, Any]) -> str:
    """Return why a user may not log in, empty where it may; earlier bridges say less of one."""
    if not user.get("enabled", True):
        return DISABLED
    days = str(user.get("outside") or "")
    return f"let in {days} alone" if days else ""


def _rotate(bridge: Bridge, login: str, grace: int, web: WebServer | None, until: int) -> Answer:
    file, values = record(bridge)
    user = values.setdefault("users", {}).setdefault(login, {})
    old = user.get("key")
    user["key"] = secret_store.api_key()
    if grace and old:
        # A key that somebody wants dead by its date does not live longer because another one follows.
        user["former"] = [*(user.get("former") or []), {"key": old, "until": until}]
    else:
        user.pop("former", None)
    secret_store.write(file, values)
    if web is None or not grace or not old:
        answer = bridge.call(f"key set {login}", {"key": user["key"]})
        if web is not None:
            if web.write(bridge.site, values):
                web.leave(web.reload(), LEAVING)
            _prove(web, user["key"], old, good=False)
        return answer
    names = layout.of(bridge.site)
    with HeldCalls(Path(names["held_socket"]), Path(names["sockets"]["api"])) as calls:
        try:
            web.write(bridge.site, values, held=True)
            web.leave(web.reload(), _PATIENCE)
            answer = bridge.call(f"key set {login}", {"key": user["key"]})
        except (BridgeError, systemd_unit.UnitError):
            # The old key is what the application has: as before, but for those who wait.
            user["key"] = old
            user["former"] = [entry for entry in user["former"] if entry["key"] != old]
            secret_store.write(file, values)
            web.write(bridge.site, values)
            web.reload()
            raise
        calls.open()
        web.write(bridge.site, values)
        web.leave(web.reload(), LEAVING)
        calls.drain(LEAVING)
    _prove(web, user["key"], old, good=True)
    return answer


def _prove(web: WebServer, key: str, old: str | None, *, good: bool) -> None:
    web.api.require("new", key, good=True)
    if old:
        web.api.require("old", old, good=good)


def end(bridge: Bridge, check: bool, web: WebServer) -> Answer:
    """Take keys out of the record and of the web server's files when their time, or their day, is over."""
    if check:
        return _end(bridge, web, check=True)
    with alone(bridge):
        return _end(bridge, web, check=False)


def _end(bridge: Bridge, web: WebServer, *, check: bool) -> Answer:
    file, values = record(bridge)
    over = {login: user for login, user in sorted(values.get("users", {}).items()) if expiry.is_over(user)}
    dead = {login: user["key"] for login, user in over.items() if user.get("key")}
    keys = set(key_files.former(values, now=0))
    ended = key_files.drop_ended(values)
    for login, user in over.items() if not check else ():
        # First where they work: a run after one that was killed finds them on record, and does it once more. Of one
        # who is dead already as well: the login endpoint makes a key for whoever has none.
        _remove(bridge, login)
        for name in ("key", "former"):
            user.pop(name, None)
    if (ended or dead) and not check:
        secret_store.write(file, values)
        if web.write(bridge.site, values):
            web.leave(web.reload(), LEAVING)
        for key in [*dead.values(), *sorted(keys - set(key_files.former(values)))]:
            web.api.require("old", key, good=False)
    return {"changed": bool(ended or dead), "ended": sorted({*ended, *dead})}


def _remove(bridge: Bridge, login: str) -> None:
    try:
        bridge.call(f"key remove {login}")
    except BridgeError as error:
        if error.code != "no_such_user":
            raise


@contextlib.contextmanager
def alone(bridge: Bridge) -> Iterator[None]:
    """Have no other process of these change the keys of the site meanwhile."""
    with folders.locked(secret_store.path({"name": bridge.site}).parent):
        yield


def record(bridge: Bridge) -> tuple[Path, dict[str, Any]]:
    """Return the file of the site's secrets, and what is in it. Raises BridgeError."""
    file = secret_store.path({"name": bridge.site})
    try:
        return file, secret_store.load(file)
    except secret_store.SecretError as error:
        raise BridgeError(bridge.site, "secrets", str(error), "", command="key set") from error
