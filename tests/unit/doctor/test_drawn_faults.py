# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `make test-doctor` makes of its faults: who is right, how a mend is done, what is lost, and the figures."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding

from tests.doctor import intact, mends
from tests.doctor.draws import Draw, named
from tests.doctor.table import Record, figures, misses


def _finding(mend: str = "look", run: tuple[str, ...] = (), seen: str = "x") -> Finding:
    return Finding("a-cause", "Something is wrong", (seen,), mend, run=run)


@pytest.mark.parametrize(
    ("seen", "right"),
    [
        ("/etc/nginx/nginx.conf: was 'a', is 'b'", True),
        ("/etc/nginx/nginx.conf-old", False),
        ("1 missing: htdocs/core/db", True),
        ("something else", False),
    ],
)
def test_the_right_cause_names_what_was_done(seen: str, right: bool) -> None:
    draw = Draw("mode", "x", "true", named("/etc/nginx/nginx.conf", "/srv/miclinik/norte/current/htdocs/core/db"))
    assert draw.is_right(_finding(seen=seen)) is right


@pytest.mark.parametrize(
    ("finding", "way"),
    [
        (_finding("run playbooks/site.yml anew", ("true",)), ("commands", ("true",))),
        (_finding("run playbooks/site.yml, which writes it anew"), ("playbook", ())),
        (_finding("run the role php, which starts it"), ("playbook", ("php",))),
        (_finding("correct the line, or run the role of the web server"), ("playbook", ("web server",))),
        (_finding("run playbooks/restore.yml"), ("person", ())),
        (_finding("look for why"), ("person", ())),
    ],
)
def test_how_a_mend_is_done(finding: Finding, way: tuple[str, tuple[str, ...]]) -> None:
    assert mends.way(finding) == way


def test_what_is_lost() -> None:
    before = {"rows": {"llx_a": 2, "llx_b": 3}, "keys": {"x": "1"}, "documents": {"a": "1"}, "secrets": None}
    after = {"rows": {"llx_a": 1, "llx_b": 4}, "keys": None, "documents": {"a": "2", "b": "3"}, "secrets": {}}
    assert intact.lost(before, after) == ["rows of llx_a", "document a"]


def test_figures_and_misses() -> None:
    records = [
        Record(1, "mode", "a", felt=["page"], red=["web"], right=True, way="commands", green=True),
        Record(2, "mode", "b", felt=["page"]),
        Record(3, "unit", "c", red=["inside"], right=True, way="person", seconds=16.0),
        Record(4, "unit", "d"),
    ]
    told, held = figures(records)
    assert [" ".join(line.split()[-4:]) for line in told[:3]] == ["1/2 50.0 % NO", "2/2 100.0 % ok", "1/1 100.0 % ok"]
    assert not held
    assert [line for line in misses(records) if line[0].isdigit()] == [
        "2. [mode] b: not red",
        "3. [unit] c: a person's mend, slow",
    ]
    assert figures(records[:1])[1]
