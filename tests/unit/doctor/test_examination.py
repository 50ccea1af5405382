# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Outside and inside together, and what becomes of a host that gives no evidence."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import name_service
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import examination
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import LIKELY

from tests.closing_server import closing

from .cases import here, host, promised

#: Nothing listens there.
SITE = Promised("norte", "http://norte.example.org", connect_to="127.0.0.1:9", api_enabled=False)
LOOK = {"sites": [promised(tls={"mode": "none"})], "php_version": "8.2"}


@pytest.fixture(autouse=True)
def no_name_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the machine that tests has one, and how quick it is, is no matter here."""
    monkeypatch.setattr(name_service, "PATIENCE", 0.0)


def _evidence(offset: float = 0.0) -> dict[str, Any]:
    site = here() | {"url_root": "http://norte.example.org", "certificate": {}}
    return {"evidence": {"host": host() | {"time": time.time() + offset}, "sites": {"norte": site}}}


def _examine(
    answer: Mapping[str, Any],
    look: Mapping[str, Any] | None = LOOK,
    **how: Any,  # noqa: ANN401 (what the function takes)
) -> examination.Examination:
    return examination.examine([SITE], look, lambda _: answer, timeout=1.0, settle=0.0, **how)


def _red(seen: examination.Examination) -> list[str]:
    return [entry.check for entry in seen.results if not entry.ok]


def test_without_a_look_there_are_only_checks() -> None:
    seen = _examine({}, None)
    assert ("inside" in {entry.check for entry in seen.results}, seen.findings, seen.diagnosis()) == (False, [], [])


def test_site_that_runs_and_is_not_reached() -> None:
    seen = _examine(_evidence())
    assert "inside" not in _red(seen)
    assert [entry.id for entry in seen.findings] == ["firewall"]
    assert seen.diagnosis()[0] == "norte: name > address > [firewall] X"
    assert seen.diagnosis()[1] == (
        "1. norte: The site answers on the host itself and not over the network (possible) [firewall]"
    )


def test_site_whose_host_is_behind_a_jump() -> None:
    way = "by SSH through bastion.example.org (ProxyJump)"
    seen = _examine(_evidence(), other_way=lambda: way)
    assert [(entry.id, entry.confidence) for entry in seen.findings] == [("behind-jump", LIKELY)]
    assert seen.findings[0].evidence[0] == f"Ansible reaches the host {way}"
    (web,) = [entry for entry in seen.results if entry.check == "web"]
    assert web.mend == (
        f"Ansible reaches this host {way}, and the checks do not: set smoke_from: host (doctor_from for the doctor),"
        " and the checks run on the host; or smoke_connect_to, where the sites can be called at another address"
    )


def test_site_that_closes_connections_is_not_behind_a_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing() as port:
        monkeypatch.setattr(f"{__name__}.SITE", replace(SITE, connect_to=f"127.0.0.1:{port}"))
        seen = _examine(_evidence(), other_way=lambda: "by SSH through bastion.example.org (ProxyJump)")
    assert [entry.id for entry in seen.findings] == ["connection-closed"]
    (web,) = [entry for entry in seen.results if entry.check == "web"]
    assert (web.symptom, "bastion" in web.mend) == ("closed", False)


def test_checks_that_are_run_on_the_host() -> None:
    made = [Result("norte", "web", "about", True, 5, "login form")]
    seen = _examine(_evidence(), from_host=lambda sites: made)
    assert [(entry.check, entry.ok) for entry in seen.results] == [("web", True), ("inside", True)]
    assert seen.findings == []


@pytest.mark.parametrize(("offset", "causes"), [(90.0, ["clock", "firewall"]), (-90.0, ["clock", "firewall"])])
def test_clock_of_the_host(offset: float, causes: list[str]) -> None:
    seen = _examine(_evidence(offset))
    assert [entry.id for entry in seen.findings] == causes
    assert "inside" in _red(seen)


def test_host_that_gives_no_evidence() -> None:
    seen = _examine({"failed": True, "msg": "no route to host"})
    inside = next(entry for entry in seen.results if entry.check == "inside")
    assert (inside.ok, inside.seen) == (False, "no route to host")
    assert "could not be looked at" in seen.diagnosis()[0]


def test_site_that_is_not_looked_at_keeps_its_checks() -> None:
    seen = _examine(_evidence(), LOOK | {"sites": []})
    assert [entry.check for entry in seen.results] == ["web"]
    assert seen.findings == []
