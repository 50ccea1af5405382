# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The result of a smoke run in the form that Prometheus' node exporter reads from a file.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised

Sample = tuple[dict[str, str], float]


def text(sites: Sequence[Promised], results: Sequence[Result], started: float, seconds: float) -> str:
    """The metrics of a run.

    :param started: seconds since 1970.
    :param seconds: what the run took.
    """
    versions = {entry.site: str(entry.facts["version"]) for entry in results if "version" in entry.facts}
    known = "certificate_days_left"
    ends = {entry.site: entry.facts[known] for entry in results if known in entry.facts}
    checks: list[Sample] = [({"site": entry.site, "check": entry.check}, int(entry.ok)) for entry in results]
    times: list[Sample] = [({"site": entry.site, "check": entry.check}, entry.ms / 1000) for entry in results]
    return "".join(
        (
            _metric("check_ok", "Whether the check of the site holds", checks),
            _metric("check_seconds", "Seconds that the check took", times),
            _metric("site_ok", "Whether all checks of the site hold", [_whole(site, results) for site in sites]),
            _metric(
                "version_info",
                "Version of the site's application",
                [({"site": site, "version": version}, 1) for site, version in versions.items()],
            ),
            _metric(
                "certificate_days_left",
                "Days until the site's certificate ends",
                [({"site": site}, float(str(days))) for site, days in ends.items()],
            ),
            _metric("run_seconds", "Seconds that the run took", [({}, round(seconds, 3))]),
            _metric("last_run_timestamp_seconds", "When the run began", [({}, round(started, 3))]),
        )
    )


def _whole(site: Promised, results: Sequence[Result]) -> Sample:
    own = [entry.ok for entry in results if entry.site == site.name]
    return {"site": site.name}, int(bool(own) and all(own))


def _metric(name: str, about: str, samples: Iterable[Sample]) -> str:
    full = f"miclinik_smoke_{name}"
    lines = [f"{full}{_labels(labels)} {value:.15g}" for labels, value in samples]
    if not lines:
        return ""
    return "\n".join([f"# HELP {full} {about}.", f"# TYPE {full} gauge", *lines, ""])


def _labels(labels: dict[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
