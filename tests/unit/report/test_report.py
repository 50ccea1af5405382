# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report of a run, in its four forms."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import document as report_document
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import html as report_html
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import junit as report_junit
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import table as report_table

KEY = "aKeyThatNobodyMayRead"
HOSTILE = "</td><script>alert('x')</script>&amp;\"'\x00\x1b]\r\x9b2J\u202e\u2028\n\ufffe"
#: As it is shown, everywhere.
SHOWN = "</td><script>alert('x')</script>&amp;\"'\ufffd\ufffd]\ufffd\ufffd2J\ufffd\ufffd\ufffd\ufffd"
STARTED = 1_700_000_000.25

NORTE = Promised("norte", "https://norte.example.org", key=KEY, login="integration", password=KEY)
SUR = Promised("sur", "http://sur.example.org/miclinik")
GOOD = [
    Result("norte", "tls", "the certificate", True, 12, "TLSv1.3", facts={"certificate_days_left": 81}),
    Result("norte", "status", "the version", True, 1234, "version 22.0.4", facts={"version": "22.0.4"}),
    Result(
        "norte", "operations", "the list", True, 8, "44 paths", facts={"operations": {"product": 9, "commande": 12}}
    ),
]
YELLOW = [{"site": "sur", "id": "certificate", "what": "it ends in 3 days", "mend": "renew it", "line": "all"}]
SINCE = {"sur": "since yesterday"}
BAD = [
    Result("sur", "web", "the login page is served", True, 5, "a login form"),
    Result("sur", "api", "the API answers", False, 7, HOSTILE, f"401 {HOSTILE}", "switch the module on", "api-off"),
]
CAUSE = {
    "id": "api-module-off",
    "site": "sur",
    "cause": f"the API module is off {HOSTILE}",
    "evidence": ["smoke check api: 200", HOSTILE],
    "mend": "switch it on",
    "confidence": "certain",
    "layer": "module",
    "since": STARTED - 60,
    "follows": "",
    "way": "name > [module] X",
    "changes": "a switch",
}
FOLLOWS = CAUSE | {"id": "late-application", "cause": "no answer in time", "mend": "wait", "follows": "api-module-off"}


def _document(*, broken: bool = True) -> dict[str, Any]:
    sites = [NORTE, SUR] if broken else [NORTE]
    return report_document.document(
        "web1",
        sites,
        GOOD + (BAD if broken else []),
        [CAUSE, FOLLOWS] if broken else [],
        started=STARTED,
        seconds=1.456,
        since=SINCE,
        yellow=YELLOW if broken else [],
    )


def test_document() -> None:
    found = _document()
    assert {key: value for key, value in found.items() if key != "sites"} == {
        "schema": 1,
        "host": "web1",
        "started": "2023-11-14T22:13:20+00:00",
        "seconds": 1.46,
        "ok": False,
        "checks": 5,
        "failed": 1,
        "yellow": [{"site": "sur", "id": "certificate", "what": "it ends in 3 days", "mend": "renew it"}],
    }
    norte, sur = found["sites"]
    assert {key: value for key, value in norte.items() if key != "checks"} == {
        "name": "norte",
        "url": "https://norte.example.org",
        "ok": True,
        "version": "22.0.4",
        "operations": {"product": 9, "commande": 12},
        "certificate_days_left": 81,
        "causes": [],
        "since": "",
    }
    assert (sur["ok"], sur["version"], sur["operations"]) == (False, None, {})
    assert sur["checks"][1] == {
        "check": "api",
        "about": "the API answers",
        "ok": False,
        "ms": 7,
        "seen": SHOWN,
        "expected": f"401 {SHOWN}",
        "mend": "switch the module on",
        "symptom": "api-off",
    }
    assert sur["since"] == "since yesterday"
    assert [
        (entry["id"], entry["layer"], entry["way"], entry["since"], entry["follows"]) for entry in sur["causes"]
    ] == [
        ("api-module-off", "module", "name > [module] X", "2023-11-14T22:12:20+00:00", ""),
        ("late-application", "module", "name > [module] X", "2023-11-14T22:12:20+00:00", "api-module-off"),
    ]


