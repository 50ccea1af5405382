# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a site was before: which requests are for a former address, as both web servers read it in the request line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

#: An authority asks there, whatever has moved.
_CHALLENGES = r"(?!/[.]well-known/acme-challenge/)"


def left(site: Mapping[str, Any]) -> list[str]:
    """Return the domains that the site has left: its present names are not among them."""
    own = (site["domain"], *site["aliases"])
    return list(dict.fromkeys(one["domain"] for one in site["former"] if one["domain"] not in own))


def here(site: Mapping[str, Any]) -> list[str]:
    """Return the patterns of what the site's present names are asked for at a former path."""
    present = site["base_path"].rstrip("/")
    spared = f"(?!{re.escape(present)}(?:[/?]|$| ))" if present else ""
    gone = left(site)
    return _patterns([one for one in site["former"] if one["domain"] not in gone], spared)


def elsewhere(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each domain that the site has left, with the patterns of what it is asked for."""
    return [
        {
            "domain": domain,
            "host": text_names.in_url(domain),
            "patterns": _patterns([one for one in site["former"] if one["domain"] == domain], ""),
        }
        for domain in left(site)
    ]


def check(site: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield the former addresses that are the present one: they would lead to themselves for ever."""
    for index, one in enumerate(site["former"]):
        same = one["base_path"].rstrip("/") == site["base_path"].rstrip("/")
        if same and one["domain"] not in left(site):
            key = "aliases lead there by themselves" if one["domain"] in site["aliases"] else "the site is there"
            yield Problem(
                f"site '{site['name']}'",
                f"former[{index}]",
                f"is {one['domain']}{one['base_path']}, and {key}",
                "Write where it was before, or remove the entry",
            )


def _patterns(entries: list[Any], spared: str) -> list[str]:
    """Return one for each path, the longest first; the one group is what follows, up to the query."""
    paths = sorted({one["base_path"].rstrip("/") for one in entries}, key=lambda path: (-len(path), path))
    return [rf"{_CHALLENGES}{spared}{re.escape(path)}(?:/|(?=[? ]|$))([^? ]*)" for path in paths]
