# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What check mode says of the settings of a site whose release is about to change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import people
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError, Order

#: What the bridge says of a right that the release which is served does not have.
_LATER = frozenset({"unknown_right", "module_off"})
#: Keys of a site that go to the bridge as they are declared.
SETTINGS = frozenset({"dictionaries", "extra_fields", "numbering", "default_rights"})
#: What it says of settings that only a newer version may have.
_NEWER = _LATER | {
    "unknown_dictionary",
    "dictionary_field",
    "unknown_element",
    "extra_field_type",
    "unknown_numbering",
    "unknown_model",
    "unknown_mask",
}
#: Who has rights: ``user`` or ``group``, and its name.
Holder = tuple[str, str]


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
    answers, holders, left = _without_unknown(caller, asked)
    changes = [f"module {name} on" for name in coming] + [f"{kind} {name}: rights" for kind, name in holders]
    changes += [f"{name} that the release which is served does not know" for name in left]
    shows = [{"command": f"{kind} show", "args": {people.NAMED[kind]: name}} for kind, name in holders]
    shown = caller.batch(shows, check=True) if shows else []
    before: dict[str, Any] = {
        f"{kind} {name}": {"rights": sorted(answer[kind]["rights"])} if answer[kind] else {}
        for (kind, name), answer in zip(holders, shown, strict=True)
    }
    after: dict[str, Any] = {f"{kind} {name}": {"rights": sorted(rights)} for (kind, name), rights in holders.items()}
    if coming:
        # Those of the answers are on in the same way, if only later.
        on = {name for answer in answers for name in answer.get("switched_on", [])} | set(listed["enabled"])
        before["modules"] = {"modules": sorted(listed["enabled"])}
        after["modules"] = {"modules": sorted(on | set(coming))}
    return answers, changes, before, after


def _without_unknown(caller: Bridge, asked: list[Order]) -> tuple[list[Answer], dict[Holder, list[str]], list[str]]:
    """Return the answers; the rights that were left out, by who was to have them; and settings that were left out."""
    holders: dict[Holder, list[str]] = {}
    left: list[str] = []
    while True:
        try:
            return caller.batch(asked, check=True), holders, left
        except BridgeError as error:
            failed = error.answer.get("failed", len(asked))
            args = dict(asked[failed]["args"]) if asked[failed : failed + 1] else {}
            rest: list[Order] = []
            if error.code in _LATER and "rights" in args:
                # Each one's all together.
                kind = asked[failed]["command"].split()[0]
                holders[kind, args[people.NAMED[kind]]] = args.pop("rights")
                args.pop("exact", None)
                rest = [asked[failed] | {"args": args}]
            elif error.code in _NEWER and SETTINGS & args.keys():
                left += [key.replace("_", " ") for key in args]
            else:
                raise
            asked = [*asked[:failed], *rest, *asked[failed + 1 :]]
