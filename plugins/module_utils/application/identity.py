# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what a host holds of a site belongs together: secrets, conf.php, documents, the record of its installation.

Runs on the host, as root, and only reads. The sign that database and documents carry follows from the instance id, see
the bridge's Identity.php.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import limits
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

CONTEXT = "miclinik.hosting: sign of a site"
#: The bridge's mark in the documents, see Documents.php.
MARK = ".miclinik-site"
RECORD = "identity.json"
#: Seconds for the documents: they may be on a disk that hangs, which would be waited for for ever.
_PATIENCE = 3.0
#: The application takes the older name where the newer one is not set.
_ID_NAMES = ("instance_unique_id", "cookie_cryptkey")
_ASSIGNMENT = re.compile(
    r"""^[ \t]*\$dolibarr_main_(?P<name>\w+)\s*=\s*"""
    r"""(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\$]|\\.)*)")\s*;""",
    re.MULTILINE | re.DOTALL,
)
_ESCAPES = {"single": re.compile(r"\\([\\'])"), "double": re.compile(r"\\([\\\"$])")}


def sign(instance_id: str) -> str:
    """Return the sign of the site with this instance id."""
    return hashlib.sha256(f"{CONTEXT}\n{instance_id}".encode()).hexdigest()


def conf_values(file: Path) -> dict[str, str]:
    """Return the plain texts that a conf.php sets, by their names without ``dolibarr_main_``; the file is not run."""
    try:
        text = file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return {}
    values = {}
    for found in _ASSIGNMENT.finditer(text):
        kind = "single" if found["single"] is not None else "double"
        values[found["name"]] = _ESCAPES[kind].sub(r"\1", found[kind])
    return values


def conf_id(values: Mapping[str, str]) -> str:
    """Return the instance id among the values of a conf.php, empty when there is none."""
    return next((values[name] for name in _ID_NAMES if values.get(name)), "")


@dataclass(frozen=True)
class Places:
    """Where the parts of a site are."""

    conf: Path
    documents: Path
    state: Path
    current: Path

    @classmethod
    def of(cls, site: Mapping[str, Any]) -> Places:
        """Return those of a site that the filter ``sites`` has completed."""
        usual = layout.of(site["name"], site.get("home") or "")
        return cls(
            Path(site.get("conf") or usual["conf"]),
            Path(site.get("documents") or usual["documents"]),
            Path(site.get("state") or usual["state"]),
            Path(site.get("current") or usual["current"]),
        )


@dataclass(frozen=True)
class Known:
    """What is there of a site.

    ``secrets`` is ``whole``, ``partial`` (without instance id or database password), ``broken`` or ``missing``;
    ``secrets_id`` and ``conf_id`` say whether the id is in either file. ``same_id`` is None where there are no two ids
    to compare; ``right_id`` names which of ``secrets`` and ``conf`` holds the one that the site was installed with,
    where that can be told. ``documents`` is ``ours``, ``other`` (the mark of another site), ``locked`` (no mark, but
    the installer's lock), ``bare``, ``missing`` or ``silent`` (their disk hangs). ``users`` says of
    every API user on record whether it has both password and key there, ``people`` of other users whether the first
    password is.
    """

    secrets: str
    secrets_id: bool
    conf_id: bool
    same_id: bool | None
    right_id: str
    documents: str
    recorded: bool
    served: bool
    database: dict[str, str] = field(default_factory=dict)
    users: dict[str, bool] = field(default_factory=dict)
    people: dict[str, bool] = field(default_factory=dict)

    @property
    def installed(self) -> bool:
        """Whether something says that the site was installed."""
        return self.recorded or self.documents in ("ours", "other", "locked")


def look(places: Places) -> Known:
    """Return what is there of the site; no secret is in it."""
    stored = _json(places.state / layout.SECRETS)
    conf = conf_values(places.conf)
    kept = record(places.state)
    ids = {"secrets": _text(stored, "instance_unique_id"), "conf": conf_id(conf)}
    asked = {"mark": partial(mark, places.documents), "there": partial(_documents, places.documents)}
    found, _ = limits.Answers(asked).until(time.monotonic() + _PATIENCE)
    carried = found.get("mark", "")
    seal = kept.get("sign") or carried
    right = next((name for name, value in ids.items() if value and sign(value) == seal), "") if seal else ""
    return Known(
        secrets=_condition(places.state / layout.SECRETS, stored),
        secrets_id=bool(ids["secrets"]),
        conf_id=bool(ids["conf"]),
        same_id=ids["secrets"] == ids["conf"] if all(ids.values()) else None,
        right_id=right,
        documents=_whose(carried, {sign(value) for value in ids.values() if value}) or found.get("there", "silent"),
        recorded=bool(kept),
        served=places.current.is_symlink(),
        database={name: conf[f"db_{name}"] for name in ("host", "name") if conf.get(f"db_{name}")},
        users=_users(stored, "users", ("password", "key")),
        people=_users(stored, "people", ("password",)),
    )


def record(state: Path) -> dict[str, Any]:
    """Return the record of the site's installation, nothing where there is none."""
    kept = _json(state / RECORD)
    return kept if isinstance(kept, dict) else {}


def expected(state: Path) -> str:
    """Return the sign that follows from the id on record, empty when there is none."""
    stored = _text(_json(state / layout.SECRETS), "instance_unique_id")
    return sign(stored) if stored else ""


def record_of(instance_id: str, database: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record: beside the secrets it says that the site was installed, with which id, and where its data is."""
    place = {name: database[name] for name in ("host", "name") if database.get(name)}
    return {"sign": sign(instance_id), "database": place}


def _json(file: Path) -> Any:  # noqa: ANN401 (whatever a file holds)
    with contextlib.suppress(OSError, ValueError):
        return json.loads(file.read_text(encoding="utf-8"))
    return None


def _text(values: object, name: str) -> str:
    found = values.get(name) if isinstance(values, dict) else None
    return found if isinstance(found, str) else ""


def _users(stored: object, name: str, parts: Sequence[str]) -> dict[str, bool]:
    users = stored.get(name) if isinstance(stored, dict) else None
    return {
        login: all(_text(known, part) for part in parts)
        for login, known in (users.items() if isinstance(users, dict) else ())
    }


def _condition(file: Path, stored: object) -> str:
    if not file.exists() and not file.is_symlink():
        return "missing"
    if not isinstance(stored, dict) or not isinstance(stored.get("users", {}), dict):
        return "broken"
    needed = ("instance_unique_id", "database_password")
    return "whole" if all(_text(stored, name) for name in needed) else "partial"


def mark(documents: Path) -> str:
    """Return the sign that a folder of documents carries, empty when it has none."""
    with contextlib.suppress(OSError, ValueError):
        return (documents / MARK).read_text(encoding="ascii").strip()
    return ""


def _whose(carried: str, signs: Set[str]) -> str:
    """Return whose documents they are by their mark; empty where they have none."""
    return ("other" if signs and carried not in signs else "ours") if carried else ""


def _documents(folder: Path) -> str:
    if (folder / "install.lock").is_file():
        return "locked"
    return "bare" if folder.is_dir() else "missing"
