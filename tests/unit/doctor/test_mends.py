# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every mend that the doctor knows: it names what there is, says what it changes, and writes nowhere in doubt."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import database_kinds
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import known_lines, mends, web
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose
from miclinikctl import verbs as people

from .cases import case, failed, stroke

ROOT = Path(__file__).parents[3]
PLACES = [
    *sorted((ROOT / "plugins/plugin_utils/doctor").glob("*.py")),
    *(ROOT / "plugins/module_utils/application" / name for name in ("losses.py", "places.py")),
    *sorted((ROOT / "plugins/module_utils/smoke").glob("*.py")),
]


def _texts() -> list[str]:
    """Every text in the code of doctor and smoke test; what is put in is SITE."""
    found = []
    for place in PLACES:
        tree = ast.parse(place.read_text(encoding="utf-8"))
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(_word(part) for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
                found.append(node.value)
    return found


def _word(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "SITE"


TEXTS = _texts()
WORDS = "\n".join(TEXTS)
VERBS = re.findall(
    r"^\t\t'([a-z ]+)' => array\(", (ROOT / "templates/bridge/src/Commands.php").read_text(encoding="utf-8"), re.M
)
PEOPLE = {
    f"{name} {own}".strip() for name, (_, load) in people.VERBS.items() for own in getattr(load(), "commands", [""])
}
SYSTEMCTL = "start|stop|restart|reload|enable|disable|unmask|reset-failed|daemon-reload|status|cat|kill|is-active"


def test_every_playbook_that_is_named_exists() -> None:
    named = set(re.findall(r"\b([a-z_]+\.yml)\b", WORDS))
    assert {name for name in named if not (ROOT / "playbooks" / name).is_file()} == set()
    assert {"site.yml", "doctor.yml"} <= named


def test_every_role_that_is_named_exists() -> None:
    named = set(re.findall(r"\broles? ([a-z_]+)\b", WORDS)) - {"of", "in", "or", "has", "makes", "takes"}
    named |= set(re.findall(r"\brun the roles? \w+(?:,)? (?:then|and) ([a-z_]+)", WORDS))
    assert {name for name in named if not (ROOT / "roles" / name).is_dir()} == set()
    assert {"php", "application", "rest_api", "tls"} <= named


def test_every_verb_of_the_command_line_that_is_named_exists() -> None:
    named = {" ".join(words) for words in re.findall(r"miclinikctl (?:--site )?SITE ([a-z-]+)(?: ([a-z]+))?", WORDS)}
    known = {*VERBS, *PEOPLE}
    assert [verb for verb in named if verb.strip() not in known and verb.split()[0] not in known] == []
    assert "constant unset" in named


def test_every_verb_of_systemctl_and_every_page_that_is_named_exists() -> None:
    named = set(re.findall(r"systemctl ((?!--|show)[a-z-]+)", WORDS))
    assert named - set(SYSTEMCTL.split("|")) - {"list", "is"} == set()
    pages = set(re.findall(r"\bdocs/[\w./-]+\.md", WORDS))
    assert {page for page in pages if not (ROOT / page).is_file()} == set()


MENDS = [
    *(entry.mend for entry in known_lines.KNOWN),
    *(entry.mend for entry in database_kinds.KINDS.values()),
    *(mend for _, mend in web.VHOST.values()),
]
WRITES = re.compile(
    r"\brun the roles?|site\.yml|SET GLOBAL|ALTER |apt-get install"
    r"|systemctl (?:start|restart|reload|enable|unmask|kill)"
)


TOLD = sorted({*MENDS, *(text for text in TEXTS if WRITES.search(text) and " " in text)})


@pytest.mark.parametrize("mend", TOLD)
def test_a_mend_that_writes_says_what_it_changes(mend: str) -> None:
    assert bool(mends.changes(mend)) or not WRITES.search(mend)


@pytest.mark.parametrize(
    ("mend", "changed"),
    [
        ("run the role php, then application", "PHP's packages, pools and settings, which are loaded anew"),
        ("run playbooks/site.yml, which writes it anew", "what on the host is not as the inventory says"),
        ("chmod 0755 /srv", "the files that are named"),
        ("see what the workers are at", ""),
    ],
)
def test_what_a_mend_changes(mend: str, changed: str) -> None:
    assert mends.changes(mend).split("; ")[0] == changed


@pytest.mark.parametrize("doubt", sorted(mends.DOUBTS))
def test_nothing_is_written_while_it_is_in_doubt_whose_data_is_there(doubt: str) -> None:
    found = [
        Finding("module-off", "cause", (), "run the role rest_api", run=("x",)),
        Finding(doubt, "cause", (), "restore it"),
        Finding("slow", "cause", (), "see what the workers are at", run=()),
    ]
    told = [(entry.mend, entry.run) for entry in mends.held_back(found)]
    first = f"nothing before [{doubt}] is cleared, since this would write; then run the role rest_api"
    assert told == [(first, ()), ("restore it", ()), ("see what the workers are at", ())]
    assert mends.held_back(found[:1]) == found[:1]


def test_a_site_with_another_ones_database_gets_no_mend_that_writes() -> None:
    ill = stroke(case(failed("status")), "here:application.status.identity", "other")
    ill = stroke(ill, "here:application.status.modules", ["user"])
    found = {entry.id: entry.mend for entry in diagnose(ill)}
    assert found["other-site"].startswith("give the site its own database back")
    writing = [mend for name, mend in found.items() if name != "other-site" and WRITES.search(mend)]
    assert writing
    assert all(mend.startswith("nothing before [other-site] is cleared") for mend in writing)
