# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""apt-get on hosts of all kinds: what is asked of it, and what is said of its complaints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import apt, apt_faults, dpkg_status
from ansible_collections.miclinik.hosting.plugins.module_utils.host.apt_locks import Busy, Holder, Patience

LISTS_LOCKED = (
    "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 9 (apt-get)\n"
    "E: Unable to lock directory /var/lib/apt/lists/\n"
)
DPKG_LOCKED = (
    "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another process using it?\n"
)


class Host:
    """A dpkg and an apt-get that answer as they are told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls: list[str] = []
        self.answers: dict[str, list[tuple[int, str]]] = {}
        self.comes: set[str] = set()
        self.states: dict[str, str] = {"bash": "install ok installed"}
        self.held: list[list[Holder]] = []
        self.slept = 0.0
        (folder / "updates").mkdir()
        self.write()

    def write(self) -> None:
        """Write dpkg's record."""
        stanzas = [f"Package: {name}\nEssential: no\nStatus: {state}\n" for name, state in self.states.items()]
        (self.folder / "status").write_text("\n".join(stanzas))

    def run(self, words: Sequence[str]) -> tuple[int, str]:
        """Answer one command."""
        kind = next(word for word in words if word in ("update", "install", "--simulate", "--configure"))
        self.calls.append(kind if kind != "install" else " ".join(words[words.index("install") :]))
        code, said = self.answers[kind].pop(0) if self.answers.get(kind) else (0, "")
        if kind == "install" and code == 0:
            self.states |= {name: "install ok installed" for name in words if name in self.comes}
            self.write()
        return code, said

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.slept += seconds

    def install(self, *names: str) -> apt.Outcome:
        """Install, with 300 s of patience."""
        patience = Patience(300, lambda: self.held.pop(0) if self.held else [], lambda: self.slept, self.sleep)
        tool = apt.Apt(patience, self.run, self.folder / "status", self.folder / "updates")
        return tool.install(names)

    def failure(self, *names: str) -> str:
        """Return the message with which the installation fails."""
        with pytest.raises(apt.AptError) as caught:
            self.install(*names)
        return str(caught.value)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_what_is_there_is_left_alone(host: Host) -> None:
    host.states |= {"nginx": "hold ok installed"}
    host.write()
    assert host.install("bash", "nginx") == apt.Outcome([], [])
    assert host.calls == []


def test_what_is_missing_comes(host: Host) -> None:
    host.comes = {"nginx"}
    host.states |= {"nginx": "deinstall ok config-files"}
    host.write()
    assert host.install("bash", "nginx") == apt.Outcome(["nginx"], [])
    assert host.calls == ["update", "install --fix-broken nginx"]


def test_it_waits_for_others_before_it_begins(host: Host) -> None:
    host.comes = {"nginx"}
    host.held = [[Holder(Path("/l"), 9, "dpkg")]] * 3
    assert host.install("nginx").notes == ["waited 3 s for apt, while dpkg (process 9) holds /l"]
    assert host.calls == ["update", "install --fix-broken nginx"]


@pytest.mark.parametrize(
    ("command", "said", "calls"),
    [
        ("update", LISTS_LOCKED, ["update", "update", "install --fix-broken nginx"]),
        ("install", DPKG_LOCKED, ["update", "install --fix-broken nginx", "install --fix-broken nginx"]),
    ],
)
def test_it_waits_for_others_that_were_quicker(host: Host, command: str, said: str, calls: list[str]) -> None:
    host.comes = {"nginx"}
    host.answers = {command: [(100, said)]}
    assert host.install("nginx").installed == ["nginx"]
    assert host.calls == calls


def test_it_gives_up_on_others(host: Host) -> None:
    host.held = [[Holder(Path("/l"), 9, "dpkg")]] * 400
    with pytest.raises(Busy, match="waited 300 s"):
        host.install("nginx")
    assert host.calls == []


def test_a_lock_whose_holder_cannot_be_seen_ends_as_well(host: Host) -> None:
    host.answers = {"update": [(100, LISTS_LOCKED)] * 400, "install": [(100, DPKG_LOCKED)] * 400}
    assert host.failure("nginx").startswith("apt could not install nginx: Could not get lock")
    assert 300 <= host.slept < 303


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("install ok half-configured", "dpkg had been interrupted, and was asked to finish: exim4"),
        ("install ok unpacked", "dpkg had been interrupted, and was asked to finish: exim4"),
        ("install reinstreq half-installed", "dpkg had been interrupted, and was asked to finish: exim4"),
    ],
)
def test_dpkg_finishes_what_others_left(host: Host, state: str, note: str) -> None:
    host.comes = {"nginx"}
    host.states |= {"exim4": state}
    host.write()
    assert host.install("nginx").notes == [note]
    assert host.calls == ["--configure", "update", "install --fix-broken nginx"]


