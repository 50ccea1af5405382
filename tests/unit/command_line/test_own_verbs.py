# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verbs that ask the host itself: calls of the API, logs, differences of constants."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import api_call, constant_diff, logs
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError

from .fake_host import FakeHost, shown

PRODUCTS = [{"id": "1", "ref": "A1", "label": "One", "array_options": []}, {"id": "2", "ref": "A2", "label": None}]


class _Api(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        got = {"path": self.path, "method": self.command, "body": self.rfile.read(length).decode()}
        fine = self.headers["DOLAPIKEY"] == "k" * 40
        told = PRODUCTS if self.path.startswith("/api/index.php/products") and self.command == "GET" else got
        body = json.dumps(told if fine else {"error": {"code": 401}}).encode()
        self.send_response(200 if fine and "nothing" not in self.path else 404 if fine else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def api(host: FakeHost) -> Iterator[FakeHost]:
    """Return the host, with an API that answers."""
    server = HTTPServer(("127.0.0.1", 0), _Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told = {
        "web": {"api": {"host": "norte.example.org", "port": server.server_port}},
        "users": ["shop"],
        "declared": [],
    }
    (host.folder / "etc/norte/web.json").write_text(json.dumps(told))
    yield host
    server.shutdown()


def test_a_list_is_a_table(api: FakeHost) -> None:
    seen = api.terminal("norte", "api", "call", "GET", "/products", "--limit", "5")
    assert (seen.code, shown(seen.out).split()) == (0, ["id", "ref", "label", "1", "A1", "One", "2", "A2", "-"])
    seen = api.terminal("norte", "api", "call", "get", "products", "--fields", "ref,array_options")
    assert shown(seen.out).split() == ["ref", "array_options", "A1", "-", "A2", "-"]
    assert api.piped("norte", "api", "call", "GET", "products").data == PRODUCTS
    assert api.terminal("norte", "api", "call", "GET", "products", "--json").data == PRODUCTS
    assert api.noted() == ""


def test_what_is_sent(api: FakeHost) -> None:
    words = ["api", "call", "POST", "/orders", "-q", "a=b c", "--sqlfilters", "(t.ref:like:'A%')", "--data"]
    got = api.piped("norte", *words, '{"x": 1}').data
    assert got["body"] == '{"x": 1}'
    assert got["path"] == "/api/index.php/orders?sqlfilters=%28t.ref%3Alike%3A%27A%25%27%29&a=b+c"
    assert api.piped("norte", *words, "-", typed='{"y": 2}').data["body"] == '{"y": 2}'
    (api.folder / "body.json").write_text("[]")
    assert api.piped("norte", *words, f"@{api.folder}/body.json").data["body"] == "[]"
    assert api.noted().splitlines()[0] == "norte: api call POST /orders: status 200"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["GET", "/nothing"], 1, "GET /nothing, as shop: status 404"),
        (["GET", "/x", "--user", "shp"], 1, "No key of shp is on record. Did you mean shop? Users with one: shop"),
        (["POST", "/x", "--data", "{"], 2, "--data is no JSON"),
        (["POST", "/x", "--data", "@/nowhere"], 1, "/nowhere cannot be read"),
        (["PATCH", "/x"], 2, "'PATCH' is not one of"),
        (["GET", "/x", "-q", "a"], 2, "'a' is no NAME=VALUE."),
        (["GET", "/x", "--limt", "5"], 2, "--limit"),
    ],
)
def test_what_cannot_be_called(api: FakeHost, words: list[str], code: int, said: str) -> None:
    ended = api.piped("norte", "api", "call", *words)
    assert ended.code == code
    assert said in " ".join(ended.err.split())


def test_other_keys_are_named_where_one_is_refused(api: FakeHost) -> None:
    """The first in the record need not be the one with the right."""
    file = api.folder / "etc/norte/secrets.json"
    file.write_text(json.dumps({"users": {"shop": {"key": "other"}, "admin": {"key": "k" * 40}}}))
    told = "shop is the first who has a key on record; others, as in --user: admin"
    assert told in api.piped("norte", "api", "call", "GET", "/products").err
    assert told not in api.piped("norte", "api", "call", "GET", "/products", "--user", "shop").err
    assert api.piped("norte", "api", "call", "GET", "/products", "--user", "admin").code == 0


