# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`examples/infrastructure` hosts its sites, however it is run: `make test-habits`; no part of `make test`.

By an account with a password for sudo, through a bastion, with vaulted values, one host at a time and all at once, by
parts, over IPv6 alone, and by molecule. The tests build on each other, in their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml

from testhost import hosts, inventory
from tests.habits.repository import HOSTS, ROOT, Repository

ERP = "playbooks/erp.yml"
NOTHING = {"erp-1": 0, "erp-2": 0}
#: Addresses of nobody's (RFC 4193), for hosts that have no IPv4.
PREFIX = "fd42:77:1::"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    found = Repository(tmp_path_factory.mktemp("infrastructure"))
    try:
        found.begin()
        yield found
    finally:
        found.end()


def test_check_mode_gets_to_the_end_on_fresh_hosts(repository: Repository) -> None:
    run = repository.play(ERP, "--check", "--diff")
    assert (run.status, set(run.changed)) == (0, set(HOSTS)), run.text[-6000:]
    assert min(run.changed.values()) > 0, run.text[-3000:]
    for name, _ in HOSTS.values():
        assert "No such file" in repository.inside(name, "ls /srv/miclinik 2>&1; true")


def test_one_host_after_the_other(repository: Repository) -> None:
    run = repository.play(ERP, "--diff")
    assert run.status == 0, run.text[-6000:]
    assert min(run.changed.values()) > 0
    order = [line for line in run.text.splitlines() if line.startswith("PLAY [")]
    assert len(order) == len(HOSTS), order
    for secret in (repository.become, repository.admin, repository.key):
        assert secret not in run.text


@pytest.mark.parametrize(
    "arguments",
    [
        (ERP,),
        ("miclinik.hosting.site",),
        ("miclinik.hosting.site", "-e", "miclinik_serial=50%"),
        ("miclinik.hosting.site", "--forks", "1"),
        ("miclinik.hosting.site", "--check", "--diff"),
    ],
)
def test_the_next_run_changes_nothing(repository: Repository, arguments: tuple[str, ...]) -> None:
    run = repository.play(*arguments)
    assert (run.status, run.changed) == (0, NOTHING), run.text[-6000:]


def test_hosts_do_not_wait_for_each_other(repository: Repository) -> None:
    """`strategy: free`, with something to do on each."""
    for name, _ in HOSTS.values():
        repository.inside(name, "rm /etc/nginx/sites-enabled/*.conf")
    run = repository.play("miclinik.hosting.site", ANSIBLE_STRATEGY="free")
    assert run.status == 0 and min(run.changed.values()) > 0, run.text[-6000:]
    run = repository.play("miclinik.hosting.site", ANSIBLE_STRATEGY="free")
    assert (run.status, run.changed) == (0, NOTHING), run.text[-6000:]


def test_a_limit_leaves_the_others_alone(repository: Repository) -> None:
    run = repository.play(ERP, "--limit", "erp-2")
    assert (run.status, run.changed) == (0, {"erp-2": 0}), run.text[-6000:]


def test_a_run_by_tags_repairs_its_part_alone(repository: Repository) -> None:
    own = HOSTS["erp-1"][0]
    repository.inside(own, "rm /etc/nginx/sites-enabled/norte.conf; echo >> /etc/miclinik-php/norte/api.conf")
    run = repository.play("miclinik.hosting.site", "--tags", "nginx", "--limit", "erp-1")
    assert (run.status, run.changed["erp-1"] > 0) == (0, True), run.text[-6000:]
    run = repository.play("miclinik.hosting.site", "--skip-tags", "nginx", "--limit", "erp-1", "--check")
    assert run.changed["erp-1"] > 0, run.text[-6000:]
    assert repository.play(ERP).status == 0


def test_a_failing_batch_stops_the_ones_behind_it(repository: Repository) -> None:
    """With a host at a time, what is wrong on the first never gets to the second."""
    path = repository.folder / "inventory/host_vars/erp-1.yml"
    good = path.read_text(encoding="utf-8")
    path.write_text(good.replace("type: sandbox", "type: directory, path: /nowhere"), encoding="utf-8")
    try:
        run = repository.play(ERP)
    finally:
        path.write_text(good, encoding="utf-8")
    assert run.status != 0
    assert "erp-2" not in run.changed or run.changed["erp-2"] == 0
    assert "norte" in run.text and "/nowhere" in run.text


