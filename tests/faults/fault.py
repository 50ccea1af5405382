# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a fault is: how a site is broken and mended, what people see, what goes red, and the cause to name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from .bench import Bench, Promise

BOTH = ("nginx", "apache")
Script = str | Callable[[Bench], str]


@dataclass(frozen=True)
class Fault:
    """One way to break a site.

    `red` are smoke checks that have to fail (`a|b`: at least one of these), `cause` is what the doctor has to name
    first. `inject` and `undo` are shell scripts with the functions of `bench.PRELUDE`. `promise` changes what the
    inventory asks for instead; `around` is something on the controller that lasts as long as the examination. `heals`:
    looking at it mends it, so it is injected anew before each look. `since`: the first major release that has it.
    `module`: one that the site has to have on. `pooler`: it takes PgBouncer between the site and the database.
    """

    name: str
    title: str
    people_see: str
    red: Sequence[str]
    cause: str
    inject: Script = ""
    undo: Script = ""
    web_servers: Sequence[str] = BOTH
    engines: Sequence[str] = ("mariadb", "postgresql")
    tls: bool = False
    promise: Promise | None = None
    by_name: bool = False
    around: Callable[[Bench], AbstractContextManager[None]] = lambda _: nullcontext()
    heals: bool = False
    since: int = 15
    module: str = ""
    pooler: bool = False

    def fits(self, bench: Bench) -> bool:
        """Whether the fault can be there: on this web server, this engine, and with TLS where it needs it."""
        return (
            bench.web_server in self.web_servers
            and bench.engine in self.engines
            and int(bench.version.partition(".")[0]) >= self.since
            and (not self.tls or bool(bench.site["encrypted"]))
            and (not self.module or self.module in bench.site["modules"])
            and (not self.pooler or bench.pooler != "none")
        )

    def break_it(self, bench: Bench) -> None:
        """Inject the fault."""
        self._run(bench, self.inject)

    def mend(self, bench: Bench) -> None:
        """Undo it."""
        self._run(bench, self.undo)

    @staticmethod
    def _run(bench: Bench, script: Script) -> None:
        text = script if isinstance(script, str) else script(bench)
        if text:
            bench.do(text)