def test_an_api_that_does_not_answer(host: FakeHost) -> None:
    assert "the API of norte did not answer" in host.piped("norte", "api", "call", "GET", "/x").err
    (host.folder / "etc/norte/web.json").unlink()
    assert "is the API on (api.enabled)?" in host.piped("norte", "api", "call", "GET", "/x").err


def test_paths_as_people_write_them() -> None:
    assert api_call.target("products", []) == "/products"
    assert api_call.target("/a b/é?x=1", [("y", "2")]) == "/a%20b/%C3%A9?x=1&y=2"
    assert api_call.columns([{"zz": 1}], []) == ["zz"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("php", ["SYSLOG_IDENTIFIER=miclinik-norte-web", "_SYSTEMD_UNIT=miclinik-php@norte.service", "--follow"]),
        ("jobs", ["SYSLOG_IDENTIFIER=miclinik-norte-cron", "_SYSTEMD_UNIT=miclinik-cron@norte.service"]),
        ("changes", ["--unit=miclinik-change@norte.service"]),
        ("audit", ["--identifier=miclinikctl", "--grep=^norte: "]),
    ],
)
def test_what_shows_a_log(host: FakeHost, kind: str, words: list[str]) -> None:
    command = logs.command(host.host, "norte", kind, 5, 1.8e9, follow=True)
    assert command[0] == "journalctl"
    assert {*words, "--since=@1800000000", "--lines=5"} <= {*command}


def test_logs_of_the_web_server(host: FakeHost) -> None:
    for name in ("nginx", "apache2"):
        (host.folder / "var/log" / name).mkdir(parents=True)
    file = host.folder / "var/log/nginx/norte.api.log"
    file.write_text("one\ntwo\n")
    for ended in (host.piped("norte", "logs", "api", "-n", "1"), host.terminal("norte", "logs", "api", "-n", "1")):
        assert (ended.code, ended.out) == (0, "two\n")
    assert "there is no" in host.piped("norte", "logs", "error").err
    with pytest.raises(CallError):
        logs.command(host.host, "norte", "access", 1, 0, follow=False)


def test_differences_of_constants(host: FakeHost) -> None:
    saved = host.folder / "before.json"
    saved.write_text(host.piped("norte", "const", "list", "--json").out)
    assert host.piped("norte", "const", "diff", str(saved)).data == []
    answer = json.loads((host.folder / "answers/constant_all").read_text())
    answer["constants"][0]["value"] = "de_DE"
    host.answer("constant all", answer)
    ended = host.piped("norte", "const", "diff", str(saved))
    assert (ended.code, ended.data) == (
        3,
        [{"name": "MAIN_LANG_DEFAULT", "entity": 0, "here": "de_DE", "there": "es_ES"}],
    )
    seen = host.terminal("norte", "const", "diff", str(saved))
    assert (seen.code, "de_DE  es_ES" in shown(seen.out)) == (3, True)
    assert "holds nothing that" in host.piped("norte", "const", "diff", "/nowhere").err
    own = [{"name": "MICLINIK_SITE_SIGN", "entity": 1, "value": "x"}]
    assert constant_diff.compare(constant_diff.by_name(own), {}) == []


@pytest.mark.parametrize("words", ["module list", "backup list", "cron list", "status"])
def test_a_program_that_is_missing_is_no_wrong_usage(host: FakeHost, words: str) -> None:
    (host.folder / "miclinik-bridge").unlink()
    for program in ("life", "cron"):
        (host.folder / "lib" / program / f"miclinik-{program}").unlink()
    for way in (host.terminal, host.piped):
        ended = way("norte", *words.split())
        assert (ended.code, "cannot be started" in ended.out + ended.err) == (1, True), ended