def test_site_of_which_nothing_was_asked_is_not_well() -> None:
    found = report_document.document("web1", [NORTE], [], [], started=STARTED, seconds=0.0)
    assert (found["ok"], found["sites"][0]["ok"]) == (False, False)
    assert "no check was made" in report_html.text(found)
    assert [(line.text, line.ok) for line in report_table.lines([NORTE], [])] == [
        ("FAIL norte: no check was made", False)
    ]


def test_files(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "web1"
    old = os.umask(0o077)
    try:
        paths = report_document.write(folder, _document())
        assert report_document.write(folder, _document(broken=False)) == paths
    finally:
        os.umask(old)
    assert [path.name for path in paths] == ["results.json", "junit.xml", "report.html"]
    assert sorted(path.name for path in folder.iterdir()) == sorted(path.name for path in paths)
    assert json.loads(paths[0].read_text(encoding="utf-8")) == _document(broken=False)
    for path in paths:
        assert path.stat().st_mode & 0o777 == 0o644
        assert KEY not in path.read_text(encoding="utf-8")


def test_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        atomic_file.replace(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


# The attributes that the usual schema of JUnit's XML (junit-10.xsd of the Jenkins plugin xunit) knows and demands.
_KNOWN = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, set()),
    "testsuite": (
        {"name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname"},
        {"name", "tests"},
    ),
    "properties": (set(), set()),
    "property": ({"name", "value"}, {"name"}),
    "testcase": ({"name", "classname", "time"}, {"name", "classname"}),
    "failure": ({"type", "message"}, {"type"}),
    "system-out": (set(), set()),
}
_CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "system-out"},
}


