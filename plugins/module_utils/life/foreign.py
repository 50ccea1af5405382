# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An installation of the application that others have made: where its parts are, and what is in them.

It is only read: its files as text, its database with its own password, and never as the server's administrator.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import tree_version
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engines, foreign_conf
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine, EngineError, Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.foreign_conf import Conf, ConfError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

MARKER = "filefunc.inc.php"
_ENCRYPTED = "ssl://"
_CRONTABS = ("etc/crontab", "etc/cron.d/*", "var/spool/cron/crontabs/*")
_VERSIONS = ("MAIN_VERSION_LAST_UPGRADE", "MAIN_VERSION_LAST_INSTALL")
_MODULE = re.compile(r"MAIN_MODULE_([A-Z0-9]+)$")
#: So many names are enough to know what it is about.
_SHOWN = 8


class ForeignError(Exception):
    """An installation that cannot be read: what was seen, and the mend."""


@dataclass(frozen=True)
class Order:
    """What an operator says of it: its folder, and what its conf.php does not say as it is on this host."""

    source: str
    documents: str = ""
    host: str = ""
    port: str = ""


@dataclass(frozen=True)
class Foreign:
    """One installation. ``root`` is its document root, with filefunc.inc.php in it."""

    root: Path
    conf: Conf
    documents: Path
    engine: Engine = field(repr=False)

    @property
    def database(self) -> str:
        """What its database is called."""
        return self.conf.text("db_name")

    @property
    def version(self) -> str:
        """Version of its files. Raises ForeignError."""
        try:
            return tree_version.read(self.root)
        except (tree_version.VersionError, OSError) as error:
            raise ForeignError(f"the version of {self.root} cannot be read: {error}") from error

    @property
    def tree(self) -> Path:
        """All of its files: the folder above its document root, where that is one of a distribution of it."""
        return self.root.parent if (self.root.parent / "scripts").is_dir() and self.root.name == "htdocs" else self.root


def find(order: Order, work: Path) -> Foreign:
    """Return the installation in the folder that the operator names. Raises ForeignError and ConfError."""
    named = Path(order.source)
    root = next((place for place in (named, named / "htdocs") if (place / MARKER).is_file()), None)
    if root is None:
        raise ForeignError(f"neither {named} nor {named}/htdocs holds {MARKER}. Name the folder of the old site")
    conf = foreign_conf.read(root / "conf" / "conf.php")
    documents = Path(order.documents or conf.text("data_root") or root.parent / "documents")
    host = order.host or conf.text("db_host").removeprefix(_ENCRYPTED).strip("[]") or "localhost"
    login = Login(
        database=conf.text("db_name"),
        user=conf.text("db_user"),
        # Never empty: what is others' is not asked as the administrator.
        host=host,
        port=order.port or ("" if conf.text("db_port") in ("", "0") else conf.text("db_port")),
        password=conf.text("db_pass"),
        encrypted=conf.text("db_host").startswith(_ENCRYPTED),
    )
    return Foreign(root.resolve(), conf, documents, engines.at(conf.engine, login, work))


def constants(site: Foreign) -> dict[str, str]:
    """Return the constants that say what is installed and on. Raises EngineError."""
    asked = "SELECT name, value FROM llx_const WHERE name LIKE 'MAIN_VERSION%' OR name LIKE 'MAIN_MODULE%'"
    lines = site.engine.ask(site.database, f"{asked} ORDER BY entity DESC, name").splitlines()
    pairs = (line.split("\t", 1) for line in lines if "\t" in line)
    return dict(pairs)


def schema(known: dict[str, str]) -> str:
    """Return the version of a database by its constants, empty where it has none."""
    return next((known[name] for name in _VERSIONS if known.get(name)), "")


def users(site: Foreign) -> list[dict[str, Any]]:
    """Return who is there: ``login``, whether ``admin``, ``active``, and whether there is a ``key``."""
    key = "CASE WHEN api_key IS NULL OR api_key = '' THEN 0 ELSE 1 END"
    lines = site.engine.ask(site.database, f"SELECT admin, statut, {key}, login FROM llx_user ORDER BY rowid")
    found = []
    for line in lines.splitlines():
        admin, active, has_key, login = line.split("\t", 3)
        found.append({"login": login, "admin": admin == "1", "active": active == "1", "key": has_key == "1"})
    return found


