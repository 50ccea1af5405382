"""SSH keys: one of the caller's for all hosts, one of its own for each host, known before the host starts."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from testhost import places
from testhost.errors import HostError


@dataclass(frozen=True)
class HostKey:
    """A host's private and public ed25519 key, as OpenSSH's files hold them."""

    private: str
    public: str


def _generate(path: Path, comment: str) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def user_key() -> Path:
    """Return the caller's private key, made the first time; the public one is beside it (.pub)."""
    path = places.user_dir() / "id_ed25519"
    if not path.exists() or not path.with_suffix(".pub").exists():
        # Made aside and moved: a run that is killed, or one at the same time, leaves no half key.
        with tempfile.TemporaryDirectory(dir=places.user_dir()) as folder:
            fresh = Path(folder) / "key"
            _generate(fresh, "miclinik-testhost")
            fresh.with_suffix(".pub").replace(path.with_suffix(".pub"))
            fresh.replace(path)
    return path


def new_host_key(name: str) -> HostKey:
    """Return a new key for the host `name`."""
    with tempfile.TemporaryDirectory(dir=places.user_dir()) as folder:
        path = Path(folder) / "key"
        _generate(path, f"root@{name}")
        return HostKey(path.read_text(encoding="utf-8"), path.with_suffix(".pub").read_text(encoding="utf-8"))


def known_hosts_line(address: str, public: str) -> str:
    """Return the line of a known_hosts file for a host key."""
    return f"{address} {' '.join(public.split()[:2])}\n"


def files_archive(files: dict[str, tuple[int, str]]) -> bytes:
    """Return a tar archive, all root's, of `files`: path without leading slash -> (mode, text)."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, (mode, text) in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode, entry.mtime = len(content), mode, int(time.time())
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def options(name: str) -> list[str]:
    """Return ssh's options for the host `name`: its recorded key and no other, no question."""
    return [
        "-o",
        f"UserKnownHostsFile={places.host_dir(name) / 'known_hosts'}",
        "-o",
        "GlobalKnownHostsFile=/dev/null",
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        "IdentitiesOnly=yes",
    ]


def command(name: str, address: str) -> list[str]:
    """Return the ssh command that logs in to the host as root."""
    return ["ssh", "-F", "/dev/null", *options(name), "-i", str(user_key()), f"root@{address}"]


def wait(name: str, address: str, seconds: float) -> None:
    """Return when the host takes the key; raises HostError after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        login = [*command(name, address)[:-1], "-o", "BatchMode=yes", "-o", "ConnectTimeout=3", f"root@{address}"]
        tried = subprocess.run([*login, "true"], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        if tried.returncode == 0:
            return
        if time.monotonic() > deadline:
            raise HostError(
                f"SSH at {address} to take the key within {seconds:g} s",
                tried.stderr.strip(),
                f"python3 -m testhost exec {name} -- journalctl -u ssh",
            )
        time.sleep(0.2)
