# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at what an entry of ``miclinik_sites`` would change in a site, and changes it: asked first, and read back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import drift, settings
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Order
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError, Said

#: Runs a batch of the bridge, in check mode or not.
Ask = Callable[[Sequence[Order], bool], Said]

#: What others depend on, as long as it is only foreseen.
_AHEAD = ("module ", "company ")


def differences(ask: Ask, orders: Sequence[Order]) -> list[str]:
    """Return what would change, a line each, in words of the application's pages.

    Raises CallError with everything that the bridge refuses, and changes nothing.
    """
    lines: list[str] = []
    refused: list[str] = []
    rest = list(orders)
    while rest:
        said = ask(rest, True)
        lines += [line for answer in said.data.get("answers") or [] for line in drift.words(answer)]
        failed = said.data.get("failed")
        if said.data.get("ok"):
            break
        refused.append(_refusal(said, rest[failed] if isinstance(failed, int) else None))
        if failed is None:
            break
        if rest[failed]["command"].startswith("module "):
            break  # what depends on it would be refused as well, and for no reason of its own
        # The next run of the bridge has to foresee the same modules and the same country.
        ahead = [order for order in rest[:failed] if order["command"].startswith(_AHEAD)]
        rest = [*ahead, *rest[failed + 1 :]]
    if refused:
        raise CallError([*refused, "Nothing was changed."])
    return lines


def change(ask: Ask, orders: Sequence[Order]) -> dict[str, Any]:
    """Do it; return ``changes`` and whether the API's table of routes was dropped. Raises CallError."""
    said = ask(orders, False)
    done = settings.report(said.data.get("answers") or [])
    if not said.data.get("ok"):
        failed = said.data.get("failed")
        told = _refusal(said, orders[failed] if isinstance(failed, int) else None)
        raise CallError([told, f"Done before that: {'; '.join(done['changes']) or 'nothing'}."])
    if still := differences(ask, orders):
        raise CallError(["This was changed, and is not so when it is read back:", *still])
    return done


def _refusal(said: Said, order: Order | None) -> str:
    error = said.data.get("error") or {}
    told = f"{error.get('message', f'the bridge gave no answer (exit code {said.code}).')} {error.get('mend', '')}"
    return f"{drift.subject(order)}: {told}".strip() if order else told.strip()
