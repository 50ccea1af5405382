# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which site is meant, and which names are near to one that is none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls


def near(word: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return the names that somebody may have meant, the nearest first."""
    # Here, and not above: completion has no time for it.
    import difflib  # noqa: PLC0415

    names = sorted(set(known))
    begun = [name for name in names if word and name.startswith(word)]
    close = difflib.get_close_matches(word.lower(), names, n=count, cutoff=0.6)
    return list(dict.fromkeys([*begun, *close]))[:count]


def meant(word: str, known: Iterable[str]) -> str:
    """Return a question for the end of a sentence, empty where nothing is near."""
    found = near(word, known)
    return f" Did you mean {' or '.join(found)}?" if found else ""


def site_of(words: Sequence[str], sites: Sequence[str], verbs: Collection[str]) -> tuple[str, list[str]]:
    """Return the site that is meant, and the words behind it. Raises CallError.

    A host with one site needs no name of it; a site that is called like a verb goes before it.
    """
    first, *rest = words
    if first in sites:
        return first, rest
    there = f"Sites: {', '.join(sites) or 'none'}"
    if first in verbs:
        if len(sites) == 1:
            return sites[0], list(words)
        example = f" As in: miclinikctl {sites[0]} {' '.join(words)}" if sites else ""
        raise calls.CallError(f"Which site? {there}.{example}", calls.USAGE)
    raise calls.CallError(
        f"There is no site {first!r} on this host.{meant(first, [*sites, *verbs])} {there}", calls.USAGE
    )
