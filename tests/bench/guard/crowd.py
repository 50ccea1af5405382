# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs on a host, in a network of its own: those who belong there, and a flood of strangers beside them.

It reads one JSON document from standard input (``Plan``) and prints one. Two programs with a key each and a person who
has logged in ask one thing after the other, each over a connection of its own, before the flood, in it, and after it.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import http.client
import json
import multiprocessing
import os
import re
import resource
import socket
import statistics
import struct
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

Plan = dict[str, Any]
API = "/api/index.php"
FORM = "application/x-www-form-urlencoded"
#: Seconds that a stranger waits for an answer at most, and somebody who belongs there.
PATIENCE, OWN_PATIENCE = 5.0, 20.0
#: Each connection of a flood asks so often.
EVERY = 1.0


class Client:
    """Somebody who asks with one address."""

    def __init__(self, plan: Plan, address: str) -> None:
        self.plan, self.address = plan, address

    def ask(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str, list[str]]:
        """Return status, text, and the cookies that were set."""
        plan = self.plan
        connection = http.client.HTTPConnection(plan["target"], plan["port"], timeout=OWN_PATIENCE)
        connection.sock = socket.create_connection((plan["target"], plan["port"]), OWN_PATIENCE, (self.address, 0))
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Host": plan["domain"], "Connection": "close"} | headers)
            answer = connection.getresponse()
            cookies = [value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie") or []]
            return answer.status, answer.read().decode(errors="replace"), cookies


def program(client: Client, login: str, key: str) -> Callable[[], None]:
    """Return a call of somebody with a key, which has to be answered with what is this user's."""

    def call() -> None:
        status, text, _ = client.ask("GET", f"{API}/users/info", {"DOLAPIKEY": key})
        if status != http.HTTPStatus.OK:
            raise OSError(f"status {status}")
        seen = json.loads(text)["login"]
        if seen != login:
            raise SystemExit(f"the key of {login} was answered with what is {seen}'s")

    return call


def log_in(client: Client, password: str) -> str:
    """Log the administrator in, and return the cookies of the session."""
    origin = {"Referer": f"http://{client.plan['domain']}/", "Content-Type": FORM}
    _, text, cookies = client.ask("GET", "/index.php", {})
    token = re.search(r'name="token" value="([^"]+)"', text)
    form = {"actionlogin": "login", "loginfunction": "loginfunction", "username": "admin", "password": password}
    form |= {"token": token[1]} if token else {}
    given = {"Cookie": "; ".join(cookies)} | origin
    _, _, fresh = client.ask("POST", "/index.php", given, urllib.parse.urlencode(form))
    jar = dict(cookie.split("=", 1) for cookie in (*cookies, *fresh))
    return "; ".join(f"{name}={value}" for name, value in jar.items())


def logged_in(client: Client, password: str) -> str:
    """Do the same once there is room for it: what a flood before has left in front of PHP is worked off first."""
    deadline = time.monotonic() + 90
    while True:
        try:
            cookies = log_in(client, password)
            person(client, cookies)()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(2)
        else:
            return cookies


def person(client: Client, cookies: str) -> Callable[[], None]:
    """Return a look at a page that somebody sees who has logged in."""

    def look() -> None:
        status, seen, _ = client.ask("GET", "/index.php", {"Cookie": cookies})
        if status != http.HTTPStatus.OK or 'name="password"' in seen:
            raise OSError(f"status {status}, or the form to log in")

    return look


def work(name: str, plan: Plan, start: float, seconds: float, said: Any) -> None:  # noqa: ANN401 (a queue)
    """Ask for ``seconds``; say how often a second the answer was good, how long half of these took, what went wrong.

    Somebody whose ``every`` is 0 asks as fast as the answers come, the others so often.
    """
    client = Client(plan, plan["own"][name])
    call = person(client, plan["session"]) if name == "person" else program(client, name, plan["keys"][name])
    time.sleep(max(0.0, start - time.monotonic()))
    good, waits, wrong = 0, list[float](), collections.Counter[str]()
    while time.monotonic() < start + seconds:
        began = time.monotonic()
        try:
            call()
            good += 1
            waits.append(time.monotonic() - began)
        except (OSError, http.client.HTTPException, ValueError) as error:
            wrong[type(error).__name__ if not str(error).startswith("status") else str(error)] += 1
        time.sleep(max(0.0, began + plan["every"][name] - time.monotonic()))
    took = time.monotonic() - start
    median = statistics.median(waits) if waits else None
    said.put((name, {"per_second": good / took, "median": median, "wrong": dict(wrong)}))


def rates(plan: Plan, seconds: float) -> dict[str, Any]:
    """Let all who belong there work at once."""
    said: Any = multiprocessing.Queue()
    start = time.monotonic() + 1.5
    workers = [
        multiprocessing.Process(target=work, args=(name, plan, start, seconds, said)) for name in sorted(plan["own"])
    ]
    for worker in workers:
        worker.start()
    found = dict(said.get(timeout=seconds + 60) for _ in workers)
    for worker in workers:
        worker.join()
    return found


def asked(plan: Plan, kind: str) -> Iterator[bytes]:
    """Yield what a stranger of this kind sends, again and again."""
    number = 0
    while True:
        number += 1
        method, path, extra, body = "GET", "/", "", ""
        if kind == "wrong key":
            path, extra = f"{API}/status", f"DOLAPIKEY: {'wrong' * 6}{number}\r\n"
        elif kind == "no key":
            path = f"{API}/status"
        elif kind == "wrong login":
            method, path, body = "POST", "/index.php", f"actionlogin=login&username=admin&password=wrong{number}"
            extra = f"Content-Type: {FORM}\r\nReferer: http://{plan['domain']}/\r\n"
        elif kind == "static":
            path = "/theme/none.png"
        head = f"{method} {path} HTTP/1.1\r\nHost: {plan['domain']}\r\nConnection: close\r\n{extra}"
        if kind == "half-open":
            yield f"{head}X-".encode()
        else:
            yield f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


async def stranger(plan: Plan, kind: str, address: str, until: float, said: collections.Counter[str]) -> None:
    """Ask once a second over a new connection, until the flood is over. A half-open request waits for its second."""
    for words in asked(plan, kind):
        began = time.monotonic()
        if began > until:
            return
        try:
            said[await once(plan, kind, address, words)] += 1
        except (OSError, TimeoutError, IndexError, UnicodeDecodeError) as error:
            said[type(error).__name__] += 1
        await asyncio.sleep(max(0.0, began + EVERY - time.monotonic()))


async def once(plan: Plan, kind: str, address: str, words: bytes) -> str:
    """Return the status of one answer."""
    async with asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection(plan["target"], plan["port"], local_addr=(address, 0))
        try:
            writer.write(words)
            if kind == "half-open":
                await asyncio.sleep(EVERY)
                return "half-open"
            return (await reader.readline()).split(b" ")[1].decode()
        finally:
            # Thousands of closed connections would use up the ports of an address.
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()


async def flood(plan: Plan, scene: Plan, seconds: float) -> dict[str, int]:
    """Be a flood of ``scene["connections"]`` from its addresses."""
    said = collections.Counter[str]()
    until = time.monotonic() + seconds

    async def one(number: int) -> None:
        await asyncio.sleep(EVERY * number / scene["connections"])
        address = scene["addresses"][number % len(scene["addresses"])]
        await stranger(plan, scene["kind"], address, until, said)

    await asyncio.gather(*(one(number) for number in range(scene["connections"])))
    return dict(said)


def flood_beside(plan: Plan, scene: Plan, seconds: float, said: Any) -> None:  # noqa: ANN401 (a queue)
    """Be one in a process of its own, which leaves the processor to the others: a flood comes from elsewhere."""
    os.nice(15)
    said.put(asyncio.run(flood(plan, scene, seconds)))


def main() -> None:
    """Play the scenes of the plan, each between two quiet times."""
    plan: Plan = json.load(sys.stdin)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    seconds = plan["seconds"]
    plan["session"] = logged_in(Client(plan, plan["own"]["person"]), plan["password"])
    quiet = rates(plan, seconds)
    for scene in plan["scenes"]:
        said: Any = multiprocessing.Queue()
        beside = multiprocessing.Process(target=flood_beside, args=(plan, scene, seconds + 4, said))
        beside.start()
        time.sleep(1.5)
        under = rates(plan, seconds)
        answers = said.get(timeout=seconds + 90)
        beside.join()
        time.sleep(plan["settle"])
        after = rates(plan, seconds)
        seen = {"scene": scene, "before": quiet, "under": under, "after": after, "answers": answers}
        print(json.dumps(seen), flush=True)
        quiet = after


if __name__ == "__main__":
    main()
