# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of lost secrets is still elsewhere: in conf.php, and in the application. Runs on the host, as root."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity, losses
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import foreign_users
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.database import remains

#: Where each of these stands in conf.php too.
_IN_CONF: dict[str, Callable[[Mapping[str, str]], str]] = {
    "database_password": lambda values: values.get("db_pass", ""),
    "instance_unique_id": identity.conf_id,
}


class Remains:
    """What is left of one site beside its secrets; nothing is read before it is asked for.

    ``engine`` and ``password`` are the database's, the latter where the inventory gives it.
    """

    def __init__(
        self, site: Mapping[str, Any], engine: str, password: str, bridge: Callable[..., Bridge] = Bridge
    ) -> None:
        self._bridge = bridge
        self._engine, self._password = engine, password
        self.places = identity.Places.of(site)
        home, name = str(self.places.conf.parent), site["name"]
        defaults = {"conf": str(self.places.conf), "documents": str(self.places.documents)}
        defaults |= {"state": str(self.places.state), "user": name, "root": f"{home}/current/htdocs"}
        self.site = {**defaults, **site}

    @cached_property
    def known(self) -> identity.Known:
        """What is there, without secrets."""
        return identity.look(self.places)

    @cached_property
    def _conf(self) -> dict[str, str]:
        return identity.conf_values(self.places.conf)

    @property
    def installed(self) -> bool:
        """Whether the site may have users, with keys that clients use: a first run writes secrets before all else."""
        return self.known.installed or self.known.served or self.known.conf_id or bool(self._tables)

    def refusal(self) -> str:
        """Why nothing may be written, empty when it may."""
        found = losses.losses(self.site, self.known)
        return f"site '{self.site['name']}': {found[0].key}: {found[0].seen}. {found[0].mend}" if found else ""

    @cached_property
    def _tables(self) -> str:
        return remains.tables(self.site, self._engine, self._password)

    def database_in_use(self) -> str:
        """Why no new instance id may be made although no file of the site is there, empty when it may."""
        if not self._tables:
            return ""
        return (
            f"site '{self.site['name']}': instance_unique_id: {self._tables} holds tables of the application already, "
            f"and the id that they were made with is nowhere. {losses.where_to_look(self.site)}"
        )

    def contradiction(self, instance_id: str) -> str:
        """What of the site came with another instance id than this one, empty when nothing did or it cannot be told."""
        database = self.site.get("database") or {}
        seals = {
            f"the database '{database.get('name')}'": remains.sign(self.site, self._engine, self._password),
            f"the documents in {self.places.documents}": identity.mark(self.places.documents),
            f"the record in {self.places.state}": str(identity.record(self.places.state).get("sign", "")),
        }
        wanted = identity.sign(instance_id)
        return next((place for place, seal in seals.items() if seal and seal != wanted), "")

    def may_replace_id(self) -> bool:
        """Whether the id that is here was never the site's: that of a take-over which was refused, or did not come far.

        The application is asked whether what is in its database opens with it.
        """
        if self.known.recorded:
            return False
        try:
            self._caller.call("identity adopt", check=True)
        except BridgeError as error:
            return error.code == "other_site" or not (error.site_is_there or self.known.served)
        return False

    def of_conf(self, name: str) -> str:
        """A secret that stands in conf.php too; empty when it does not."""
        return _IN_CONF[name](self._conf) if name in _IN_CONF else ""

    def key(self, login: str) -> str | None:
        """The API key that the application has for a user: empty when there is none, None when that cannot be told."""
        try:
            answer = self._caller.call(f"key show {login}", {"reveal": True})
        except BridgeError as error:
            # A bridge of an earlier version has no such command, and the run replaces it.
            return self._has_key(login) if error.code == "usage" else self._unanswered(error)
        return str(answer["key"] or "")

    def foreign(self, users: Sequence[Mapping[str, Any]], recorded: Mapping[str, bool]) -> str:
        """Why no secrets may be made for one of ``users``, which somebody else's user is; empty when they may."""
        unsure = foreign_users.unsure(users, recorded) if self.installed else []
        found = foreign_users.look(self.site["name"], unsure, lambda _: self._caller) if unsure else {}
        for index, user in enumerate(users):
            if objection := foreign_users.objection(user, found.get(user["login"]), recorded):
                seen, mend = objection
                return f"site '{self.site['name']}': api.users[{index}].login: {seen}. {mend}"
        return ""

    def _has_key(self, login: str) -> str | None:
        try:
            user = self._caller.call(f"user show {login}")["user"]
        except BridgeError as error:
            return self._unanswered(error)
        return None if user and user["key"] else ""

    def _unanswered(self, error: BridgeError) -> str | None:
        """A site that was never installed has no keys; of another one nobody can say."""
        if error.code == "not_installed":
            return None if self.known.installed else ""
        return None if error.site_is_there or self.installed else ""

    @cached_property
    def _caller(self) -> Bridge:
        return self._bridge(self.site["name"], layout={"root": self.site["root"], "user": self.site["user"]})
