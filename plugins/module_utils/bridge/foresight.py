# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What check mode says of the settings of a site whose release is about to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError, Order

#: What the bridge says of a right that the release which is served does not have.
_LATER = frozenset({"unknown_right", "module_off"})


def ask(caller: Bridge, wanted: Sequence[Order]) -> tuple[list[Answer], list[str], dict[str, Any], dict[str, Any]]:
    """Ask the release that is served for as much of ``wanted`` as it knows.

    Return its answers; and of the rest, which preflight has found in the source of the next one, the changes, and the
    diff's two sides. Raises BridgeError as the bridge does.
    """
    listed = caller.batch([{"command": "module list", "args": {}}], check=True)[0]
    asked: list[Order] = []
    coming: list[str] = []
    for order in wanted:
        if order["command"] == "module enable":
            names = order["args"]["names"]
            coming = [name for name in names if name not in {*listed["available"], *listed["enabled"]}]
            order = order | {"args": {"names": [name for name in names if name not in coming]}}  # noqa: PLW2901
        if order["args"].get("names") != []:
            asked.append(order)
    answers, users = _without_unknown_rights(caller, asked)
    changes = [f"module {name} on" for name in coming] + [f"user {login}: rights" for login in users]
    shows = [{"command": "user show", "args": {"login": login}} for login in users]
    before: dict[str, Any] = {
        f"user {answer['login']}": {"rights": sorted(answer["user"]["rights"])} if answer["user"] else {}
        for answer in (caller.batch(shows, check=True) if shows else [])
    }
    after: dict[str, Any] = {f"user {login}": {"rights": sorted(rights)} for login, rights in users.items()}
    if coming:
        # Those of the answers are on in the same way, if only later.
        on = {name for answer in answers for name in answer.get("switched_on", [])} | set(listed["enabled"])
        before["modules"] = {"modules": sorted(listed["enabled"])}
        after["modules"] = {"modules": sorted(on | set(coming))}
    return answers, changes, before, after


def _without_unknown_rights(caller: Bridge, asked: list[Order]) -> tuple[list[Answer], dict[str, list[str]]]:
    """Return the answers, and by login the rights that were left out, a user's all together."""
    users: dict[str, list[str]] = {}
    while True:
        try:
            return caller.batch(asked, check=True), users
        except BridgeError as error:
            failed = error.answer.get("failed", len(asked))
            if error.code not in _LATER or not asked[failed : failed + 1] or "rights" not in asked[failed]["args"]:
                raise
            args = dict(asked[failed]["args"])
            users[args["login"]] = args.pop("rights")
            args.pop("exact", None)
            asked = [*asked[:failed], asked[failed] | {"args": args}, *asked[failed + 1 :]]
