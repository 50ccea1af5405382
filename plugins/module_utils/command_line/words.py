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

    names = {name.lower(): name for name in sorted(set(known))}
    begun = [low for low in names if word and low.startswith(word.lower())]
    close = difflib.get_close_matches(word.lower(), names, n=count, cutoff=0.6)
    return [names[low] for low in dict.fromkeys([*begun, *close])][:count]


#: What people ask for by a word of another program, and what it is here.
ELSEWHERE = {
    **dict.fromkeys(
        ("move", "domain", "url", "search-replace"),
        "To another domain or path: change `domain` or `base_path` in the inventory and run playbooks/site.yml; `urls`"
        " says where it is now (docs/moving.md).",
    ),
    **dict.fromkeys(
        ("maintenance", "maintenance-mode", "stop", "lock"), "To let nobody in: `close`, and `open` ends that."
    ),
    **dict.fromkeys(
        ("start", "restart", "reload", "enable", "disable"),
        "PHP of a site: systemctl restart miclinik-php@SITE; `open` lets people in again, `module enable` switches a"
        " module on.",
    ),
    **dict.fromkeys(("plugin", "plugins", "extension"), "What is switched on and off are modules: `module list`."),
    **dict.fromkeys(("option", "options", "config", "setting", "settings"), "Settings are constants: `const list`."),
    **dict.fromkeys(("db", "database", "sql", "dump"), "Of the database: `backup run`, `database-password rotate`."),
    **dict.fromkeys(("delete", "destroy", "uninstall"), "To take a site off this host: `remove`, after a snapshot."),
    **dict.fromkeys(("update", "install"), "A release comes by playbooks/upgrade.yml, which unpacks it: `upgrade`."),
    **dict.fromkeys(("reset-password", "passwd", "password"), "A password of a person: `user password LOGIN`."),
    **dict.fromkeys(("check", "test", "health"), "`doctor` looks at everything, `smoke` calls the site."),
    **dict.fromkeys(("token", "tokens", "apikey"), "Keys of the API: `key list`, `key rotate LOGIN`."),
}


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
