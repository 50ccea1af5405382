# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`examples/infrastructure`, copied as its README says, with the collection installed and two hosts to work on."""

from __future__ import annotations

import json
import os
import re
import secrets
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from testhost import engine, hosts, inventory, network, privileged

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
#: The example's hosts by the names of ours, with their releases.
HOSTS = {"erp-1": ("habits-1", "bookworm"), "erp-2": ("habits-2", "trixie")}
RECAP = re.compile(r"^(\S+) +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """How a playbook ended; `changed` has the hosts that were part of it."""

    status: int
    changed: dict[str, int]
    text: str


@dataclass
class Repository:
    """The copy, what is in its vault, and its hosts."""

    folder: Path
    become: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    admin: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    key: str = field(default_factory=lambda: secrets.token_hex(20))

    def begin(self) -> None:
        """Copy the example, install the collection into it, start the hosts, write vault and connections."""
        shutil.copytree(ROOT / "examples/infrastructure", self.folder, dirs_exist_ok=True)
        self.program("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", str(self.folder))
        (archive,) = self.folder.glob("miclinik-hosting-*.tar.gz")
        # What it depends on comes with the package `ansible`.
        self.program("ansible-galaxy", "collection", "install", str(archive), "--no-deps", "-p", "collections")
        for name, release in HOSTS.values():
            hosts.up(name, release=release, fresh=True)
            self.inside(
                name,
                "apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install sudo >/dev/null"
                " && useradd --create-home --shell /bin/bash --groups sudo ops && chpasswd"
                " && install -d -o ops -g ops -m 0700 ~ops/.ssh"
                " && install -o ops -g ops -m 0600 ~root/.ssh/authorized_keys ~ops/.ssh/authorized_keys"
                " && rm -f /run/nologin",
                f"ops:{self.become}\n",
            )
        vault = {
            "vault_become_password": self.become,
            "vault_norte_admin_password": self.admin,
            "vault_norte_api_key": self.key,
        }
        (self.folder / ".vault-password").write_text(secrets.token_hex(20), encoding="utf-8")
        (self.folder / ".vault-password").chmod(0o600)
        path = self.folder / "inventory/group_vars/miclinik/vault.yml"
        path.write_text(yaml.safe_dump(vault), encoding="utf-8")
        self.program("ansible-vault", "encrypt", str(path))
        self.reach()

    def reach(self, **addresses: str) -> None:
        """Write the inventory: the second host is reached through the first, as the example has it."""
        known = {name: inventory.variables(hosts.get(own)) for name, (own, _) in HOSTS.items()}
        for name, one in known.items():
            one |= {"ansible_user": "ops", "ansible_become_password": "{{ vault_become_password }}"}
            # Its key is on record by the address that it began with.
            one["ansible_ssh_common_args"] += f" -o HostKeyAlias={one['ansible_host']}"
            one["ansible_host"] = addresses.get(name, one["ansible_host"])
            one.pop("ansible_control_path", None)
        first, second = known.values()
        options = shlex.join(["ssh", "-i", first["ansible_ssh_private_key_file"], "-W", "[%h]:%p"])
        jump = f"{options} {first['ansible_ssh_common_args']} ops@{first['ansible_host']}"
        second["ansible_ssh_common_args"] += f" {shlex.quote(f'-oProxyCommand={jump}')}"
        tree = {"all": {"children": {"miclinik": {"hosts": known}}}}
        (self.folder / "inventory/hosts.yml").write_text(json.dumps(tree), encoding="utf-8")

    def program(self, name: str, *arguments: str, **more: str) -> str:
        """Run one of Ansible's programs in the repository; return what it says."""
        done = self._run(name, *arguments, **more)
        if done.returncode:
            raise AssertionError(f"{name} {arguments[:2]} ended with {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout

    def play(self, *arguments: str, **more: str) -> Run:
        """Run a playbook; return how that was."""
        done = self._run("ansible-playbook", *arguments, **more)
        changed = {
            name: -1 if int(gone) + int(failed) else int(count)
            for name, count, gone, failed in RECAP.findall(done.stdout)
        }
        return Run(done.returncode, changed, done.stdout)

    def _run(self, name: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        known = {"ANSIBLE_VAULT_PASSWORD_FILE": str(self.folder / ".vault-password"), "ANSIBLE_FORCE_COLOR": "0"}
        return subprocess.run(
            [str(BIN / name), *arguments],
            cwd=self.folder,
            env={**os.environ, "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"), **known, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def inside(self, name: str, script: str, text: str = "") -> str:
        """Run a script as root in a host, whatever its network is; return what it prints."""
        words = privileged.as_root(engine.command(["exec", "-i", hosts.container_name(name), "sh", "-c", script]))
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script[:80]}: {done.stdout[-500:]}{done.stderr[-1500:]}"
        return done.stdout

    def machine(self, *words: str) -> str:
        """Run a command as root on this machine; return what it prints."""
        return str(privileged.run(list(words)).stdout)

    def bridge(self) -> str:
        """Return the interface of this machine behind which the hosts are."""
        gateway = str(network.subnet_of(hosts.get(HOSTS["erp-1"][0]).ip)[1])
        known = json.loads(self.machine("ip", "-j", "-4", "addr"))
        (found,) = (one["ifname"] for one in known if gateway in {address["local"] for address in one["addr_info"]})
        return str(found)

    def end(self) -> None:
        """Take the hosts away."""
        hosts.down([name for name, _ in HOSTS.values()])
