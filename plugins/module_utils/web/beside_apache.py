# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Apache needs for our sites beside sites of others, and for a site's own lines. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Told, Wrong

_SECTION = re.compile(r"^\s*<(?P<end>/?)(?P<name>[A-Za-z]+)", re.MULTILINE)


def lines(text: str) -> tuple[str, str] | None:
    """Return what is wrong with the form of a site's own lines, and the mend."""
    open_sections: list[str] = []
    for found in _SECTION.finditer(text):
        name = found["name"]
        if not found["end"]:
            open_sections.append(name.lower())
        elif not open_sections or open_sections.pop() != name.lower():
            return f"closes a <{name}> that it does not open", "Close only what it opens"
    if open_sections:
        return f"does not close its <{open_sections[-1]}>", f"Add </{open_sections[-1]}>"
    if text.rstrip().endswith("\\"):
        return "ends in a \\, which would join it with the next line", "Take the \\ out"
    return None


def beside(_others: Sequence[Told], seen: Told, ports: Mapping[str, Sequence[int]], _keep: str) -> Iterator[Wrong]:
    """Yield why Apache cannot listen for our sites as it is set up."""
    for port in sorted({*ports["plain"], *ports["tls"]}):
        addresses = sorted({place["address"] for place in seen["listens"] if place["port"] == port})
        if addresses and "*" not in addresses:
            lacking = f"Apache listens on {', '.join(addresses)} alone"
            yield f"port {port}", lacking, f"Write Listen {port} into /etc/apache2/ports.conf instead"


def unwanted(seen: Told) -> list[str]:
    """Return the modules that are enabled and that our sites cannot have."""
    return sorted(name for name in seen["modules"] if name == "mpm_prefork" or name.startswith("php"))


def needed_by_others(seen: Told) -> tuple[str, str] | None:
    """Return what is seen, and the mend, where sites of others need such modules."""
    found = unwanted(seen)
    if not (found and seen["foreign"]):
        return None
    others = ", ".join(seen["foreign"])
    return (
        f"Apache should run PHP by PHP-FPM and serve by threads; it has {', '.join(found)} enabled, and sites that "
        f"are not of this collection may need them: {others}",
        f"Move those sites to PHP-FPM (a2enmod proxy_fcgi setenvif, a2enconf php*-fpm, a2dismod {' '.join(found)}, "
        "a2enmod mpm_event, then restart apache2), or host miclinik elsewhere",
    )
