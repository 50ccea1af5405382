# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a verb is given: the site, the ways to ask it, and what to print on."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import audit, calls, known
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError, Said
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host

from . import screen

#: Whether the API keeps a table of routes.
_KEPT = "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE"


@dataclass
class Asked:
    """One run of the command line for one site."""

    site: str
    host: Host = field(default_factory=Host)

    def read(self, *words: str, given: Mapping[str, Any] | None = None) -> Said:
        """Ask the bridge what changes nothing."""
        return calls.ask(self.host, self.site, words, given)

    def data(self, *words: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the answer as data. Raises CallError."""
        return calls.require(self.read(*words, given=given), self.site)

    def change(
        self, *words: str, given: Mapping[str, Any] | None = None, check: bool = False, said_as: str = ""
    ) -> Said:
        """Have the bridge do something, and leave in the journal who it was, and what came of it.

        ``said_as`` is how a person has said it, where the bridge has other words.
        """
        said = calls.ask(self.host, self.site, words, given, check=check)
        if not check:
            self.note(said_as or " ".join(words), audit.sentence(said.data))
            if said.data.get("changed"):
                self.learn()
            if said.data.get("route_cache_dropped"):
                self.know_routes()
        return said

    def know_routes(self) -> None:
        """Have the API know the endpoints of the modules that are on now: only the first that is called works else."""
        if self.data("constant", "get", _KEPT)["value"] != "1":
            return  # no table is kept
        # Here, since completion imports this file, and has no time for what speaks HTTP.
        from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import routes  # noqa: PLC0415

        if wrong := routes.renew(self.host, self.site, self.data("module", "list")["enabled"]):
            screen.warn(f"the API does not know its endpoints: {wrong}. Run playbooks/site.yml.")

    def note(self, what: str, outcome: str) -> None:
        """Leave a line in the journal."""
        self.host.note(f"{self.site}: {what}: {outcome}")

    def learn(self) -> None:
        """Have completion know what has changed."""
        if os.geteuid() == 0 and self.host.starter.is_file():
            known.learn_soon(self.host, self.site)

    def tell(
        self,
        said: Said,
        as_json: bool | None,
        human: Callable[[dict[str, Any]], None],
        *,
        check: bool = False,
        missing: Callable[[dict[str, Any]], CallError | None] = lambda _: None,
    ) -> int:
        """Show an answer of the bridge, as JSON or for people; return the exit code.

        Raises CallError where it is a failure, and where ``missing`` says that what was asked for is not there: the
        words of it go to the error output, whoever reads the JSON.
        """
        is_json = screen.is_json(as_json)
        if is_json:
            screen.raw(said)
        found = calls.require(said, self.site)
        if (error := missing(found)) is not None:
            raise error
        if not is_json:
            human(found)
        return said.exit_code(check)

    def tell_change(self, said: Said, as_json: bool | None, *, check: bool) -> int:
        """Show what a change was, or would be."""
        return self.tell(said, as_json, lambda data: screen.changes(data, check=check), check=check)

    def listed(
        self, program: str, mend: str, *, as_json: bool | None, show: Callable[[list[dict[str, Any]]], None]
    ) -> int:
        """Show what another program of ours lists: as JSON where that was asked for, in a pipe as its own text.

        Raises CallError with ``mend`` where it cannot be started.
        """
        if as_json is None and screen.is_json(as_json):
            return self.hand_on(program, "list")
        done = self._list(program, mend)
        if done.returncode or as_json:
            print(done.stdout, end="")
            return done.returncode
        show(json.loads(done.stdout))
        return calls.DONE

    def rows(self, program: str, mend: str) -> list[dict[str, Any]]:
        """Return what another program of ours lists. Raises CallError where it does not, having said why."""
        done = self._list(program, mend)
        if done.returncode:
            raise CallError(f"{self.site}: there is no list of {program}", done.returncode)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def _list(self, program: str, mend: str) -> subprocess.CompletedProcess[str]:
        words = [str(self.host.program(program)), self.site, "list", "--json"]
        try:
            return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        except OSError as error:
            raise CallError(f"{words[0]} cannot be started: {error.strerror}. {mend}") from None

    def hand_on(self, program: str, *words: str) -> int:
        """Become another program of ours. Raises CallError."""
        path = str(self.host.program(program))
        try:
            os.execve(path, [path, self.site, *words], calls.settings(self.host, self.site))  # noqa: S606
        except OSError as error:
            raise CallError(f"{path} cannot be started: {error.strerror}. Run playbooks/site.yml.") from None


pass_asked = click.make_pass_decorator(Asked)
