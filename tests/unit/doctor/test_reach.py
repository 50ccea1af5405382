# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Domains that lead elsewhere while the checks call the host straight: told, and no fault."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import name_service
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import notes as doctor_notes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import reach
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from .cases import here, host, promised

HOST, NAT, ELSEWHERE = "192.0.2.10", "198.51.100.10", "203.0.113.5"
NAME = "norte.example.org"


def _notes(
    names: dict[str, list[str]],
    called: str | None = HOST,
    resolved: tuple[str, ...] = (),
    **site: Any,  # noqa: ANN401
) -> list[str]:
    seen = here() | {"resolved": list(resolved)}
    controller = {"called": called, "names": names}
    return doctor_notes.of([Case(promised(**site), (), host(), seen, controller)])


@pytest.mark.parametrize(
    ("names", "called", "resolved"),
    [
        ({NAME: [HOST, ELSEWHERE]}, HOST, ()),
        ({NAME: [NAT]}, NAT, ()),
        ({NAME: [NAT], "erp": [NAT]}, "erp", ()),
        ({NAME: [NAT], "erp": [NAT]}, "erp:8080", ()),
        ({NAME: []}, HOST, (HOST,)),  # a zone that only the host sees
        ({}, HOST, ()),  # no answer in time
        ({NAME: []}, None, ()),  # called by name: the checks say it
    ],
)
def test_nothing_is_told(names: dict[str, list[str]], called: str | None, resolved: tuple[str, ...]) -> None:
    assert _notes(names, called, resolved) == []


def test_nothing_is_told_of_a_site_behind_a_proxy() -> None:
    assert _notes({NAME: [ELSEWHERE]}, proxy={"trusted": ["192.0.2.1"]}) == []


def test_a_domain_that_nobody_knows() -> None:
    assert _notes({NAME: []}) == [
        f"site 'norte': {NAME} has no address that the controller knows (DNS), so that clients may not find it; the "
        f"checks called {HOST} instead"
    ]


def test_a_domain_that_leads_elsewhere() -> None:
    assert _notes({NAME: [ELSEWHERE]}, called="127.0.0.1") == [
        f"site 'norte': {NAME} leads to {ELSEWHERE} for the controller, which is no address of the host; the checks "
        "called 127.0.0.1 instead"
    ]


@pytest.mark.parametrize(("domain", "told"), [(HOST, False), ("127.0.0.1", False), ("fd00:77::5", True)])
def test_an_address_as_a_domain(domain: str, *, told: bool) -> None:
    words = f"site 'norte': {domain} is no address of the host, which has {HOST}; the checks called {HOST} instead"
    assert _notes({}, domain=domain) == ([words] if told else [])


@pytest.mark.parametrize(
    ("given", "name"),
    [("erp", "erp"), ("erp:80", "erp"), ("fd00::5", "fd00::5"), ("[fd00::5]:80", "fd00::5"), ("[fd00::5]", "fd00::5")],
)
def test_where_the_checks_went(given: str, name: str) -> None:
    assert reach.target(given) == name


def test_a_name_service_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(name: str, *_: object, **__: object) -> list[Any]:
        if name == "none":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        if name == "down":
            raise socket.gaierror(socket.EAI_AGAIN, "try again")
        if name == "slow":
            time.sleep(5)
        return [(0, 0, 0, "", (HOST, 0)), (0, 0, 0, "", (HOST, 0))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    monkeypatch.setattr(name_service, "PATIENCE", 0.5)
    begun = time.monotonic()
    assert name_service.Question(["erp", "none", "down", "slow"]).answers() == {"erp": [HOST], "none": []}
    assert time.monotonic() - begun < 4
