# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the bridge for a site, as a person or a script does: its answer as it is, and as data."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Exit codes of the command line.
DONE, FAILED, USAGE, WOULD_CHANGE = 0, 1, 2, 3


class CallError(Exception):
    """What is wrong, for people, with a mend and without a secret, in a line or several.

    ``said`` is the bridge's answer, if there is one.
    """

    def __init__(self, text: str | Sequence[str], code: int = FAILED, said: Said | None = None) -> None:
        super().__init__("\n".join(plain.plain(line) for line in ([text] if isinstance(text, str) else text)))
        self.code = code
        self.said = said


@dataclass(frozen=True)
class Said:
    """What the bridge has said: word for word, and as data."""

    text: str
    code: int
    data: dict[str, Any] = field(default_factory=dict)

    def exit_code(self, check: bool) -> int:
        """Return what the command line ends with."""
        if not self.data.get("ok"):
            return USAGE if (self.data.get("error") or {}).get("code") == "usage" else FAILED
        return WOULD_CHANGE if check and self.data.get("changed") else DONE


def settings(host: Host, site: str) -> dict[str, str]:
    """Return this process's environment with the site's settings of PHP, such as its time zone."""
    if site not in host.sites():
        return dict(os.environ)
    return os.environ | {"PHP_INI_SCAN_DIR": f":{layout.cli_settings(site)}"}


def ask(
    host: Host,
    site: str,
    words: Sequence[str],
    given: Mapping[str, Any] | Sequence[Any] | None = None,
    *,
    check: bool = False,
) -> Said:
    """Run one command of the bridge; ``given`` goes to its standard input. Raises CallError when it does not answer."""
    options = [*(["--check"] if check else []), *(["--stdin"] if given is not None else [])]
    return _run(host, site, [str(host.bridge), "--site", site, *options, *words], json.dumps(given or {}))


def hand_over(host: Host, site: str, words: Sequence[str]) -> Said:
    """Run the bridge with these words and with our own standard input."""
    return _run(host, site, [str(host.bridge), *words], None)


def _run(host: Host, site: str, argv: list[str], text: str | None) -> Said:
    try:
        done = subprocess.run(
            argv,
            input=text,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            env=settings(host, site),
        )
    except OSError as error:
        raise CallError(f"{argv[0]} cannot be started: {error.strerror}. Run playbooks/site.yml.") from None
    try:
        data = json.loads(done.stdout)
    except ValueError:
        data = {}
    return Said(done.stdout, done.returncode, data if isinstance(data, dict) else {})


def require(said: Said, site: str) -> dict[str, Any]:
    """Return the answer as data. Raises CallError where it is a failure."""
    if said.data.get("ok"):
        return said.data
    error = said.data.get("error")
    if not isinstance(error, dict):
        text = f"site '{site}': the bridge gave no answer (exit code {said.code})."
    else:
        text = f"site '{site}': {error.get('message', '')} {error.get('mend', '')}"
    raise CallError(text, said.exit_code(check=False), said)
