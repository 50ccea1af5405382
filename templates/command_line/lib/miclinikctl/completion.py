# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Answers a shell that completes: one word a line, with what it is for behind a tab."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import known
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from click.shell_completion import CompletionItem, ShellComplete

from . import verbs
from .asked import Asked

#: What the shells' scripts call: this, the number of the word, and all words behind the program's name.
ASK = "--complete"
_Names = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def answer(given: Sequence[str], host: Host) -> int:
    """Print what may stand there."""
    place, typed = int(given[0]), list(given[1:])
    before, begun = typed[:place], typed[place] if place < len(typed) else ""
    for item in candidates(before, begun, host):
        print(f"{item.value}\t{item.help or ''}")
    return 0


def candidates(before: Sequence[str], begun: str, host: Host) -> list[CompletionItem]:
    """Return what may stand behind the words ``before``, and begins with ``begun``."""
    sites = host.sites()
    if not before:
        named = [CompletionItem(site, help="a site") for site in sites if site.startswith(begun)]
        # With one site its verbs do without its name.
        return named + (_words(Asked(sites[0], host), [], begun) if len(sites) == 1 else [])
    first, *rest = before
    if first in sites:
        return _words(Asked(first, host), rest, begun)
    if first == "help":
        return _words(Asked("SITE", host), rest, begun)
    return _words(Asked(sites[0], host), list(before), begun) if len(sites) == 1 else []


def _words(asked: Asked, before: list[str], begun: str) -> list[CompletionItem]:
    if before and before[0] not in verbs.NAMES:
        return []
    if asked.host.starter.is_file() and known.is_due(asked.host, asked.site) and asked.site in asked.host.sites():
        known.learn_soon(asked.host, asked.site)
    shell = ShellComplete(verbs.tree(), {"obj": asked}, "miclinikctl", "_MICLINIKCTL")
    found = shell.get_completions(before, begun)
    return [item for item in found if item.type == "plain" and item.value.lower().startswith(begun.lower())]


def names(kind: str) -> _Names:
    """Return what completes an argument with words of a kind that are known of the site."""

    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        asked = ctx.find_object(Asked)
        found = known.words(asked.host, asked.site, kind) if asked else []
        return [CompletionItem(name) for name in found if name.startswith(incomplete)]

    return complete


def sites(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete an argument that is another site."""
    asked = ctx.find_object(Asked)
    there = asked.host.sites() if asked else []
    return [CompletionItem(name) for name in there if name.startswith(incomplete)]


def releases(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete an argument that is a release which is unpacked."""
    asked = ctx.find_object(Asked)
    if asked is None:
        return []
    folder = Places(asked.site, asked.host.root).releases
    try:
        found = sorted(place.name for place in folder.iterdir() if place.is_dir())
    except OSError:
        return []
    return [CompletionItem(name) for name in found if name.startswith(incomplete)]
