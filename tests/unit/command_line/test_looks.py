# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host's own doctor and smoke test: what they look at, and what they say is to be done."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import places
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import looks, smoke
from ansible_collections.miclinik.hosting.plugins.module_utils.database.connections import POOLER_SOCKETS
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    picture,
    picture_changes,
    probe_host,
    probe_pages,
    probe_writes,
    told,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places

from .answers import ANSWERS, failed
from .fake_host import FakeHost, shown


def test_a_quick_look(host: FakeHost) -> None:
    seen = host.terminal("norte", "doctor")
    assert "22.0.4, installed" in shown(seen.out)
    found = {one["name"]: one for one in host.piped("norte", "doctor").data}
    assert found["database"] == {"name": "database", "seen": "mysqli 10.11", "mend": "", "ok": True}
    host.answer("status", failed("database", "It is away.", "Start it."))
    ended = host.piped("norte", "doctor")
    found = {one["name"]: one for one in ended.data}
    assert (ended.code, found["application"]["mend"], found["application"]["ok"]) == (1, "Start it.", False)


@pytest.mark.parametrize(
    ("problem", "mend"),
    [
        ("connect: Access denied for user 'norte'@'localhost' (1045)", "miclinikctl norte database-password rotate"),
        ('FATAL: password authentication failed for user "norte"', "miclinikctl norte database-password rotate"),
        (f'connection to server on socket "{POOLER_SOCKETS}/.s.PGSQL.5432" failed: No such file', "start pgbouncer"),
        ("Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2002)", "start the database server"),
        ("Too many connections (1040)", "max_connections"),
        ("Unknown database 'norte' (1049)", "restore it from a backup"),
    ],
)
def test_of_a_database_that_lets_nobody_in_it_says_what_to_do(host: FakeHost, problem: str, mend: str) -> None:
    answer = cast("dict[str, Any]", ANSWERS["status"])
    host.answer("status", answer | {"database": answer["database"] | {"reachable": False, "problem": problem}})
    found = {one["name"]: one for one in host.piped("norte", "doctor").data}
    assert (found["database"]["seen"], mend in found["database"]["mend"]) == (problem, True), found["database"]
    for way in (host.terminal, host.piped):
        assert way("norte", "status").code == 1


def test_of_a_closed_site_nothing_is_to_be_started(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "_state", lambda _unit: "inactive")
    file = Places("norte", host.folder).closed
    file.parent.mkdir(parents=True)
    file.touch()
    found = {one["name"]: one["mend"] for one in host.piped("norte", "doctor").data}
    assert (found["PHP"], found["open"], "proven" in found) == ("", "miclinikctl norte open", False)


def _proven(host: FakeHost, **more: Any) -> None:  # noqa: ANN401 (parts of it)
    """Have the host know what it was told when it was last proven to work."""
    file = host.folder / told.FILE.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    site = {"name": "norte", "fpm_unit": "php", "user": "norte"}
    file.write_text(
        json.dumps({"sites": [site], "web_server": "nginx", "php_version": "8.2", "engine": "mariadb"} | more)
    )


def test_a_host_that_was_proven_is_looked_at_closely(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "never yet by a run that passed" in host.piped("norte", "doctor").out
    _proven(host)
    shut = {"id": "documents-shut", "seen": "documents are root's", "mend": "chown them"}
    monkeypatch.setattr(places, "look", lambda _site: [shut])
    monkeypatch.setattr(probe_host, "run", lambda *_words: '[emerg] unknown directive "serve" in a:3')
    monkeypatch.setattr(probe_pages, "look", lambda _site: "500, with nothing in it")
    red = {"check": "status", "ok": False, "seen": "404", "ms": 1, "expected": "200", "mend": "look at PATH_INFO"}
    monkeypatch.setattr(smoke, "run", lambda *_: [red])
    change = {"section": "files", "subject": "/etc/nginx/a", "what": "content", "was": "x;", "is": "y;", "site": ""}
    before: dict[str, Any] = {"parts": {}}
    monkeypatch.setattr(picture, "read", lambda _path: before)
    monkeypatch.setattr(picture, "take", lambda *_, **__: before)
    other = change | {"site": "sur", "own": False}
    of_people = change | {"section": "database constants", "own": False}
    monkeypatch.setattr(picture_changes, "compare", lambda *_: [change | {"own": True}, other, of_people])
    ended = host.piped("norte", "doctor")
    seen = {one["name"]: (one["seen"], one["mend"]) for one in ended.data}
    assert ended.code == 1
    assert seen["configuration"][0] == '[emerg] unknown directive "serve" in a:3'
    assert seen["files"] == ("documents are root's", "chown them")
    assert seen["pages"][0] == "those who have logged in get 500, with nothing in it"
    assert seen["smoke test"][0] == "1 of 1 checks fail: status"
    assert seen["changed"] == ("files /etc/nginx/a content: was x;; is y;", "playbooks/site.yml writes it anew")
    assert len([one for one in ended.data if one["name"] == "changed"]) == 1
    monkeypatch.setattr(places, "look", lambda _site: [])
    monkeypatch.setattr(probe_writes, "look", lambda _site: [])
    monkeypatch.setattr(probe_host, "run", lambda *_words: "")
    monkeypatch.setattr(probe_pages, "look", lambda _site: "")
    monkeypatch.setattr(looks, "_state", lambda _unit: "active")
    seen = {one["name"]: (one["seen"], one["mend"]) for one in host.piped("norte", "doctor").data if not one["ok"]}
    assert seen == {
        "smoke test: status": ("expected 200; seen 404", "look at PATH_INFO"),
        "changed": ("files /etc/nginx/a content: was x;; is y;", "playbooks/site.yml writes it anew"),
    }
    assert "look at PATH_INFO" in shown(host.terminal("norte", "doctor").out)


def test_the_smoke_test_wants_to_be_told(host: FakeHost) -> None:
    for way in (host.terminal, host.piped):
        ended = way("norte", "smoke")
        assert (ended.code, "a run of playbooks/site.yml leaves it here" in ended.out + ended.err) == (1, True)
    file = host.folder / "lib/smoke/sites.json"
    file.parent.mkdir()
    file.write_text(json.dumps({"sites": [{"name": "sur"}], "timeout": 5, "settle": 0}))
    assert "a run of playbooks/site.yml leaves it here" in host.piped("norte", "smoke").err
    _proven(host, checks=[{"name": "norte", "base_url": "http://127.0.0.1:9"}])
    ended = host.piped("norte", "smoke")
    assert (ended.code, [one["check"] for one in ended.data]) == (1, ["web"])
    assert "web, to do: " in shown(host.terminal("norte", "smoke").out)
    _proven(host, checks=[{"name": "norte", "nonsense": 1}])
    assert "told.json does not say what is promised of norte" in host.piped("norte", "smoke").err


@pytest.mark.parametrize("way", ["terminal", "piped"])
def test_a_red_smoke_test_ends_with_1(host: FakeHost, way: str) -> None:
    file = host.folder / "lib/smoke/sites.json"
    file.parent.mkdir()
    site = {"name": "norte", "base_url": "http://127.0.0.1:9"}
    file.write_text(json.dumps({"sites": [site], "timeout": 1, "settle": 0}))
    ended = getattr(host, way)("norte", "smoke")
    assert (ended.code, "127.0.0.1" in ended.out) == (1, True), ended
