# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is quoted comes back unchanged from the program that reads it: PHP itself, PHP-FPM and Nginx."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import re
import socket
import string
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.filter.quoting import FilterModule
from ansible_collections.miclinik.hosting.plugins.plugin_utils.text import quoting

from tests.templates import programs

ODD = [
    "",
    " ",
    "Clínica Norte",
    "O'Brien & Søn",
    'say "hi"',
    "back\\slash",
    "two\\\\slashes",
    "end\\",
    "end\\\\",
    "\\'",
    '\\"',
    "$dollar ${HOME} {$x} $$",
    "\\${HOME}",
    "<?php ?> */ // #",
    "; = | & ! ~ ( ) ^ [x]",
    "%s %% `id` $(id)",
    "{{ x }} {% y %}",
    "on",
    "null",
    "12",
    "日本語 🏥",
]


def _random_texts(alphabet: str, count: int = 400) -> list[str]:
    # The same texts each time: a test that fails has to fail again.
    dice = random.Random(20260101)  # noqa: S311
    return ["".join(dice.choices(alphabet, k=dice.randrange(1, 12))) for _ in range(count)]


TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
SPECIAL = "\\'\"$${}#;=@%&|!~()^[]<>?/*`, ab1é"
TEXTS = ODD + _random_texts(SPECIAL) + _random_texts(string.printable[:95])


def _php(code: str, folder: Path) -> object:
    script = folder / "script.php"
    script.write_text(f"<?php\n{code}", encoding="utf-8", newline="")
    done = subprocess.run([programs.path("php"), "-n", str(script)], check=True, capture_output=True, text=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_php_gives_every_value_back(tmp_path: Path) -> None:
    values: list[object] = [*TEXTS, "two\nlines", "dos\r\nline", "tab\t", True, False, 0, -7, 50, None]
    code = ",\n".join(quoting.php(value) for value in values)
    assert _php(f"echo json_encode([{code}]);", tmp_path) == values


def test_php_gives_types_back() -> None:
    assert [quoting.php(value) for value in (True, 8080, None, 1.5)] == ["true", "8080", "null", "'1.5'"]


def test_ini_gives_every_text_back(tmp_path: Path) -> None:
    texts = [text for text in TEXTS if "$pool" not in text]
    (tmp_path / "values.ini").write_text("".join(f"k{i} = {quoting.ini(t)}\n" for i, t in enumerate(texts)))
    code = f"echo json_encode(array_values(parse_ini_file({str(tmp_path / 'values.ini')!r})));"
    assert _php(code, tmp_path) == texts


def test_php_fpm_gives_every_text_back(tmp_path: Path) -> None:
    # parse_ini_file is a near relation of what reads pool files; this is the reader itself.
    texts = [text for text in ODD if text.strip()]
    pool = "".join(f"php_admin_value[k{i}] = {quoting.ini(text)}\n" for i, text in enumerate(texts))
    (tmp_path / "fpm.conf").write_text(
        f"[global]\nerror_log = {tmp_path}/log\n[p]\nuser = nobody\ngroup = nogroup\nlisten = {tmp_path}/s\n"
        f"pm = static\npm.max_children = 1\n{pool}"
    )
    done = subprocess.run(
        [programs.path("php-fpm"), "-n", "-y", str(tmp_path / "fpm.conf"), "-tt"],
        check=True,
        capture_output=True,
        text=True,
    )
    shown = {
        name: value
        for line in done.stderr.splitlines()
        if "php_admin_value[" in line
        for name, value in [line.split("php_admin_value[", 1)[1].split("] = ", 1)]
    }
    assert [shown[f"k{i}"] for i in range(len(texts))] == texts


def test_ini_types() -> None:
    assert [quoting.ini(value) for value in (True, False, 120)] == ["On", "Off", "120"]


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over the socket of the Nginx under test."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


@contextlib.contextmanager
def _nginx(servers: str) -> Iterator[Callable[[str], tuple[int, str]]]:
    """Run Nginx with ``servers`` and yield what asks it for a path."""
    # A folder of a short name: the path of a socket may have 107 characters.
    with tempfile.TemporaryDirectory(prefix="nginx-") as name:
        folder = Path(name)
        temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in TEMPORARY)
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\nevents {{}}\n"
            f"http {{ access_log off; {temporary}\nserver {{ listen unix:{folder}/s; merge_slashes off;\n"
            f"{servers}\n}} }}\n",
            encoding="utf-8",
        )
        options = ["-p", name, "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")]
        subprocess.run([programs.path("nginx"), *options, "-t", "-q"], check=True)
        running = subprocess.Popen([programs.path("nginx"), *options])
        try:
            deadline = time.monotonic() + 10
            # Written when it listens; `nginx -t` has left an empty one, and the socket.
            while not (folder / "pid").read_text(encoding="ascii"):
                assert time.monotonic() < deadline, (folder / "log").read_text()
                time.sleep(0.02)

            def ask(path: str) -> tuple[int, str]:
                connection = _UnixConnection(folder / "s")
                connection.request("GET", quote(path))
                answer = connection.getresponse()
                text = answer.read().decode()
                connection.close()
                return answer.status, text

            yield ask
        finally:
            running.terminate()
            running.wait(10)