def test_a_name_in_another_script(repository: Repository) -> None:
    own = HOSTS["erp-1"][0]
    name = "xn--clnica-norte-tfb.example.org"
    assert f"server_name {name}" in repository.inside(own, "cat /etc/nginx/sites-enabled/norte.conf")
    call = f"""python3 - <<'END'
import http.client, socket, ssl
context = ssl.create_default_context(cafile="/etc/miclinik/norte/tls/certificate.pem")
sock = context.wrap_socket(socket.create_connection(("127.0.0.1", 443)), server_hostname="{name}")
lines = ["GET /api/index.php/status HTTP/1.1", "Host: {name}", "DOLAPIKEY: {repository.key}", "Connection: close"]
sock.sendall(("\\r\\n".join(lines) + "\\r\\n\\r\\n").encode())
answer = http.client.HTTPResponse(sock)
answer.begin()
print(answer.status)
END"""
    assert repository.inside(own, call).strip() == "200"


def test_the_vaulted_key_and_password_are_the_site_s(repository: Repository) -> None:
    known = json.loads(repository.inside(HOSTS["erp-1"][0], "cat /etc/miclinik/norte/secrets.json"))
    assert known["users"]["integration"]["key"] == repository.key
    assert known["admin_password"] == repository.admin


def test_a_host_without_ipv4(repository: Repository) -> None:
    """It is reached, looked at, changed and found unchanged over IPv6; its packages came before."""
    addresses = {name: f"{PREFIX}{number}" for number, name in enumerate(HOSTS, start=0x11)}
    bridge = repository.bridge()
    repository.machine("ip", "-6", "addr", "replace", f"{PREFIX}1/64", "dev", bridge, "nodad")
    for name, (own, _) in HOSTS.items():
        repository.inside(own, f"ip -6 addr replace {addresses[name]}/64 dev eth0 nodad")
        repository.inside(own, "ip -4 addr flush dev eth0")
    try:
        repository.reach(**addresses)
        run = repository.play("miclinik.hosting.site")
        assert run.status == 0, run.text[-6000:]
        run = repository.play("miclinik.hosting.site")
        assert (run.status, run.changed) == (0, NOTHING), run.text[-6000:]
        for playbook in ("miclinik.hosting.smoke", "miclinik.hosting.doctor"):
            run = repository.play(playbook)
            assert (run.status, run.changed) == (0, NOTHING), run.text[-6000:]
        path = repository.folder / "inventory/host_vars/erp-2.yml"
        sites = yaml.safe_load(path.read_text(encoding="utf-8"))
        site = {"name": "oeste", "domain": addresses["erp-2"], "source": {"type": "sandbox"}, "modules": ["societe"]}
        sites["miclinik_sites"].append(site)
        path.write_text(yaml.safe_dump(sites), encoding="utf-8")
        run = repository.play("miclinik.hosting.site", "--limit", "erp-2")
        assert run.status == 0 and run.changed["erp-2"] > 0, run.text[-6000:]
        run = repository.play("miclinik.hosting.site", "--limit", "erp-2")
        assert (run.status, run.changed) == (0, {"erp-2": 0}), run.text[-6000:]
    finally:
        repository.machine("ip", "-6", "addr", "del", f"{PREFIX}1/64", "dev", bridge)


def test_molecule_runs_the_scenario_of_the_repository(repository: Repository) -> None:
    own = "habits-1"
    hosts.up(own, release="bookworm", fresh=True)
    known = {"all": {"children": {"miclinik": {"hosts": {"erp-test": inventory.variables(hosts.get(own))}}}}}
    place = repository.folder / "molecule/default/inventory/hosts.yml"
    place.write_text(json.dumps(known), encoding="utf-8")
    # The collection is there, and nobody here reaches where requirements.yml has it from.
    (repository.folder / "requirements.yml").unlink()
    said = repository.program("molecule", "test", MOLECULE_EPHEMERAL_DIRECTORY=str(repository.folder / ".molecule"))
    assert "Idempotence completed successfully" in said or "idempotence: Executed: Successful" in said, said[-4000:]


def test_the_example_names_what_the_collection_is_called() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    text = (ROOT / "examples/infrastructure/playbooks/erp.yml").read_text(encoding="utf-8")
    assert f"{galaxy['namespace']}.{galaxy['name']}.site" in text
