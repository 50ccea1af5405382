# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is to know of a web server; the table of them is in ``servers.py``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAIN_PORT = 80
#: A site as the doctor is told of it, and anything else that is read of a host.
Told = Mapping[str, Any]
#: Runs a program with its arguments; returns all that it says.
Run = Callable[..., str]
#: Ports by the module that the server must have loaded to listen on them; "" for those it always listens on.
Listens = dict[str, list[int]]
#: What is wrong with the key of an inventory, or with a host: key, what was seen, and the mend.
Wrong = tuple[str, str, str]


@dataclass(frozen=True)
class Server:
    """A web server as Debian packages it. Paths are absolute, patterns of them below the root."""

    #: In the inventory.
    name: str
    #: In sentences.
    title: str
    package: str
    unit: str
    #: What /proc calls it.
    process: str
    #: How the module ``loaded`` sees that it has read its files anew; ``other`` where it cannot tell.
    kind: str
    folder: str
    #: Where it logs.
    logs: str
    #: Where the vhost of a site is enabled, as NAME.conf.
    enabled: str
    #: The site that comes with the package.
    default_site: str
    #: Where the user is named that it runs as.
    user_place: str
    pid: str
    #: Patterns: read by the server, and a site may be in them, with what begins one.
    main: tuple[str, ...]
    site: re.Pattern[str]
    #: Patterns: files of ours may lie there, which are not read by themselves.
    other: tuple[str, ...]
    #: Tests the configuration that is there.
    test: tuple[str, ...]
    #: Patterns: what a reload cannot change.
    restart_for: tuple[str, ...]
    #: Whether a name that is a pattern wins over the same name written out in what is read later.
    patterns: bool
    #: How a site's own lines take in a file that only root may read.
    include: str
    #: What is wrong with a site's own lines, and the mend.
    lines: Callable[[str], tuple[str, str] | None]
    #: The ports in the texts of files.
    ports: Callable[[Sequence[str]], Listens]
    #: The names of its modules that are enabled, below a root, where ``ports`` goes by them.
    modules: Callable[[Path], list[str]] | None
    #: What it serves, below a root.
    survey: Callable[[Path], dict[str, Any]]
    #: What it does with the API's paths of sites, by their names.
    shapes: Callable[[Sequence[Told], Run], dict[str, Any]]
    #: Why our sites cannot stand beside others: by the servers of others, the survey, our ports, and the variable that
    #: keeps the default site where it is not set.
    beside: Callable[[Sequence[Told], Told, Mapping[str, Sequence[int]], str], Iterator[Wrong]]
    #: What is seen and the mend where sites of others need it as our sites cannot: by its facts.
    needed_by_others: Callable[[Told], tuple[str, str] | None]

    @property
    def keep(self) -> str:
        """The variable that keeps what is there for host names that are no site's."""
        return f"{self.name}_keep_default_site"


def port(word: str) -> int:
    """Return the port of ``80``, ``1.2.3.4:80``, ``[::]:80``, ``*:80`` or a bare address."""
    last = word.rpartition(":")[2]
    return int(last) if last.isdecimal() else PLAIN_PORT
