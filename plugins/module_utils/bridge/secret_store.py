# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps each site's secrets in one file on the host: what the operator gave, and what was generated once."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import string
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.secret_recovery import Remains
from ansible_collections.miclinik.hosting.plugins.module_utils.host import folders
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry, host_token, layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import secret as webhook_secret
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import signing

STATE = Path(layout.STATES)
FILE_MODE = 0o600
FOLDER_MODE = 0o755  # site.json beside it may be read by everybody
#: Keys on the way to a value in the file.
Place = tuple[str, ...]
_LETTERS = string.ascii_letters + string.digits


class SecretError(Exception):
    """Secrets that cannot be read, kept or changed; the message names the file or site and the mend, and no secret."""


@dataclass
class Outcome:
    """Secrets of one site, with the names of those that are new or other than before.

    ``taken`` were lost, and were found elsewhere; ``kept`` are those that the application has of users who are new in
    the inventory; ``unknown`` are lost, and stay in the application as they are; ``only_recorded`` are declared anew,
    and the application keeps the one that it has.
    """

    values: dict[str, Any]
    generated: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    only_recorded: list[str] = field(default_factory=list)
    #: Logins of users whose former keys are good no more, and webhooks whose former secrets sign no more.
    ended: list[str] = field(default_factory=list)
    protected: bool = False

    @property
    def changed(self) -> bool:
        """Whether the file has changed, or would in check mode."""
        return bool(self.generated or self.replaced or self.taken or self.kept or self.ended or self.protected)

    def told(self) -> str:
        """What an operator has to know of lost secrets, and of one that is only recorded; else empty."""
        return ". ".join(text for text in (self._lost(), self._kept(), self._recorded()) if text)

    def _kept(self) -> str:
        if not self.kept:
            return ""
        return (
            f"users of the application serve the API from now on, with the keys that they have: {', '.join(self.kept)}"
        )

    def _recorded(self) -> str:
        if not self.only_recorded:
            return ""
        return (
            "admin.password is recorded, and the application keeps the one it has: it is the first password, set when "
            "the site is installed. Change it in the application too, on the administrator's own card"
        )

    def _lost(self) -> str:
        # A password of the administrator that was lost once is lost: to say so in every run would help nobody.
        if not self.taken and set(self.unknown) <= {"admin_password"}:
            return ""
        parts = {
            "taken back from conf.php and the application": self.taken,
            "new": self.generated,
            "unknown, and left in the application as they are": self.unknown,
        }
        told = "; ".join(f"{words}: {', '.join(names)}" for words, names in parts.items() if names)
        return f"secrets were lost. {told}"


def password() -> str:
    """Return a new password: 32 letters and digits, about 190 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(32))


def api_key() -> str:
    """Return a new API key: 40 hexadecimal digits, 160 bits."""
    return secrets.token_hex(20)


def instance_unique_id() -> str:
    """Return a new instance id, from which the application derives the key to its encrypted values: 64 digits."""
    return secrets.token_hex(32)


def path(site: Mapping[str, Any]) -> Path:
    """Return the file that holds the secrets of ``site``."""
    return Path(site.get("state") or STATE / site["name"]) / layout.SECRETS


def load(file: Path) -> dict[str, Any]:
    """Return the secrets of ``file``, nothing when there is none; raise SecretError when it cannot be understood."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not file.is_symlink():
            return {}
        values = None  # it leads to what is not mounted, perhaps
    except (OSError, ValueError):
        values = None
    if not isinstance(values, dict) or not all(
        isinstance(values.get(name, {}), dict)
        for name in ("users", "people", "constants", "conf_extra", "webhooks", "entities")
    ):
        raise SecretError(
            f"{file} should be a file with a JSON object and is not. Restore it from a backup; it is not overwritten."
        )
    return values


