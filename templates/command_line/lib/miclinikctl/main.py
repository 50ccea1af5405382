# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``miclinikctl SITE VERB …``: which site, which verb, and what it ends with."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import audit, calls, known, words
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host

from . import completion, verbs
from .asked import Asked

#: Verbs of the bridge that have another name here, or none: for programs.
BRIDGE = (
    *("constant", "rights", "company", "dictionary", "extrafield", "numbering"),
    *("identity", "batch", "install"),
)
_READING = ("constant get", "constant list", "rights list")


def main(given: Sequence[str], host: Host | None = None) -> int:
    """Do what is asked for; return an exit code: 0 done, 1 failed, 2 wrong usage, 3 would change."""
    host = host or Host()
    try:
        return _main(list(given), host)
    except CallError as error:
        print(error, file=sys.stderr)
        return error.code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        print("Stopped: nothing was done.", file=sys.stderr)
        return calls.FAILED
    except click.ClickException as error:
        error.show(sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Who reads has seen enough; nothing may be written at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return calls.FAILED


def _main(given: list[str], host: Host) -> int:
    if given[:1] in ([completion.ASK], [known.LEARN]):
        return _for_shells(given, host)
    sites = host.sites()
    if not given:
        return _help([], sites, sys.stderr) or calls.USAGE
    if given[0] in ("help", "-h", "--help") and given[0] not in sites:
        return _help(given[1:], sites, sys.stdout)
    if given[0].startswith("-"):
        return _of_programs(given, host, sites)
    site, rest = given[0], given[1:]
    if not _is_of_others(given, sites):
        site, rest = words.site_of(given, sites, [*verbs.NAMES, *BRIDGE])
    if rest[:1] == ["help"]:
        rest = [*rest[1:], "--help"]
    if rest and _is_for_programs(rest):
        return _of_bridge(["--site", site, *rest], host, site)
    if not (host.is_root() or {"-h", "--help"} & set(rest)):
        # A verb would find half of what it looks for, and say a wrong cause.
        raise CallError(f"That is root's to do, who alone may read what a site is: sudo miclinikctl {' '.join(given)}")
    return _tree(rest, f"miclinikctl {site}", Asked(site, host))


def _is_of_others(given: list[str], sites: list[str]) -> bool:
    """Return whether an installation of others is exported, under the name of the site which it is to become."""
    return given[0] not in sites and given[1:2] == ["export"] and any(word.startswith("--from") for word in given)


def _for_shells(given: list[str], host: Host) -> int:
    if given[0] == completion.ASK:
        return completion.answer(given[1:], host)
    known.learn(host, given[1])
    return calls.DONE


def _is_for_programs(rest: list[str]) -> bool:
    """Return whether these words are the bridge's: an option first, or what is called otherwise here."""
    option = rest[0].startswith("-") and rest[0] not in ("-h", "--help")
    return option or rest[0] in BRIDGE or tuple(rest[:2]) in verbs.OF_BRIDGE


def _tree(given: list[str], name: str, asked: Asked) -> int:
    code = verbs.tree().main(given, name, standalone_mode=False, obj=asked)
    return code if isinstance(code, int) else calls.DONE


def _help(behind: list[str], sites: list[str], stream: TextIO) -> int:
    if behind:
        return _tree([*behind, "--help"], "miclinikctl SITE", Asked("SITE"))
    tree = verbs.tree()
    with tree.make_context("miclinikctl SITE", ["--help"], resilient_parsing=True) as context:
        print(f"{tree.get_help(context)}\n\nSites of this host: {', '.join(sites) or 'none'}", file=stream)
    return calls.DONE


def _of_programs(given: list[str], host: Host, sites: list[str]) -> int:
    """Do what programs ask for, in the form of the bridge."""
    site = given[1] if given[0] == "--site" and given[1:2] and given[1] in sites else ""
    if site and given[2:3] == ["key"] and given[3:4] and given[3] in ("rotate", "adopt", "revoke"):
        return Asked(site, host).hand_on("keys", *given[3:])
    return _of_bridge(given, host, site)


def _of_bridge(given: list[str], host: Host, site: str) -> int:
    """Run the bridge with these words, and print what it says as it is; what changes something is noted."""
    said = calls.hand_over(host, site, given)
    print(said.text, end="", flush=True)
    command = str(said.data.get("command", ""))
    if site and said.data.get("changed") and "--check" not in given and command not in _READING:
        host.note(f"{site}: {command}: {audit.sentence(said.data)}")
    return said.code
