# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much memory and how many workers a host can spare, and limits that must agree with each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections

_UNITS = {"K": 1, "M": 1024, "G": 1024 * 1024}
# Private memory of an FPM worker of Dolibarr 22.0.4 was measured at 7 to 12 MiB, its proportional share at 16 to 22.
WORKER_MB = 24
# A worker that sleeps off a wrong key (20 and later) costs no processor: the number is bounded by memory alone.
LEAST, MOST = 4, 60
# As few as a flood of unknown callers may have, and as many as let them be served at all.
QUARANTINE = 3
PAGES_A_CORE = 6
# Of each of Apache's processes.
_LEAST_THREADS, _MOST_THREADS = 64, 500
_BODY_EXTRA_KB = 1024
# Beside a site's workers: its jobs, the bridge, whoever looks at it.
_BESIDE = 8
_LEAST_CONNECTIONS = 200
# The same however many sites there are, as another size wants a restart of the server: a site takes some 100 KiB.
_QUERY_CACHE, _QUERY_CACHE_CORES = 32, 8
_IN_MIB = {"M": 1, "G": 1024, "T": 1024 * 1024}


def in_mib(size: str) -> int:
    """Return a size as in ``20G`` in MiB, 0 of an empty one.

    >>> in_mib("20G")
    20480
    """
    return int(size[:-1]) * _IN_MIB[size[-1]] if size else 0


def body_size(upload: str) -> str:
    """Return the largest request body for the largest ``upload`` (as in ``32M``): the form around it takes some room.

    >>> body_size("32M")
    '33792K'
    """
    return f"{int(upload[:-1]) * _UNITS[upload[-1]] + _BODY_EXTRA_KB}K"


def body_bytes(upload: str) -> int:
    """Return the same in bytes, for programs that know no units.

    >>> body_bytes("32M")
    34603008
    """
    return int(body_size(upload)[:-1]) * 1024


def request_bytes(upload: str) -> int:
    """Return the largest request of a site: the API is given files as text (base64), four bytes for three.

    >>> request_bytes("32M")
    45788160
    """
    return (-(-int(upload[:-1]) * _UNITS[upload[-1]] * 4 // 3) + _BODY_EXTRA_KB) * 1024


def in_kb(size: str) -> int:
    """Return a size as in ``32M`` in KiB.

    >>> in_kb("32M")
    32768
    """
    return int(size[:-1]) * _UNITS[size[-1]]


def shares(sites: int) -> int:
    """Return into how many parts a host of so many sites is divided: 1, 2, 3, 4, 6, 8, 12, 16, 24 …, at least as many.

    In steps, since another share wants a restart of every site's PHP: a site more is seldom to restart the others'.
    """
    step = 1
    while step * 2 <= sites:
        step *= 2
    return next(parts for parts in (step, step * 3 // 2, step * 2) if parts >= max(sites, 1))


def pool_children(memory_mb: int, cores: int, sites: int) -> dict[str, int]:
    """Return the most workers of a site's pools on a host with ``sites`` of them, by role.

    Half of the memory is for PHP, a third of that for pages: people are fewer than programs. A page keeps a core busy,
    so more than a few workers a core only wait for each other.
    """
    workers = memory_mb // 2 // WORKER_MB // shares(sites)
    web = min(max(min(workers // 3, PAGES_A_CORE * cores), LEAST), MOST)
    return {"web": web, "api": min(max(workers - web, LEAST), MOST), "quarantine": QUARANTINE}


def connections_needed(
    sites: Sequence[Mapping[str, Any]], memory_mb: int, cores: int, hosts: int = 0
) -> dict[str, int]:
    """Return how many connections sites may want at once of this host's own database server: ``one`` at most, ``all``.

    In a cluster it is the server of all sites on all its application ``hosts``.

    A worker holds one for as long as its call takes. ``server`` is what the server is to allow, in steps of twice as
    many: another number wants a restart of PostgreSQL, and a site more is not to restart the others' server.
    """
    usual = pool_children(memory_mb, cores, len(sites))
    wanted = [
        (sum(site["php"][f"{pool}_max_children"] or most for pool, most in usual.items()) + _BESIDE) * (hosts or 1)
        for site in sites
        if site["database"]["local"] or hosts
    ]
    server = _LEAST_CONNECTIONS
    while server < sum(wanted) + connections.SPARE:
        server *= 2
    return {"one": max(wanted, default=0), "all": sum(wanted), "server": server}


def buffer_pool_mb(memory_mb: int) -> int:
    """Return MariaDB's buffer pool in MiB: an eighth of the memory, between 64 MiB and 4 GiB."""
    return min(max(memory_mb // 8, 64), 4096)


def query_cache_mb(cores: int) -> int:
    """Return MariaDB's query cache in MiB, for all sites together: 32, and none with more than eight ``cores``.

    It answers what a call of the API always asks, which took a third of a call's time (docs/performance.md). One lock
    guards all of it, which is why MariaDB has it off on hosts with many cores:
    https://mariadb.com/kb/en/query-cache/
    """
    return _QUERY_CACHE if cores <= _QUERY_CACHE_CORES else 0


def opcache_mb(memory_mb: int, sites: int) -> int:
    """Return the shared memory in MiB of each site's opcache: 96, all at most an eighth of the memory, at least 64."""
    return max(min(96, memory_mb // 8 // shares(sites)), 64)


def site_memory_mb(memory_mb: int) -> int:
    """Return what all of one site's PHP may use together, in MiB: half of the memory, at least 512."""
    return max(memory_mb // 2, 512)


def apache_threads(memory_mb: int, processes: int) -> int:
    """Return the threads of each of Apache's ``processes``: a tenth of the memory, as far as all of them are in use.

    A request that is half there holds a thread, of which one in use was measured at 65 KiB.
    """
    return min(max(memory_mb * 1024 // 10 // 64 // processes, _LEAST_THREADS), _MOST_THREADS)
