# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's webhooks, for people: ``miclinik-webhooks SITE list | test | resend | secret``. Runs on the host as root."""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import pwd
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import figures, hooks, secret
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.hooks import Hook
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.spool import Spool

TEST = "MICLINIK_TEST"
#: Seconds for which the end of a test is waited for.
_PATIENCE = 25.0
_TAKEN = 202
_TIME = re.compile(r"(\d{1,3})([hd])")
_SECONDS = {"h": 3600, "d": 86400}
MOST_GRACE = 30 * 86400

#: Makes another secret for a site's webhook, with the seconds for which the former one signs along, and returns it.
Rotate = Callable[[str, str, float, Path], str]


class CommandError(Exception):
    """What is wrong, for people."""


def main(arguments: Sequence[str], states: Path, rotate: Rotate) -> int:
    """Do what is asked for; return an exit code: 0 done, 1 failed, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="miclinikctl SITE webhook", allow_abbrev=False)
    parser.add_argument("site", metavar="SITE")
    verbs = parser.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="how each does: what waits, what arrived last, what its receiver said")
    listed.add_argument("--json", action="store_true", help="as data, for programs")
    verbs.add_parser("test", help="sends an event of the code MICLINIK_TEST, and says what came of it").add_argument(
        "name"
    )
    again = verbs.add_parser("resend", help="has dead letters, all or these, and what waits be tried now")
    again.add_argument("name")
    again.add_argument("ids", nargs="*", metavar="ID")
    shown = verbs.add_parser("secret", help="prints by what the receiver tells that it is ours")
    shown.add_argument("name")
    shown.add_argument("--rotate", action="store_true", help="makes another one, and prints that")
    shown.add_argument("--grace", type=_time, metavar="TIME", help="for which both sign, as in 12h; 24h, 0 for none")
    asked = parser.parse_args(arguments)
    try:
        own = _own(asked.site, states)
        if asked.verb == "list":
            told = [_told(hook) for hook in own.values()]
            print(json.dumps(told, indent=2, ensure_ascii=False) if asked.json else "\n".join(table(told)))
            return 0
        hook = _one(own, asked.site, asked.name)
        if asked.verb == "secret":
            _secret(hook, asked, lambda grace: rotate(hook.site, hook.name, grace, states))
        elif asked.verb == "test":
            print(_test(hook))
        else:
            print(_resend(hook, asked.ids))
            systemd_unit.order("reload", hooks.UNIT)
    except CommandError as error:
        print(plain.plain(str(error)), file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError, systemd_unit.UnitError) as error:
        print(f"site '{asked.site}': {plain.plain(str(error))}", file=sys.stderr)
        return 1
    return 0


def _time(text: str) -> int:
    """Return ``12h`` or ``3d`` in seconds."""
    found = _TIME.fullmatch(text)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if (not found and text != "0") or seconds > MOST_GRACE:
        raise argparse.ArgumentTypeError(f"{text!r} is not 0, and no number of hours or days up to 30d, as in 12h")
    return seconds


def _secret(hook: Hook, asked: argparse.Namespace, rotate: Callable[[float], str]) -> None:
    if not asked.rotate:
        if asked.grace is not None:
            raise CommandError("--grace goes with --rotate")
        print(hook.secret)
        return
    if hook.declared:
        raise CommandError(
            f"site '{hook.site}': the secret of {hook.name} is in the inventory, and the next run would bring it back. "
            "Change it there and run site.yml: the former one signs along for a day; or take it out there first"
        )
    grace = secret.GRACE if asked.grace is None else asked.grace
    print(rotate(grace))
    until = f"until {_moment(time.time() + grace)} the former one signs as well" if grace else "no other one signs"
    print(f"the new secret of {hook.name}: {until}", file=sys.stderr)


def _own(site: str, states: Path) -> dict[str, Hook]:
    try:
        return {hook.name: hook for hook in hooks.read(states / site / hooks.FILE)}
    except FileNotFoundError:
        raise CommandError(f"{site} has no webhooks: write `webhooks` in its entry, and run site.yml") from None


def _one(own: dict[str, Hook], site: str, name: str) -> Hook:
    if name not in own:
        raise CommandError(f"{site} has no webhook {name!r}. There are: {', '.join(own) or 'none'}")
    return own[name]


def _told(hook: Hook) -> dict[str, Any]:
    """Return how one does; without what the relay alone knows, where it does not run."""
    with _as_relay():
        return _seen(hook, Spool(hooks.SPOOL / hook.ident))


def _seen(hook: Hook, spool: Spool) -> dict[str, Any]:
    waits, known = spool.waits(), _known(hook)
    return {
        "name": hook.name,
        # Of the address no more: the rest may be a secret.
        "host": urlsplit(hook.url).netloc,
        "waiting": len(waits),
        "oldest": spool.read(waits[0]).since if waits else 0.0,
        "dead": [_letter(event) for event in spool.letters()],
        "gone": spool.gone,
        **{name: known.get(name, 0) for name in ("delivered", "failed", "lost", "last_delivered", "last_failed")},
        "said": plain.plain(str(known.get("said", ""))),
        "relay": known.get("relay", "does not run"),
    }


def _letter(event: Any) -> dict[str, Any]:  # noqa: ANN401 (an Event)
    return {"id": event.ident, "event": plain.plain(event.code), "since": event.since, "why": plain.plain(event.why)}


def _known(hook: Hook) -> dict[str, Any]:
    told = figures.read(hooks.RUN)
    late = time.time() - float(told.get("time") or 0.0) > figures.STALE
    mine = [one for one in told.get("webhooks") or [] if (one["site"], one["name"]) == (hook.site, hook.name)]
    return (mine[0] if mine else {}) | {"relay": "does not run" if late else "runs"}


def table(told: Sequence[dict[str, Any]]) -> list[str]:
    """Return webhooks for people: a line for each, one for what its receiver said, and one for each dead letter."""
    return [line for one in told for line in _lines(one)] or ["the site has no webhooks"]


def _lines(one: dict[str, Any]) -> Iterator[str]:
    failing = one["waiting"] and one["last_failed"] > one["last_delivered"]
    state = "no relay" if one["relay"] != "runs" else "GONE" if one["gone"] else "FAILS" if failing else "ok"
    waits = f"{one['waiting']} wait since {_moment(one['oldest'])}" if one["waiting"] else "nothing waits"
    last = f"last arrived {_moment(one['last_delivered'])}" if one["last_delivered"] else "none since the relay began"
    yield f"{one['name']}  {state}  to {one['host']}: {waits}; {last}"
    if one["said"] and (failing or one["gone"]):
        yield f"    {_moment(one['last_failed'])}: {one['said']}"
    for letter in one["dead"]:
        yield f"    dead  {letter['id']}  {letter['event']} of {_moment(letter['since'])}: {letter['why']}"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


def _test(hook: Hook) -> str:
    ident = _hand_in(hook)
    spool, until = Spool(hooks.SPOOL / hook.ident), time.monotonic() + _PATIENCE
    with _as_relay():
        _await(hook, spool, ident, until)
    return f"{ident} has arrived at {urlsplit(hook.url).netloc}"


def _await(hook: Hook, spool: Spool, ident: str, until: float) -> None:
    while time.monotonic() < until:
        if ident in spool.lies():
            why = next((event.why for event in spool.letters() if event.ident == ident), "")
            raise CommandError(f"{ident} is a dead letter: {why}")
        if ident not in spool.waits():
            return
        time.sleep(0.2)
    said = figures.read(hooks.RUN).get("webhooks") or []
    words = next((one["said"] for one in said if (one["site"], one["name"]) == (hook.site, hook.name)), "")
    raise CommandError(f"{ident} has not arrived yet, and is tried again: {words or 'no answer so far'}")


def _hand_in(hook: Hook) -> str:
    body = json.dumps({"triggercode": TEST, "object": {"site": hook.site, "webhook": hook.name}}).encode()
    connection = http.client.HTTPConnection(hooks.ADDRESS, hooks.PORT, timeout=10)
    try:
        connection.request("POST", f"/{hook.token}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = json.loads(answer.read())
    except (OSError, http.client.HTTPException) as error:
        raise CommandError(f"the relay does not answer ({error}): systemctl status {hooks.UNIT}") from error
    finally:
        connection.close()
    if answer.status != _TAKEN:
        raise CommandError(f"the relay does not take it: {told.get('error')}: journalctl -u {hooks.UNIT}")
    return str(told["id"])


@contextlib.contextmanager
def _as_relay() -> Iterator[None]:
    """Be the relay's user while its folders are looked at: what lies there is not root's to follow."""
    if os.geteuid() != 0:
        yield
        return
    user = pwd.getpwnam(hooks.USER)
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def _resend(hook: Hook, idents: Sequence[str]) -> str:
    spool = Spool(hooks.SPOOL / hook.ident)
    with _as_relay():
        return _revive(hook, spool, idents)


def _revive(hook: Hook, spool: Spool, idents: Sequence[str]) -> str:
    lies = spool.lies()
    unknown = [ident for ident in idents if ident not in lies]
    if unknown:
        raise CommandError(f"{hook.name} has no dead letter {unknown[0]}: see miclinikctl {hook.site} webhook list")
    spool.gone = False
    count = spool.revive(idents or lies, time.time())
    return f"{count} dead letters and {len(spool.waits()) - count} that waited are tried now"
