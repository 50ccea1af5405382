# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site on a host that is a folder, from which things can be taken away, with a bridge to its made-up application."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import install as bridge_install
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_recovery, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.plugin_utils.text import quoting

#: What conf.php gets wrong most easily.
PASSWORD = "p'a\"s$\\s; word"


class LostSite:
    """One site. ``run`` does what a run does with secrets: it keeps them, writes conf.php, and installs."""

    def __init__(self, root: Path, name: str = "norte") -> None:
        self.home, self.state = root / "srv" / name, root / "etc" / name
        self.conf, self.documents = self.home / "conf.php", self.home / "documents"
        self.secrets = self.state / "secrets.json"
        self.record = self.state / identity.RECORD
        self.site: dict[str, Any] = {
            "name": name,
            "home": str(self.home),
            "state": str(self.state),
            "conf": str(self.conf),
            "documents": str(self.documents),
            "current": str(self.home / "current"),
            "root": str(self.home / "current/htdocs"),
            "user": name,
            "group": name,
            "database": {"local": True, "host": "localhost", "name": name, "port": None},
            "api": {"users": [{"login": "shop"}]},
        }
        #: What the database holds: the sign, keys by login; None is a database without a table.
        self.database: dict[str, Any] | None = None
        self.answers = True
        self.declared: dict[str, Any] = {}
        self.old_bridge = False

    def bridge(self, name: str, layout: Mapping[str, str] | None = None) -> LostSite:
        """Stand in for the bridge."""
        assert name == self.site["name"]
        assert layout is None or layout == {"root": self.site["root"], "user": self.site["user"]}
        return self

    def call(self, command: str, given: Mapping[str, Any] | None = None, check: bool = False) -> dict[str, Any]:
        """Answer as miclinikctl does."""
        words = command.split()
        if not self.conf.exists():
            raise self._error("conf")
        if not self.answers:
            raise self._error("database")
        values = identity.conf_values(self.conf)
        own = identity.sign(identity.conf_id(values))
        if words[0] == "install":
            return self._install(own, given or {}, check)
        if self.database is None:
            raise self._error("not_installed")
        if words == ["identity", "adopt"]:
            assert check
            if self.database["sign"] not in (own, ""):
                raise self._error("other_site")
            if self.database["made_with"] not in (own, ""):
                raise self._error("other_site")
            return {"changed": self.database["sign"] == ""}
        key = self.database["keys"].get(words[-1])
        if words[:2] == ["user", "show"]:
            if words[-1] not in self.database["keys"]:
                return {"user": None}
            foreign = {"ours": False} if words[-1] in self.database.get("foreign", []) else {}
            return {"user": {"key": key and "encrypted"} | foreign}
        assert words[:2] == ["key", "show"]
        assert given == {"reveal": True}
        if self.old_bridge:
            raise self._error("usage")
        if self.database["sign"] != own:
            raise self._error("other_site")
        return {"key": key, "stored": key and "encrypted"}

    def batch(self, orders: Sequence[Mapping[str, Any]], check: bool = False) -> list[dict[str, Any]]:
        """Answer several commands about users."""
        logins = [(order["command"], order["args"]["login"]) for order in orders]
        return [{"login": login} | self.call(f"{command} {login}", check=check) for command, login in logins]

    def _install(self, own: str, given: Mapping[str, Any], check: bool) -> dict[str, Any]:
        lock, mark = self.documents / "install.lock", self.documents / identity.MARK
        if self.database is None and (given["installed"] or lock.exists()):
            raise self._error("database_lost")
        if self.database is not None and self.database["sign"] != own:
            raise self._error("other_site")
        if self.database is not None and given["installed"] and not lock.exists() and not mark.exists():
            raise self._error("documents_lost")
        assert not check
        before = "none" if self.database is None else "installed"
        self.database = self.database or {"sign": own, "keys": {}}
        lock.write_text("")
        mark.write_text(own + "\n")
        return {
            "changed": before == "none",
            "before": before,
            "state": "installed",
            "diff": {"before": {}, "after": {}},
        }

    def _error(self, code: str) -> BridgeError:
        return BridgeError(self.site["name"], code, "It was seen.", "Mend it.")

    def remains(self, site: Mapping[str, Any], engine: str, password: str) -> secret_recovery.Remains:
        """Return what is left, asked through this bridge."""
        return secret_recovery.Remains(site, engine, password, bridge=self.bridge)  # type: ignore[arg-type]

    def ensure(self, check: bool = False, **declared: Any) -> secret_store.Outcome:  # noqa: ANN401 (any secret)
        """Run what the module site_secrets does."""
        return secret_store.ensure(self.site, check, self.declared | declared, remains=self.remains)

    def declare(self, **secrets: str) -> None:
        """Let the inventory give secrets."""
        self.declared = secrets
        self.site["declared"] = list(secrets)

    def run(self) -> secret_store.Outcome:
        """Do what a whole run does; raise SecretError or BridgeError where it stops."""
        outcome = self.ensure()
        self.documents.mkdir(parents=True, exist_ok=True)
        self.write_conf(outcome.values)
        bridge_install.install(self.site, False, self.bridge)  # type: ignore[arg-type]
        assert self.database is not None
        known = outcome.values["users"]["shop"].get("key")
        if known:
            self.database["keys"]["shop"] = known
        return outcome

    def write_conf(self, values: Mapping[str, Any]) -> None:
        """Write conf.php as its template does."""
        lines = {
            "db_host": "localhost",
            "db_name": self.site["database"]["name"],
            "db_pass": values["database_password"],
            "instance_unique_id": values["instance_unique_id"],
        }
        text = "".join(f"$dolibarr_main_{name} = {quoting.php(value)};\n" for name, value in lines.items())
        self.conf.write_text(f"<?php\n{text}$dolibarr_main_cookie_cryptkey = $dolibarr_main_instance_unique_id;\n")

    def stored(self) -> Any:  # noqa: ANN401 (JSON)
        """Return what secrets.json holds."""
        return json.loads(self.secrets.read_text())

    def store(self, values: Mapping[str, Any]) -> None:
        """Write secrets.json."""
        self.secrets.write_text(json.dumps(values))

    def files(self) -> dict[str, str]:
        """Return every file of the site, by its path."""
        tops = (self.home, self.state)
        return {str(path): path.read_text() for top in tops for path in sorted(top.rglob("*")) if path.is_file()}
