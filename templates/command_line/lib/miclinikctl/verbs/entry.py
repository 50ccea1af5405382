# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a file says that a site is: compared with it, and applied to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Verb, check_option, json_option

_file = click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
_secrets = click.option(
    "--secrets",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Values of the variables that FILE names, NAME: VALUE in each line; for nobody to read but its owner.",
)
_ABOUT = (
    " FILE is what `export` writes, an entry of miclinik_sites, or a part of one; - is standard input. What it does not"
    " name stays as it is."
)

#: Of a line in the journal.
_LENGTH = 600


@click.command(
    cls=Verb,
    help=f"Says what `apply` would change; ends with 3 where it would change something.{_ABOUT}",
    examples=[
        ("diff norte.yml", "what somebody has changed since it was written"),
        ("diff norte.yml --json | jq .would", "for a program"),
    ],
)
@_file
@_secrets
@json_option
@pass_asked
def diff(asked: Asked, file: str, secrets: str | None, as_json: bool | None) -> int:
    """Compare it."""
    return _run(asked, file, secrets, as_json, check=True)


@click.command(
    cls=Verb,
    help="Has the site be what FILE says: company, language, modules, constants, dictionaries, extra fields, numbering,"
    f" default rights, groups, users.{_ABOUT} Everything is looked at first: what is refused changes nothing. Secrets"
    " that FILE names as variables stay as they are without --secrets, keys of the API in any case: see `key rotate`.",
    examples=[
        ("apply norte.yml --check", "only look, as `diff` does"),
        ("apply norte.yml", ""),
        ("apply norte.yml --secrets vault.yml", "with the constants and passwords that it names"),
    ],
)
@_file
@_secrets
@json_option
@check_option
@pass_asked
def apply(asked: Asked, file: str, secrets: str | None, as_json: bool | None, check: bool) -> int:
    """Apply it."""
    return _run(asked, file, secrets, as_json, check=check)


def _run(asked: Asked, file: str, secrets: str | None, as_json: bool | None, *, check: bool) -> int:
    # Here, since completion imports this file, and has no time for YAML and the rest.
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import (  # noqa: PLC0415
        entry_apply,
        entry_file,
        entry_orders,
    )

    entry = entry_file.entry(file, asked.site)
    known = entry_file.variables(secrets) if secrets else {}
    folder = Path.cwd() if file == "-" else Path(file).parent
    wanted = entry_orders.of(entry, folder, known, asked.data("module", "list")["enabled"])

    def ask(orders: Sequence[Any], check: bool) -> calls.Said:
        return calls.ask(asked.host, asked.site, ["batch"], list(orders), check=check)

    would = entry_apply.differences(ask, wanted.orders) if wanted.orders else []
    told: dict[str, Any] = {"ok": True, "changed": bool(would), "would": would}
    if would and not check:
        told = _change(asked, lambda: entry_apply.change(ask, wanted.orders))
    told |= {"left": wanted.left, "not_applied": wanted.outside}
    if screen.is_json(as_json):
        screen.data(told)
    else:
        _show(told, entry.get("name"), asked.site)
    return calls.WOULD_CHANGE if check and would else calls.DONE


def _change(asked: Asked, change: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        done = change()
    except calls.CallError as error:
        asked.note("apply", f"failed: {error}".replace("\n", " ")[:_LENGTH])
        raise
    asked.note("apply", f"changed: {'; '.join(done['changes'])}"[:_LENGTH])
    asked.learn()
    if done["route_cache_dropped"]:
        asked.know_routes()
    return {"ok": True, "changed": True, "changes": done["changes"]}


def _show(told: dict[str, Any], of: object, site: str) -> None:
    if of not in (None, site):
        screen.line(f"the entry is that of {of!r}")
    lines = told.get("changes") or told.get("would") or []
    screen.line("nothing to change" if not lines else "changed:" if "changes" in told else "would change:")
    for line in lines:
        screen.line(f"  {line}")
    if told["left"]:
        screen.line(f"left as they are, since they are secrets (--secrets, key rotate): {', '.join(told['left'])}")
    if told["not_applied"]:
        screen.line(f"not applied, since they are not of the application (site.yml): {', '.join(told['not_applied'])}")
