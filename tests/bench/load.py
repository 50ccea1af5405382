# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Load on one path of a set-up, by wrk on the test host itself: it reaches nothing but 127.0.0.1 there."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.bench.host import Served

SCRIPT = "/run/miclinik-bench.lua"


@dataclass(frozen=True)
class Load:
    """What came of it: answers a second, and milliseconds that half of them, and 99 of 100, took at most."""

    per_second: float
    median_ms: float
    p99_ms: float


def script(served: Served, pause_ms: float = 0) -> str:
    """Return wrk's script: the headers, in a file since the key is no argument, and the result as JSON.

    Each connection waits between its calls, ``pause_ms`` milliseconds on average.
    """
    headers = {"Host": served.domain, "DOLAPIKEY": served.key}
    lines = [f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()]
    return "\n".join([*lines, *([_DELAY.format(most=round(2 * pause_ms))] if pause_ms else []), _DONE])


# Evenly spread, so that connections do not call in step.
_DELAY = """\
function delay()
  return math.random(0, {most})
end"""
_DONE = """\
done = function(summary, latency, requests)
  local errors = summary.errors
  io.stderr:write(string.format(
    '{"requests": %d, "microseconds": %d, "median": %.1f, "p99": %.1f, "status": %d, "lost": %d}\\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""


def read(said: str) -> Load:
    """Return what wrk's script has said; raise ValueError when an answer was missing or no success."""
    seen = json.loads(said)
    if seen["status"] or seen["lost"] or not seen["requests"]:
        raise ValueError(
            f"every call should be answered with a success; of {seen['requests']} calls {seen['status']} were answered "
            f"with another status, and {seen['lost']} were not"
        )
    return Load(seen["requests"] / seen["microseconds"] * 1e6, seen["median"] / 1000, seen["p99"] / 1000)


def run(served: Served, path: str, *, seconds: int, connections: int, pause_ms: float = 0) -> Load:
    """Call ``path`` of the API for so long over so many connections, each of which pauses between its calls."""
    served.host.write(SCRIPT, script(served, pause_ms), mode="0600")
    url = f"http://127.0.0.1:{served.port}{served.prefix}{path}"
    said = served.host.run(
        f"wrk --threads 1 --connections {connections} --duration {seconds}s --timeout 20s --script {SCRIPT} "
        f"{url} 2>&1 >/dev/null"
    )
    try:
        return read(said)
    except ValueError as error:
        raise SystemExit(f"{served.name}, {path}: {error}") from error