def test_nginx_gives_every_text_back() -> None:
    texts = [text for text in TEXTS if "$" not in text]
    locations = "\n".join(f"location = /{i} {{ return 200 {quoting.nginx(t)}; }}" for i, t in enumerate(texts))
    with _nginx(locations) as ask:
        assert [ask(f"/{i}") for i in range(len(texts))] == [(200, text) for text in texts]


def test_nginx_expressions_match_the_text_alone() -> None:
    # Nginx itself takes "." and ".." out of a path, so texts with them cannot be asked for.
    texts = [text for text in [*ODD, *_random_texts(SPECIAL)] if text.strip() and "." not in text]
    locations = "\n".join(f"location ~ ^/{i}/{quoting.nginx_regex(t)}$ {{ return 204; }}" for i, t in enumerate(texts))
    with _nginx(f"location / {{ return 404; }}\n{locations}") as ask:
        assert [ask(f"/{i}/{text}")[0] for i, text in enumerate(texts)] == [204] * len(texts)
        assert [ask(f"/{i}/x{text}")[0] for i, text in enumerate(texts)] == [404] * len(texts)


def test_nginx_expression_takes_a_dot_for_a_dot() -> None:
    with _nginx(f"location ~ ^/{quoting.nginx_regex('a.b')}$ {{ return 204; }} location / {{ return 404; }}") as ask:
        assert [ask("/a.b")[0], ask("/axb")[0]] == [204, 404]


@pytest.mark.parametrize(
    ("quote_", "value", "message"),
    [
        (quoting.php, "a\0b", "holds a NUL character"),
        (quoting.nginx, "a$b", "holds a $, which nginx would take for a variable"),
        (quoting.ini, "x-$pool", "holds $pool, which PHP-FPM would replace"),
        *(
            (quoting_, f"a{control}b", "holds a control character or a line break, which this file cannot hold")
            for quoting_ in (quoting.nginx, quoting.nginx_regex, quoting.ini)
            for control in ("\n", "\r", "\0", "\x7f")
        ),
    ],
)
def test_what_cannot_be_written_is_refused(quote_: Callable[[object], str], value: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        quote_(value)


def test_filters() -> None:
    filters = FilterModule().filters()
    assert {"ini_quote", "nginx_quote", "nginx_regex_quote", "php_quote"} <= set(filters)
    assert filters["php_quote"]("a'b") == r"'a\'b'"
    assert filters["ini_quote"]('a"b') == r'"a\"b"'
    assert filters["nginx_quote"]("a b") == '"a b"'
    assert filters["nginx_regex_quote"]("/a.b") == r"/a\x2eb"


def test_filters_do_not_repeat_a_value_that_may_be_a_secret() -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        FilterModule().filters()["ini_quote"]("hunter2\nhunter2")
    assert str(caught.value) == "a value holds a control character or a line break, which this file cannot hold"
