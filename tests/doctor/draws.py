# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a drawn fault is, and the kinds that there are. Each kind draws from what it finds on the host."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding

from .lab import Lab


@dataclass(frozen=True)
class Draw:
    """One fault: what is done, by a script of bash on the host, and by what the right cause is known.

    `names` are expressions, of which one has to be found in the first finding's words; `ids` the names of findings
    that are known to mean this.
    """

    kind: str
    what: str
    script: str
    names: tuple[str, ...]
    ids: tuple[str, ...] = ()

    def is_right(self, finding: Finding) -> bool:
        """Whether the finding says what was done."""
        said = "\n".join((finding.cause, *finding.evidence, finding.mend))
        return finding.id in self.ids or any(re.search(name, said, re.IGNORECASE) for name in self.names)


#: Draws one fault of the kind; None where the host has nothing for it this time.
Maker = Callable[[Lab, random.Random], Draw | None]
KINDS: dict[str, Maker] = {}


def kind(name: str) -> Callable[[Maker], Maker]:
    """Enter a maker under the name of its kind."""

    def enter(maker: Maker) -> Maker:
        KINDS[name] = maker
        return maker

    return enter


def named(*words: str) -> tuple[str, ...]:
    """Expressions for words as they are, with nothing that goes on behind them."""
    # What is in a release, or in the documents, is told by its place in there.
    for within in ("/current/", "/documents/"):
        words = (*words, *(word.partition(within)[2] for word in words if within in word))
    return tuple(re.escape(word) + r"(?![\w-])" for word in words)


def lines(lab: Lab, script: str) -> list[str]:
    """What a script prints on the host, by line, sorted, so that a seed finds the same."""
    return sorted({line for line in lab.shell(script).splitlines() if line.strip()})


def draw(lab: Lab, chance: random.Random, kinds: list[str]) -> Draw:
    """A fault of one of these kinds."""
    while True:
        name = chance.choice(kinds)
        found = KINDS[name](lab, chance)
        if found:
            return found


#: Has what was changed on the disk take effect, as whoever changes it does.
AGAIN = r"""
systemctl daemon-reload
again() { for unit; do systemctl reload "$unit" 2>/dev/null || systemctl restart "$unit" 2>/dev/null; done; true; }
anew() { for unit; do systemctl reset-failed "$unit" 2>/dev/null; systemctl restart "$unit"; done 2>/dev/null; true; }
"""


def web_unit(lab: Lab) -> str:
    """The unit of the web server."""
    return {"nginx": "nginx", "apache": "apache2"}[lab.web_server]


def database_unit(lab: Lab) -> str:
    """The unit of the database server."""
    return "mariadb" if lab.engine == "mariadb" else "postgresql@*-main.service"


def php_unit(lab: Lab) -> str:
    """The unit of the site's PHP."""
    return str(lab.bench.site["fpm_unit"])


def loads(lab: Lab, path: str) -> str:
    """The words that have what reads a file read it again."""
    if path.startswith(("/etc/nginx", "/etc/apache2")):
        return f"{AGAIN}again {web_unit(lab)}"
    if path.startswith(("/etc/mysql", "/etc/postgresql")):
        return f"{AGAIN}anew '{database_unit(lab)}'"
    if path.startswith(("/etc/php", "/etc/miclinik-php", "/usr/local/lib/miclinik", "/srv/miclinik")):
        return f"{AGAIN}again '{php_unit(lab)}'"
    if path.startswith("/etc/systemd"):
        unit = path.removeprefix("/etc/systemd/system/").split("/")[0].removesuffix(".d").replace("@.", "@norte.")
        return f"{AGAIN}anew '{unit}'"
    if "nft" in path:
        return f"{AGAIN}nft -f {path}"
    return AGAIN
