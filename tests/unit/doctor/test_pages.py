# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the checks from outside do not reach: the pool of those who have logged in, and what there was no time for."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_pages
from ansible_collections.miclinik.hosting.plugins.module_utils.services import fastcgi
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import UNASKED, Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from .cases import here, host, promised

GOOD = b"Content-type: text/html\r\n\r\n<form>"
BROKEN = b"Status: 500 Internal Server Error\r\nContent-type: text/html\r\n\r\n"


@pytest.mark.parametrize(
    ("web", "quarantine", "said"),
    [
        (GOOD, GOOD, ""),
        (BROKEN, GOOD, "500, with nothing in it"),
        (BROKEN + b"<b>Fatal", GOOD, "500, 8 bytes"),
        (b"Content-type: text/html\r\n\r\n", GOOD, "200, with nothing in it"),
        (b"Status: 302 Found\r\nLocation: https://norte.example.org/\r\n\r\n", GOOD, ""),
        (BROKEN, BROKEN, ""),
        (BROKEN, None, ""),
        (None, GOOD, ""),
        (b"no FastCGI of a program that took the socket", GOOD, ""),
    ],
)
def test_the_pools_are_compared(
    monkeypatch: pytest.MonkeyPatch, web: bytes | None, quarantine: bytes | None, said: str
) -> None:
    def call(path: str, parameters: Mapping[str, str], *_: object) -> bytes:
        assert parameters["SCRIPT_FILENAME"] == "/srv/miclinik/norte/current/htdocs/index.php"
        answer = quarantine if path.endswith("/quarantine.sock") else web
        if answer is None:
            raise TimeoutError
        if b"\r\n" not in answer:
            raise ValueError(answer)
        return answer

    monkeypatch.setattr(fastcgi, "call", call)
    assert probe_pages.look(promised()) == said


def test_it_is_red_inside() -> None:
    case = Case(promised(), (), host(), here() | {"pages": "500, with nothing in it"}, {})
    (found,) = doctor_verdicts.diagnose(case)
    assert (found.id, found.layer) == ("web-pool-broken", "pool")
    assert found.evidence == ("/run/miclinik-php/norte/web.sock: 500, with nothing in it",)
    assert doctor_verdicts.inside(case, 5).symptom == "web-pool-broken"


def test_a_site_that_is_only_slow_is_called_busy() -> None:
    late = Result("norte", "operations", "the list of operations is whole", False, 0, "not asked", "", "", UNASKED)
    done = Result("norte", "web", "the front page is there", True, 9000, "200")
    (found,) = doctor_verdicts.diagnose(Case(promised(), (done, late), host(), here(), {}))
    assert (found.id, found.layer, found.evidence) == (
        "host-busy",
        "answer",
        ("1 checks took 9.0 s, so that operations had none left",),
    )
