# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages that a request passes through: whether they are set up, and their files as they came.

Runs on the host and changes nothing. What an administrator may change (conffiles) is looked at elsewhere.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run
from ansible_collections.miclinik.hosting.plugins.module_utils.host import dpkg_status

#: What runs, and the libraries that it loads.
_NAMES = re.compile(
    r"php\d|libphp|nginx|libnginx|apache2|libapache2|mariadb-(?:server|client|common)|libmariadb|postgresql-(?:\d|client)"
    r"|libpq5|libc6$|libicu\d|libxml2|libzip\d|libonig|libcurl|libgd3|libssl3|libpng16|libsodium|libpcre|openssl$"
    r"|ca-certificates$"
)
#: An upgrade that was ended in the middle leaves these.
_HALF = ("unpacked", "half-configured", "half-installed")
_LINE = re.compile(r"^(?P<how>missing|\S{9})\s+(?P<conffile>c )?(?P<path>/.+?)(?: \(.*\))?$")
#: Nothing runs for want of these, and hosts are made without them.
_ASIDE = re.compile(r"/usr/share/(?:doc|man|locale|lintian|info|help|bug)/")
_MOST = 6


def look() -> dict[str, Any]:
    """Return ``half``, the state by package, and ``files``: ``path``, ``what`` (changed or missing) and ``package``."""
    states = {name: state for name, state in dpkg_status.states().items() if _NAMES.match(name)}
    there = [name for name, state in states.items() if state in (dpkg_status.INSTALLED, *_HALF)]
    files = parse(run("dpkg", "--verify", *there))[:_MOST] if there else []
    owners = owned(run("dpkg-query", "-S", *(file["path"] for file in files))) if files else {}
    return {
        "half": {name: state for name, state in states.items() if state in _HALF},
        "files": [file | {"package": owners.get(file["path"], "")} for file in files],
    }


def parse(text: str) -> list[dict[str, str]]:
    """Return what ``dpkg --verify`` says of files that nobody is to change."""
    found = []
    for match in filter(None, map(_LINE.match, text.splitlines())):
        what = "missing" if match["how"] == "missing" else "changed" if "5" in match["how"] else ""
        if what and not match["conffile"] and not _ASIDE.match(match["path"]):
            found.append({"path": match["path"], "what": what})
    return found


def owned(text: str) -> dict[str, str]:
    """Return by path the package, without its architecture, as ``dpkg-query -S`` lists them."""
    pairs = (line.split(": ", 1) for line in text.splitlines() if ": /" in line and not line.startswith("diversion"))
    return {path: names.split(",")[0].partition(":")[0] for names, path in pairs}
