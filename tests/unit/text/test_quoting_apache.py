# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is quoted for Apache comes back unchanged from Apache itself."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from ansible_collections.miclinik.hosting.plugins.filter.quoting import FilterModule
from ansible_collections.miclinik.hosting.plugins.plugin_utils.text import quoting

from .test_quoting import ODD, TEXTS

MODULES = Path("/usr/lib/apache2/modules")
SERVER = Path("/usr/sbin/apache2")
VARIABLE = "a${b}"

Answer = tuple[int, str]


@contextlib.contextmanager
def _apache(folder: Path, directives: str) -> Iterator[Callable[[str], Answer]]:
    """Run Apache with ``directives`` and yield what asks it for a path: status and the header X-Value."""
    assert SERVER.is_file(), "Apache is not installed: apt-get install apache2"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    loaded = "".join(
        f"LoadModule {name}_module {MODULES}/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "env", "headers", "rewrite")
    )
    as_root = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    (folder / "apache.conf").write_text(
        f"{loaded}{as_root}ServerName localhost\nServerRoot {folder}\nPidFile {folder}/pid\nErrorLog {folder}/log\n"
        f"DefaultRuntimeDir {folder}\nListen 127.0.0.1:{port}\n"
        f"AllowEncodedSlashes On\nMergeSlashes Off\n{directives}\n",
        encoding="utf-8",
    )
    command = [str(SERVER), "-f", str(folder / "apache.conf")]
    checked = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr

    def ask(path: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", quote(path))
            answer = connection.getresponse()
            return answer.status, answer.getheader("X-Value", "").encode("latin-1").decode()
        finally:
            connection.close()

    running = subprocess.Popen([*command, "-DFOREGROUND"])
    try:
        deadline = time.monotonic() + 10
        while True:
            with contextlib.suppress(ConnectionRefusedError):
                ask("/")
                break
            assert time.monotonic() < deadline, (folder / "log").read_text()
            time.sleep(0.05)
        yield ask
    finally:
        running.terminate()
        running.wait(10)


def test_every_text_comes_back(tmp_path: Path) -> None:
    texts = [text for text in TEXTS if "${" not in text]
    # In brackets, since a header loses the spaces at its ends.
    locations = "".join(
        f'<Location "/{i}">\nSetEnv value {quoting.apache(text)}\n</Location>\n' for i, text in enumerate(texts)
    )
    with _apache(tmp_path, f'{locations}Header always set X-Value "[%{{value}}e]"\n') as ask:
        assert [ask(f"/{i}")[1] for i in range(len(texts))] == [f"[{text}]" for text in texts]


def test_expressions_match_the_text_alone(tmp_path: Path) -> None:
    # Apache takes "." and ".." out of a path, so texts with them cannot be asked for.
    texts = [text for text in [*ODD, *TEXTS[:200]] if text.strip() and "." not in text]
    rules = "".join(f'RewriteRule "^/{i}/{quoting.apache_regex(t)}$" "-" [R=410]\n' for i, t in enumerate(texts))
    with _apache(tmp_path, f"RewriteEngine On\n{rules}") as ask:
        assert [ask(f"/{i}/{text}")[0] for i, text in enumerate(texts)] == [410] * len(texts)
        assert [ask(f"/{i}/x{text}")[0] for i, text in enumerate(texts)] == [404] * len(texts)


def test_expression_takes_a_dot_for_a_dot(tmp_path: Path) -> None:
    rule = f'RewriteEngine On\nRewriteRule "^/{quoting.apache_regex("a.b")}$" "-" [R=410]'
    with _apache(tmp_path, rule) as ask:
        assert [ask("/a.b")[0], ask("/axb")[0]] == [410, 404]


def test_a_variable_is_refused() -> None:
    with pytest.raises(ValueError, match=re.escape("holds ${, which Apache would take for a variable")):
        quoting.apache(VARIABLE)


@pytest.mark.parametrize("control", ["\n", "\r", "\0", "\x7f"])
@pytest.mark.parametrize("quote_", [quoting.apache, quoting.apache_regex])
def test_control_characters_are_refused(quote_: Callable[[object], str], control: str) -> None:
    with pytest.raises(ValueError, match="holds a control character or a line break"):
        quote_(f"a{control}b")


def test_filters() -> None:
    filters = FilterModule().filters()
    assert filters["apache_quote"]('a "b" \\') == '"a \\"b\\" \\\\"'
    assert filters["apache_regex_quote"]("/a.b") == r"/a\x2eb"
