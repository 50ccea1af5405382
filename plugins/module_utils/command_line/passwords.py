# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the record of secrets true when somebody gives a user another password."""

from __future__ import annotations

import secrets
import string

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

_LETTERS = string.ascii_letters + string.digits
#: The installer makes the administrator of the inventory first.
_FIRST = 1


def make() -> str:
    """Return a new password that a person can type."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def place_of(host: Host, site: str, login: str, number: int) -> tuple[str, ...]:
    """Return where the password of a user is on record, nothing where it is not. Raises SecretError."""
    # Here, and not above: completion imports this file, and has no time for all of that.
    from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store  # noqa: PLC0415

    user = secret_store.load(host.states / site / layout.SECRETS).get("users", {}).get(login)
    if user is not None and "password" in user:
        return ("users", login, "password")
    return ("admin_password",) if number == _FIRST else ()


def record(host: Host, site: str, place: tuple[str, ...], password: str) -> str:
    """Write it down; return where."""
    from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store  # noqa: PLC0415

    file = host.states / site / layout.SECRETS
    values = holder = secret_store.load(file)
    for name in place[:-1]:
        holder = holder[name]
    holder[place[-1]] = password
    secret_store.write(file, values)
    return f"{file} ({'.'.join(place)})"
