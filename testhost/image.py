"""The image of a bare Debian host: made by mmdebstrap from Debian's packages, cached until the recipe changes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Sequence

from testhost import aptsettings, engine, places, privileged
from testhost.errors import HostError

RELEASES = ("bookworm", "trixie")
REPOSITORY = "localhost/miclinik-debian"
SNAPSHOTS = "localhost/miclinik-snapshot"
# What an installed Debian has and a minbase lacks; nothing of what the roles bring.
PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "python3",
    "openssh-server",
    "ca-certificates",
    "iproute2",
    "procps",
)
# Runs inside the new system.
SETUP = r"""
# The kernel is the machine's: a container must not load modules into it, change its settings or its binary formats.
systemctl mask systemd-modules-load.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
  systemd-udevd.service systemd-udev-trigger.service
for file in /usr/lib/sysctl.d/*.conf; do
  [ -e "$file" ] && ln -sf /dev/null "/etc/sysctl.d/${file##*/}"
done
# Timers that take apt's lock in the middle of a test.
systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer
# trixie starts sshd from a socket unless told otherwise; a host has the service.
systemctl enable ssh.service
# Each host gets a key of its own before it starts.
rm -f /etc/ssh/ssh_host_*
: > /etc/machine-id
rm -f /etc/hostname
"""


def digest(release: str) -> str:
    """Return the first 12 hex digits of the recipe's SHA-256."""
    recipe = "\n".join([release, *PACKAGES, SETUP])
    return hashlib.sha256(recipe.encode()).hexdigest()[:12]


def tag(release: str) -> str:
    """Return the image's name for `release` as the recipe is now."""
    return f"{REPOSITORY}:{release}-{digest(release)}"


def snapshot(label: str) -> str:
    """Return the name of a host that was kept under `label`."""
    return f"{SNAPSHOTS}:{label}"


def forget(snapshots: Sequence[str]) -> None:
    """Remove what was kept; one that a host still uses stays."""
    for name in snapshots:
        engine.podman("rmi", name, check=False)


def build_command(release: str, apt_options: Sequence[str]) -> list[str]:
    """Return mmdebstrap's command line, which writes a tar archive to stdout; `apt_options` as in apt.conf."""
    hook = f"chroot \"$1\" /bin/sh -eu <<'SETUP'{SETUP}SETUP\n"
    return [
        "mmdebstrap",
        "--variant=minbase",
        "--format=tar",
        f"--include={','.join(PACKAGES)}",
        *(f"--aptopt={option}" for option in apt_options),
        f"--customize-hook={hook}",
        # What the machine's apt needs to reach a mirror is no part of the image.
        '--customize-hook=rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap"',
        release,
        "-",
    ]


def ensure(release: str, *, rebuild: bool = False) -> str:
    """Return the name of the image of `release`, made first when it is absent (about 40 s).

    Call it with the machine's lock held. Raises HostError when it cannot be made.
    """
    if release not in RELEASES:
        raise HostError(f"a release out of {', '.join(RELEASES)}", release, "name one of these")
    name = tag(release)
    if not rebuild and engine.podman("image", "exists", name, check=False).returncode == 0:
        return name
    print(f"testhost: making the image of {release}, once (about 40 s)", file=sys.stderr)
    started = time.monotonic()
    _build(release, name)
    _remove_others(release, name)
    print(f"testhost: image ready after {time.monotonic() - started:.0f} s", file=sys.stderr)
    return name


def _build(release: str, name: str) -> None:
    log = places.user_dir() / f"image-{release}.log"
    importing = engine.command(["import", "--change=STOPSIGNAL=SIGRTMIN+3", "-"])
    with log.open("w", encoding="utf-8") as messages:
        with subprocess.Popen(
            privileged.as_root(build_command(release, aptsettings.of_machine())),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=messages,
        ) as maker:
            imported = subprocess.run(
                privileged.as_root(importing),
                stdin=maker.stdout,
                stdout=subprocess.PIPE,
                stderr=messages,
                check=False,
                text=True,
            )
        made = maker.returncode
    if made != 0 or imported.returncode != 0:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise HostError(
            "mmdebstrap to make the system and podman to import it",
            f"exit codes {made} and {imported.returncode}; last lines of {log}:\n" + "\n".join(lines[-15:]),
            "check that the package mirror answers (apt-get update)",
        )
    # Imported without a name: only a whole image gets the one that later runs trust.
    engine.podman("tag", imported.stdout.split()[-1], name)


def _remove_others(release: str, keep: str) -> None:
    """Remove images of older recipes of `release`; one that a host still uses stays."""
    listed = engine.podman("images", "--format={{.Repository}}:{{.Tag}}", check=False).stdout.split()
    for name in listed:
        if name.startswith(f"{REPOSITORY}:{release}-") and name != keep:
            engine.podman("rmi", name, check=False)