@pytest.mark.parametrize("broken", [True, False])
def test_junit_is_what_ci_servers_read(broken: bool) -> None:
    root = ElementTree.fromstring(report_junit.text(_document(broken=broken)))  # noqa: S314 - ours
    assert root.tag == "testsuites"
    for element in root.iter():
        known, needed = _KNOWN[element.tag]
        assert needed <= set(element.attrib) <= known, element.tag
        assert {child.tag for child in element} <= _CHILDREN.get(element.tag, set()), element.tag
        for count in ("tests", "failures", "errors", "skipped"):
            assert element.get(count, "0").isdigit()
        assert re.fullmatch(r"\d+\.\d{3}", element.get("time", "0.000"))
    for suite in root.findall("testsuite"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        cases = suite.findall("testcase")
        assert suite.get("tests") == str(len(cases))
        assert suite.get("failures") == str(sum(case.find("failure") is not None for case in cases))
    assert (root.get("tests"), root.get("failures")) == (("5", "1") if broken else ("3", "0"))


def test_junit_tells_what_and_why() -> None:
    root = ElementTree.fromstring(report_junit.text(_document()))  # noqa: S314 - ours
    status = root.find("testsuite[@name='norte']/testcase[@name='status']")
    assert status is not None
    assert (status.get("classname"), status.get("time"), status.findtext("system-out")) == (
        *("smoke.norte", "1.234", "version 22.0.4"),
    )
    properties = {entry.get("name"): entry.get("value") for entry in root.iterfind("testsuite[1]/properties/property")}
    assert properties == {
        "url": "https://norte.example.org",
        "version": "22.0.4",
        "operations.product": "9",
        "operations.commande": "12",
    }
    failure = root.find("testsuite[@name='sur']/testcase[@name='api']/failure")
    assert failure is not None
    told = failure.text or ""
    assert told.splitlines() == [
        f"expected: 401 {SHOWN}",
        f"seen: {SHOWN}",
        f"cause (certain): the API module is off {SHOWN}",
        "since: 2023-11-14T22:12:20+00:00",
        "way: name > [module] X",
        f"seen: smoke check api: 200; {SHOWN}",
        "to do: switch it on",
        "changes: a switch",
        "cause (certain): no answer in time",
        "follows from: api-module-off",
    ]


def test_without_a_cause_the_check_itself_says_what_to_do() -> None:
    found = report_document.document("web1", [SUR], BAD, [], started=STARTED, seconds=1)
    assert "To do: switch the module on" in _Page(report_html.text(found)).words
    failure = ElementTree.fromstring(report_junit.text(found)).find("testsuite/testcase[@name='api']/failure")  # noqa: S314 - ours
    assert failure is not None
    assert (failure.text or "").splitlines()[2:] == ["to do: switch the module on"]


class _Page(HTMLParser):
    """Collects tags, attributes and the visible text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def test_page_needs_nothing_else_and_runs_nothing() -> None:
    content = report_html.text(_document())
    page = _Page(content)
    assert set(page.tags) <= {
        *("html", "head", "meta", "title", "style", "body", "section", "h1", "h2", "h3", "p", "div", "ul", "li"),
        *("dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td"),
    }
    assert page.attributes <= {"lang", "charset", "name", "content", "http-equiv", "class"}
    assert "url(" not in content
    assert "@import" not in content
    assert "content=\"default-src 'none'; style-src 'unsafe-inline'\"" in content
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in content


def test_page_tells_everything_and_markup_of_others_is_text() -> None:
    page = _Page(report_html.text(_document()))
    for words in (
        *("web1: 1 of 5 checks failed", "2023-11-14T22:13:20+00:00, 1.5 s", "norte: works", "sur: 1 checks failed"),
        *("22.0.4", "81 days left", "https://norte.example.org", "1234 ms", "commande", "12"),
        *(f"Expected: 401 {SHOWN}", f"Seen: {SHOWN}", "To do: switch it on", "the API answers: not so."),
        *(f"Cause (certain): the API module is off {SHOWN}", "Way: name > [module] X", "Follows: no answer in time"),
        *("That changes: a switch", "sur: it ends in 3 days. To do: renew it"),
        *("Since: 2023-11-14T22:12:20+00:00", "since yesterday"),
    ):
        assert words in page.words, words
    for words in ("switch the module on", "To do: wait"):
        assert words not in page.words, words
    healthy = _Page(report_html.text(_document(broken=False)))
    assert "web1: all checks passed" in healthy.words
    assert "FAILED" not in healthy.words


def test_table() -> None:
    red = Result("sur", "api", "", False, 7, "a\n\x1b[2J", "b", "c")
    lines = report_table.lines([NORTE, SUR], [*GOOD, BAD[0], red])
    assert [line.text for line in lines] == [
        "ok   norte  tls            12 ms  TLSv1.3",
        "ok   norte  status       1234 ms  version 22.0.4",
        "ok   norte  operations      8 ms  44 paths",
        "ok   norte: all 3 checks passed, version 22.0.4, https://norte.example.org",
        "ok   sur    web             5 ms  a login form",
        "FAIL sur    api             7 ms  a\ufffd\ufffd[2J",
        "                                  expected: b",
        "                                  to do: c",
        "FAIL sur: 1 of 2 checks failed: api",
    ]
    assert [line.ok for line in lines] == [True] * 5 + [False] * 4
    # The cause says what to do, in place of what it looks like.
    explained = report_table.lines([NORTE, SUR], [*GOOD, BAD[0], red], explained={"sur"})
    assert [line.text for line in explained] == [line.text for line in lines if "to do" not in line.text]


def test_no_form_of_the_report_holds_what_plays_with_a_reader(tmp_path: Path) -> None:
    facts = {"version": "22\x1b[2J", "operations": {"pro\u202educt": 1}}
    red = Result("sur", "api", "", False, 7, HOSTILE, HOSTILE, HOSTILE, HOSTILE, facts)
    whole = report_document.document("web1", [SUR], [red], [CAUSE], started=STARTED, seconds=1)
    texts = [file.read_text(encoding="utf-8") for file in report_document.write(tmp_path, whole)]
    texts += [line.text for line in report_table.lines([SUR], [red])]
    texts += [json.loads(texts[0])["sites"][0]["version"], red.line(), red.failure()]
    assert len(texts) == 3 + 4 + 3
    assert [text for text in texts if set(text) - {"\n"} & set("\x00\x1b\r\x9b\u202e\u2028\ufffe")] == []
    assert (red.facts["version"], red.facts["operations"]) == ("22\ufffd[2J", {"pro\ufffdduct": 1})
