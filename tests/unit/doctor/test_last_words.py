# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The end of a red run: five lines a site at most, and every mend names what there is."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import databases, known_lines, last_words
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding

from .cases import failed

ROOT = Path(__file__).parents[3]


def test_five_lines_at_most_with_the_way() -> None:
    causes = [
        Finding("php-parse", "A file of PHP has an error", ("line one", "line two"), "put it back", site="norte"),
        Finding("key-revoked", "The key is gone", (), "make one", site="norte"),
    ]
    assert last_words.of("norte", [failed("web", seen="500"), failed("api")], causes) == [
        "norte: A file of PHP has an error [php-parse]",
        "  2 checks failed: web, api; besides: key-revoked",
        "  way: name > address > firewall > port > tls > vhost > rewrite > auth > socket > pool > [php] X",
        "  seen: line one",
        "  to do: put it back",
    ]


def test_without_a_cause_the_first_check_speaks() -> None:
    assert last_words.of("norte", [failed("web", seen="500")], []) == [
        "norte: 1 checks failed: web",
        "  seen: 500",
        "  to do: do it",
    ]


def test_a_healthy_site_has_no_last_words() -> None:
    assert last_words.of("norte", [Result("norte", "web", "about", True, 5, "well")], []) == []


def _words() -> str:
    mends = [entry.mend for entry in known_lines.KNOWN] + [entry.mend for entry in databases.KINDS.values()]
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
