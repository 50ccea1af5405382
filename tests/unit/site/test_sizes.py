# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sizes that follow from a host's memory, and that agree with each other."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.filter.sizes import FilterModule
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes


@pytest.mark.parametrize(
    ("upload", "body"), [("1K", "1025K"), ("512K", "1536K"), ("32M", "33792K"), ("1G", "1049600K")]
)
def test_body_size(upload: str, body: str) -> None:
    assert sizes.body_size(upload) == body
    assert f"{sizes.body_bytes(upload) // 1024}K" == body
    # In a call of the API it is a third longer.
    assert sizes.request_bytes(upload) >= sizes.in_kb(upload) * 1024 * 4 / 3 + 1024 * 1024


@pytest.mark.parametrize(
    ("memory", "cores", "count", "expected"),
    [
        (512, 1, 1, {"web": 4, "api": 6, "quarantine": 3}),
        (2048, 4, 1, {"web": 14, "api": 28, "quarantine": 3}),
        (2048, 2, 1, {"web": 12, "api": 30, "quarantine": 3}),
        (2048, 4, 4, {"web": 4, "api": 6, "quarantine": 3}),
        (2048, 4, 0, {"web": 14, "api": 28, "quarantine": 3}),
        (65536, 16, 1, {"web": 60, "api": 60, "quarantine": 3}),
        (65536, 2, 1, {"web": 12, "api": 60, "quarantine": 3}),
        (256, 1, 20, {"web": 4, "api": 4, "quarantine": 3}),
    ],
)
def test_pool_children(memory: int, cores: int, count: int, expected: dict[str, int]) -> None:
    assert sizes.pool_children(memory, cores, count) == expected


def test_a_site_more_seldom_changes_the_shares_of_the_others() -> None:
    assert [sizes.shares(count) for count in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13)] == [
        *(1, 1, 2, 3, 4, 6, 6, 8, 8, 12, 12, 16),
    ]
    found = [sizes.shares(count) for count in range(1, 129)]
    assert sorted(set(found)) == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128]
    assert all(parts >= count for count, parts in enumerate(found, 1))


@pytest.mark.parametrize("memory", [2048, 4096, 8192, 16384])
@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_workers_fit_into_half_of_the_memory(memory: int, count: int) -> None:
    pools = sizes.pool_children(memory, 4, count)
    # Those few are beyond it.
    assert count * (pools["web"] + pools["api"]) * sizes.WORKER_MB <= memory // 2


def test_connections_needed() -> None:
    usual: dict[str, Any] = {
        "database": {"local": True},
        "php": dict.fromkeys(("web_max_children", "api_max_children"), 0),
    }
    usual["php"]["quarantine_max_children"] = 0
    more = usual | {"php": usual["php"] | {"api_max_children": 50}}
    elsewhere = usual | {"database": {"local": False}}
    assert sizes.connections_needed([usual], 4096, 2) == {"one": 83, "all": 83, "server": 200}
    assert sizes.connections_needed([usual, more, elsewhere], 2048, 2) == {"one": 65, "all": 65 + 25, "server": 200}
    assert sizes.connections_needed([elsewhere], 4096, 2) == {"one": 0, "all": 0, "server": 200}
    assert sizes.connections_needed([elsewhere], 4096, 2, 3) == {"one": 249, "all": 249, "server": 400}
    allowed = [sizes.connections_needed([usual] * count, 24576, 2)["server"] for count in (1, 2, 3, 10, 100)]
    assert allowed == [200, 200, 400, 800, 3200]


@pytest.mark.parametrize(("memory", "pool"), [(256, 64), (512, 64), (2048, 256), (16384, 2048), (131072, 4096)])
def test_buffer_pool(memory: int, pool: int) -> None:
    assert sizes.buffer_pool_mb(memory) == pool


@pytest.mark.parametrize(("cores", "size"), [(1, 32), (8, 32), (9, 0)])
def test_query_cache(cores: int, size: int) -> None:
    assert sizes.query_cache_mb(cores) == size


@pytest.mark.parametrize(
    ("memory", "count", "shared"),
    [(256, 1, 64), (1024, 1, 96), (1024, 5, 64), (8192, 3, 96), (3200, 4, 96), (3200, 5, 66), (8192, 0, 96)],
)
def test_opcache(memory: int, count: int, shared: int) -> None:
    assert sizes.opcache_mb(memory, count) == shared


@pytest.mark.parametrize(("memory", "limit"), [(512, 512), (2048, 1024), (24001, 12000)])
def test_memory_of_a_site(memory: int, limit: int) -> None:
    assert sizes.site_memory_mb(memory) == limit


@pytest.mark.parametrize(("memory", "threads"), [(128, 64), (512, 204), (1024, 409), (2048, 500), (65536, 500)])
def test_apache_threads(memory: int, threads: int) -> None:
    assert sizes.apache_threads(memory, 4) == threads


def test_filters() -> None:
    filters = FilterModule().filters()
    assert {"body_size", "pool_children", "buffer_pool_mb", "opcache_mb"} <= set(filters)
    assert filters["body_size"]("32M") == "33792K"
    assert filters["body_bytes"]("32M") == 34603008
