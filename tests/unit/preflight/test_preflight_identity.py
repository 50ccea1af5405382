# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Losses stop a run in preflight, with the name of the site and the mend, and without a secret."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application.identity import Known
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import identity as preflight_identity
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

WHOLE = Known("whole", True, True, True, "secrets", "ours", True, True, {"host": "localhost", "name": "norte"})
SITE: dict[str, Any] = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
HOME, STATE = "/srv/miclinik/norte", "/etc/miclinik/norte"


def _told(known: Known, **more: Any) -> list[str]:  # noqa: ANN401 (any key of a site)
    return [
        str(problem)
        for problem in preflight_identity.check({"places": {}, "identities": {"norte": asdict(known)}}, [SITE | more])
    ]


def test_a_whole_site_a_new_one_and_one_of_others() -> None:
    assert _told(WHOLE) == []
    assert preflight_identity.check({"places": {}, "identities": {}}, [SITE]) == []
    assert (
        preflight_identity.check({"places": {}, "identities": {"sur": asdict(replace(WHOLE, same_id=False))}}, [SITE])
        == []
    )


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        (
            replace(WHOLE, secrets="broken", secrets_id=False),
            "secrets.json should be a file with a JSON object and is not",
        ),
        (replace(WHOLE, same_id=False), f"{STATE}/secrets.json and {HOME}/conf.php hold different ids"),
        (replace(WHOLE, secrets="missing", secrets_id=False, conf_id=False), "the site was installed, and neither"),
        (replace(WHOLE, documents="bare"), f"{HOME}/documents holds neither the site's mark nor the installer's lock"),
        (replace(WHOLE, documents="missing"), f"{HOME}/documents is missing, though the site was installed"),
        (replace(WHOLE, documents="other"), f"{HOME}/documents carries the mark of another site"),
    ],
)
def test_a_loss(known: Known, seen: str) -> None:
    (told,) = _told(known)
    assert told.startswith("site 'norte': ")
    assert seen in told


def test_what_is_taken_back_or_declared_stops_nothing() -> None:
    assert _told(replace(WHOLE, secrets="missing", secrets_id=False, same_id=None)) == []
    nowhere = replace(WHOLE, secrets="missing", secrets_id=False, conf_id=False, same_id=None)
    assert _told(nowhere, instance_unique_id="a" * 64) == []
    assert _told(replace(WHOLE, conf_id=False, same_id=None)) == []
    assert _told(replace(WHOLE, documents="locked")) == []
    assert _told(replace(WHOLE, documents="bare", recorded=False)) == []  # a first run that was killed


def test_an_unsigned_site_keeps_its_database_and_its_user() -> None:
    unsigned = asdict(replace(WHOLE, documents="locked", recorded=False))
    facts = {"places": {}, "identities": {"norte": unsigned}, "hosted": {"norte": {"database": {"user": "anna"}}}}
    (told,) = preflight_identity.check(facts, [SITE | {"database": {"name": "other"}}])
    assert "Name norte, and anna as database.user; where other is right" in str(told)


def test_an_unsigned_site_keeps_its_database() -> None:
    unsigned = replace(WHOLE, recorded=False, documents="locked")
    (told,) = _told(unsigned, database={"name": "nueva"})
    assert told == (
        "site 'norte': database.name: is nueva, and /srv/miclinik/norte/conf.php has the site's data in norte. "
        "Name norte; where nueva is right, since the data was moved, put that into conf.php."
    )
    assert _told(WHOLE, database={"name": "nueva"}) == []  # its sign will tell


def test_what_stands_where_something_else_has_to_be() -> None:
    fault = {"id": "place-kind", "key": "name", "seen": f"{HOME}/releases is a file", "mend": "Move it away"}
    facts = {"places": {"norte": [fault], "sur": [fault]}, "identities": {"norte": asdict(WHOLE)}}
    assert [str(problem) for problem in preflight_identity.check(facts, [SITE])] == [
        f"site 'norte': name: {HOME}/releases is a file. Move it away."
    ]
    assert len(preflight_identity.check(facts | {"identities": {}}, [SITE])) == 1


def test_documents_that_are_a_file_are_not_called_missing_too() -> None:
    fault = {"id": "place-kind", "key": "name", "seen": f"{HOME}/documents is a file", "mend": "Move it away"}
    known = asdict(replace(WHOLE, documents="missing"))
    facts = {"places": {"norte": [fault]}, "identities": {"norte": known}}
    assert [problem.seen for problem in preflight_identity.check(facts, [SITE])] == [f"{HOME}/documents is a file"]


NOTHING_YET = Known("whole", True, True, True, "", "bare", False, True)


@pytest.mark.parametrize(
    ("known", "version", "state", "asked", "expected"),
    [
        (NOTHING_YET, "20.0.0", "none", True, ["norte"]),
        (NOTHING_YET, "20.0.0", "partial", True, []),
        (NOTHING_YET, "20.0.0", "unknown", True, []),
        (NOTHING_YET, "22.0.4", "none", False, []),
        (WHOLE, "20.0.0", "none", False, []),
        (replace(NOTHING_YET, documents="locked"), "20.0.0", "none", False, []),
    ],
)
def test_a_first_installation_that_came_to_nothing_may_be_of_another_version(
    known: Known, version: str, state: str, asked: bool, expected: list[str]
) -> None:
    calls: list[str] = []

    def status(name: str) -> dict[str, Any]:
        calls.append(name)
        return {"schema": {"state": state}}

    facts = {
        "releases": {"norte": f"{version}-0123456789ab"},
        "versions": {"norte": version},
        "identities": {"norte": asdict(known)},
    }
    trees = {"norte": Tree(Path("/nowhere"), True, "22.0.4"), "nuevo": Tree(Path("/nowhere"), True, "22.0.4")}
    assert preflight_identity.never_installed(facts, trees, status) == expected
    assert calls == (["norte"] if asked else [])
