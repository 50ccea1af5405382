# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What apt's complaints mean, and what mends them. apt was asked to speak English."""

from __future__ import annotations

import re

_RULES: tuple[tuple[str, str], ...] = (
    (
        r"not valid yet|certificate is not yet valid|Not live until",
        "The host's clock is behind the mirror's: set it (timedatectl), and have it kept right (systemd-timesyncd)",
    ),
    (
        r"is expired|no longer valid|certificate has expired",
        "The mirror is stale, or the host's clock is ahead: check both",
    ),
    (
        r"free space|No space left on device",
        "Make room where /var and /usr are (apt-get clean frees what was downloaded)",
    ),
    (
        r"remove is disabled",
        "Nothing is removed for our packages. Move what is in the way to another host, or remove it yourself",
    ),
    (
        r"[Hh]eld|--allow-change-held-packages",
        "See `apt-mark showhold`, and take the hold off that is in the way (apt-mark unhold)",
    ),
    (
        r"Temporary failure resolving|Could not resolve|Name or service not known",
        "The host cannot look the mirror's name up: check its DNS, or set a proxy (Acquire::http::Proxy in /etc/apt)",
    ),
    (
        r"Could not connect|Unable to connect|Connection timed out|Connection refused|Network is unreachable",
        "The host does not reach the mirror: check /etc/apt/sources.list, its routes, and the proxy in /etc/apt",
    ),
    (
        r"407 |Proxy Authentication",
        "The proxy wants a login: check Acquire::http::Proxy in /etc/apt",
    ),
    (
        r"NO_PUBKEY|not signed|EXPKEYSIG|public key is not available|Missing key",
        "A repository's key is missing or too old: install its key, or take it out of /etc/apt/sources.list.d",
    ),
    (
        r"404 |does not have a Release file|no longer has a Release file",
        "A repository is not there any more, or the mirror is in the middle of an update: check /etc/apt/sources.list",
    ),
    (
        r"Unable to locate package|has no installation candidate",
        "No repository of the host offers it: /etc/apt/sources.list has to name the distribution's own, main included",
    ),
    (
        r"unmet dependencies|broken packages|needs to be reinstalled|fix-broken",
        "Packages of the host do not fit together: look at `apt-get check`, and mend it (apt-get --fix-broken install)",
    ),
    (
        r"returned error code|error processing|exited with|subprocess",
        "See /var/log/apt/term.log and the journal for why the package could not be set up",
    ),
)
_COMPLAINT = re.compile(r"^(?:E|W|Err|dpkg): ?|^dpkg: error")


def is_lock(said: str) -> bool:
    """Return whether apt could not go on for somebody else's lock."""
    return bool(re.search(r"Could not get lock|Unable to (?:acquire the dpkg|lock )", said))


def is_stale(said: str) -> bool:
    """Return whether the lists named files that the mirror has no more."""
    return bool(re.search(r"404 |Unable to fetch some archives|Hash Sum mismatch", said))


def complaints(said: str) -> list[str]:
    """Return the lines in which apt or dpkg complain, each once, without what stands before them."""
    lines = [line.strip() for line in said.splitlines()]
    found = [_COMPLAINT.sub("", line).strip(" .") for line in lines if _COMPLAINT.match(line)]
    return list(dict.fromkeys(line for line in found if line))


def told(work: str, said: str) -> str:
    """Return what happened, in apt's words, and the mend."""
    words = complaints(said) or [said.strip().splitlines()[-1] if said.strip() else "it said nothing"]
    mends = [mend for pattern, mend in _RULES if re.search(pattern, said)]
    mend = mends[0] if mends else "Try it on the host by hand"
    return f"{work}: {'; '.join(words)}. {mend}. Then run the playbook again."
