# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people do with API keys on the host, and what its timer does: the same as the playbook, by the same code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_adoption, key_proof, key_rotation
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.host import audit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: What the web server's role writes down for each site whose API is on.
FILE = "web.json"
_GRACE = 3600
#: What `--check` ends with where something would change, as in all of the command line.
_WOULD_CHANGE = 3
_FAULTS = (BridgeError, UnitError, key_proof.ProofError, key_adoption.AdoptionError, OSError)


@dataclass(frozen=True)
class Known:
    """A site: its web server, its users in the inventory, and those whose keys are there."""

    bridge: Bridge
    web: key_rotation.WebServer
    users: list[str] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)


def known(site: str, states: Path) -> Known:
    """Return what the role has written down of ``site``. Raises OSError."""
    told = json.loads((states / site / FILE).read_text(encoding="utf-8"))
    return Known(Bridge(site), key_rotation.WebServer.of(site, told["web"]), told["users"], told["declared"])


def main(arguments: list[str], states: Path = Path(layout.STATES), look: Callable[[str, Path], Known] = known) -> int:
    """Do what ``arguments`` say; return an exit code."""
    asked = _parser().parse_args(arguments)
    if asked.verb == "expire":
        return _expire(sorted(path.parent.name for path in states.glob(f"*/{FILE}")), states, look)
    try:
        site = look(asked.site, states)
    except FileNotFoundError as error:
        print(f"{error.filename} is not there: run playbooks/site.yml, which writes it.", file=sys.stderr)
        return 1
    would = False
    for login in _logins(asked, site):
        try:
            said, changes = _one(asked, site, login)
        except _FAULTS as error:
            if getattr(error, "code", "") == key_rotation.DISABLED and not _named(asked):
                print(f"{login}: is disabled, and needs no new key")
                continue
            print(plain.plain(str(error)), file=sys.stderr)
            if not asked.check:
                audit.note(f"{asked.site}: key {asked.verb} {login}: failed")
            return 1
        print(said)
        would |= changes
        if not asked.check:
            audit.note(f"{asked.site}: key {asked.verb} {login}: {said}")
    return _WOULD_CHANGE if asked.check and would else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="miclinikctl SITE key", allow_abbrev=False)
    parser.add_argument("site", metavar="SITE")
    verbs = parser.add_subparsers(dest="verb", required=True)
    rotate = verbs.add_parser("rotate", help="gives users new keys, without a call that fails")
    rotate.add_argument("login", nargs="?", metavar="LOGIN", help="all users of the inventory where none is named")
    rotate.add_argument("--user", metavar="LOGIN")
    rotate.add_argument("--grace", type=int, default=_GRACE, metavar="SECONDS", help="0: old ones are dead at once")
    for verb, text in (
        ("adopt", "has the web server know a key that somebody made in the application"),
        ("revoke", "has a key be dead at once"),
    ):
        verbs.add_parser(verb, help=text).add_argument("login", metavar="LOGIN")
    for each in verbs.choices.values():
        each.add_argument("--check", action="store_true", help="only says what would change; ends with 3 then")
    verbs.add_parser("expire", help="takes old keys out whose time is over; of all sites")
    return parser


def _named(asked: argparse.Namespace) -> str:
    return str((asked.user if asked.verb == "rotate" else "") or asked.login or "")


def _logins(asked: argparse.Namespace, site: Known) -> Sequence[str]:
    named = _named(asked)
    return [named] if named else [login for login in site.users if login not in site.declared]


def _one(asked: argparse.Namespace, site: Known, login: str) -> tuple[str, bool]:
    """Do it to one user, or look; return what was done, or would be, and whether that changes something."""
    if login in site.declared:
        raise key_adoption.AdoptionError(
            f"site '{asked.site}': the key of '{login}' is in the inventory (api.users, key), and the next run would "
            "bring it back. Change it there and run site.yml, or take it out there first"
        )
    if asked.verb == "adopt":
        changed = key_adoption.adopt(site.bridge, login, site.web, check=asked.check)
        if not changed:
            return f"{login}: the key was on record already", False
        return f"{login}: the key {'would be' if asked.check else 'is'} on record", True
    if asked.verb == "revoke" and not (login in site.users and key_rotation.is_enabled(site.bridge, login)):
        # Of a user of the inventory who is disabled too: a new key would be as dead, or alive where that one may not.
        changed = key_adoption.revoke(site.bridge, login, site.web, check=asked.check)
        if not changed:
            return f"{login}: has no key", False
        return f"{login}: {'would have' if asked.check else 'has'} no key any more", True
    if asked.verb == "rotate" and asked.grace < 0:
        raise key_adoption.AdoptionError(f"--grace is {asked.grace}: it is a number of seconds")
    grace = asked.grace if asked.verb == "rotate" else 0
    key_rotation.rotate(site.bridge, login, asked.check, grace=grace, web=site.web)
    if asked.check:
        until = f"be good for {grace} s more" if grace else "be dead at once"
        return f"{login}: would get a new key, and the old one would {until}", True
    until = f"the old one is good for {grace} s more" if grace else "the old one is dead"
    return f"{login}: a new key is in secrets.json, {until}", True


def _expire(sites: Sequence[str], states: Path, look: Callable[[str, Path], Known]) -> int:
    failed = 0
    for name in sites:
        try:
            site = look(name, states)
            ended = key_rotation.end(site.bridge, False, site.web)["ended"]
        except (*_FAULTS, ValueError, KeyError) as error:
            print(f"<3>{name}: {plain.plain(str(error))}", file=sys.stderr)
            failed = 1
            continue
        if ended:
            print(f"<6>{name}: old keys have ended: {', '.join(ended)}")
    return failed
