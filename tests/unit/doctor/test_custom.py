# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Custom modules that cannot be loaded, or are not there: what the host tells, and what the doctor says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_custom
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import custom
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from tests.unit.application import descriptor
from tests.unit.doctor import cases

SAID = 'The module "rota" cannot be loaded: ParseError: syntax error (api_rota.class.php:3).'


class _Bridge:
    def __init__(self, **refused: BridgeError) -> None:
        self.refused, self.asked = refused, list[str]()

    def call(self, command: str) -> dict[str, Any]:
        self.asked.append(command)
        if error := self.refused.get(command.rsplit(" ", 1)[-1]):
            raise error
        return {"changed": False}


def test_what_the_host_tells(tmp_path: Path) -> None:
    root = descriptor.application(tmp_path / "app")
    for name in ("Citas", "Rota", "Off"):
        descriptor.put(root, name, custom=name.lower())
    bridge = _Bridge(rota=BridgeError("norte", "module", SAID, "Mend that file."))
    seen = probe_custom.look(root, ["societe", "citas", "rota", "ghost"], bridge)  # type: ignore[arg-type]
    assert seen == {"there": ["citas", "off", "rota"], "broken": {"rota": SAID}, "missing": ["ghost"]}
    assert bridge.asked == ["module try citas", "module try rota"]


def test_what_is_wrong_with_the_site_itself_is_no_modules_fault(tmp_path: Path) -> None:
    root = descriptor.application(tmp_path / "app")
    descriptor.put(root, "Citas", custom="citas")
    bridge = _Bridge(citas=BridgeError("norte", "database", "It does not answer.", "Start it."))
    assert probe_custom.look(root, ["citas"], bridge)["broken"] == {}  # type: ignore[arg-type]


def test_a_release_that_is_gone(tmp_path: Path) -> None:
    seen = probe_custom.look(tmp_path / "gone", ["citas"], _Bridge())  # type: ignore[arg-type]
    assert seen == {"there": [], "broken": {}, "missing": []}


def _told(
    custom_: dict[str, Any], *failed: str, declared: tuple[str, ...] = (), missing: tuple[str, ...] = ()
) -> list[tuple[str, ...]]:
    results = [Result("norte", check, check, False, 1, "500") for check in failed]
    modules = [{"name": name, "source": {"type": "directory", "path": "x"}} for name in declared]
    files = {"release_files": {"missing": list(missing)}}
    here = cases.here() | files | {"custom": {"there": [], "broken": {}, "missing": []} | custom_}
    case = Case(cases.promised(custom_modules=modules), results, cases.host(), here)
    return [(found.id, found.cause, *found.evidence, found.mend) for found in custom.modules(case)]


def test_a_healthy_site() -> None:
    assert _told({"there": ["Citas"]}, declared=("citas",)) == []
    # An upgrade leaves some on that the application itself has given up.
    assert _told({"missing": ["externalsite"]}) == []


def test_one_that_cannot_be_loaded() -> None:
    assert _told({"there": ["rota"], "broken": {"rota": SAID}}, "operations") == [
        (
            "custom-module-broken",
            "A custom module cannot be loaded: rota",
            SAID,
            "smoke check operations: 500",
            "mend it in its source (custom_modules, or custom/ of the site's source) and run site.yml; or switch it "
            "off: miclinikctl norte module disable rota",
        )
    ]


def test_one_that_is_declared_and_gone() -> None:
    assert _told({"there": []}, declared=("citas",)) == [
        (
            "custom-module-missing",
            "Custom modules that are declared are missing: citas",
            "/srv/miclinik/norte/current/htdocs/custom has no citas",
            "run site.yml, which makes a release with it",
        )
    ]


def test_one_that_is_on_without_files() -> None:
    assert _told({"missing": ["camas"]}, "operations") == [
        (
            "custom-module-missing",
            "Modules are on whose files are not there",
            "on, and without a file in the release: camas",
            "smoke check operations: 500",
            "put the module into custom_modules, or see what it leaves: miclinikctl norte module list",
        )
    ]


def test_one_that_was_taken_out_by_hand() -> None:
    """A release of that name is there, so that no run unpacks it once more."""
    (said,) = _told({"there": []}, declared=("citas",), missing=("htdocs/custom/citas", "htdocs/custom/citas/sql"))
    assert said[-1] == "have the release as it came, as said above"
