# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs from the host as it was when it last was green, and what the doctor makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    picture,
    picture_changes,
    picture_database,
    picture_files,
    picture_host,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import changes, verdicts, way
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding

from .cases import case, here, host, promised

RED = Result("norte", "pages", "pages are there", False, 5, "HTTP 500", "HTTP 200", "look", "error")


def _picture(releases: str = "/r/1", **parts: Any) -> dict[str, Any]:  # noqa: ANN401 (of any form)
    return {"form": picture.FORM, "parts": parts, "releases": {"norte": releases}}


def _compared(was: dict[str, Any], now: dict[str, Any]) -> list[picture_changes.Change]:
    return picture_changes.compare(was, now, lambda _: 0.0)


def _case(*found: picture_changes.Change, red: bool = True) -> Case:
    return Case(promised(), [RED] if red else [], host() | {"changes": list(found)}, here(), {})


def test_nothing_is_concluded_without_a_picture_or_from_what_was_not_asked() -> None:
    assert _compared({}, _picture(mounts={"/": "ext4 rw"})) == []
    assert _compared(_picture(mounts={"/": "ext4 rw"}), _picture(mounts=None)) == []
    assert _compared(_picture(mounts=None), _picture(mounts={"/": "ext4 rw"})) == []


@pytest.mark.parametrize(
    ("section", "was", "now", "told"),
    [
        ("mounts", {"/srv": "ext4 rw"}, {"/srv": "ext4 ro"}, ("/srv", "", "ext4 rw", "ext4 ro")),
        ("packages", {"nginx": "installed"}, {}, ("nginx", "", "installed", "")),
        ("units", {"a": {"UnitFileState": "enabled"}}, {"a": {"UnitFileState": "masked"}},
         ("a", "UnitFileState", "enabled", "masked")),
        ("database tables norte", {"column a.b": "int"}, {"column a.c": "text"}, ("column a.b", "", "int", "")),
        ("database tables norte", {"column a.b": "int"}, {"column a.c": "int"},
         ("column a.b", "", "int", "now called c")),
        ("database account norte", {"account n": ""}, {"account n": "x"}, ("account n", "", "empty", "x")),
        ("firewall", {"inet f in": "accept\ndrop"}, {"inet f in": "tcp dport 443 drop\naccept\ndrop"},
         ("inet f in", "rule", "", "tcp dport 443 drop")),
        ("files", {"/etc/a": {"kind": "file", "mode": "0644"}}, {"/etc/a": {"kind": "file", "mode": "0600"}},
         ("/etc/a", "mode", "0644", "0600")),
        ("files", {"/a": {"kind": "link", "to": "/b"}}, {"/a": {"kind": "link", "to": "/c"}},
         ("/a", "kind", "link to /b", "link to /c")),
        ("files", {"/etc/a": {"kind": "file", "digest": "1", "text": "a\nb"}},
         {"/etc/a": {"kind": "file", "digest": "2", "text": "a\nc"}}, ("/etc/a", "content", "b", "c")),
    ],
)  # fmt: skip
def test_one_change_is_told_once(section: str, was: Any, now: Any, told: tuple[str, ...]) -> None:  # noqa: ANN401
    found = _compared(_picture(**{section: was}), _picture(**{section: now}))
    assert [tuple(entry[name] for name in ("subject", "what", "was", "is")) for entry in found] == [told]


def test_a_line_that_may_hold_a_secret_is_not_quoted() -> None:
    assert picture_changes.line_of("a\npassword = abc", "a\npassword = xyz") == ("***", "***")


def test_an_upgrade_is_no_change_of_tables_and_pages_and_new_tables_are_none() -> None:
    path = "/srv/miclinik/norte/current/htdocs/core"
    folder = {path: {"kind": "folder", "mode": "0755"}}
    was = _picture("/r/1", files=folder, **{"database tables norte": {"table a": "InnoDB"}})
    moved = _picture("/r/2", files={}, **{"database tables norte": {"table b": "InnoDB"}})
    assert _compared(was | {"releases": {"norte": "/r/1"}}, moved) == []
    grown = _picture("/r/1", files=folder, **{"database tables norte": {"table a": "InnoDB", "table b": "InnoDB"}})
    assert _compared(was, grown) == []


