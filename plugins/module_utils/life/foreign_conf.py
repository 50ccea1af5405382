# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the conf.php of an installation that others have made says. It is read as text: nothing of it is run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.text import php

_PREFIX = "$dolibarr_"
_MAIN = "main_"
#: What is taken over, or written anew for the site.
_CARRIED = frozenset(
    f"main_{name}"
    for name in (
        *("url_root", "document_root", "url_root_alt", "document_root_alt", "data_root", "prod"),
        *("db_host", "db_port", "db_name", "db_user", "db_pass", "db_type", "db_prefix", "db_character_set"),
        *("db_collation", "db_readonly", "db_encryption", "db_encrypted_pass", "db_cryptkey", "instance_unique_id"),
        *("cookie_cryptkey", "restrict_os_commands", "distrib"),
    )
)
#: What says nothing: what is off, and what the conf.php of a site says as well.
_USUAL = ("", 0, "0", None, False, "dolibarr")
_OFF = ("0", "")
#: How an encrypted password begins in conf.php.
_ENCRYPTED = ("crypted:", "dolcrypt:")


class ConfError(Exception):
    """A conf.php that cannot be understood; the message says why and what to do, and holds no value."""


@dataclass(frozen=True)
class Conf:
    """Values by their names without ``dolibarr_``; ``unknown`` are those that only running the file would tell."""

    file: Path
    values: Mapping[str, Any]
    unknown: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Return ``$dolibarr_main_NAME``, empty where it is not set."""
        found = self.values.get(f"{_MAIN}{name}", "")
        return "" if found is None or found is False else str(found).strip()

    @property
    def instance_id(self) -> str:
        """What encrypted values depend on, empty where there is none."""
        return self.text("instance_unique_id") or self.text("cookie_cryptkey")

    @property
    def engine(self) -> str:
        """``mariadb`` or ``postgresql``; empty for what this collection does not know."""
        kind = self.text("db_type")
        return connections.ENGINES.get("mysqli" if kind == "mysql" else kind, "")

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield what of it stands in the way: what was seen, and the mend."""
        lacking = [
            name for name in ("document_root", "db_host", "db_name", "db_user", "db_type") if not self.text(name)
        ]
        lacking = [name for name in lacking if f"main_{name}" not in self.unknown]
        if lacking:
            names = ", ".join(f"$dolibarr_main_{name}" for name in lacking)
            yield f"{self.file} does not set {names}", "Name the folder of an installation that works"
        for name in (name for name in self.unknown if name in _CARRIED):
            yield (
                f"{self.file} computes $dolibarr_{name}, and it is not run to be read",
                "Write its value there as a plain text",
            )
        if not self.engine and self.text("db_type"):
            yield (
                f"{self.file} has its data in {self.text('db_type')!r}",
                "Only mysqli (MariaDB, MySQL) and pgsql (PostgreSQL) can be taken over",
            )
        if self.text("db_pass").startswith(_ENCRYPTED):
            yield (
                f"{self.file} holds the password of its database encrypted",
                "Write it there as it is ($dolibarr_main_db_pass): in the old site, under Setup, Security",
            )
        prefix = self.text("db_prefix") or "llx_"
        if prefix != "llx_":
            yield (
                f"the tables of its database begin with {prefix!r}",
                "Only llx_ is hosted here: have the tables renamed first, in a copy of it",
            )
        if self.text("db_encryption") not in _OFF:
            yield (
                f"{self.file} sets $dolibarr_main_db_encryption: values of constants are encrypted by the database",
                "That is not taken over. Switch it off in the old site, so that it writes them as they are",
            )

    def more(self) -> list[str]:
        """Return the names of what else it sets, and nobody takes over: their values are for ``conf_extra``."""
        return sorted(
            f"dolibarr_{name}"
            for name, value in {**self.values, **dict.fromkeys(self.unknown)}.items()
            if name not in _CARRIED and (name in self.unknown or value not in _USUAL)
        )


def read(file: Path) -> Conf:
    """Return what ``file`` says. Raises ConfError where PHP could not read it either, or nobody may."""
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        raise ConfError(f"{file}: {error.strerror}. Name the folder of an installation that works") from error
    try:
        found = list(php.statements(php.words(text)))
    except php.BrokenError as error:
        raise ConfError(f"{file}: {error}. PHP cannot read it either") from error
    values: dict[str, Any] = {}
    unknown: dict[str, None] = {}
    for statement in found:
        if len(statement.words) < 3 or statement.words[0].kind != "variable" or statement.words[1].text != "=":  # noqa: PLR2004
            continue
        name = statement.words[0].text
        if not name.startswith(_PREFIX):
            continue
        name = name.removeprefix(_PREFIX)
        value = php.value(statement.words[2:])
        # Of what stands in a condition nobody knows whether it is run.
        if value is php.DYNAMIC or isinstance(value, dict) or statement.depth:
            values.pop(name, None)
            unknown[name] = None
        else:
            values[name] = value
            unknown.pop(name, None)
    if not values and not unknown:
        raise ConfError(f"{file} sets nothing of the application's. Name the folder of an installation that works")
    return Conf(file, values, tuple(unknown))


def sign(conf: Conf) -> str:
    """Return the sign that follows from its id, empty when it has none."""
    return identity.sign(conf.instance_id) if conf.instance_id else ""
