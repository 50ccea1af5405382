"""Start, stop and list hosts."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Any

from testhost import (
    aptsettings,
    bridges,
    engine,
    image,
    inventory,
    locking,
    needs,
    network,
    places,
    record,
    ssh,
    wayout,
)
from testhost.errors import HostError
from testhost.record import Record

NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
BOOT_SECONDS = 60.0


def container_name(name: str) -> str:
    """Return the container's name of the host `name`. Raises HostError for a name that is no host name."""
    if not NAME.fullmatch(name):
        raise HostError("a name of a-z, 0-9 and '-', beginning with a letter, at most 40 long", name, "choose another")
    return places.PREFIX + name


def _find(name: str) -> dict[str, Any] | None:
    wanted = container_name(name)
    return next((found for found in engine.containers() if wanted in found["Names"]), None)


def _own(container: dict[str, Any]) -> bool:
    return str(container["Labels"].get(engine.LABEL_OWNER)) == str(os.geteuid())


def up(
    name: str,
    *,
    release: str = "bookworm",
    ip: str | None = None,
    fresh: bool = False,
    rebuild: bool = False,
    inventories: Sequence[Path] = (),
    groups: Sequence[str] = (),
    snapshot: str = "",
) -> Record:
    """Make sure that a host `name` runs, booted and reachable; return its record.

    A running host is kept as it is unless `fresh`; one that a killed run left behind is made anew. `ip` fixes the
    address, `rebuild` makes the image again; `snapshot` names what `take` has kept, to start from in its place.
    Raises HostError when the host does not come up, and when a host of that name runs with another release or address.
    """
    container_name(name)
    needs.install()
    with locking.machine_lock():
        engine.prepare()
        tag = snapshot or image.ensure(release, rebuild=rebuild)
        kept = None if fresh or rebuild else _kept(name, release, ip)
        host = kept or _start(name, release, ip, tag)
        host.inventories = sorted({*host.inventories, *(str(path.absolute()) for path in inventories)})
        for path in inventories:
            inventory.write_host(path, host, groups)
        host.save()
        subnet = network.subnet_of(host.ip)
        bridges.check(subnet)
        wayout.keep_open(subnet, _running(subnet))
    _wait_booted(name)
    ssh.wait(name, host.ip, BOOT_SECONDS)
    return host


def _running(subnet: IPv4Network) -> list[str]:
    """Return the names of the running containers in `subnet`, everyone's."""
    return [
        str(found["Names"][0])
        for found in engine.containers()
        if found["State"] == "running" and IPv4Address(found["Labels"][engine.LABEL_IP]) in subnet
    ]


def _kept(name: str, release: str, ip: str | None) -> Record | None:
    """Return the record of a host that runs and is the caller's, or None when one has to be started."""
    container = _find(name)
    if container is None:
        return None
    _refuse_foreign(name, container)
    known = record.load(name)
    if known is None or not _answers(name):
        return None
    for what, has, asked in (("release", known.release, release), ("address", known.ip, ip or known.ip)):
        if has != asked:
            raise HostError(
                f"the host {name} to have the {what} {asked}", f"it runs with {has}", f"python3 -m testhost down {name}"
            )
    return known


def _answers(name: str) -> bool:
    return engine.podman("exec", container_name(name), "true", check=False).returncode == 0


def _refuse_foreign(name: str, container: dict[str, Any]) -> None:
    if not _own(container):
        owner = container["Labels"].get(engine.LABEL_OWNER)
        raise HostError(f"the host {name} to be yours", f"it is of the user {owner}", "choose another name")


