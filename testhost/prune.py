"""Remove everything that test hosts left on the machine."""

from __future__ import annotations

from testhost import bridges, cgroups, engine, locking, places, privileged
from testhost.errors import HostError


def everything() -> None:
    """Remove images, networks, the namespace and the storage. Raises HostError while a host of anyone is there."""
    with locking.machine_lock():
        engine.prepare()
        left = [str(found["Names"][0]).removeprefix(places.PREFIX) for found in engine.containers()]
        if left:
            raise HostError("no host on this machine", ", ".join(left), "python3 -m testhost down --all")
        for network in bridges.defined().values():
            bridges.drop(network)
        engine.podman("system", "reset", "--force", check=False)
        if cgroups.is_namespace(cgroups.own_mountinfo(), places.NAMESPACE):
            privileged.run(["umount", "-l", str(places.NAMESPACE)])
        privileged.run(["umount", "-l", str(places.RUN)])
        privileged.run(["rm", "-rf", str(places.MACHINE)])
