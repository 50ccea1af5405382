# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a webhook another secret, by which and the former one it is signed until its receiver knows the new one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.host import audit, folders
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import command, hooks, secret, signing


def main(arguments: Sequence[str], states: Path = Path(layout.STATES)) -> int:
    """Do what people ask of a site's webhooks; return an exit code."""
    return command.main(arguments, states, rotate=rotate)


def rotate(site: str, name: str, grace: float, states: Path) -> str:
    """Record another secret, have the relay sign with it, and return it. Raises OSError, SecretError, ValueError."""
    folder = states / site
    with folders.locked(folder):
        file = folder / layout.SECRETS
        values = secret_store.load(file)
        known = values["webhooks"][name]
        secret.replace(known, signing.new_secret(), grace)
        secret_store.write(file, values)
        _tell_relay(folder / hooks.FILE, name, known)
    audit.note(f"{site}: webhook secret {name}: another one, the former signs along for {grace:g} s")
    return str(known["secret"])


def _tell_relay(file: Path, name: str, known: dict[str, Any]) -> None:
    """Change one entry of what the role has written, as it would write it; the relay notices."""
    entries = json.loads(file.read_text(encoding="utf-8"))
    for entry in entries:
        if entry["name"] == name:
            entry["secret"] = known["secret"]
            entry.pop("former", None)
            if "former" in known:
                entry["former"] = known["former"]
    hooks.put(file, json.dumps(entries, indent=4, sort_keys=True) + "\n", like=file)
