# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What others write does nothing where it is shown."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.module import shown_diff
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

HOSTILE = "a\x1b]0;t\x07\rb\n\x9b2J\u202ec\u2066\u200b\u2028\x7f"
SHOWN = "a\ufffd]0;t\ufffd\ufffdb\ufffd\ufffd2J\ufffdc\ufffd\ufffd\ufffd\ufffd"


@pytest.mark.parametrize("text", ["", "Clínica Norte, 50 €", "診療所 мед عيادة", "🩺"])
def test_what_people_write_stays(text: str) -> None:
    assert plain.plain(text) == text


def test_controls_and_unseen_marks_are_marked() -> None:
    assert plain.plain(HOSTILE) == SHOWN
    assert plain.plain("a\n\tb\x1b", keep="\n\t") == "a\n\tb\ufffd"


def test_every_text_in_a_value() -> None:
    given = {HOSTILE: [1, None, True, 2.5, (HOSTILE,), {"a": HOSTILE}]}
    assert plain.cleaned(given) == {SHOWN: [1, None, True, 2.5, (SHOWN,), {"a": SHOWN}]}


def test_the_doctors_words() -> None:
    finding = Finding("id", HOSTILE, (HOSTILE, "log line"), HOSTILE, site="norte")
    assert finding.lines(1) == [
        f"1. norte: {SHOWN} [id]",
        f"   seen: {SHOWN}",
        "   seen: log line",
        f"   to do: {SHOWN}",
    ]
    assert finding.report()["evidence"] == [SHOWN, "log line"]


def test_the_bridges_and_preflights_words() -> None:
    error = BridgeError("norte", "application", HOSTILE, HOSTILE, answer={"error": {"details": {"sql": HOSTILE}}})
    assert str(error) == f"site 'norte': {SHOWN} {SHOWN}"
    assert error.report()["details"] == {"sql": SHOWN}
    assert str(Problem("site 'norte'", "key", HOSTILE, "Mend")) == f"site 'norte': key: {SHOWN}. Mend."


def test_a_diff_of_what_the_application_holds() -> None:
    diff = shown_diff("", {"label": "é\x9b2J\u202e"}, {})
    assert diff == {"before": '{\n  "label": "é\ufffd2J\ufffd"\n}\n', "after": "{}\n"}
