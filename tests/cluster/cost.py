# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the balancer costs: calls a second by it, against those of an application host that is asked itself."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from tests.cluster.jobs import inside

#: Seconds of each measurement, how many calls at a time, and how often all are measured.
_SECONDS, _CALLERS, _TIMES = 8, 4, 3
#: How much less there may be.
_MOST = 0.15


def cost(names: Sequence[str], addresses: Sequence[str], floating: str, domain: str, key: str) -> int:
    """Measure from the host that has no part in it; ``addresses`` are those of the application hosts."""
    caller = names[2]
    inside(caller, "sh", "-c", "apt-get -qq update; apt-get -qq install -y wrk >/dev/null 2>&1")
    inside(caller, "sh", "-c", f"echo {floating} {domain} >> /etc/hosts")
    path = "api/index.php/status"
    places = {
        "asked itself": [f"http://{address}:8080/{path}" for address in addresses],
        "by the balancer, with TLS": [f"https://{domain}/{path}"],
    }
    seen: dict[str, list[float]] = {place: [] for place in places}
    for number in range(_TIMES):
        for place, urls in places.items():
            seen[place].append(_rate(caller, urls[number % len(urls)], domain, key))
    rates = {place: statistics.median(figures) for place, figures in seen.items()}
    plain, balanced = rates.values()
    print(f"calls a second: {rates}, {seen}; the balancer costs {1 - balanced / plain:.0%}")
    return int(balanced < plain * (1 - _MOST))


def _rate(caller: str, url: str, domain: str, key: str) -> float:
    script = "/root/key.lua"
    lines = f'wrk.headers["DOLAPIKEY"] = "{key}"\nwrk.headers["Host"] = "{domain}"\n'
    inside(caller, "sh", "-c", f"umask 077; printf '%s' '{lines}' > {script}")
    said = inside(caller, "wrk", "-t1", f"-c{_CALLERS}", f"-d{_SECONDS}s", "-s", script, url)
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{url}: {said}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