def read(site: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the secrets of ``site`` that are on record, and what is wrong with the record; nothing is made."""
    try:
        values = load(path(site))
    except SecretError as error:
        return {"users": {}}, str(error)
    lacking = [".".join(place) for place in _generated(site) if not _holder(dict(values), place).get(place[-1])]
    # Of an installed site the administrator's password may rightly be unknown. One of an earlier version has no token.
    lacking = [name for name in lacking if name not in ("admin_password", host_token.NAME)]
    # A first password is needed once.
    lacking = [name for name in lacking if not name.startswith("people.")]
    problem = (
        f"{path(site)} is missing" if not values else f"{path(site)} lacks {', '.join(lacking)}" if lacking else ""
    )
    return {"users": {}} | values, problem


def ensure(
    site: Mapping[str, Any],
    check: bool,
    declared: Mapping[str, Any] | None = None,
    engine: str = "mariadb",
    remains: Callable[[Mapping[str, Any], str, str], Remains] = Remains,
) -> Outcome:
    """Bring the file of ``site`` to hold every secret the site needs.

    ``site`` has ``name`` and, all optional, ``state``, ``instance_unique_id``, ``api.users`` (``login``) and
    ``declared``, the names of what the inventory gives. ``declared`` holds that itself, in the shape of the file. It
    wins over what is stored; what of an installed site is lost is taken back from where it still is; what is nowhere is
    generated. Everything else in the file is left as it is. With ``check`` nothing is written.
    """
    given = _leaves({"instance_unique_id": site.get("instance_unique_id"), **(declared or {})})
    lacking = set(site.get("declared") or []) - {".".join(place) for place in given}
    if lacking:
        raise SecretError(
            f"site '{site['name']}': the inventory gives {', '.join(sorted(lacking))}, and this module was not given "
            'it. Write declared: "{{ miclinik_sites | miclinik.hosting.declared_secrets }}"'
        )
    left = remains({**site, "state": str(path(site).parent)}, engine, str(given.get(("database_password",)) or ""))
    if refusal := left.refusal():
        raise SecretError(refusal)
    file = path(site)
    values = load(file)
    ended = key_files.drop_ended(values) + webhook_secret.drop_ended(values)
    outcome = Outcome(values, ended=ended, protected=file.exists() and not _is_protected(file))
    makers = _generated(site)
    outcome.replaced += _days(site, values, given)
    outcome.ended += _without_key(site, values, given)
    if foreign := left.foreign((site.get("api") or {}).get("users") or [], left.known.users):
        raise SecretError(foreign)
    for place in [*makers, *(place for place in given if place not in makers)]:
        name, holder, key = ".".join(place), _holder(values, place), place[-1]
        stored, wanted = holder.get(key), given.get(place)
        if wanted is not None:
            if key == "instance_unique_id":
                _require_its_id(site, wanted, stored or left.of_conf(key), left)
            if stored != wanted:
                (outcome.replaced if stored else outcome.generated).append(name)
                if stored and place[0] == "webhooks" and key == "secret":
                    webhook_secret.replace(holder, str(wanted))
                holder[key] = wanted
                if name == "admin_password" and left.known.installed:
                    outcome.only_recorded.append(name)
        elif not stored:
            _make_good(outcome, place, makers[place], left)
            made = key == "instance_unique_id" and name in outcome.generated
            if made and (in_use := left.database_in_use()):
                raise SecretError(in_use)
    if outcome.changed and not check:
        write(file, values)
    return outcome


def _require_its_id(site: Mapping[str, Any], wanted: str, there: str, left: Remains) -> None:
    """Compare a declared id with all that came with one, before it is stored: later it could not be told any more."""
    if there == wanted and left.known.recorded:
        return
    where = f"site '{site['name']}': instance_unique_id"
    if contradiction := left.contradiction(wanted):
        raise SecretError(
            f"{where}: the one in the inventory is not the one that {contradiction} came with. Nothing was written. "
            "Correct it there: secrets.json or conf.php of a backup of that site has the right one"
        )
    if there not in ("", wanted) and not left.may_replace_id():
        raise SecretError(
            f"{where} is another one than {path(site)} or conf.php has. Every stored API key depends on it, so it is "
            "not changed. Take it out of the inventory, or restore the site's own"
        )


def _make_good(outcome: Outcome, place: Place, make: Callable[[], str], left: Remains) -> None:
    """Find a secret that is not on record, or make it."""
    name, holder, key = ".".join(place), _holder(outcome.values, place), place[-1]
    found: str | None = left.of_conf(name)
    if name == "admin_password" and left.known.installed:
        found = None  # it is a hash there, and another one would not be the administrator's
    elif key == "key" and left.installed:
        found = left.key(place[1])
    if found is None:
        outcome.unknown.append(name)
    elif found:
        holder[key] = found
        # A record that knows others, and not this user, has lost nothing.
        new = key == "key" and bool(left.known.users) and place[1] not in left.known.users
        (outcome.kept if new else outcome.taken).append(name)
    else:
        holder[key] = make()
        outcome.generated.append(name)


def _generated(site: Mapping[str, Any]) -> dict[Place, Callable[[], str]]:
    """Return the places of the secrets that are made when nobody gives them."""
    makers: dict[Place, Callable[[], str]] = {
        ("database_password",): password,
        ("admin_password",): password,
        ("instance_unique_id",): instance_unique_id,
        (host_token.NAME,): api_key,
    }
    for user in (site.get("api") or {}).get("users") or []:
        makers["users", user["login"], "password"] = password
        if not expiry.is_over(user):
            makers["users", user["login"], "key"] = api_key
    for user in site.get("users") or []:
        # Who is there already has a password of his own.
        if user.get("state") == "present" and not user.get("existing"):
            makers["people", user["login"], "password"] = password
    for hook in site.get("webhooks") or []:
        makers["webhooks", hook["name"], "secret"] = signing.new_secret
        makers["webhooks", hook["name"], "token"] = api_key
    return makers


def _without_key(site: Mapping[str, Any], values: dict[str, Any], given: dict[Place, Any]) -> list[str]:
    """Take the keys of users who may not work any more off the record; return their logins.

    The application takes them out when its settings are made; a user who may work again gets a new one.
    """
    ended = []
    for user in site.get("users") or []:
        if user.get("state", "present") == "present":
            continue
        known = (values.get("users") or {}).get(user["login"], {})
        for part in ("key", "password"):
            given.pop(("users", user["login"], part), None)
        if {"key", "former"} & set(known):
            known.pop("key", None)
            known.pop("former", None)
            ended.append(user["login"])
    return ended


def _days(site: Mapping[str, Any], values: dict[str, Any], given: dict[Place, Any]) -> list[str]:
    """Keep on record when keys die, and take no declared key that is dead; return the names of days that are others.

    A dead key on record is taken out on the host by miclinik-keys: of the application first.
    """
    changed = []
    for user in (site.get("api") or {}).get("users") or []:
        place, day = ("users", user["login"], expiry.NAME), user.get(expiry.NAME) or None
        holder = _holder(values, place)
        if holder.get(expiry.NAME) != day:
            changed.append(".".join(place))
            if day:
                holder[expiry.NAME] = day
            else:
                del holder[expiry.NAME]
        if expiry.is_over(user):
            given.pop(("users", user["login"], "key"), None)
    return changed


def _leaves(values: Mapping[str, Any], above: Place = ()) -> dict[Place, Any]:
    """Return the values inside ``values`` by their places."""
    found: dict[Place, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            found |= _leaves(value, (*above, key))
        elif value is not None:
            found[*above, key] = value
    return found


def _holder(values: dict[str, Any], place: Place) -> dict[str, Any]:
    """Return the mapping inside ``values`` that holds the value at ``place``."""
    for key in place[:-1]:
        values = values.setdefault(key, {})
    return values


def _is_protected(file: Path) -> bool:
    status = file.stat()
    return stat.S_IMODE(status.st_mode) == FILE_MODE and status.st_uid == os.geteuid()


def user_keys(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the keys of users of the API that are among the secrets of a site, by login."""
    return {login: str(user["key"]) for login, user in (values.get("users") or {}).items() if user.get("key")}


def write(file: Path, values: Mapping[str, Any]) -> None:
    """Write ``values`` to ``file`` in one step; at no moment can anybody but the owner read them."""
    folders.make(file.parent, FOLDER_MODE)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".secrets.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(values, stream, indent=2, sort_keys=True, ensure_ascii=False)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
