# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs: each tick has one job due, all application hosts look at once, and one of them has to run it."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from testhost import engine, hosts

UNIT = "miclinik-cron@norte.service"
#: Seconds that a tick may wait for a database that moves.
_PATIENCE = 60
_ALONE = "UPDATE llx_cronjob SET status = (methodename = 'purgeFiles'), unitfrequency = 86400, frequency = 1"
_DUE = "UPDATE llx_cronjob SET datenextrun = '2020-01-01' WHERE methodename = 'purgeFiles'; SELECT 1"
_COUNT = "SELECT nbrun FROM llx_cronjob WHERE methodename = 'purgeFiles'"
#: systemd starts nothing five times in ten seconds, unless it forgets.
_LOOK = f"systemctl reset-failed {UNIT}; systemctl start {UNIT}"
_SQL = """
password=$(python3 -c 'import json; print(json.load(open("/etc/miclinik/norte/secrets.json"))["database_password"])')
MYSQL_PWD=$password timeout 5 mariadb -h 127.0.0.1 -P 3307 -u norte -Ne "$1" norte
"""


class Jobs:
    """The job that clears up temporary files, alone, and how often it ran on the ``names``."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = list(names)
        self.alive = list(names)
        #: Each tick: seconds until the job had run, and how often it did.
        self.ticks: list[tuple[float, int]] = []
        for name in names:
            inside(name, "systemctl", "stop", UNIT.replace(".service", ".timer"))
        self._sql(_ALONE)

    def tick(self) -> None:
        """Have it due, and all hosts look for what is due until it has run."""
        began = time.time()
        while not self._sql(_DUE):
            time.sleep(1)
        until = time.monotonic() + _PATIENCE
        while True:
            looking = [threading.Thread(target=inside, args=(name, "sh", "-c", _LOOK)) for name in self.alive]
            for thread in looking:
                thread.start()
            for thread in looking:
                thread.join()
            asked = ("journalctl", "-qt", "miclinik-norte-cron", "-S", f"@{began:.3f}")
            said = [inside(name, *asked) for name in self.names]
            ran = sum(text.count('" ran') for text in said)
            if ran or time.monotonic() > until:
                self.ticks.append((time.time() - began, ran))
                return

    def runs(self) -> int:
        """Return how often it ran, as the application has it."""
        return int(self._sql(_COUNT) or -1)

    def _sql(self, text: str) -> str:
        return inside(self.alive[0], "sh", "-c", _SQL, "sql", text).strip()


def inside(name: str, *command: str) -> str:
    """Run a command on a host; return what it printed."""
    return str(engine.podman("exec", hosts.container_name(name), *command, check=False).stdout)