def outside(folder: Path) -> list[str]:
    """Return the links among documents that lead out of them."""
    found = []
    top = folder.resolve()
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            item = Path(place, name)
            if item.is_symlink() and top not in (item.resolve(), *item.resolve().parents):
                found.append(str(item))
    return sorted(found)


def size(folder: Path) -> int:
    """Return how many bytes the files in it take."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - of each of many files
    return total


def jobs(site: Foreign, root: Path = Path("/")) -> list[str]:
    """Return the lines of crontabs that run something of it: ``FILE: LINE``."""
    found = []
    for pattern in _CRONTABS:
        for file in sorted(root.glob(pattern)):
            if file.is_file():
                found += [f"/{file.relative_to(root)}: {line.strip()}" for line in _lines(file, site)]
    return found


def _lines(file: Path, site: Foreign) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        # The folder may be a link, and the line name that.
        names = {f"{site.root}/", f"{site.tree}/", f"{site.conf.text('document_root').rstrip('/')}/"}
        if not line.lstrip().startswith("#") and any(name in line for name in names):
            yield line


def look(order: Order, root: Path = Path("/")) -> dict[str, Any]:
    """Return what there is, for who decides whether it is taken over; no secret is in it.

    ``problems`` are what was seen and the mend; what cannot be read because of them is not there.
    """
    problems: list[tuple[str, str]] = []
    try:
        site = find(order, layout.below(root, layout.WORK))
    except (ForeignError, ConfError) as error:
        return {"problems": [_halves(str(error))]}
    problems += site.conf.problems()
    found: dict[str, Any] = {
        "root": str(site.root),
        "url": site.conf.text("url_root"),
        "documents": str(site.documents),
        "engine": site.conf.engine,
        "database": {name: site.conf.text(f"db_{name}") for name in ("host", "name", "user")},
        "has_id": bool(site.conf.instance_id),
        "more": site.conf.more(),
        "jobs": jobs(site, root),
        "tree_size": size(site.tree),
    }
    try:
        found["version"] = site.version
    except ForeignError as error:
        problems.append(_halves(str(error)))
    problems += _documents(site, found)
    if not problems:
        problems += _database(site, found)
    return found | {"problems": [list(problem) for problem in problems]}


def _documents(site: Foreign, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if not site.documents.is_dir():
        yield (
            f"its documents should be in {site.documents}, which is no folder here",
            "Say where they are on this host: adopt_documents",
        )
        return
    found["documents_size"] = size(site.documents)
    if links := outside(site.documents):
        shown = ", ".join(links[:_SHOWN])
        yield (
            f"among its documents are links that lead out of them, and would lead nowhere for the new site: {shown}",
            "Put what they lead to in their place",
        )


def _database(site: Foreign, found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    try:
        tables = site.engine.tables(site.database)
        if "llx_const" not in tables:
            seen = f"the database '{site.database}' holds no table llx_const"
            yield seen, "See whether conf.php names the right one: the tables have to begin with llx_"
            return
        known = constants(site)
        found["schema"] = schema(known)
        found["users"] = users(site)
        found["modules"] = sorted(match[1].lower() for name in known if (match := _MODULE.match(name)) and known[name])
        found["database_size"] = site.engine.size(site.database)
        found["server"] = site.engine.version()
    except EngineError as error:
        yield (
            f"its database cannot be read ({error})",
            "See that the server runs and lets in the user that conf.php names; where it is reached otherwise from"
            " here, say adopt_database_host and adopt_database_port",
        )
        return
    others = [name for name in tables if not name.startswith("llx_")]
    found["other_tables"] = others


def _halves(words: str) -> tuple[str, str]:
    seen, _, mend = words.rpartition(". ")
    return (seen, mend) if seen else (words, "Name the folder of the old site")
