# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Outside and inside together, and what becomes of a host that gives no evidence."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke_site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils import examination

from .cases import here, host, promised

#: Nothing listens there.
SITE = Site("norte", "http://norte.example.org", connect_to="127.0.0.1:9", api_enabled=False)
LOOK = {"sites": [promised(tls={"mode": "none"})], "php_version": "8.2"}


def _evidence(offset: float = 0.0) -> dict[str, Any]:
    site = here() | {"url_root": "http://norte.example.org", "certificate": {}}
    return {"evidence": {"host": host() | {"time": time.time() + offset}, "sites": {"norte": site}}}


def _examine(answer: Mapping[str, Any], look: Mapping[str, Any] | None = LOOK) -> examination.Examination:
    return examination.examine([SITE], look, lambda _: answer, timeout=1.0, settle=0.0)


def _red(seen: examination.Examination) -> list[str]:
    return [entry.check for entry in seen.results if not entry.ok]


def test_without_a_look_there_are_only_checks() -> None:
    seen = _examine({}, None)
    assert ("inside" in {entry.check for entry in seen.results}, seen.findings, seen.diagnosis()) == (False, [], [])


def test_site_that_runs_and_is_not_reached() -> None:
    seen = _examine(_evidence())
    assert "inside" not in _red(seen)
    assert [entry.id for entry in seen.findings] == ["firewall"]
    assert seen.diagnosis()[0] == (
        "1. norte: The site answers on the host itself and not over the network (possible) [firewall]"
    )


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
    assert [entry.check for entry in seen.results] == ["web", "not-found", "api-off"]
    assert seen.findings == []
