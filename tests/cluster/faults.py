# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an application host loses: balancers have to lead around it while it lasts, and to it again afterwards."""

from __future__ import annotations

import csv
import io
import shlex
import time
from collections.abc import Sequence
from typing import NamedTuple

from tests.cluster.jobs import inside
from tests.cluster.load import Load


class Fault(NamedTuple):
    """What is lost, and what brings it back; ``down`` is whether the host can serve no more."""

    name: str
    breaks: str
    mends: str
    down: bool = True


_PHP = "miclinik-php@norte"
_CUT = "add table inet cut; add chain inet cut out { type filter hook output priority 0; }"
_FLOOD = """import http.client, threading, time
until = time.time() + 14
def ask():
    while time.time() < until:
        caller = http.client.HTTPConnection("127.0.0.1", 8080, timeout=20)
        try:
            caller.request("GET", "/api/index.php/status", headers={"Host": "norte.example.org", "DOLAPIKEY": "wrong"})
            caller.getresponse().read()
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
for _ in range(60):
    threading.Thread(target=ask).start()
"""
FAULTS = [
    Fault("PHP", f"systemctl stop {_PHP}.socket {_PHP}.service", f"systemctl start {_PHP}.socket {_PHP}.service"),
    Fault("the web server", "systemctl stop nginx", "systemctl start nginx"),
    # PHP's sandbox has a mount of its own of what is on the volume, which an umount does not take from it.
    Fault(
        "the documents",
        "pkill -9 -f 'glusterfs .*/srv/documents'",
        f"umount -l /srv/documents; systemctl start srv-documents.mount; systemctl restart {_PHP}.service",
    ),
    Fault(
        "the way to the database",
        f"nft '{_CUT}; add rule inet cut out tcp dport 3306 drop'",
        "nft delete table inet cut",
    ),
    Fault("room for strangers", f"python3 -c {shlex.quote(_FLOOD)}", "true", down=False),
]
#: Seconds after which nobody may be led to a host that has lost something.
_NOTICED = 6


def lose(names: Sequence[str], load: Load) -> int:
    """Have the first host lose one thing after the other under load."""
    wrong = 0
    with load:
        time.sleep(5)
        for fault in FAULTS:
            began = time.monotonic()
            inside(names[0], "sh", "-c", f"{fault.breaks} >/dev/null 2>&1 &")
            noticed = _until(names, fault.down, _NOTICED + 4)
            time.sleep(max(0.0, began + _NOTICED + 9 - time.monotonic()))
            ended = time.monotonic()
            inside(names[0], "sh", "-c", fault.mends)
            back = _until(names, False, 60)
            time.sleep(12)
            early, late = (
                load.seen.failures(*span, sent=True) for span in ((began, began + _NOTICED), (began + _NOTICED, ended))
            )
            how = f"led around after {noticed:.1f} s" if fault.down else "led there"
            told = f"failed of what was sent in {_NOTICED} s {early or 'none'}, later {late or 'none'}"
            print(f"without {fault.name}: {how}, {told}; back after {back:.1f} s", flush=True)
            wrong += bool(late or noticed > _NOTICED or back > 60)
            time.sleep(3)
    return int(bool(wrong))


def _until(names: Sequence[str], down: bool, patience: float) -> float:
    """Return the seconds until all balancers lead around the first host, or to it; more than ``patience`` if never."""
    began = time.monotonic()
    while True:
        seen = [_status(name, names[0]) for name in names]
        spent = time.monotonic() - began
        if all(status.startswith("DOWN") == down and (down or status == "UP") for status in seen):
            return spent
        if spent > patience:
            return spent + 1
        time.sleep(0.2)


def _status(balancer: str, name: str) -> str:
    told = inside(balancer, "sh", "-c", "echo show stat | socat stdio /run/haproxy/admin.sock")
    rows = csv.DictReader(io.StringIO(told.lstrip("# ")))
    return next((row["status"] for row in rows if (row["pxname"], row["svname"]) == ("norte-calls", name)), "")