def test_dpkg_finishes_its_journal(host: Host) -> None:
    host.comes = {"nginx"}
    (host.folder / "updates/tmp.i").touch()
    assert host.install("nginx").notes == []
    (host.folder / "updates/0001").touch()
    host.states.pop("nginx")
    host.write()
    assert host.install("nginx").notes == ["dpkg had been interrupted, and was asked to finish"]


def test_a_repository_that_is_out_of_reach_is_named_and_no_error(host: Host) -> None:
    host.comes = {"nginx"}
    host.answers = {"update": [(0, "W: Failed to fetch http://apt.example.org/InRelease  Connection timed out\n")]}
    assert host.install("nginx").notes == [
        "apt could not bring all of its lists up to date: "
        "Failed to fetch http://apt.example.org/InRelease  Connection timed out"
    ]


def test_stale_lists_are_read_again(host: Host) -> None:
    host.comes = {"nginx"}
    host.answers = {"install": [(100, "E: Failed to fetch http://m/nginx_1.deb  404  Not Found\n")]}
    assert host.install("nginx").installed == ["nginx"]
    assert host.calls == ["update", "install --fix-broken nginx"] * 2


def test_the_state_counts_and_not_the_exit_code(host: Host) -> None:
    assert host.failure("nginx") == (
        "apt could not install nginx: it said nothing. Try it on the host by hand. Then run the playbook again."
    )


def test_nothing_is_removed(host: Host) -> None:
    host.answers = {
        "install": [(100, "E: Packages need to be removed but remove is disabled.\n")],
        "--simulate": [(0, "Remv postfix [3.10.4]\nInst exim4-base (4.98 Debian)\nRemv bsd-mailx [8.1]\n")],
    }
    assert host.failure("exim4-daemon-light") == (
        "apt could not install exim4-daemon-light, for which it would remove postfix, bsd-mailx: "
        "Packages need to be removed but remove is disabled. Nothing is removed for our packages. "
        "Move what is in the way to another host, or remove it yourself. Then run the playbook again."
    )


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        ("E: Release file for http://m/InRelease is not valid yet (invalid for another 3d).", "clock is behind"),
        ("E: Release file for http://m/InRelease is expired (invalid since 3d).", "The mirror is stale"),
        ("E: You don't have enough free space in /var/cache/apt/archives/.", "Make room"),
        ("E: Held packages were changed and -y was used without --allow-change-held-packages.", "apt-mark unhold"),
        ("W: Failed to fetch http://m/  Temporary failure resolving 'm'", "check its DNS"),
        ("W: Failed to fetch http://m/  Unable to connect to 127.0.0.1:9:", "does not reach the mirror"),
        ("E: Failed to fetch http://m/x.deb  407  Proxy Authentication Required", "The proxy wants a login"),
        ("E: The repository 'http://m foo InRelease' is not signed.", "key is missing"),
        ("E: The repository 'file:/m foo Release' does not have a Release file.", "is not there any more"),
        ("E: Unable to locate package nginx", "No repository of the host offers it"),
        ("E: Unmet dependencies. Try 'apt --fix-broken install'\nE: broken packages", "do not fit together"),
        ("dpkg: error processing package nginx (--configure):", "/var/log/apt/term.log"),
    ],
)
def test_complaints_and_their_mends(host: Host, said: str, mend: str) -> None:
    host.answers = {"install": [(100, said)] * 2}
    message = host.failure("nginx")
    assert message.startswith(f"apt could not install nginx: {apt_faults.complaints(said)[0]}")
    assert mend in message


def test_why_the_lists_are_old_is_said_where_something_is_missing(host: Host) -> None:
    host.answers = {
        "update": [(100, "E: Release file for http://m/InRelease is not valid yet (invalid for another 3d).\n")],
        "install": [(100, "E: Unable to locate package nginx\n")],
    }
    assert host.failure("nginx") == (
        "apt could not install nginx: Release file for http://m/InRelease is not valid yet (invalid for another 3d); "
        "Unable to locate package nginx. The host's clock is behind the mirror's: set it (timedatectl), and have it "
        "kept right (systemd-timesyncd). Then run the playbook again."
    )


def test_commands_are_run_without_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBIAN_FRONTEND", "dialog")
    code, said = apt.run(["sh", "-c", "echo $DEBIAN_FRONTEND $NEEDRESTART_MODE; cat; echo oh >&2; exit 3"])
    assert (code, said) == (3, "noninteractive l\noh\n")


def test_one_of_two_architectures_is_enough(tmp_path: Path) -> None:
    status = tmp_path / "status"
    stanza = "Package: libc6\nStatus: {}\nArchitecture: {}\n"
    status.write_text(
        "\n".join([stanza.format("install ok installed", "amd64"), stanza.format("deinstall ok config-files", "i386")])
    )
    assert dpkg_status.states(status) == {"libc6": "installed"}
    assert dpkg_status.installed(status) == ["libc6"]
    assert dpkg_status.states(tmp_path / "none") == {}
