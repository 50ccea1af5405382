# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Custom modules are tried in the new release before it is served."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import release_trial
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError

DIES = 'The module "citas" cannot be loaded: Error: Class "Nada" not found (modCitas.class.php:9).'


class Caller:
    """A bridge with `on` switched on, whose calls fail as `failures` says; notes what it was called with."""

    def __init__(self, on: list[str], failures: dict[str, BridgeError]) -> None:
        self.on = on
        self.failures = failures
        self.calls: list[tuple[str, Any]] = []
        self.unserved: Any = None

    def __call__(self, site: str, unserved: Any = None) -> Caller:  # noqa: ANN401 (a mapping, or nothing)
        assert site == "norte"
        self.unserved = unserved
        return self

    def call(self, command: str) -> Answer:
        self.calls.append((command, self.unserved))
        if command in self.failures:
            raise self.failures[command]
        return {"modules": self.on}


@pytest.fixture
def site(tmp_path: Path) -> dict[str, Any]:
    root = tmp_path / "releases" / "22.0.4-b" / "htdocs"
    for place in ("core/modules/modSociete", "custom/citas/core/modules/modCitas", "custom/mas/core/modules/modMas"):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / f"{place}.class.php").write_text("<?php\n")
    known = {"name": "norte", "user": "norte", "releases": str(tmp_path / "releases"), "release": "22.0.4-b"}
    return known | {"modules": ["societe", "Citas"]}


def _look(site: dict[str, Any], caller: Caller) -> str:
    return release_trial.fault(site, caller)  # type: ignore[arg-type]


def test_what_is_asked_for_or_on_is_tried_in_the_release_that_is_not_served(site: dict[str, Any]) -> None:
    new = {"root": f"{site['releases']}/22.0.4-b/htdocs", "user": "norte"}
    caller = Caller(["societe"], {})
    assert _look(site, caller) == ""
    assert caller.calls == [("status", None), ("module try citas", new)]
    caller = Caller(["societe", "mas"], {})
    assert _look(site, caller) == ""
    assert caller.calls == [("status", None), ("module try citas", new), ("module try mas", new)]


@pytest.mark.parametrize("on", [False, True])
def test_one_that_dies(site: dict[str, Any], on: bool) -> None:
    failures = {"module try citas": BridgeError("norte", "module", DIES, "Mend that file.")}
    off = " and switch it off: miclinikctl --site norte module disable citas" if on else ""
    assert _look(site, Caller(["citas"] if on else [], failures)) == (
        f"site 'norte': the custom module 'citas' of the new release cannot be loaded. {DIES} The site goes on with "
        f"the release that it has. Mend it in the source, or take the module out of modules{off}."
    )


def test_a_site_that_cannot_be_asked_is_left_to_what_comes_next(site: dict[str, Any]) -> None:
    for command, code in (("status", "bad_facts"), ("module try citas", "not_installed")):
        failures = {command: BridgeError("norte", code, "The site is not there.", "Make it.")}
        assert _look(site, Caller([], failures)) == ""


def test_a_release_without_custom_modules_costs_nothing(site: dict[str, Any]) -> None:
    caller = Caller([], {})
    assert _look(site | {"release": "22.0.4-a"}, caller) == ""
    assert caller.calls == []


def test_the_bridge_is_told_of_the_release() -> None:
    asked: list[list[str]] = []

    def runner(words: Any, _: str) -> tuple[int, str, str]:  # noqa: ANN401 (a sequence)
        asked.append(list(words))
        return 0, '{"ok": true}', ""

    bridge = Bridge("norte", runner, unserved={"root": "/srv/x/htdocs", "user": "norte"})
    assert bridge._named() == ["--root", "/srv/x/htdocs", "--user", "norte"]