def test_bans_and_counters_are_no_part_of_the_rules() -> None:
    text = "table inet f {\n\tset bans {\n\t\telements = { 192.0.2.1 }\n\t}\n\tchain in {\n\t\tcounter accept\n\t}\n}\n"
    assert picture_host.parse_ruleset(text) == {"inet f in": "counter accept"}


def test_a_picture_is_written_once_for_root_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "picture.json"
    assert picture.keep(_picture(mounts={"/": "ext4 rw"}), path) is True
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert picture.keep(_picture(mounts={"/": "ext4 rw"}), path) is False
    assert picture.keep(_picture(mounts=None), path) is False
    assert picture.keep(_picture(mounts={"/": "ext4 ro"}), path) is True
    assert picture.read(path)["parts"] == {"mounts": {"/": "ext4 ro"}}


def test_a_file_that_others_may_not_read_gives_no_text(tmp_path: Path) -> None:
    (tmp_path / "open").write_text("a", encoding="utf-8")
    (tmp_path / "shut").write_text("a", encoding="utf-8")
    (tmp_path / "open").chmod(0o644)
    (tmp_path / "shut").chmod(0o640)
    assert picture_files.describe(tmp_path / "open", content=True)["text"] == "a"
    assert sorted(picture_files.describe(tmp_path / "shut", content=True)) == [
        "digest", "group", "kind", "mode", "owner",
    ]  # fmt: skip
    assert picture_files.describe(tmp_path / "none", content=True) == {}


def test_the_folders_of_postgresql_s_data_are_on_record(tmp_path: Path) -> None:
    (tmp_path / "var/lib/postgresql/17/main/base").mkdir(parents=True)
    (tmp_path / "var/lib/postgresql/17/main").chmod(0o700)
    (tmp_path / "var/lib/postgresql/.psql_history").touch()
    found = picture_files.look([], "8.4", "nginx", tmp_path)
    assert found["/var/lib/postgresql/17/main"]["mode"] == "0700"
    assert [path for path in found if path.startswith("/var/lib/postgresql/17/main/")] == []


MASKED = {"section": "units", "subject": "nginx.service", "site": "", "own": False, "since": 0.0}
MASKED |= {"what": "UnitFileState", "was": "enabled", "is": "masked"}
MODE = {"section": "files", "subject": "/srv", "site": "", "own": False, "since": 0.0}
MODE |= {"what": "mode", "was": "0755", "is": "0700"}


def test_a_green_host_has_no_finding_for_what_was_changed() -> None:
    assert verdicts.diagnose(_case(MASKED, red=False)) == []
    assert verdicts.inside(_case(MASKED), 1).ok


def test_a_red_one_has_the_change_with_its_mend() -> None:
    found = verdicts.diagnose(_case(MODE))
    assert [(entry.id, entry.mend, entry.evidence, entry.site) for entry in found] == [
        ("changed-files", "chmod 0755 /srv", ("/srv mode: was '0755', is '0700'",), "norte")
    ]


def test_the_first_on_the_way_comes_first_and_what_follows_comes_last() -> None:
    socket = MODE | {"section": "sockets", "subject": "tcp 0.0.0.0:443", "what": "", "was": "nginx", "is": ""}
    found = verdicts.diagnose(_case(socket, MODE, MASKED))
    assert [entry.id for entry in found] == ["changed-units", "changed-files", "changed-ports"]


def test_another_sites_change_is_not_told() -> None:
    assert changes.concerns(_case(MODE | {"site": "sur"})) == []


def test_what_a_rule_that_is_certain_has_for_evidence_is_not_told_again() -> None:
    other = MODE | {"section": "database server", "subject": "read_only", "what": "", "was": "OFF", "is": "ON"}
    case = _case(MODE, other)
    down = {"web": case.host["units"]["web"] | {"active": False, "state": "failed (failed)"}}
    found = verdicts.diagnose(replace(case, host={**case.host, "units": {**case.host["units"], **down}}))
    assert [(entry.id, entry.confidence) for entry in found] == [
        ("web-server-down", "certain"),
        ("changed-database", "possible"),
    ]
    assert found[0].evidence[-1] == "/srv mode: was '0755', is '0700'"


