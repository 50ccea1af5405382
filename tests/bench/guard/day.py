# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs on a host, in a network of its own: the traffic of a clinic's day in some minutes, all from one address.

It reads one JSON document (``Plan``) from standard input, and prints how often what was answered with what. Nothing
here is an attack, so nobody may be refused: colleagues share an address, some mistype their password, programs come in
bursts, one has a key that somebody made in the interface, and one goes on with a key that is dead.
"""

from __future__ import annotations

import collections
import contextlib
import json
import random
import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from tests.bench.guard.crowd import API, FORM, Client, Plan, log_in

PAGES = (
    *("/index.php", "/societe/list.php", "/societe/card.php?action=create", "/product/list.php?type=0"),
    *("/product/card.php?action=create&type=0", "/user/card.php?id=1", "/admin/modules.php", "/comm/index.php"),
)
#: Pieces of a page that a browser fetches once: style sheets, scripts, pictures.
_PIECE = re.compile(r"""(?:href|src)=["']([^"'#]+\.(?:css|js|png|svg|ico|woff2?)(?:\.php)?(?:\?[^"']*)?)["']""")
#: Seconds between two pages of a person, on average; seconds in which all of them come to work.
THINKING, MORNING = 8.0, 40.0


class Told:
    """What was answered, by who asked and the status, from all threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.answers: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)

    def add(self, who: str, status: str) -> None:
        """Count one answer."""
        with self._lock:
            self.answers[who][status] += 1

    @contextlib.contextmanager
    def heard(self, who: str) -> Iterator[list[int]]:
        """Count the status that the block appends, or what stopped it."""
        seen: list[int] = []
        try:
            yield seen
        except OSError as error:
            self.add(who, type(error).__name__)
        else:
            self.add(who, str(seen[-1]))


def person(client: Client, told: Told, chance: random.Random, until: float) -> None:
    """Come to work, mistype the password now and then, and look at pages with all their pieces."""
    time.sleep(chance.uniform(0, MORNING))
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        with told.heard("wrong password") as seen:
            log_in(client, "mistyped-password")
            seen.append(200)
        time.sleep(chance.uniform(2, 5))
    cookies = log_in(client, client.plan["password"])
    known: set[str] = set()
    while time.monotonic() < until:
        path, text = chance.choice(PAGES), ""
        with told.heard("page") as seen:
            status, text, _ = client.ask("GET", path, {"Cookie": cookies})
            seen.append(401 if 'name="password"' in text and "loginfunction" in text else status)
        _pieces(client, told, path, text, cookies, known)
        time.sleep(chance.expovariate(1 / THINKING))


def _pieces(client: Client, told: Told, page: str, text: str, cookies: str, known: set[str]) -> None:
    found = {urljoin(page, one.replace("&amp;", "&")) for one in _PIECE.findall(text)}
    fresh = sorted(one for one in found - known if not urlsplit(one).netloc)
    known.update(fresh)

    def fetch(path: str) -> None:
        with told.heard("piece") as seen:
            seen.append(client.ask("GET", path, {"Cookie": cookies})[0])

    # As many at once as browsers open connections for.
    for start in range(0, len(fresh), 6):
        threads = [threading.Thread(target=fetch, args=(path,)) for path in fresh[start : start + 6]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def program(client: Client, told: Told, who: str, key: str, until: float, every: float, burst: int) -> None:
    """Call ``burst`` times back to back, every so many seconds."""
    while time.monotonic() < until:
        began = time.monotonic()
        for _ in range(burst):
            with told.heard(who) as seen:
                seen.append(client.ask("GET", f"{API}/users/info", {"DOLAPIKEY": key})[0])
        time.sleep(max(0.0, began + every - time.monotonic()))


def stranger(client: Client, told: Told, until: float) -> None:
    """Open the log-in page and the explorer now and then, and ask without a key, as a monitor does."""
    while time.monotonic() < until:
        for who, path in (("log-in page", "/"), ("explorer", f"{API}/explorer/"), ("no key", f"{API}/status")):
            with told.heard(who) as seen:
                seen.append(client.ask("GET", path, {})[0])
            time.sleep(3)


def main() -> None:
    """Play the day."""
    plan: Plan = json.load(sys.stdin)
    told, until = Told(), time.monotonic() + plan["seconds"]
    client = Client(plan, plan["own"]["person"])
    keys: dict[str, str] = plan["keys"]
    with_password = urlencode({"login": "admin", "password": plan["password"]})
    _, text, _ = client.ask("POST", f"{API}/login", {"Content-Type": FORM}, with_password)
    interface_key = json.loads(text)["success"]["token"]
    roles: list[tuple[Callable[..., None], tuple[Any, ...]]] = [
        *((person, (client, told, random.Random(f"{plan['seed']} {one}"), until)) for one in range(plan["people"])),  # noqa: S311
        (program, (client, told, "steady program", keys["integration"], until, 0.2, 1)),
        (program, (client, told, "bursts", keys["second"], until, 30.0, 100)),
        (program, (client, told, "key of the interface", interface_key, until, 1.0, 1)),
        (program, (client, told, "dead key", "dead" * 8, until, 2.0, 1)),
        (stranger, (client, told, until)),
    ]
    threads = [threading.Thread(target=role, args=given) for role, given in roles]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({who: dict(seen) for who, seen in sorted(told.answers.items())}))


if __name__ == "__main__":
    main()
