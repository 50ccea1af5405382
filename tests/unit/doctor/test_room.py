# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that grew, and a file system that fills, are named before it is full."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from . import cases

MIB = 1024 * 1024
USED = {"documents": 700 * MIB, "database": 200 * MIB, "logs": 123 * MIB, "whole": True}


def _found(used: dict[str, Any], *, disk: dict[str, str], **changes: Any) -> list[Any]:  # noqa: ANN401 (evidence)
    here = cases.here() | {"usage": used} | ({"disk": cases.here()["disk"] | changes} if changes else {})
    return verdicts.diagnose(Case(cases.promised(disk=disk), (), cases.host(), here))


def test_a_site_within_its_room_is_not_named() -> None:
    assert _found(USED, disk={"max": "1G"}) == []
    assert _found(USED, disk={}) == []


def test_a_site_that_grew_is_named_with_what_grew() -> None:
    (found,) = _found(USED, disk={"max": "1022M"})
    assert (found.id, found.site) == ("disk-grown", "norte")
    assert found.evidence == ("1023 MiB of 1022 (disk.max): documents 700 MiB, database 200 MiB, logs 123 MiB",)
    (found,) = _found(USED | {"whole": False}, disk={"max": "1022M"})
    assert found.evidence[0].startswith("at least 1023 MiB")


def test_its_check_is_red() -> None:
    case = Case(cases.promised(disk={"max": "1M"}), (), cases.host(), cases.here() | {"usage": USED})
    result = verdicts.inside(case, 1)
    assert (result.ok, result.symptom) == (False, "disk-grown")
    assert result.seen == "The site has grown beyond the room that it has"


@pytest.mark.parametrize(
    ("free", "size", "disk", "ids"),
    [
        (450, 9000, {}, []),
        (449, 9000, {}, ["disk-low"]),
        (1023, 90000, {}, ["disk-low"]),
        (1024, 90000, {}, []),
        # All three on one file system, and on two.
        (5000, 9000, {"free": "6G"}, ["disk-low"]),
        (5001, 9000, {"free": "6G"}, ["disk-low", "database-low"]),
        (5000, 9000, {"free": "4G"}, []),
        (100, 9000, {"free": "50M"}, []),
        # That is full, and says so.
        (19, 9000, {}, ["disk-full"]),
    ],
)
def test_a_disk_that_fills_is_named_before_it_is_full(
    free: int, size: int, disk: dict[str, str], ids: list[str]
) -> None:
    assert [entry.id for entry in _found({}, disk=disk, free_mb=free, size_mb=size)] == ids


def test_with_a_disk_that_fills_stands_what_the_site_takes() -> None:
    (found,) = _found(USED, disk={}, free_mb=100, size_mb=9000)
    assert found.evidence == (
        "/srv/miclinik/norte/documents: 100 of 9000 MiB are free, less than 450 (disk.free)",
        "the site takes documents 700 MiB, database 200 MiB, logs 123 MiB",
    )