def test_a_folder_that_was_shut_comes_before_what_lies_in_it() -> None:
    case = _case(MODE)
    files = {**case.here["files"], "conf": {**case.here["files"]["conf"], "usable": False}}
    found = verdicts.diagnose(replace(case, here={**case.here, "files": files}))
    assert [entry.id for entry in found][:2] == ["changed-files", "conf-unreadable"]
    assert found[0].mend == "chmod 0755 /srv"


def test_a_rule_that_names_the_changed_folder_itself_comes_first() -> None:
    case = _case(MODE | {"subject": "/srv/miclinik/norte/documents"})
    shut = {name: {**case.here["files"][name], "usable": False} for name in ("documents", "api_temp")}
    found = verdicts.diagnose(replace(case, here={**case.here, "files": {**case.here["files"], **shut}}))
    assert found[0].id == "api-temp"
    assert "changed-files" not in [entry.id for entry in found]
    assert "/srv/miclinik/norte/documents mode: was '0755', is '0700'" in found[0].evidence + found[1].evidence


def test_a_new_folder_is_no_change_and_a_new_file_is() -> None:
    now = {"/etc/x.d": {"kind": "folder"}, "/etc/x.d/a": {"kind": "file"}, "/srv/a": {"kind": "file"}}
    found = _compared(_picture(files={"/etc": {"kind": "folder"}}), _picture(files={"/etc": {"kind": "folder"}, **now}))
    assert [(entry["subject"], entry["was"]) for entry in found] == [("/etc/x.d/a", "")]


def test_columns_of_a_table_that_is_gone_are_not_told() -> None:
    was: dict[str, Any] = {"database tables norte": {"table a": "InnoDB", "column a.b": "int", "table c": "InnoDB"}}
    now: dict[str, Any] = {"database tables norte": {"table c": "InnoDB"}}
    assert [entry["subject"] for entry in _compared(_picture(**was), _picture(**now))] == ["table a"]


def test_what_is_lost_as_a_whole_is_named_before_what_lay_in_it() -> None:
    api = f"{promised()['documents']}/api"
    gone = {"section": "files", "subject": api, "site": "norte", "own": True, "since": 0.0, "what": ""}
    case = _case(gone | {"was": "folder", "is": ""})
    loss = {"id": "documents-lost", "key": "name", "seen": "holds no mark", "mend": "mount them"}
    identity = {**case.here["identity"], "losses": [loss]}
    files = {**case.here["files"], "api_temp": {**case.here["files"]["api_temp"], "there": False}}
    found = verdicts.diagnose(replace(case, here={**case.here, "identity": identity, "files": files}))
    assert found[0].id == "documents-lost"


def test_what_is_left_of_a_site_that_was_removed_is_not_told() -> None:
    was = _picture(
        accounts={"user sur": "x", "sur in group sur-www": "yes", "sur-2 in group a": "yes"},
        units={"miclinik-php@sur.service": {"ActiveState": "active"}},
    )
    was["releases"] |= {"sur": "/r/2", "sur-2": "/r/3"}
    now = _picture(accounts={}, units={})
    now["parts"] = {"accounts": {"other": ""}, "units": {"other": {}}}
    now["releases"]["sur-2"] = "/r/3"
    found = _compared(was, now)
    assert {entry["subject"] for entry in found} == {"sur-2 in group a", "other"}


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("/etc/miclinik-php/norte/norte.conf", True),
        ("/srv/miclinik/norte/releases/22.0.4-0123456789ab/htdocs/index.php", False),
        ("/srv/miclinik/norte/current/htdocs/index.php", False),
        ("/etc/miclinik/norte/secrets.json", False),
    ],
)
def test_a_run_is_a_mend_only_of_what_it_writes(path: str, written: bool) -> None:
    change = {"section": "files", "subject": path, "site": "", "own": True, "since": 0.0}
    told = changes.mend(change | {"what": "", "was": "file", "is": ""}, case())
    assert told.startswith("run playbooks/site.yml" if written else f"put the file {path} back")


