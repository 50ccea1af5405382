"""podman with settings and storage of its own, so that it meets no other containers of the machine."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from testhost import cgroups, places, privileged
from testhost.errors import HostError

LABEL_OWNER = "miclinik.owner"  # uid of the user who started the host
LABEL_RELEASE = "miclinik.release"
LABEL_IP = "miclinik.ip"

# lock_type: the default, one shared-memory segment for all of root's podmans, would tie us to the others' numbering.
CONF = f"""\
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
runtime = "crun"
tmp_dir = "{places.RUN}/podman-tmp"
static_dir = "{places.STORAGE}/libpod"
volume_path = "{places.STORAGE}/volumes"
[network]
network_backend = "netavark"
network_config_dir = "{places.NETWORKS}"
"""
# What `_storage` finds -> podman's arguments. A host's files need to outlive no crash: without the syncs that
# `volatile` (Linux 5.10) leaves out, a used host goes in 0.3 s instead of 2 to 10, and packages install a seventh
# faster. vfs copies the image for every host; it is for machines whose disk is itself an overlay.
STORAGE_ARGUMENTS: Mapping[str, list[str]] = {
    "volatile": ["--storage-driver=overlay", "--storage-opt=overlay.mountopt=volatile"],
    "index=off": ["--storage-driver=overlay"],
    "vfs": ["--storage-driver=vfs"],
}
UNLIMITED_FILES = 1048576
REMOVE_TRIES = 3


def ulimits(hard_files: str, hard_processes: str, pid_max: str) -> list[str]:
    """Return podman's --ulimit arguments from the hard limits (`ulimit -H`, may be "unlimited") and kernel.pid_max.

    podman's defaults fail with EPERM where the process may not raise its limits, and podman lowers its own limit of
    processes to pid_max, so more than that cannot be passed on either.
    """
    files = UNLIMITED_FILES if hard_files == "unlimited" else min(int(hard_files), UNLIMITED_FILES)
    processes = int(pid_max) if hard_processes == "unlimited" else min(int(hard_processes), int(pid_max))
    return [f"--ulimit=nofile={files}:{files}", f"--ulimit=nproc={processes}:{processes}"]


def machine_ulimits() -> list[str]:
    """Return the --ulimit arguments for this machine, seen as root sees it (sudo may change limits)."""
    seen = privileged.run(
        ["sh", "-c", "ulimit -Hn; ulimit -Hu 2>/dev/null || ulimit -Hp; cat /proc/sys/kernel/pid_max"]
    )
    files, processes, pid_max = seen.stdout.split()
    return ulimits(files, processes, pid_max)


def command(arguments: Sequence[str]) -> list[str]:
    """Return the whole command line (without sudo) of a podman command."""
    base = [
        "env",
        f"CONTAINERS_CONF={places.ENGINE_CONF}",
        # Newer netavarks use nftables, whose tables do not outvote a DROP in those of iptables, which docker sets.
        "NETAVARK_FW=iptables",
        "podman",
        f"--root={places.STORAGE}",
        f"--runroot={places.RUN}/podman",
        *_storage(),
    ]
    return [*cgroups.prefix(cgroups.own_mountinfo()), *base, *arguments]


def podman(
    *arguments: str, stdin: bytes | None = None, check: bool = True, timeout: float | None = 120
) -> subprocess.CompletedProcess[str]:
    """Run podman (as root, in the right namespace); `timeout` in seconds. Raises HostError on failure."""
    return privileged.run(command(arguments), stdin=stdin, check=check, timeout=timeout)


def containers() -> list[dict[str, Any]]:
    """Return podman's records of all our containers, of every user, running or not."""
    answer: list[dict[str, Any]] = json.loads(
        podman("ps", "--all", f"--filter=label={LABEL_OWNER}", "--format=json").stdout or "[]"
    )
    return answer


def remove(container: str) -> None:
    """Take a container away, whatever state a killed run left it in. Raises HostError when it stays."""
    for _ in range(REMOVE_TRIES - 1):
        # Where the processes were killed behind podman's back, its first try fails and only notices that they are gone.
        if podman("rm", "--force", "--time=0", container, check=False).returncode == 0:
            return
    podman("rm", "--force", "--time=0", container)


def prepared() -> bool:
    """Tell whether `prepare` has run since the machine started."""
    table = cgroups.own_mountinfo()
    pure = cgroups.layout(table) is cgroups.Layout.UNIFIED
    return cgroups.is_tmpfs(table, places.RUN) and (pure or cgroups.is_namespace(table, places.NAMESPACE))


def prepare() -> None:
    """Make the folders, the tmpfs, the configuration and the namespace; call it with the machine's lock held."""
    booted = not cgroups.is_tmpfs(cgroups.own_mountinfo(), places.RUN)
    if booted:
        privileged.run(["mkdir", "-p", str(places.RUN)])
        privileged.run(["mount", "-t", "tmpfs", "-o", "mode=0755", "miclinik-testhost", str(places.RUN)])
        # A namespace can only be kept on a mount that is not shared.
        privileged.run(["mount", "--make-private", str(places.RUN)])
    privileged.run(["mkdir", "-p", str(places.STORAGE), str(places.NETWORKS)])
    if not places.ENGINE_CONF.exists() or places.ENGINE_CONF.read_text(encoding="utf-8") != CONF:
        privileged.run(["tee", str(places.ENGINE_CONF)], stdin=CONF.encode())
    if cgroups.ensure_namespace() or booted:
        _forget_containers()


def _forget_containers() -> None:
    """Remove what a reboot, or the end of the namespace, made stale: the containers' mounts went with it."""
    for container in containers():
        remove(container["Id"])


def _storage() -> list[str]:
    """Return the storage driver's arguments, found by trial once a boot: the fastest that this machine can."""
    marker = places.RUN / "storage"
    if marker.exists():
        return STORAGE_ARGUMENTS[marker.read_text(encoding="utf-8").strip()]
    if not cgroups.is_tmpfs(cgroups.own_mountinfo(), places.RUN):
        raise HostError("a prepared engine", f"{places.RUN} is not mounted", "python3 -m testhost up NAME")
    found = next((options for options in ("volatile", "index=off") if _overlay_mounts(options)), "vfs")
    privileged.run(["tee", str(marker)], stdin=found.encode())
    return STORAGE_ARGUMENTS[found]


def _overlay_mounts(options: str) -> bool:
    """Tell whether an overlay with these mount options can be mounted over our storage."""
    probe = places.MACHINE / "overlay-probe"
    script = (
        f"cd {probe} && mkdir -p lower upper work merged && "
        f"mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work,{options} merged"
    )
    privileged.run(["mkdir", "-p", str(probe)])
    # In a namespace of its own, so that the trial leaves no mount behind.
    trial = privileged.run(["unshare", "--mount", "--propagation", "private", "sh", "-c", script], check=False)
    privileged.run(["rm", "-rf", str(probe)])
    return trial.returncode == 0
