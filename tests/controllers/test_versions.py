# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every version of ansible-core that README.md names hosts a site; an older one is refused and changes nothing.

The newest makes the site, and for the others there must be nothing left to do. They run on the host itself, with a
local connection, as `ansible-pull` does. `make test-ansible` runs this; it is no part of `make test`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.controllers.controller import Controller

#: ansible-core -> the release of PyPI's `ansible` with it. Of the oldest the first, of the others the last known.
RELEASES = {"2.21": "14.5.0", "2.20": "13.8.0", "2.19": "12.0.0"}
REFUSED = {"2.18": "11.13.0"}
INVENTORY = """
all:
  hosts:
    here: {ansible_connection: local}
  vars:
    miclinik_sites:
      - name: norte
        domain: erp.example.org
        source: {type: sandbox}
        modules: [societe, product, commande, facture]
        tls: {mode: selfsigned}
        api: {users: [{login: integration, rights: [societe.lire, produit.lire]}]}
"""
RUN = ("-i /root/inventory.yml", "-e miclinik_hosts=here")
#: Folders that a run writes to, and the host itself does not by the way.
WRITTEN = "/etc /srv /usr/local /opt"


@pytest.fixture(scope="module")
def controller() -> Iterator[Controller]:
    host = Controller("ansible-versions")
    host.start()
    host.run("cat > /root/inventory.yml", stdin=INVENTORY.encode(), check=True)
    yield host
    host.stop()


def _recap(output: str) -> dict[str, int]:
    found = re.search(r"(?m)^here +: ok=(\d+) +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", output)
    assert found, output[-4000:]
    return dict(zip(("ok", "changed", "unreachable", "failed"), map(int, found.groups()), strict=True))


@pytest.mark.parametrize("core", REFUSED)
@pytest.mark.parametrize("playbook", ["site", "smoke", "doctor"])
def test_an_old_version_is_refused_before_anything_changes(controller: Controller, core: str, playbook: str) -> None:
    package = REFUSED[core]
    controller.install(package)
    controller.run("touch /root/before && sleep 1", check=True)
    done = controller.playbook(package, *RUN, f"playbooks/{playbook}.yml")
    assert done.returncode not in (0, 2)
    assert f"miclinik.hosting needs ansible-core 2.19 or newer, and this is {core}." in done.stdout
    assert "PLAY [" not in done.stdout
    assert controller.run(f"find {WRITTEN} -newer /root/before -type f").stdout == ""


@pytest.mark.parametrize("core", RELEASES)
def test_a_supported_version(controller: Controller, core: str) -> None:
    package = RELEASES[core]
    controller.install(package)
    assert f"[core {core}." in controller.run(f"/root/{package}/bin/ansible --version").stdout
    made = controller.run("test -d /srv/miclinik/norte").returncode == 0
    for number in range(1 if made else 2):
        done = controller.playbook(package, *RUN, "playbooks/site.yml")
        recap = _recap(done.stdout)
        assert (done.returncode, recap["failed"], recap["unreachable"]) == (0, 0, 0), done.stdout[-4000:]
        assert (recap["changed"] == 0) is (made or number == 1), done.stdout[-4000:]
        assert "ok   norte: all" in done.stdout
    # Of our own doing; the collections that come with it may say what they like of theirs.
    assert not [line for line in done.stdout.splitlines() if "DEPRECATION" in line and "community." not in line]


@pytest.mark.parametrize("core", RELEASES)
@pytest.mark.parametrize(
    "arguments", ["playbooks/smoke.yml", "playbooks/doctor.yml", "--check --diff playbooks/site.yml"]
)
def test_what_reads_only(controller: Controller, core: str, arguments: str) -> None:
    done = controller.playbook(RELEASES[core], *RUN, arguments)
    recap = _recap(done.stdout)
    assert (done.returncode, recap["changed"], recap["failed"]) == (0, 0, 0), done.stdout[-4000:]