def test_what_python_compiles_of_its_own_accord_is_no_change() -> None:
    path = "/usr/local/lib/miclinik/keys/__pycache__/x.cpython-313.pyc"
    entry = {"kind": "file", "owner": "root", "group": "root", "mode": "0644"}
    was = {"releases": {}, "parts": {"files": {path: entry | {"digest": "a"}}}}
    for now in ({path: entry | {"digest": "b"}}, {"/other": entry}):
        assert picture_changes.compare(was, {"releases": {}, "parts": {"files": now}}, lambda _: 0.0) == []


def test_an_extra_field_that_came_for_another_is_not_called_renamed() -> None:
    """People take these away and make others in the pages, and a host that is red for it would stay so."""
    was: dict[str, Any] = {"database tables norte": {"column llx_product_extrafields.a": "varchar(255)"}}
    now: dict[str, Any] = {"database tables norte": {"column llx_product_extrafields.b": "varchar(255)"}}
    (found,) = _compared(_picture(**was), _picture(**now))
    assert (found["subject"], found["is"]) == ("column llx_product_extrafields.a", "")
    assert verdicts.diagnose(_case(found, red=False)) == []


def test_what_a_client_says_that_has_not_got_in_is_no_setting() -> None:
    said = "psql: error: connection failed: No such file\n\tIs the server running locally and accepting connections?\n"
    assert picture_database._rows(said, 2) == []
    assert picture_database._rows("a\t1\nb\t\n", 2) == [["a", "1"], ["b", ""]]


def test_a_certificate_that_was_renewed_is_no_change() -> None:
    def seen(to: str, path: str) -> dict[str, Any]:
        return {"parts": {"files": {path: {"kind": "link", "to": to}}}, "releases": {"norte": "/r"}}

    for path, found in (("/etc/miclinik/norte/tls", 0), ("/etc/nginx/sites-enabled/norte.conf", 1)):
        assert len(picture_changes.compare(seen("a", path), seen("b", path), lambda _: 0.0)) == found


@pytest.mark.parametrize(("server", "account"), [("read_only\tOFF\n", {}), ("", None)])
def test_an_account_that_was_dropped_is_an_answer_of_a_server_that_answers(
    monkeypatch: pytest.MonkeyPatch, server: str, account: dict[str, str] | None
) -> None:
    monkeypatch.setattr(
        picture_database, "run", lambda *words: server if words[-1].endswith("SHOW GLOBAL VARIABLES") else ""
    )
    assert picture_database.look("mariadb", "norte", "norte")["account"] == account
    if account == {}:
        was = _picture() | {"parts": {"database account": {"account norte@localhost": "{}"}}}
        (change,) = _compared(was, was | {"parts": {"database account": account}})
        assert (change["subject"], change["what"], change["is"]) == ("account norte@localhost", "", "")


def test_why_the_web_server_did_not_start_is_no_second_cause() -> None:
    line = 'nginx: [emerg] "x" directive is duplicate in /etc/nginx/sites-enabled/norte.conf:58'
    down = Finding("web-server-down", "The web server is down", (f"result exit-code: {line}",), "start it")
    broken = Finding("vhost-broken", "The vhost is broken", (line,), "mend it")
    other = Finding("vhost-broken", "The vhost is broken", ("unknown directive in /etc/nginx/nginx.conf:7",), "mend it")
    assert [(entry.id, entry.follows) for entry in way.placed([broken, down])] == [
        ("web-server-down", ""),
        ("vhost-broken", "web-server-down"),
    ]
    assert [(entry.id, entry.follows) for entry in way.placed([other, down])] == [
        ("web-server-down", ""),
        ("vhost-broken", ""),
    ]


def test_a_configuration_that_somebody_wrote_follows_from_nothing() -> None:
    down = Finding("web-server-down", "The web server is down", ("nginx is failed",), "start it")
    why = "which is not how it was when the host was last proven to work"
    written = Finding("changed-php", f"/etc/miclinik-php/norte/web.conf was changed, {why}", (), "m", "possible")
    gone = Finding("changed-files", f"/usr/sbin/nginx is gone, {why}", (), "m", "possible")
    assert [(entry.id, entry.follows) for entry in way.placed([down, written, gone])] == [
        ("web-server-down", ""),
        ("changed-php", ""),
        ("changed-files", "web-server-down"),
    ]
