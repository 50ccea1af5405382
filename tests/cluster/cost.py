# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the balancer costs: calls a second by it, against those of an application host that is asked itself."""

from __future__ import annotations

import re
import shlex
import statistics
from collections.abc import Sequence

from tests.cluster.jobs import inside

#: Seconds of each measurement, how many calls at a time, and how often all are measured.
_SECONDS, _CALLERS, _TIMES = 8, 4, 3
_SCRIPT = "/root/key.lua"
#: Calls at a time that are a flood.
_FLOOD = 800
_PAGE = """
import ssl, time, urllib.request
context, good, slowest = ssl._create_unverified_context(), 0, 0.0
for _ in range(10):
    began = time.time()
    try:
        good += urllib.request.urlopen("{url}", timeout=20, context=context).status == 200
    except OSError:
        pass
    slowest = max(slowest, time.time() - began)
print(good, 10, round(slowest, 2))
"""
#: How much less there may be.
_MOST = 0.15


def cost(names: Sequence[str], addresses: Sequence[str], floating: str, domain: str, key: str) -> int:
    """Measure from the host that has no part in it; ``addresses`` are those of the application hosts."""
    caller = names[2]
    installed = inside(caller, "sh", "-c", "apt-get -q update 2>&1; apt-get -qy install wrk 2>&1")
    if not inside(caller, "sh", "-c", "command -v wrk"):
        raise SystemExit(f"{caller} gets no wrk: {installed[-2000:]}")
    inside(caller, "sh", "-c", f"echo {floating} {domain} >> /etc/hosts")
    path = "api/index.php/status"
    places = {
        "asked itself": [f"http://{address}:8080/{path}" for address in addresses],
        "by the balancer, with TLS": [f"https://{domain}:443/{path}"],
    }
    seen: dict[str, list[float]] = {place: [] for place in places}
    for number in range(_TIMES):
        for place, urls in places.items():
            seen[place].append(_rate(caller, urls[number % len(urls)], domain, key))
    rates = {place: statistics.median(figures) for place, figures in seen.items()}
    plain, balanced = rates.values()
    print(f"calls a second: {rates}, {seen}; the balancer costs {1 - balanced / plain:.0%}", flush=True)
    return int(balanced < plain * (1 - _MOST)) + _flood(caller, domain)


def _flood(caller: str, domain: str) -> int:
    """Have far more calls of the API than there is room for, and look at what is left of the pages."""
    page = f"python3 -c {shlex.quote(_PAGE.format(url=f'https://{domain}/'))}"
    quiet = inside(caller, "sh", "-c", page).split()
    flood = f"wrk -t1 -c{_FLOOD} -d15s -s {_SCRIPT} https://{domain}:443/api/index.php/status > /root/flood 2>&1 &"
    inside(caller, "sh", "-c", flood)
    busy = inside(caller, "sh", "-c", f"sleep 2; {page}").split()
    said = " ".join(inside(caller, "sh", "-c", "sleep 12; cat /root/flood").split()[-12:])
    print(f"pages (well, of, slowest): {quiet}; with {_FLOOD} calls of the API at a time {busy}; {said}", flush=True)
    return int(busy[:2] != ["10", "10"])


def _rate(caller: str, url: str, domain: str, key: str) -> float:
    lines = f'wrk.headers["DOLAPIKEY"] = "{key}"\nwrk.headers["Host"] = "{domain}"\n'
    inside(caller, "sh", "-c", f"umask 077; printf '%s' '{lines}' > {_SCRIPT}")
    said = inside(caller, "sh", "-c", f"wrk -t1 -c{_CALLERS} -d{_SECONDS}s -s {_SCRIPT} {url} 2>&1")
    if "Non-2xx" in said or "Socket errors" in said or "Requests/sec" not in said:
        raise SystemExit(f"{url}: {said}")
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", said)[0])
