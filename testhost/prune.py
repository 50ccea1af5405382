"""Remove everything that test hosts left on the machine."""

from __future__ import annotations

import json

from testhost import cgroups, engine, locking, places, privileged
from testhost.errors import HostError


def everything() -> None:
    """Remove images, networks, the namespace and the storage. Raises HostError while a host of anyone is there."""
    with locking.machine_lock():
        engine.prepare()
        left = [str(found["Names"][0]).removeprefix(places.PREFIX) for found in engine.containers()]
        if left:
            raise HostError("no host on this machine", ", ".join(left), "python3 -m testhost down --all")
        for net in json.loads(engine.podman("network", "ls", "--format=json").stdout):
            # Gone with the last host, unless a run was killed.
            if net["name"].startswith(places.PREFIX):
                privileged.run(["ip", "link", "delete", net["network_interface"]], check=False)
        engine.podman("system", "reset", "--force", check=False)
        if cgroups.is_namespace(cgroups.own_mountinfo(), places.NAMESPACE):
            privileged.run(["umount", "-l", str(places.NAMESPACE)])
        privileged.run(["umount", "-l", str(places.RUN)])
        privileged.run(["rm", "-rf", str(places.MACHINE)])
