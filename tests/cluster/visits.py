# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Somebody stays logged in, whatever dies."""

from __future__ import annotations

import json
import time

from testhost import hosts
from tests.cluster.jobs import inside
from tests.cluster.people import Person, ask, written_to
from tests.cluster.power import DOMAIN, Names, dies, returns

#: The unit of the store, by its engine's name.
_UNIT = "ls /etc/systemd/system | grep -oE '^(redis|valkey)-server'"


def visit(names: Names, floating: str, authorities: str) -> int:
    """Have somebody log in, and stay so while hosts and copies of the sessions die and come back."""
    password = json.loads(inside(names.all[0], "cat", "/etc/miclinik/norte/secrets.json"))["admin_password"]
    one, other = Person(floating, DOMAIN, authorities), Person(floating, DOMAIN, authorities)
    for person in (one, other):
        person.log_in(password)
    wrong = [_still(one, "logged in", 0)]
    # A page that holds its session for long, as far as anybody else can see.
    lock = f"norte:{one.number}_LOCK"
    held = ask(names.all[0], "set", lock, "somebody", "NX", "PX", "15000")
    wrong += [
        _still(other, f"others, while one page holds its session ({held})", 5),
        _still(one, "its own next page", 20),
    ]
    for _ in range(2):
        served = one.host
        dies(served, names)
        wrong.append(_still(one, f"{served}, which served it, killed", 60))
        returns(served, names)
        time.sleep(30)  # the copy of the sessions that came back follows the other
        wrong.append(_still(one, f"{served} back", 30))
    for signal in ("KILL", "STOP"):
        master = written_to(names.all[2], hosts.get(names.all[2]).ip)
        (name,) = [name for name in names.all if hosts.get(name).ip == master]
        unit = inside(name, "sh", "-c", _UNIT).strip()
        inside(name, "systemctl", "kill", f"--signal={signal}", unit)
        wrong.append(_still(one, f"the copy on {name} gets SIG{signal}", 60))
        time.sleep(10)
        inside(name, "systemctl", "kill", "--signal=CONT", unit)
        time.sleep(15)
        wrong.append(_still(one, "it goes on", 30))
    return sum(wrong)


def _still(person: Person, what: str, patience: float) -> int:
    known, seconds, words = person.is_inside(patience)
    print(f"{what}: {'inside' if known else 'OUTSIDE'} after {seconds:.1f} s on {person.host} ({words})", flush=True)
    return int(not known or seconds > patience > 0)
