# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an API user that is new in the inventory would take the place of one that people have made. On both sides.

The bridge refuses that as well, in ``Ownership.php``; here it is seen before secrets are made for such a user.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError

#: What was seen, and what to do.
Objection = tuple[str, str]
_SAY = "where this one is to serve the API"


def unsure(users: Sequence[Mapping[str, Any]], recorded: Mapping[str, bool]) -> list[str]:
    """Return the logins of which the application has to be asked: those whose secrets are not both on record."""
    return [user["login"] for user in users if not recorded.get(user["login"])]


def look(site: str, logins: Sequence[str], bridge: Callable[[str], Bridge] = Bridge) -> dict[str, Any]:
    """Return what the application has of each login, None where there is no such user; nothing when it cannot say."""
    shows = [{"command": "user show", "args": {"login": login}} for login in logins]
    try:
        return {answer["login"]: answer["user"] for answer in bridge(site).batch(shows, check=True)}
    except BridgeError:
        return {}  # the roles that come next say what is wrong with the site itself


def objection(
    wanted: Mapping[str, Any], found: Mapping[str, Any] | None, recorded: Mapping[str, bool]
) -> Objection | None:
    """Return why ``wanted``, an entry of the inventory, may not become the user ``found``; None when it may.

    ``recorded`` are the users on record. A bridge of an earlier version does not say whose a user is: there it is ours
    unless the record is there and knows nothing of it.
    """
    login = wanted["login"]
    if found is None or found.get("ours", not recorded or login in recorded):
        return None
    named = bool(wanted.get("existing"))
    if found.get("admin") and not (named and wanted.get("admin")):
        seen = f"{login!r} is an administrator of the application, whom somebody else has made"
        flag = "take the flag of an administrator away on its card, or say admin: true"
        return f"{seen}: rights and password would be lost", f"Choose another login; {_SAY}, {flag}, and existing: true"
    if not named:
        seen = f"{login!r} is a user of the application already, whom somebody else has made"
        return (
            f"{seen}: rights and password would be replaced",
            f"Choose another login, or, {_SAY}, say existing: true beside the login",
        )
    return None
