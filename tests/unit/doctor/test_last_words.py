# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of a red run: five lines a site at most, and every mend names what there is."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import database_kinds
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import (
    known_lines,
    last_words,
    since,
    way,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import POSSIBLE, Case, Finding

from . import cases
from .cases import case, failed

ROOT = Path(__file__).parents[3]


GREEN, RED, CHANGED = 1_700_000_000.0, 1_700_000_300.0, 1_700_000_120.0
CAUSES = way.placed(
    [
        Finding("web-server-down", "The web server is down", ("line one", "line two"), "start it", site="norte"),
        Finding("key-revoked", "The key is gone", (), "make one", site="norte"),
        Finding("socket-missing", "Nobody listens", (), "start what listens", site="norte"),
    ]
)


def _case(**host: object) -> Case:
    return replace(case(failed("web", seen="500"), failed("api")), host=cases.host() | host)


def test_five_lines_at_most_with_the_way_and_what_is_beside_but_not_what_follows() -> None:
    red = [failed("web", seen="500"), failed("api"), Result("norte", "tls", "about", True, 5, "well")]
    assert last_words.of("norte", red, CAUSES) == [
        "norte: The web server is down [web-server-down]; besides: key-revoked",
        "  2 of 3 checks failed: web, api",
        "  way: name > address > firewall > [port] X",
        "  seen: line one",
        "  to do: start it (changes which services run)",
    ]


def test_without_a_cause_the_first_check_speaks() -> None:
    assert last_words.of("norte", [failed("web", seen="500")], []) == [
        "norte: 1 of 1 checks failed: web",
        "  seen: 500",
        "  to do: do it",
    ]


PROVEN = {"norte": {"green": GREEN, "red": RED}}
UNIT = cases.host()["units"]["web"] | {"active": False, "loaded": CHANGED}
FILE = {"section": "files", "subject": "/srv/x", "site": "", "since": CHANGED}


@pytest.mark.parametrize(
    ("entry", "host", "words"),
    [
        ("web-server-down", {"units": {"web": UNIT}}, "since 2023-11-14 22:15:20 UTC"),
        ("conf-broken", {"changes": [FILE]}, "since 2023-11-14 22:15:20 UTC"),
        ("php-fatal", {"lines": [{"text": "/srv/x is", "first": CHANGED}]}, "since 2023-11-14 22:15:20 UTC"),
        ("php-fatal", {}, ""),
        ("php-fatal", {"proven": {"norte": {"green": GREEN, "red": 0.0}}}, "green at 2023-11-14 22:13:20 UTC last"),
        (
            "php-fatal",
            {"proven": PROVEN},
            "green at 2023-11-14 22:13:20 UTC last, red since 2023-11-14 22:18:20 UTC at the latest",
        ),
        # What is older than the last green run has not broken it.
        (
            "conf-broken",
            {"changes": [FILE | {"since": GREEN - 1}], "proven": {"norte": {"green": GREEN, "red": 0.0}}},
            "green at 2023-11-14 22:13:20 UTC last",
        ),
    ],
)
def test_since_when_follows_from_what_was_seen(entry: str, host: dict[str, Any], words: str) -> None:
    ill = _case(**host)
    found = since.dated(ill, [Finding(entry, "cause", ("x.log: /srv/x is",), "mend", site="norte")])
    assert since.told(ill, found[0]) == words
    second = last_words.of("norte", ill.results, found, ill)[1]
    assert second == f"  {words + '; ' if words else ''}2 of 2 checks failed: web, api"


def test_what_is_of_another_layer_stays_a_cause_and_what_was_only_heard_follows() -> None:
    names = ["key-revoked", "php-fatal", "database-down", "late-application", "log-db-login", "clock"]
    found = way.placed([Finding(name, "cause", (), "mend") for name in names])
    assert [(entry.id, entry.layer, entry.follows) for entry in found] == [
        ("clock", "", ""),
        # The line of a log speaks of what comes before the database on the way.
        ("php-fatal", "bootstrap", ""),
        ("database-down", "db-login", ""),
        ("key-revoked", "key", ""),
        ("late-application", "bootstrap", "database-down"),
        ("log-db-login", "db-login", "database-down"),
    ]


def test_what_lies_below_a_folder_that_was_shut_follows_from_that() -> None:
    shut = "mode of /srv/x is 0700, and was 0755: what lies below cannot be reached"
    found = [
        Finding("changed-files", shut, ("/srv/x mode: was '0755', is '0700'",), "chmod 0755 /srv/x"),
        Finding("conf-unreadable", "cause", ("/srv/x/norte/conf.php is root:root",), "mend"),
        Finding("disk-full", "cause", ("/srv/xy: full",), "mend"),
    ]
    assert [(entry.id, entry.follows) for entry in way.placed(found)] == [
        ("changed-files", ""),
        ("disk-full", ""),
        ("conf-unreadable", "changed-files"),
    ]


def test_what_was_only_concluded_is_no_cause_of_what_breaks_before_it() -> None:
    names = ["late-application", "changed-firewall"]
    found = [Finding(name, "cause", (), "mend", POSSIBLE) for name in names]
    for check, symptom, first in (
        ("tls", "connect", "changed-firewall"),
        ("web", "connect", "changed-firewall"),
        ("tls", "", "changed-firewall"),
        ("web", "", "late-application"),
    ):
        assert way.placed(found, case(failed(check, symptom)))[0].id == first


def test_a_healthy_site_has_no_last_words() -> None:
    assert last_words.of("norte", [Result("norte", "web", "about", True, 5, "well")], []) == []


def _words() -> str:
    mends = [entry.mend for entry in known_lines.KNOWN] + [entry.mend for entry in database_kinds.KINDS.values()]
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "plugins/plugin_utils/doctor").glob("*.py")]
    texts.append((ROOT / "plugins/module_utils/smoke/symptoms.py").read_text(encoding="utf-8"))
    return "\n".join([*mends, *(re.sub(r'"\n\s*f?"', "", text) for text in texts)])


def test_every_playbook_and_role_that_a_mend_names_exists() -> None:
    words = _words()
    playbooks = {file.name for file in (ROOT / "playbooks").glob("*.yml")}
    named = set(re.findall(r"playbooks/([\w-]+\.yml)", words))
    assert (named - playbooks, "site.yml" in named) == (set(), True)
    roles = {folder.name for folder in (ROOT / "roles").iterdir()}
    assert set(re.findall(r"(?:run|by) the role ([a-z_]+)", words)) - roles - {"of"} == set()


def test_every_option_of_a_site_that_a_mend_names_exists() -> None:
    schema = (ROOT / "roles/preflight/meta/argument_specs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"\bphp\.([a-z]\w+_\w+)\b", _words()))
    known = set(re.findall(r"^ +(\w+):", schema, re.MULTILINE))
    assert named - known == set()
