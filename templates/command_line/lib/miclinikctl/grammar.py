# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Commands that teach: with examples, near misses, and groups whose verbs are imported when they are called."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import words
from click.shell_completion import CompletionItem

from . import screen

Example = tuple[str, str]
#: Columns of help, which nobody reads in longer lines.
_WIDEST = 110
#: A verb's file, and what it is for; the file is imported when it is needed.
Loaders = Mapping[str, tuple[str, Callable[[], click.Command]]]

#: None where nobody has said it: then a terminal gets tables.
json_option = click.option(
    "--json/--table", "as_json", default=None, help="As JSON, which a pipe gets anyway, or as what a terminal gets."
)
check_option = click.option(
    "--check", is_flag=True, help="Only say what would change; ends with 3 where something would."
)


#: How a switch is written in KEY=VALUE.
_SWITCH = {"true": True, "yes": True, "false": False, "no": False}


def assignments(*switches: str) -> Callable[[click.Context, click.Parameter, Sequence[str]], dict[str, Any]]:
    """Return what reads words like KEY=VALUE, of which ``switches`` are true or false."""

    def read(_ctx: click.Context, _param: click.Parameter, given: Sequence[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for word in given:
            key, sign, value = word.partition("=")
            if not key or not sign:
                raise click.BadParameter(f"{word!r} is no KEY=VALUE.")
            if key in found:
                raise click.BadParameter(f"{key!r} stands there twice.")
            if key in switches and value not in _SWITCH:
                raise click.BadParameter(f"{key} is {value!r}. Write {key}=true or {key}=false.")
            found[key] = _SWITCH[value] if key in switches else value
        return found

    return read


def _write_examples(formatter: click.HelpFormatter, prefix: str, examples: Sequence[Example]) -> None:
    if not examples:
        return
    with formatter.section("Examples"):
        for words_of, about in examples:
            formatter.write(f"{'':>{formatter.current_indent}}{prefix} {words_of}\n")
            if about:
                formatter.write(f"{'':>{formatter.current_indent}}    {about}\n")


def prefix_of(ctx: click.Context) -> str:
    """Return how a call begins: the program and the site."""
    return str(ctx.find_root().info_name)


class Verb(click.Command):
    """A command with examples."""

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        _write_examples(formatter, prefix_of(ctx), self.examples)


class Numbers(Verb):
    """A command among whose arguments may be a number below 0, which is no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put such numbers last, where nothing is an option any more; who writes ``--`` has done so."""
        if "--" in args:
            return super().parse_args(ctx, args)
        below = [word for word in args if re.fullmatch(r"-\d+(\.\d+)?", word)]
        return super().parse_args(ctx, [word for word in args if word not in below] + (["--", *below] if below else []))


class Group(click.Group):
    """A group whose commands are named where one is misspelt; others than these are the bridge's."""

    def __init__(
        self,
        *args: Any,
        examples: Sequence[Example] = (),
        of_bridge: Sequence[str] = (),
        loaders: Loaders | None = None,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.examples = examples
        self.of_bridge = of_bridge
        self.loaders = loaders or {}

    def make_context(self, info_name: str | None, args: list[str], *more: Any, **extra: Any) -> click.Context:
        """Know how wide help is; Click itself takes a pipe to a pager for 80 columns."""
        if self.loaders:
            extra.setdefault("terminal_width", min(screen.width() or _WIDEST, _WIDEST) - 2)
        return super().make_context(info_name, args, *more, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order in which they were written."""
        return [*self.loaders, *self.commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported if need be."""
        if cmd_name in self.loaders:
            return self.loaders[cmd_name][1]()
        return super().get_command(ctx, cmd_name)

    def about(self, ctx: click.Context, name: str) -> str:
        """Return what a command is for, in a line; empty of a hidden one."""
        if name in self.loaders:
            return self.loaders[name][0]
        command = self.get_command(ctx, name)
        return "" if command is None or command.hidden else command.get_short_help_str(limit=100)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin so, without importing them."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self.about(ctx, name)) for name in names if self.about(ctx, name)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)] if incomplete.startswith("-") else found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Show what there is where no command is named."""
        if not args and not ctx.resilient_parsing:
            click.echo(self.get_help(ctx), err=True)
            ctx.exit(2)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; say which is near where there is none."""
        name = args[0]
        if self.get_command(ctx, name) is None and not ctx.resilient_parsing and not name.startswith("-"):
            self._refuse(ctx, name)
        return super().resolve_command(ctx, args)

    def _refuse(self, ctx: click.Context, name: str) -> NoReturn:
        shown = [each for each in self.list_commands(ctx) if self.about(ctx, each)]
        # Of the verbs as a whole: a group has its own.
        hint = words.ELSEWHERE.get(name, "") if ctx.parent is None else ""
        meant = f" {hint}" if hint else words.meant(name, shown)
        raise click.UsageError(f"There is no {name!r} in {ctx.command_path!r}.{meant}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, without importing them."""
        rows = [(name, self.about(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Verbs"):
            formatter.write_dl([row for row in rows if row[1]])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        _write_examples(formatter, prefix_of(ctx), self.examples)
