# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is on where a site is served, and what is not known of one that cannot be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import served_modules

from .conftest import Host, failure

NOTHING: dict[str, Any] = {
    "installed": False,
    "on": [],
    "rights": [],
    "brings": [],
    "problem": "",
    "added": [],
    "changed": {},
}


def _status(state: str = "installed", *, reachable: bool = True) -> dict[str, Any]:
    return {
        "ok": True,
        "modules": ["api", "citas"],
        "schema": {"state": state, "reasons": ["It is down."]},
        "database": {"reachable": reachable},
    }


def _listed() -> dict[str, Any]:
    answers = [{"enabled": ["api", "citas", "societe"], "available": []}, {"rights": ["a.b"]}]
    return {"ok": True, "answers": answers}


@pytest.fixture
def site(host: Host, tmp_path: Path) -> Host:
    host.put_bridge()
    host.put_site("norte", root=str(tmp_path / "htdocs"))
    folder = tmp_path / "htdocs/custom/citas/core/modules"
    folder.mkdir(parents=True)
    (folder / "modCitas.class.php").write_text("<?php\n")
    return host


def _look(site: Host) -> dict[str, Any]:
    return served_modules.look("norte", bridge=site.bridge, state=site.state)


def test_a_site_that_works(site: Host) -> None:
    site.answers = [_status(), _listed()]
    assert _look(site) == {
        "installed": True,
        "on": ["api", "citas", "societe"],
        "brings": ["citas"],
        "rights": ["a.b"],
        "problem": "",
        "added": [],
        "changed": {},
    }
    assert [words[4:] for words, _ in site.asked] == [["status"], ["--check", "batch"]]


def test_a_host_without_the_site(host: Host) -> None:
    assert _look(host) == NOTHING


@pytest.mark.parametrize("state", ["none", "partial"])
def test_a_site_without_an_application_in_its_database(site: Host, state: str) -> None:
    site.answers = [_status(state)]
    assert _look(site) == NOTHING


def test_a_database_that_does_not_answer(site: Host) -> None:
    site.answers = [_status("unknown", reachable=False)]
    assert _look(site) == NOTHING | {"installed": True, "problem": "It is down."}


def test_a_bridge_that_fails(site: Host) -> None:
    site.answers = [failure("application", "It broke.")]
    assert _look(site) == NOTHING | {"installed": True, "problem": "It broke."}


def test_an_application_that_does_not_start(site: Host) -> None:
    site.answers = [_status(), failure("application", "A module is broken.")]
    assert _look(site) == {
        "installed": True,
        "on": ["api", "citas"],
        "brings": ["citas"],
        "rights": [],
        "problem": "A module is broken.",
        "added": [],
        "changed": {},
    }
