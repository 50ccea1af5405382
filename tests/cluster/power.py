# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts whose power goes, and what has to be so after it came back."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import requests

from testhost import engine, hosts
from tests.cluster.jobs import inside

DOMAIN = "norte.example.org"


class Names(NamedTuple):
    """The hosts of the cluster, and those among them that serve: all but an arbiter."""

    all: Sequence[str]
    serving: Sequence[str]


def dies(name: str, _: Names) -> None:
    """Take the power away."""
    engine.podman("kill", "--signal=KILL", hosts.container_name(name))


def returns(name: str, names: Names) -> None:
    """Start it, and wait until all is whole again."""
    engine.podman("start", hosts.container_name(name))
    whole(names, name)


def whole(names: Names, what: str) -> float:
    """Wait until the members of the database and the copies of the documents are whole; return for how long."""
    began = time.monotonic()
    wrong = list(missing(names))
    while wrong and time.monotonic() < began + 180:
        time.sleep(2)
        wrong = list(missing(names))
    if wrong:
        raise SystemExit(f"{what} does not come back by itself: {wrong}")
    return time.monotonic() - began


def missing(names: Names) -> Iterator[str]:
    """Yield what is not whole: answers of the application hosts, the database, the documents."""
    for name in names.serving:
        url = f"http://{hosts.get(name).ip}:8080/api/index.php/status"
        try:
            answer = requests.get(url, headers={"Host": DOMAIN}, timeout=5)
            if answer.status_code != requests.codes.unauthorized:
                yield f"{name} answers {answer.status_code}"
        except requests.RequestException as error:
            yield f"{name} answers {type(error).__name__}"
        said = inside(name, "mariadb", "-Ne", "SHOW STATUS LIKE 'wsrep\\_%'")
        seen = dict(line.split("\t", 1) for line in said.splitlines() if "\t" in line)
        if (seen.get("wsrep_local_state_comment"), seen.get("wsrep_cluster_size")) != ("Synced", str(len(names.all))):
            yield f"the database of {name} says {seen.get('wsrep_local_state_comment', 'nothing')}"
    heal = inside(names.all[0], "gluster", "volume", "heal", "documents", "info", "summary")
    if heal.count("Status: Connected") != len(names.all) or re.search(r"Total Number of entries: [1-9]", heal):
        yield "copies of the documents are not whole"
