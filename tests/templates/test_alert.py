# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""alert/failure.conf.j2, alert/miclinik-alert@.service.j2, alert/settings.json.j2, and the program with a receiver."""

from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import ROOT, Rendered, render

FOLDER = "/usr/local/lib/miclinik/alert"
UNITS = "/etc/systemd/system"
SECRET = "hook-that-nobody-sees"
PLACES = {
    f"{FOLDER}/miclinik-alert",
    f"{FOLDER}/settings.json",
    f"{UNITS}/miclinik-alert@.service",
    f"{UNITS}/miclinik-smoke.service.d/miclinik-alert.conf",
    f"{UNITS}/certbot.service.d/miclinik-alert.conf",
    f"{UNITS}/miclinik-backup@.service.d/miclinik-alert.conf",
    f"{UNITS}/miclinik-backup-check.service.d/miclinik-alert.conf",
    f"{UNITS}/miclinik-restore-test@.service.d/miclinik-alert.conf",
    f"{UNITS}/miclinik-recover@.service.d/miclinik-alert.conf",
    f"{UNITS}/miclinik-cron@.service.d/miclinik-alert.conf",
    f"{UNITS}/miclinik-webhooks.service.d/miclinik-alert.conf",
}


def _rendered(**ways: str) -> dict[str, Rendered]:
    return render("alert", miclinik_alert=ways)


def test_units_tell_of_their_failure(tmp_path: Path) -> None:
    rendered = _rendered(mail="ops@example.org", webhook=f"https://chat.example.org/{SECRET}")
    assert set(rendered) == PLACES
    for unit in sorted(
        dest.split("/")[-2].removesuffix(".service.d") for dest in PLACES if dest.endswith("alert.conf")
    ):
        lines = rendered[f"{UNITS}/{unit}.service.d/miclinik-alert.conf"].content.splitlines()
        assert lines[1:] == ["[Unit]", "OnFailure=miclinik-alert@%n.service"]
    text = rendered[f"{UNITS}/miclinik-alert@.service"].content
    assert f"ExecStart={FOLDER}/miclinik-alert %i" in text.splitlines()
    (tmp_path / "miclinik-alert@x.service").write_text(text.replace(f"{FOLDER}/miclinik-alert", "/bin/true"))
    assert programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / "miclinik-alert@x.service"]) == ""


def test_the_webhook_is_a_secret() -> None:
    rendered = _rendered(webhook=f"https://chat.example.org/{SECRET}")
    holders = {dest: item.mode for dest, item in rendered.items() if SECRET in item.content}
    assert holders == {f"{FOLDER}/settings.json": "0600"}


def test_nobody_to_tell() -> None:
    assert {dest: item.kind for dest, item in _rendered().items()} == dict.fromkeys(PLACES, "absent")


class Receiver(http.server.BaseHTTPRequestHandler):
    got: list[dict[str, Any]]
    status = 200

    def do_POST(self) -> None:
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    """Return the address of a webhook, and what was sent to it."""
    kind = type("Kind", (Receiver,), {"got": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{SECRET}", kind
        server.shutdown()


def _run(folder: Path, url: str, said: str) -> subprocess.CompletedProcess[str]:
    program = folder / "miclinik-alert"
    program.write_text((ROOT / "templates/alert/miclinik-alert").read_text())
    (folder / "settings.json").write_text(json.dumps({"webhook": url}))
    journal = folder / "journalctl"
    journal.write_text(f"#!/bin/sh\necho \"$@\" > {folder}/asked\ncat <<'END'\n{said}\nEND\n")
    journal.chmod(0o755)
    more = {"PATH": f"{folder}:{os.environ['PATH']}", "STATE_DIRECTORY": str(folder), "MONITOR_INVOCATION_ID": "abc"}
    words = [sys.executable, "-I", str(program), "miclinik-smoke.service"]
    return subprocess.run(words, check=False, capture_output=True, text=True, env=os.environ | more)


def test_a_failure_is_told_once(tmp_path: Path, receiver: tuple[str, type[Receiver]]) -> None:
    url, kind = receiver
    assert _run(tmp_path, url, "norte api: seen \x1b[2J in 12 ms").returncode == 0
    assert (tmp_path / "asked").read_text().split()[-1] == "_SYSTEMD_INVOCATION_ID=abc"
    (told,) = kind.got
    assert told["unit"] == "miclinik-smoke.service"
    assert told["text"].startswith(f"miclinik-smoke.service has failed on {told['host']}\n")
    assert told["text"].splitlines()[1] == "norte api: seen \ufffd[2J in 12 ms"
    assert _run(tmp_path, url, "norte api: seen \x1b[2J in 31 ms").stdout == "told already\n"
    assert _run(tmp_path, url, "norte web: seen nothing").returncode == 0
    assert len(kind.got) == 2
    stamp = tmp_path / "miclinik-smoke.service"
    stamp.write_text(f"{stamp.read_text().split()[0]} 1000.0\n")  # long ago
    _run(tmp_path, url, "norte web: seen nothing")
    assert len(kind.got) == 3


def test_who_cannot_be_told_is_tried_again_and_named_nowhere(
    tmp_path: Path, receiver: tuple[str, type[Receiver]]
) -> None:
    url, kind = receiver
    kind.status = 500
    done = _run(tmp_path, url, "norte web: seen nothing")
    assert (done.returncode, done.stdout) == (1, "<3>the webhook could not be called: HTTPError 500\n")
    assert SECRET not in done.stdout + done.stderr
    kind.status = 200
    assert _run(tmp_path, url, "norte web: seen nothing").returncode == 0
    assert len(kind.got) == 2
    assert _run(tmp_path, f"nonsense {SECRET}", "other").stdout == "<3>the webhook could not be called: ValueError \n"
