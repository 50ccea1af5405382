# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host of these tests, and the way to run the command line on it: on a terminal, or in a pipe."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import sys
import termios
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from miclinikctl.main import main

from .answers import ANSWERS

#: Answers by the first two words, and writes down what it was given.
_BRIDGE = r"""#!/bin/sh
here={here}
echo "$*" >> "$here/asked"
[ "$1" = --site ] && shift 2
name=
for word; do
    case $word in
    --stdin) cat >> "$here/given"; echo >> "$here/given" ;;
    --*) ;;
    *) name="${{name}}_$word" ;;
    esac
done
file=$(echo "$name" | cut -d_ -f2-3)
[ -f "$here/answers/$file" ] || file=none
cat "$here/answers/$file"
! grep -q '"ok": false' "$here/answers/$file"
code=$?
next=$(ls "$here/answers" | grep "^$file\.[0-9]" | head -n 1)
[ -z "$next" ] || mv "$here/answers/$next" "$here/answers/$file"
exit $code
"""
_PROGRAM = '#!/bin/sh\nprintf "{name}:"; printf "<%s>" "$@"; echo\n'
PROGRAMS = ("life", "keys", "api", "cron", "webhooks")
JOBS = [
    {"id": 1, "label": "Send [bold]", "enabled": True, "running": False, "failed": True, "due": False}
    | {"ended": 1.8e9, "next": 1.9e9, "runs": 3, "output": "no server", "result": "-1"},
]
HOOKS = [
    {"name": "erp", "host": "erp.example.org", "waiting": 2, "dead": [{"id": "a"}], "delivered": 7, "failed": 1}
    | {"said": "503", "relay": "runs"}
]


@dataclass
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str = ""

    @property
    def data(self) -> Any:  # noqa: ANN401 (any JSON)
        """What was printed, as data."""
        return json.loads(self.out)


class FakeHost:
    """A host in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes = folder / "journal"
        self.root = True
        for name in ("norte", "sur"):
            self.put_site(name)
        (folder / "answers").mkdir()
        for name, answer in ANSWERS.items():
            self.answer(name, answer)
        self._program(folder / "miclinik-bridge", _BRIDGE.format(here=folder))
        for name in PROGRAMS:
            self._program(folder / "lib" / name / f"miclinik-{name}", _PROGRAM.format(name=name))
        self.lists("cron", JOBS)
        self.lists("webhooks", HOOKS)

    def lists(self, name: str, told: object) -> None:
        """Have a program list this."""
        text = f"[ \"$3\" = --json ] && {{ echo '{json.dumps(told)}'; exit; }}\n"
        file = self.folder / "lib" / name / f"miclinik-{name}"
        file.write_text(file.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\n{text}", 1))

    def put_site(self, name: str) -> None:
        """Put a site there."""
        state = self.folder / "etc" / name
        state.mkdir(parents=True)
        facts = {"base_url": f"https://{name}.example.org", "documents": f"/d/{name}", "database": {"name": name}}
        (state / "site.json").write_text(json.dumps(facts))
        secrets = {"admin_password": "of-admin", "users": {"shop": {"key": "k" * 40, "password": "of-shop"}}}
        (state / "secrets.json").write_text(json.dumps(secrets))
        api = {"host": f"{name}.example.org", "port": 1}
        (state / "web.json").write_text(json.dumps({"web": {"api": api}, "users": ["shop"], "declared": []}))

    def answer(self, name: str, answer: object, *later: object) -> None:
        """Have the bridge answer so to the words of ``name``, and with ``later`` from the next time on."""
        for place, one in enumerate((answer, *later)):
            text = one if isinstance(one, str) else json.dumps(one)
            file = name.replace(" ", "_") + (f".{place}" if place else "")
            (self.folder / "answers" / file).write_text(text + "\n")

    @property
    def host(self) -> Host:
        """This host, as the command line knows it."""
        top = self.folder
        return Host(
            states=top / "etc",
            programs=top / "lib",
            bridge=top / "miclinik-bridge",
            cache=top / "cache",
            starter=top / "none",
            root=top,
            is_root=lambda: self.root,
            note=self._note,
        )

    def asked(self) -> list[str]:
        """Return what the bridge was asked."""
        file = self.folder / "asked"
        return file.read_text().splitlines() if file.exists() else []

    def given(self) -> list[Any]:
        """Return what came by its standard input."""
        file = self.folder / "given"
        return [json.loads(line) for line in file.read_text().splitlines() if line] if file.exists() else []

    def noted(self) -> str:
        """Return what is in the journal."""
        return self.notes.read_text() if self.notes.exists() else ""

    def _note(self, text: str) -> None:
        with self.notes.open("a") as stream:
            stream.write(f"{text}\n")

    @staticmethod
    def _program(file: Path, text: str) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)

    def piped(self, *words: str, typed: str = "") -> Ended:
        """Run it as a script does."""
        (inner, feed), (out, to_out), (err, to_err) = os.pipe(), os.pipe(), os.pipe()
        if (child := os.fork()) == 0:
            os.close(feed)  # or its standard input would never end
            self._become(words, inner, to_out, to_err)
        for handle in (inner, to_out, to_err):
            os.close(handle)
        os.write(feed, typed.encode())
        os.close(feed)
        texts = [_all_of(out), _all_of(err)]
        return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), *texts)

    def terminal(self, *words: str, typed: str = "", width: int = 160, **variables: str) -> Ended:
        """Run it as a person does; what is printed is the screen, errors as well."""
        screen, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
        if (child := os.fork()) == 0:
            os.setsid()
            fcntl.ioctl(other, termios.TIOCSCTTY, 0)
            for name in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR"):
                os.environ.pop(name, None)
            os.environ.update({"TERM": "xterm-256color", **variables})
            self._become(words, other, other, other)
        os.close(other)
        text = ""
        for line in typed.splitlines():
            # When it asks, and not before: what is typed earlier is thrown away.
            text += _until_asked(screen)
            os.write(screen, f"{line}\n".encode())
        text += _all_of(screen)
        return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text.replace("\r\n", "\n"))

    def _become(self, words: tuple[str, ...], *handles: int) -> NoReturn:
        for place, handle in enumerate(handles):
            os.dup2(handle, place)
        # pytest has its own in their places.
        sys.stdin, sys.stdout, sys.stderr = (open(place, mode, closefd=False) for place, mode in enumerate("rww"))  # noqa: SIM115
        code = 99
        try:
            code = main(words, self.host)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


def _until_asked(screen: int) -> str:
    text = ""
    while not text.endswith(": ") and select.select([screen], [], [], 20)[0]:
        text += os.read(screen, 65536).decode()
    return text


def _all_of(handle: int) -> str:
    text = b""
    while True:
        try:
            part = os.read(handle, 65536)
        except OSError:  # a terminal whose other end is closed
            break
        if not part:
            break
        text += part
    os.close(handle)
    return text.decode()


def shown(text: str) -> str:
    """Return what a person sees: no colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
