# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sequences of inventory changes, calls and kills at random, after which the API has to know all of its endpoints."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPConnection
from typing import Any

from testhost import hosts
from tests.kill.runs import Playbook, Task
from tests.kill.story import SITE, Story, clients

#: An endpoint of each module that is switched on and off.
ENDPOINTS = {"societe": "thirdparties", "product": "products", "commande": "orders", "stock": "warehouses"}
#: Seconds after which opcache takes a file that was just written (opcache.file_update_protection).
_YOUNG = 2.5


def run(story: Story, steps: int) -> Iterator[tuple[str, str]]:
    """Do ``steps`` changes; yield what each was, and what was wrong after it (empty when nothing was)."""
    chance = random.Random(story.seed)  # noqa: S311 (a story, no secret)
    playbook = story.playbook(False, story.kept["change"])
    ip = hosts.get(story.host).ip
    tasks = playbook.whole()[1]
    for _ in range(steps):
        wanted = _wanted(chance)
        story.want(playbook, wanted)
        killed = ""
        with clients(ip):
            if chance.random() < 1 / 3:
                killed = f", killed in {playbook.killed(chance.choice(tasks), chance.choice([0.0, 0.5]))}"
            wrong = _whole(playbook)
        said = f"explorer {wanted['api']['explorer']}, {', '.join(wanted['modules'])}, {wanted['php']}{killed}"
        yield said, wrong or _deaf(ip, wanted["modules"])
    wrong, tasks = _second(playbook)
    yield "nothing", wrong


def _wanted(chance: random.Random) -> dict[str, Any]:
    chosen = chance.sample(sorted(ENDPOINTS), chance.randint(1, len(ENDPOINTS)))
    return {
        # The site's user has rights of these.
        "modules": sorted({"societe", "product", "commande", *chosen}),
        "api": {**SITE["api"], "explorer": chance.random() < 2 / 3},
        "php": {"api_max_children": chance.randint(4, 9)},
    }


def _whole(playbook: Playbook) -> str:
    done, _ = playbook.whole()
    return "" if done.green else f"the whole run ended with {done.status}:\n{done.output[-6000:]}"


def _second(playbook: Playbook) -> tuple[str, list[Task]]:
    done, tasks = playbook.whole()
    return ("" if done.green and not done.changed else f"changed {done.changed}:\n{done.output[-3000:]}"), tasks


def _deaf(ip: str, modules: Sequence[str]) -> str:
    """Return the endpoints that answer anything but 401 without a key, now and once opcache may have them."""
    seen: Mapping[str, int] = {}
    for _ in range(2):
        seen = {name: _status(ip, ENDPOINTS[name]) for name in modules}
        if set(seen.values()) != {401}:
            break
        time.sleep(_YOUNG)
    return "" if set(seen.values()) == {401} else f"the API answers {seen}"


def _status(ip: str, endpoint: str) -> int:
    connection = HTTPConnection(ip, 80, timeout=20)
    try:
        connection.request("GET", f"/api/index.php/{endpoint}", headers={"Host": str(SITE["domain"])})
        return connection.getresponse().status
    finally:
        connection.close()
