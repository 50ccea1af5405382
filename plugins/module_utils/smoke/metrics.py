# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The result of a smoke run in the form that Prometheus' node exporter reads from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.pools import State
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.module_utils.text.metrics import Sample, metric

PHP = "php"


def text(
    sites: Sequence[Promised],
    results: Sequence[Result],
    started: float,
    seconds: float,
    pools: Sequence[State] = (),
    *,
    refused: Mapping[str, Mapping[str, int]] | None = None,
    keys: Mapping[tuple[str, str], int] | None = None,
) -> str:
    """The metrics of a run.

    :param pools: how PHP-FPM's are.
    :param started: seconds since 1970.
    :param seconds: what the run took.
    :param refused: by site and status, what ``refusals.count`` returns.
    :param keys: by site and login, for how many days a key is still good.
    """
    versions = {entry.site: str(entry.facts["version"]) for entry in results if "version" in entry.facts}
    known = "certificate_days_left"
    ends = {entry.site: entry.facts[known] for entry in results if known in entry.facts}
    checks: list[Sample] = [({"site": entry.site, "check": entry.check}, int(entry.ok)) for entry in results]
    times: list[Sample] = [({"site": entry.site, "check": entry.check}, entry.ms / 1000) for entry in results]
    return "".join(
        (
            metric("check_ok", "Whether the check of the site holds", checks),
            metric("check_seconds", "Seconds that the check took", times),
            metric("site_ok", "Whether all checks of the site hold", [_whole(site, results) for site in sites]),
            metric(
                "version_info",
                "Version of the site's application",
                [({"site": site, "version": version}, 1) for site, version in versions.items()],
            ),
            metric(
                "certificate_days_left",
                "Days until the site's certificate ends",
                [({"site": site}, float(str(days))) for site, days in ends.items()],
            ),
            metric(
                "key_days_left",
                "Days for which the API key is good, today among them",
                [({"site": site, "login": login}, days) for (site, login), days in (keys or {}).items()],
            ),
            metric("run_seconds", "Seconds that the run took", [({}, round(seconds, 3))]),
            metric("last_run_timestamp_seconds", "When the run began", [({}, round(started, 3))]),
            *_pools(pools),
            metric(
                "refused_total",
                "Calls that were answered that there is no room for them",
                [
                    ({"site": site, "status": status}, count)
                    for site, counts in (refused or {}).items()
                    for status, count in counts.items()
                ],
                "web",
                "counter",
            ),
        )
    )


def _pools(pools: Sequence[State]) -> list[str]:
    """What PHP-FPM said of its pools. One that said nothing has ``up`` 0 and nothing else that it would know."""

    def samples(name: str, **label: str) -> list[Sample]:
        return [(_pool(pool) | label, pool.counts[name]) for pool in pools if name in pool.counts]

    queues: list[Sample] = [(_pool(pool), pool.queue) for pool in pools if pool.queue is not None]
    most: list[Sample] = [(_pool(pool), pool.most) for pool in pools if pool.most is not None]
    workers = [*samples("active", state="active"), *samples("idle", state="idle")]
    return [
        metric(
            "pool_up", "Whether PHP-FPM says how the pool is", [(_pool(p), int(bool(p.counts))) for p in pools], PHP
        ),
        metric("pool_workers", "Workers of the pool", workers, PHP),
        metric("pool_workers_max", "Most workers that the pool may have", most, PHP),
        metric("pool_queue", "Calls that wait for a worker", queues, PHP),
        metric("pool_full_total", "Times that all workers were taken", samples("full"), PHP, "counter"),
        metric("pool_accepted_total", "Calls that the pool has taken", samples("accepted"), PHP, "counter"),
    ]


def _pool(pool: State) -> dict[str, str]:
    return {"site": pool.site, "pool": pool.role}


def _whole(site: Promised, results: Sequence[Result]) -> Sample:
    own = [entry.ok for entry in results if entry.site == site.name]
    return {"site": site.name}, int(bool(own) and all(own))
