# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls the bridge ``miclinik-bridge`` on the host, and turns its failures into errors an operator can act on."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

STATE = Path(layout.STATES)
COMMAND = Path("/usr/local/lib/miclinik/bridge/miclinik-bridge")
#: Where an earlier version of this collection has put it: a host is looked at before it is brought up to date.
EARLIER = Path("/usr/local/lib/miclinik/miclinikctl/miclinikctl")

#: What the bridge, or the way to it, says while the site has not been made yet.
NOT_THERE = frozenset(
    {"no_bridge", "no_site", "no_php", "no_user", "bad_site", "no_application", "conf", "not_installed"}
)

Answer = dict[str, Any]
Order = dict[str, Any]
#: Runs a command with a text on standard input; returns exit code, standard output and standard error.
Runner = Callable[[Sequence[str], str], tuple[int, str, str]]


class BridgeError(Exception):
    """A call that failed: which site, what was expected, what was seen, and what mends it. Holds no secret."""

    def __init__(
        self, site: str, code: str, seen: str, mend: str, *, command: str = "", answer: Mapping[str, Any] | None = None
    ) -> None:
        # In part the words of the application, which may be anybody's.
        seen, mend = plain.plain(seen), plain.plain(mend)
        super().__init__(f"site '{site}': {seen} {mend}")
        self.site = site
        self.code = code
        self.expected = f"`miclinikctl {command}` to succeed" if command else "the bridge to answer"
        self.seen = seen
        self.mend = mend
        self.answer = dict(answer or {})

    @property
    def site_is_there(self) -> bool:
        """Whether this is a fault of a site that exists, and not just a site that has yet to be made."""
        return self.code not in NOT_THERE

    def report(self) -> dict[str, Any]:
        """Return the error as fields of a module's result."""
        details = plain.cleaned((self.answer.get("error") or {}).get("details") or {})
        fields = {"site": self.site, "code": self.code, "expected": self.expected, "seen": self.seen, "mend": self.mend}
        return fields | ({"details": details} if details else {})


def run(words: Sequence[str], text: str, timeout: float | None = None) -> tuple[int, str, str]:
    """Run ``words`` with ``text`` on standard input; raise FileNotFoundError when there is no such program.

    ``timeout``: the seconds after which it is ended, and TimeoutExpired raised.
    """
    done = subprocess.run(
        list(words),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        env=programs.environment(),
    )
    return done.returncode, done.stdout, done.stderr


class Bridge:
    """The bridge to one site. Each call is one process that runs as the site's user.

    ``layout``, with ``root`` and ``user``, is for a site whose ``site.json`` may be lost, ``unserved`` with the same
    for a release of the site that is not the one of ``site.json``.
    """

    def __init__(
        self,
        site: str,
        runner: Runner = run,
        layout: Mapping[str, str] | None = None,
        *,
        unserved: Mapping[str, str] | None = None,
    ) -> None:
        self.site = site
        self._runner = runner
        self._layout = layout
        self._unserved = unserved
        self._facts = STATE / site / "site.json"
        self._command = EARLIER if EARLIER.is_file() and not COMMAND.is_file() else COMMAND

    def call(self, command: str, given: Mapping[str, Any] | None = None, check: bool = False) -> Answer:
        """Run one command such as ``user show integration`` and return its answer.

        ``given`` goes to its standard input, never to its arguments. Raises BridgeError on every failure.
        """
        words = command.split()
        if given is not None:
            words = ["--stdin", *words]
        return self._ask(words, command, "" if given is None else json.dumps(given), check)

    def batch(self, orders: Sequence[Order], check: bool = False) -> list[Answer]:
        """Run several commands with one start of the application; return their answers.

        Raises BridgeError at the first that fails; its ``answer`` holds those of the commands before it.
        """
        answers: list[Answer] = self._ask(["batch"], "batch", json.dumps(list(orders)), check)["answers"]
        return answers

    def _ask(self, words: Sequence[str], command: str, text: str, check: bool) -> Answer:
        argv = [self.php, str(self._command), *self._named(), *(["--check"] if check else []), *words]
        if not self._command.is_file():
            raise self._error("no_bridge", f"{self._command} is missing.", "Run the role application.")
        try:
            code, out, err = self._runner(argv, text)
        except FileNotFoundError:
            raise self._error("no_php", f"{argv[0]} is missing.", "Run the role php.") from None
        try:
            answer = json.loads(out)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or "ok" not in answer:
            seen = f"miclinikctl gave no answer (exit code {code})."
            last = err.strip().splitlines()[-1:]
            raise self._error("no_answer", " ".join([seen, *last]), "Run it by hand to see why.", command)
        if not answer["ok"]:
            error = answer["error"]
            command = answer.get("failed_command", command)
            raise BridgeError(self.site, error["code"], error["message"], error["mend"], command=command, answer=answer)
        if code != 0:
            raise self._error("exit_code", f"miclinikctl answered, but ended with {code}.", "Run it by hand.", command)
        return answer

    def has_route_cache(self) -> bool:
        """Return whether the API has its table of routes; changed modules drop it, swagger.json makes it anew."""
        return (Path(self._site()["documents"]) / "api/temp/routes.php").is_file()

    def _named(self) -> list[str]:
        if self._unserved is not None:
            return ["--root", self._unserved["root"], "--user", self._unserved["user"]]
        if self._layout is None or self._facts.is_file():
            return ["--site", self.site]
        return ["--root", self._layout["root"], "--user", self._layout["user"]]

    @property
    def php(self) -> str:
        """The program that runs the site's PHP outside of PHP-FPM."""
        if self._layout is not None and not self._facts.is_file():
            return "php"
        return str(self._site().get("php") or "php")

    def _site(self) -> dict[str, Any]:
        try:
            facts: dict[str, Any] = json.loads(self._facts.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise self._error("no_site", f"{self._facts} is missing.", "Run the role application.") from None
        except ValueError:
            raise self._error("bad_facts", f"{self._facts} is no JSON.", "Run the role application.") from None
        return facts

    def _error(self, code: str, seen: str, mend: str, command: str = "") -> BridgeError:
        return BridgeError(self.site, code, seen, mend, command=command)
