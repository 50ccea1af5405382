# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes orders through the balancer at a steady rate, and keeps what was acknowledged and when."""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter

#: Seconds after which a caller gives up.
_CONNECT, _READ = 3, 20


@dataclass
class Seen:
    """``orders`` are ids that were acknowledged, ``refs`` those of validated ones, by id."""

    orders: list[int] = field(default_factory=list)
    refs: dict[int, str] = field(default_factory=dict)
    #: When a write was acknowledged, of the monotonic clock.
    good: list[float] = field(default_factory=list)
    #: When a write failed and how, and when it was sent.
    failed: list[tuple[float, str, float]] = field(default_factory=list)

    def gap(self, since: float, until: float) -> float:
        """Return the longest time without an acknowledged write."""
        times = [since, *sorted(moment for moment in self.good if since < moment < until), until]
        return max(later - earlier for earlier, later in itertools.pairwise(times))

    def failures(self, since: float, until: float, *, sent: bool = False) -> dict[str, int]:
        """Return how many writes failed then, by how; with ``sent`` those that were sent then."""
        found: dict[str, int] = {}
        for answered, words, begun in self.failed:
            if since < (begun if sent else answered) < until:
                found[words] = found.get(words, 0) + 1
        return found


class Named(HTTPAdapter):
    """Calls an address, and names the site in the handshake."""

    def __init__(self, domain: str) -> None:
        self._domain = domain
        super().__init__()

    def init_poolmanager(self, *given: Any, **more: Any) -> None:  # noqa: ANN401 (whatever requests has)
        super().init_poolmanager(*given, **more, server_hostname=self._domain, assert_hostname=self._domain)


class Load:
    """Orders, each made and then validated, ``rate`` writes a second; ``with`` it they are being written.

    ``authorities`` is a file of those who vouch for the site's certificate; without it there is no TLS.
    """

    #: Whether orders are validated one at a time: of two at once the application gives one 500, for the same number.
    apart = False

    def __init__(self, address: str, domain: str, key: str, rate: float = 10, authorities: str = "") -> None:
        self.url = f"{'https' if authorities else 'http'}://{address}/api/index.php"
        self._domain, self._authorities = domain, authorities
        self.headers = {"Host": domain, "DOLAPIKEY": key, "Accept": "application/json"}
        self.rate = rate
        self.seen = Seen()
        self._over = threading.Event()
        self._lock, self._turn = threading.Lock(), threading.Lock()
        answer = self._post("/thirdparties", {"name": f"Load {time.time():.0f}", "client": "1", "code_client": "-1"})
        self.customer = int(answer.json())

    def __enter__(self) -> Load:
        """Begin."""
        self._clock = threading.Thread(target=self._run)
        self._clock.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, when all that was sent is answered."""
        self._over.set()
        self._clock.join()

    def refs(self) -> dict[int, str]:
        """Return the refs of all orders of the customer, by id, as the application has them now."""
        found: dict[int, str] = {}
        for page in itertools.count():
            answer = self._call(
                "GET",
                "/orders",
                params={
                    "limit": "500",
                    "page": str(page),
                    "sortfield": "t.rowid",
                    "thirdparty_ids": str(self.customer),
                },
                timeout=(_CONNECT, 120),
            )
            rows = answer.json() if answer.status_code == requests.codes.ok else []
            found |= {int(row["id"]): str(row["ref"]) for row in rows}
            if len(rows) < 500:
                return found
        raise AssertionError

    def _run(self) -> None:
        with ThreadPoolExecutor(max_workers=64) as pool:
            due = time.monotonic()
            while not self._over.is_set():
                pool.submit(self._order)
                due = max(due + 2 / self.rate, time.monotonic() - 1)
                time.sleep(max(0.0, due - time.monotonic()))

    def _order(self) -> None:
        made = self._write("/orders", {"socid": self.customer, "date": int(time.time())})
        if made is None:
            return
        identity = int(made.json())
        with self._lock:
            self.seen.orders.append(identity)
        line = {"desc": "free text", "subprice": 10, "qty": 1, "tva_tx": 0, "product_type": 0}
        if self._write(f"/orders/{identity}/lines", line) is None:
            return
        with self._turn if self.apart else contextlib.nullcontext():
            answer = self._write(f"/orders/{identity}/validate", {"idwarehouse": 0, "notrigger": 0})
        if answer is not None:
            with self._lock:
                self.seen.refs[identity] = str(answer.json()["ref"])

    def _write(self, path: str, body: object) -> requests.Response | None:
        begun = time.monotonic()
        try:
            answer = self._post(path, body)
            words = f"{answer.status_code}" if answer.status_code != requests.codes.ok else ""
            # With its database gone the application may answer well with text.
            words = words or ("" if "json" in answer.headers.get("Content-Type", "") else "no JSON")
        except requests.RequestException as error:
            answer, words = None, type(error).__name__
        with self._lock:
            if words:
                self.seen.failed.append((time.monotonic(), words, begun))
            else:
                self.seen.good.append(time.monotonic())
        return None if words else answer

    def _post(self, path: str, body: object) -> requests.Response:
        return self._call("POST", path, json=body, timeout=(_CONNECT, _READ))

    def _call(self, method: str, path: str, **more: Any) -> requests.Response:  # noqa: ANN401 (whatever requests takes)
        """Call by a connection of its own, as programs do that know nothing of each other."""
        with requests.Session() as session:
            # Of the environment it would take other authorities.
            session.trust_env = False
            session.verify = self._authorities or True
            session.mount("https://", Named(self._domain))
            return session.request(method, f"{self.url}{path}", headers=self.headers, **more)
