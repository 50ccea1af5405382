# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of web servers: what a role, a folder of templates and the schema have to have for each of them."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.filter.web_servers import known
from ansible_collections.miclinik.hosting.plugins.module_utils.facts import hosted
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes
from ansible_collections.miclinik.hosting.plugins.module_utils.web import server_facts, servers
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema, sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.text import quoting
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers

from tests.application_tree import entry

ROOT = Path(__file__).parents[3]


def _role(name: str) -> dict[str, Any]:
    file = ROOT / "roles" / name / "meta" / "argument_specs.yml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return found


@pytest.mark.parametrize("name", SERVERS)
def test_what_every_server_has(name: str) -> None:
    server = SERVERS[name]
    assert server.name == name
    assert server.keep in _role(name)
    assert (ROOT / "templates" / name / "site.conf.j2").is_file()
    assert callable(getattr(quoting, name))
    assert server.kind in processes.KINDS
    assert Path(server.folder) in Path(server.enabled).parents
    assert Path(server.default_site).parent == Path(server.enabled)


def test_an_inventory_may_name_every_server() -> None:
    assert schema.options()["miclinik_web_server"]["choices"] == list(SERVERS)
    assert list(schema.site_options()["web_server_extra"]["options"]) == list(SERVERS)


def test_the_playbook_runs_the_role_of_every_server() -> None:
    *_, play = yaml.safe_load((ROOT / "playbooks" / "site.yml").read_text(encoding="utf-8"))
    conditions = {role["role"]: role.get("when") for role in play["roles"]}
    for name in SERVERS:
        assert conditions[f"miclinik.hosting.{name}"] == f"miclinik_web_server == '{name}'"


def test_certbots_hook_knows_how_every_server_tests_its_configuration() -> None:
    """It stands alone on the host, and so it cannot ask the table."""
    tree = ast.parse((ROOT / "templates" / "acme" / "hook" / "deploy.py").read_text(encoding="utf-8"))
    (known_there,) = (
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SERVERS"
    )
    assert known_there == {server.unit: list(server.test) for server in SERVERS.values()}


def test_what_roles_know() -> None:
    assert known("nginx") == {
        "name": "nginx",
        "title": "Nginx",
        "package": "nginx",
        "unit": "nginx",
        "kind": "nginx",
        "folder": "/etc/nginx",
        "logs": "/var/log/nginx",
        "test": ["nginx", "-t"],
        "restart_for": [],
    }
    assert known("apache")["restart_for"] == ["/etc/apache2/mods-enabled/*.load"]


def test_a_server_that_nobody_knows() -> None:
    with pytest.raises(AnsibleFilterError, match=r"^no web server is called 'caddy'\. Known are: nginx, apache$"):
        known("caddy")


@pytest.mark.parametrize(
    ("running", "expected"),
    [([], []), (["apache2", "mariadb"], ["apache"]), (["nginx", "apache2"], ["nginx", "apache"])],
)
def test_those_that_run(running: list[str], expected: list[str]) -> None:
    assert servers.running({"running": running}) == expected


def test_a_third_server_is_taken_over_from_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    third = replace(SERVERS["nginx"], name="third", title="Third", unit="third", enabled="/etc/third/sites-enabled")
    monkeypatch.setitem(SERVERS, "third", third)
    vhost = tmp_path / "etc/third/sites-enabled/norte.conf"
    vhost.parent.mkdir(parents=True)
    vhost.write_bytes(b"# Written by miclinik.hosting\n")
    assert hosted.read(tmp_path)["norte"]["vhosts"] == {"third": "/etc/third/sites-enabled/norte.conf"}
    facts = {"web_servers": server_facts.read(tmp_path)}
    plans = web_servers.handovers(sites.plan([entry()]), facts, "nginx")
    assert [(plan["server"], plan["unit"]) for plan in plans] == [("apache", "apache2"), ("third", "third")]
    assert plans[1]["absent"] == [{"state": "absent", "dest": "/etc/third/sites-enabled/norte.conf"}]
    assert web_servers.handover(sites.plan([entry()]), facts, "nginx") == plans[1]
