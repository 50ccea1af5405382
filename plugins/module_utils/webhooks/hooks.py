# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The webhooks of a host's sites, as the relay finds them in the sites' folders. Written by the role ``webhooks``."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: In a site's folder of secrets, and who may read it beside root.
FILE = "webhooks.json"
USER = "miclinik-webhooks"
UNIT, SOCKET = f"{USER}.service", f"{USER}.socket"
#: What waits for its receivers, and how the relay is.
SPOOL, RUN = Path("/var/lib/miclinik-webhooks"), Path("/run/miclinik-webhooks")
#: Where the relay listens. The bridge has the same in ``templates/bridge/src/Webhooks.php``.
ADDRESS, PORT = "127.0.0.1", 9480


@dataclass(frozen=True)
class Hook:
    """Where the events of a site go. Nobody may see ``token`` and ``secret``."""

    site: str
    name: str
    url: str
    token: str
    secret: str
    retry_for: int
    #: Secrets that sign along until a time, each with it: ``secret`` and ``until``.
    former: Sequence[Mapping[str, Any]] = ()
    #: Whether the inventory gives the secret.
    declared: bool = False

    def secrets(self, now: float) -> list[str]:
        """Return all by which what is sent now is signed, the newest first."""
        return [self.secret, *(one["secret"] for one in self.former if one["until"] > now)]

    @property
    def ident(self) -> str:
        """What its folder is called: not by the site's name, which may change."""
        return ident(self.token)


def ident(token: str) -> str:
    """Return what a webhook is known by in files that others may see."""
    return hashlib.sha256(token.encode()).hexdigest()[:24]


def targets(declared: Sequence[Mapping[str, Any]], known: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return, for the bridge, what the application sends to which token; ``known`` are the webhooks' secrets."""
    return [
        {"name": hook["name"], "token": known[hook["name"]]["token"], "events": hook["events"]}
        for hook in declared
        if known.get(hook["name"], {}).get("token")
    ]


def files(states: Path = Path(layout.STATES)) -> list[Path]:
    """Return the files of the sites that have webhooks."""
    return sorted(states.glob(f"*/{FILE}"))


def put(file: Path, text: str, like: Path) -> None:
    """Have a file of a site's webhooks hold ``text``, and be whose ``like`` is, at no moment for others to read."""
    there, half = like.stat(), file.with_name(f".{file.name}.new")
    atomic_file.replace(half, text, atomic_file.PRIVATE, durable=True)
    os.chown(half, there.st_uid, there.st_gid)
    half.chmod(stat.S_IMODE(there.st_mode))
    half.replace(file)


def read(file: Path) -> Iterator[Hook]:
    """Yield the webhooks of a site. Raises OSError and ValueError."""
    found: Any = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(found, list):
        raise ValueError(f"{file}: no list")  # noqa: TRY004 (one kind of error for a file that is no good)
    for one in found:
        try:
            yield Hook(site=file.parent.name, **one)
        except TypeError as error:
            raise ValueError(f"{file}: an entry lacks something") from error
