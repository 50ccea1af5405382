# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verbs that another program of ours does: looked at here, and handed on word for word."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, foresee

from . import screen
from .asked import Asked
from .grammar import Example, Verb, check_option

Given = Mapping[str, Any]


class Handed(Verb):
    """Keeps the words that it was given."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep them, but for those that are this program's own."""
        ctx.meta["handed"] = [word for word in args if word != "--check"]
        return super().parse_args(ctx, args)


def verb(
    name: str,
    about: str,
    program: str,
    words: Sequence[str],
    *,
    params: Sequence[click.Parameter] = (),
    examples: Sequence[Example] = (),
    changes: str = "",
    foreseen_by_itself: bool = False,
    more: Callable[[Asked, Given], Given] | None = None,
    before: Callable[[Asked, Given], list[str]] | None = None,
) -> Handed:
    """Return the verb ``name`` that ``program`` does by ``words``.

    ``changes`` is its name in ``foresee``, empty of one that changes nothing; ``more`` is what that has to know
    besides. ``foreseen_by_itself``: the program has --check itself, and leaves its own line in the journal. ``before``
    is asked first, and returns other words to hand on.
    """

    @click.pass_context
    def callback(ctx: click.Context, /, **given: Any) -> int:
        asked = ctx.find_object(Asked)
        assert asked is not None
        check = given.pop("check", False)
        if check and not foreseen_by_itself:
            given |= more(asked, given) if more else {}
            said, would = foresee.operation(asked.host, asked.site, changes, given)
            screen.line(said)
            return calls.WOULD_CHANGE if would else calls.DONE
        handed = before(asked, given) if before else list(ctx.meta["handed"])
        if check:
            handed.append("--check")
        elif changes and not foreseen_by_itself:
            asked.note(" ".join([*words, *handed]), "asked for")
        sys.stdout.flush()
        return asked.hand_on(program, *words, *handed)

    made = Handed(name, params=list(params), callback=callback, help=about, examples=examples)
    return check_option(made) if changes else made