def _start(name: str, release: str, ip: str | None, tag: str) -> Record:
    container = _find(name)
    if container is not None:
        _refuse_foreign(name, container)
        engine.remove(container["Id"])
    used = {str(found["Labels"].get(engine.LABEL_IP)) for found in engine.containers()}
    net, address = network.assign(ip, used)
    key = ssh.new_host_key(name)
    known = record.load(name)
    record.forget(name)
    host = Record(name, release, address, known.inventories if known else [])
    host.save()
    (places.host_dir(name) / "known_hosts").write_text(ssh.known_hosts_line(address, key.public), encoding="utf-8")
    files = {
        "etc/ssh/ssh_host_ed25519_key": (0o600, key.private),
        "etc/ssh/ssh_host_ed25519_key.pub": (0o644, key.public),
        "root/.ssh/authorized_keys": (0o600, ssh.user_key().with_suffix(".pub").read_text(encoding="utf-8")),
    }
    settings = aptsettings.of_machine()
    if settings:
        files[aptsettings.CONF_PATH] = (0o644, "\n".join(settings) + "\n")
    engine.podman(
        "create",
        "--pull=never",
        f"--name={container_name(name)}",
        f"--hostname={name}",
        f"--label={engine.LABEL_OWNER}={os.geteuid()}",
        f"--label={engine.LABEL_RELEASE}={release}",
        f"--label={engine.LABEL_IP}={address}",
        "--privileged",
        "--systemd=always",
        "--pids-limit=-1",
        *engine.machine_ulimits(),
        f"--network={net}",
        f"--ip={address}",
        # `systemctl reboot` ends the container; this starts it again, as a machine would.
        "--restart=always",
        tag,
        "/lib/systemd/systemd",
    )
    engine.podman("cp", "-", f"{container_name(name)}:/", stdin=ssh.files_archive(files))
    engine.podman("start", container_name(name))
    return host


def _wait_booted(name: str) -> None:
    """Return when systemd says `running`; raises HostError with the failed units when it says otherwise."""
    deadline = time.monotonic() + BOOT_SECONDS
    inside = ["exec", container_name(name), "systemctl"]
    while True:
        asked = engine.podman(*inside, "is-system-running", check=False)
        state = asked.stdout.strip()
        if state == "running":
            return
        if state == "degraded" or time.monotonic() > deadline:
            failed = engine.podman(*inside, "list-units", "--state=failed", "--plain", "--no-legend", check=False)
            raise HostError(
                f"systemd on {name} to say 'running' within {BOOT_SECONDS:g} s",
                f"{state or asked.stderr.strip()!r}; failed units: {failed.stdout.strip() or 'none'}",
                f"python3 -m testhost exec {name} -- journalctl -b",
            )
        time.sleep(0.1)


def take(name: str, label: str) -> str:
    """Keep the host `name` as it is now, and take it away; return the name of what was kept. Raises HostError."""
    tag = image.snapshot(label)
    with locking.machine_lock():
        # Its services end as for a shutdown, so that what they write is whole.
        engine.podman("stop", "--time=30", container_name(name))
        engine.podman("commit", "--quiet", container_name(name), tag)
    down([name])
    return tag


def down(names: Sequence[str]) -> list[str]:
    """Take hosts away, with their records and inventory entries; return the names of those that were there."""
    gone = []
    with locking.machine_lock():
        for name in names:
            container = _find(name) if engine.prepared() else None
            known = record.load(name)
            if container is not None:
                _refuse_foreign(name, container)
                engine.remove(container["Id"])
            for path in known.inventories if known else []:
                inventory.drop_host(Path(path), name)
            record.forget(name)
            if container is not None or known is not None:
                gone.append(name)
    return gone


def states() -> dict[str, str]:
    """Return name -> podman's state of each of the caller's hosts (`lost` when only the record is left)."""
    found = dict.fromkeys(record.names(), "lost")
    if engine.prepared():
        for container in engine.containers():
            if _own(container):
                found[container["Names"][0].removeprefix(places.PREFIX)] = container["State"]
    return dict(sorted(found.items()))


def get(name: str) -> Record:
    """Return the record of a host of the caller's. Raises HostError when there is none."""
    known = record.load(name)
    if known is None:
        raise HostError(f"a host {name}", f"there are {', '.join(record.names()) or 'none'}", "testhost up")
    return known
