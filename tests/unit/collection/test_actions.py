# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The actions preflight and release: what they ask of the host, and in which order; the host is the test."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar, trust_as_template
from ansible_collections.miclinik.hosting.plugins.action import host_facts, preflight, release, rest_api
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import fetch as source_fetch
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.fetch import SANDBOX

from tests import application_tree
from tests.application_tree import entry

pytestmark = pytest.mark.usefixtures("cache")
HOST: dict[str, Any] = {
    "distribution": "debian",
    "codename": "bookworm",
    "php_version": "8.2",
    "free_mb": 20000,
    "systemd": True,
    "closed": [],
    "under_way": {},
    "masked": [],
    "webhook_relay": False,
    "survey": {"nginx": {}, "apache": {}, "listeners": {}, "loopback": {}},
    "accounts": {},
    "groups": {},
    "releases": {},
    "certificates": {},
    "engines": {},
    "identities": {},
    "places": {},
    "web_servers": {
        "nginx": {"alive": False, "ours": [], "foreign": [], "listens": {}},
        "apache": {"alive": False, "ours": [], "foreign": [], "listens": {}, "modules": []},
    },
    "packages": [],
    "running": [],
}


def _action(
    kind: Any,  # noqa: ANN401 (a class without types)
    arguments: dict[str, Any],
    variables: dict[str, Any],
    *,
    base: Path = Path("/nowhere"),
    check: bool = False,
) -> Any:  # noqa: ANN401 (a class without types)
    loader = DataLoader()
    loader.set_basedir(str(base))
    task = Task()
    task.action, task.args, task.check_mode = "x", arguments, check
    shell = SimpleNamespace(tmpdir=None, join_path=lambda *parts: "/".join(parts))
    return kind.ActionModule(
        task=task,
        connection=SimpleNamespace(_shell=shell),
        play_context=None,
        loader=loader,
        templar=Templar(loader=loader, variables=variables),
        shared_loader_obj=None,
    )


def _preflight(variables: dict[str, Any], base: Path, **host: Any) -> tuple[dict[str, Any], list[str]]:  # noqa: ANN401
    """Run preflight; return its result and the modules that it ran on the host."""
    action = _action(preflight, {"sites": variables.get("miclinik_sites", [])}, variables, base=base)
    asked: list[str] = []

    def execute(name: str, **_: object) -> dict[str, Any]:
        asked.append(name)
        if name.endswith("served_modules"):
            return {"sites": host["served"]}
        if name.endswith("served_users"):
            return {"sites": host.get("users", {})}
        return {"ansible_facts": {"miclinik_host": HOST | host}}

    action._execute_module = execute
    return action.run(task_vars=variables), asked


@pytest.fixture
def inventory(tmp_path: Path) -> dict[str, Any]:
    application_tree.make(tmp_path / "app")
    return {"miclinik_sites": [entry(source={"type": "directory", "path": "app"})]}


def test_preflight_of_a_good_inventory(inventory: dict[str, Any], tmp_path: Path) -> None:
    result, asked = _preflight(inventory, tmp_path)
    assert (result["changed"], result["versions"]) == (False, {"norte": "22.0.4"})
    assert result["ansible_facts"] == {"miclinik_host": HOST}
    assert asked == ["miclinik.hosting.host_facts"]
    assert not result.get("failed")


def test_preflight_does_not_touch_the_host_for_a_wrong_inventory(inventory: dict[str, Any], tmp_path: Path) -> None:
    inventory["miclinik_sites"][0]["domian"] = "x"
    inventory["miclinik_template_dir"] = "x"
    result, asked = _preflight(inventory, tmp_path)
    assert (result["failed"], result["changed"], asked) == (True, False, [])
    assert result["problems"] == [
        "inventory: miclinik_template_dir: is not a known key. Did you mean 'miclinik_templates_dir'.",
        "site 'norte': domian: is not a known key. Did you mean 'domain'.",
    ]
    assert result["msg"] == (
        "Nothing on the host was changed. To mend first:\n" + "\n".join(f"- {text}" for text in result["problems"])
    )


def test_preflight_of_a_host_that_gets_no_sites(tmp_path: Path) -> None:
    action = _action(preflight, {}, {})
    action._execute_module = None
    result = action.run(task_vars={"inventory_hostname": "a", "group_names": ["erp"]})
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["problems"] == [
        "inventory: miclinik_sites: is not defined for a, whose groups are: erp. Write it into group_vars/erp/ or"
        " host_vars/a.yml beside the inventory's file."
    ]


@pytest.mark.parametrize(("host", "cautions"), [("a", 1), ("b", 0)])
def test_preflight_compares_the_hosts_of_a_play_once(
    inventory: dict[str, Any], tmp_path: Path, host: str, cautions: int
) -> None:
    play = {
        "inventory_hostname": host,
        "ansible_play_hosts_all": ["a", "b"],
        "hostvars": {"a": inventory, "b": inventory},
    }
    result, _ = _preflight(inventory | play, tmp_path)
    assert not result.get("failed")
    assert len(result["warnings"]) == cautions
    assert all("is a site of the hosts a, b: " in text for text in result["warnings"])


@pytest.mark.parametrize("kind", [preflight, host_facts])
def test_an_ansible_that_is_too_old_does_not_reach_the_host(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401
    monkeypatch.setattr(kind, "__version__", "2.18.19")
    action = _action(kind, {}, {})
    action._execute_module = None
    result = action.run(task_vars={})
    assert result["failed"] is True
    assert result["msg"].startswith(
        "miclinik.hosting needs ansible-core 2.19 or newer, and this is 2.18.19. Nothing on"
    )


def test_the_facts_come_from_the_module() -> None:
    action = _action(host_facts, {}, {})
    action._execute_module = lambda name, **_: {"ansible_facts": {"miclinik_host": HOST}, "asked": name}
    result = action.run(task_vars={})
    assert (result["ansible_facts"], result["asked"]) == ({"miclinik_host": HOST}, "miclinik.hosting.host_facts")


def test_preflight_does_not_touch_the_host_for_a_wrong_source(inventory: dict[str, Any], tmp_path: Path) -> None:
    inventory["miclinik_sites"][0]["source"]["path"] = "none"
    result, asked = _preflight(inventory, tmp_path)
    assert asked == []
    assert result["problems"] == [
        f"site 'norte': source.path: {tmp_path}/none is not a folder on the controller. Name the application's folder."
    ]


def test_preflight_does_not_touch_the_host_for_a_module_that_the_source_lacks(
    inventory: dict[str, Any], tmp_path: Path
) -> None:
    inventory["miclinik_sites"][0] |= {"source": {"type": "sandbox"}, "modules": ["societte"]}
    result, asked = _preflight(inventory, tmp_path)
    version = source_tree.find(SANDBOX).version
    assert asked == []
    assert result["problems"] == [
        f"site 'norte': modules[0]: is 'societte', a module that version {version} of the source does not have. "
        "Did you mean 'societe'."
    ]


def test_preflight_asks_what_is_on_before_it_refuses_a_right(inventory: dict[str, Any], tmp_path: Path) -> None:
    inventory["miclinik_sites"][0] |= {
        "source": {"type": "sandbox"},
        "modules": ["societe"],
        "api": {"users": [{"login": "api", "rights": ["produit.lire"]}]},
    }
    result, asked = _preflight(inventory, tmp_path)
    assert asked == ["miclinik.hosting.host_facts"]
    assert result["problems"] == [
        "site 'norte': api.users[0].rights: holds 'produit.lire', a right of the module product, which is not in "
        "modules. Add product to modules."
    ]
    version = source_tree.find(SANDBOX).version
    there = {"releases": {"norte": f"{version}-0123456789ab"}, "versions": {"norte": version}}
    seen = {
        "installed": True,
        "on": ["product"],
        "brings": ["product"],
        "rights": [],
        "problem": "",
        "added": [],
        "changed": {},
    }
    result, asked = _preflight(inventory, tmp_path, served={"norte": seen}, **there)
    assert asked == [f"miclinik.hosting.{name}" for name in ("host_facts", "served_modules", "served_users")]
    assert (result.get("failed"), result["warnings"]) == (None, [])
    result, _ = _preflight(inventory, tmp_path, served={"norte": seen | {"problem": "It is down."}}, **there)
    assert (result.get("failed"), result["warnings"]) == (
        None,
        ["site 'norte': its modules could not be compared with those of the source: It is down."],
    )


def test_preflight_of_a_host_that_will_not_do(inventory: dict[str, Any], tmp_path: Path) -> None:
    result, _ = _preflight(inventory, tmp_path, systemd=False)
    assert result["problems"] == ["host: systemd: does not run as its first process. Use a host with systemd."]


def test_preflight_of_a_host_with_a_closed_folder(inventory: dict[str, Any], tmp_path: Path) -> None:
    result, _ = _preflight(inventory, tmp_path, closed=["/srv"])
    assert result["problems"] == [
        "host: /srv: is closed to other users, and the sites' users pass through it. chmod o+x /srv."
    ]


def test_preflight_of_a_host_whose_ports_serve_others(inventory: dict[str, Any], tmp_path: Path) -> None:
    shop = "/etc/nginx/sites-enabled/shop"
    nginx = {"alive": True, "ours": [], "foreign": [shop], "listens": {"": [80]}}
    host = {"web_servers": HOST["web_servers"] | {"nginx": nginx}}
    assert not _preflight(inventory, tmp_path, **host)[0].get("failed")
    result, _ = _preflight(inventory | {"miclinik_web_server": "apache"}, tmp_path, **host)
    assert (result["failed"], result["changed"]) == (True, False)
    assert result["problems"] == [
        f"host: miclinik_web_server: Apache should listen on port 80, where Nginx listens and serves sites that are "
        f"not of this collection: {shop}. Move them to another port, or remove them, or host miclinik with Nginx: "
        "miclinik_web_server: nginx."
    ]


def test_preflight_asks_how_databases_can_be_made(inventory: dict[str, Any], tmp_path: Path) -> None:
    variables = inventory | {"vaulted": "Pass", "database_admin_user": "ops"}
    variables["database_admin_password"] = trust_as_template("{{ vaulted }}")
    action = _action(preflight, {"sites": inventory["miclinik_sites"]}, variables, base=tmp_path)
    asked: list[dict[str, Any]] = []
    installed = {"packages": ["mariadb-server"], "running": ["mariadb"]}

    def execute(name: str, module_args: dict[str, Any], **_: object) -> dict[str, Any]:
        if name == "miclinik.hosting.host_facts":
            return {"ansible_facts": {"miclinik_host": HOST | installed}}
        asked.append({"module": name} | module_args)
        return {"by": "", "complaints": [["database_admin_user", "is refused", "Name another"]]}

    action._execute_module = execute
    result = action.run(task_vars=variables)
    assert result["problems"] == ["host: database_admin_user: is refused. Name another."]
    assert asked == [
        {
            "module": "miclinik.hosting.database_server",
            "engine": "mariadb",
            "ports": [3306],
            "fail": False,
            "admin_user": "ops",
            "admin_password": "Pass",
            "version": "15",
        }
    ]


def test_preflight_reads_templated_variables(inventory: dict[str, Any], tmp_path: Path) -> None:
    inventory["here"] = str(tmp_path)
    inventory["miclinik_templates_dir"] = trust_as_template("{{ here }}")
    assert not _preflight(inventory, tmp_path)[0].get("failed")


def test_preflight_passes_a_failure_of_the_host_on(inventory: dict[str, Any], tmp_path: Path) -> None:
    action = _action(preflight, {"sites": inventory["miclinik_sites"]}, inventory, base=tmp_path)
    action._execute_module = lambda *_, **__: {"failed": True, "msg": "no Python"}
    assert action.run(task_vars=inventory) == {"failed": True, "msg": "no Python"}


class Host:
    """What the module `release` finds and is told."""

    def __init__(self, states: dict[str, Any]) -> None:
        self.states = states
        self.calls: list[dict[str, Any]] = []
        self.sent: list[tuple[str, str]] = []

    def run(self, given: list[dict[str, Any]], base: Path, *, check: bool = False, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (arguments)
        """Run the action on `given` sites."""
        action = _action(release, {"sites": sites.plan(given), **more}, {}, base=base, check=check)

        def execute(name: str, module_args: dict[str, Any], **_: object) -> dict[str, Any]:
            assert name == "miclinik.hosting.release"
            self.calls.append(module_args)
            found = {site["name"]: self.states.get(site["name"]) for site in module_args["sites"]}
            return {
                "prunable": {},
                "states": {name: state or {"unpacked": False, "current": None} for name, state in found.items()},
            }

        def make_folder() -> None:
            action._connection._shell.tmpdir = "/remote"

        action._execute_module = execute
        action._make_tmp_path = make_folder
        action._remove_tmp_path = lambda path, force: self.sent.append(("removed", path))
        action._transfer_file = lambda local, remote: self.sent.append((Path(local).name, remote))
        result: dict[str, Any] = action.run(task_vars={})
        return result


def test_release_on_a_bare_host(inventory: dict[str, Any], tmp_path: Path, cache: Path) -> None:
    host = Host({})
    result = host.run(inventory["miclinik_sites"], tmp_path)
    name = result["releases"]["norte"]
    pack = f"{name}.tar.gz"
    assert (cache / pack).is_file()
    assert name.startswith("22.0.4-")
    assert (result["changed"], result["switched"]) == (True, ["norte"])
    assert result["diff"] == [
        {
            "before_header": "norte: current",
            "after_header": "norte: current",
            "before": "\n",
            "after": f"{name}\n",
        }
    ]
    assert [call.get("packs") for call in host.calls] == [None, {name: f"/remote/{pack}"}]
    assert host.sent == [(pack, f"/remote/{pack}"), ("removed", "/remote")]


def test_release_sends_no_secret(inventory: dict[str, Any], tmp_path: Path) -> None:
    inventory["miclinik_sites"][0]["admin"] = {"password": "correct-horse-battery"}
    host = Host({})
    host.run(inventory["miclinik_sites"], tmp_path)
    known = {"name", "user", "modules", "releases", "current", "conf", "documents", "release"}
    assert set(host.calls[0]["sites"][0]) == known
    assert "correct-horse-battery" not in repr(host.calls)


def test_release_fetches_from_the_whole_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://me:correct-horse-battery@example.org/a.git"
    given = [entry(source={"type": "git", "url": url, "version": "v1"})]
    asked = []

    def resolver(base: tuple[Path, ...]) -> Any:  # noqa: ANN401 (a function)
        def resolved(given: dict[str, Any]) -> Any:  # noqa: ANN401 (a tree)
            asked.append((base, given["url"]))
            return source_tree.find(application_tree.make(tmp_path / "fetched"))

        return resolved

    monkeypatch.setattr(source_fetch, "resolver", resolver)
    host = Host({})
    assert host.run(given, tmp_path, check=True, declared=declared.secrets(given))["switched"] == ["norte"]
    assert asked == [((tmp_path,), url)]
    assert "correct-horse-battery" not in repr(host.calls)
    failure = Host({}).run(given, tmp_path, check=True)
    assert failure["msg"].startswith("site 'norte': source.url: its name, password or query was taken out.")


def test_release_that_is_served_already(inventory: dict[str, Any], tmp_path: Path) -> None:
    name = Host({}).run(inventory["miclinik_sites"], tmp_path, check=True)["releases"]["norte"]
    host = Host({"norte": {"unpacked": True, "current": name}})
    result = host.run(inventory["miclinik_sites"], tmp_path)
    assert (result["changed"], result["switched"], result["diff"]) == (False, [], [])
    assert (len(host.calls), host.sent) == (1, [])


def test_release_that_is_unpacked_but_not_served(inventory: dict[str, Any], tmp_path: Path) -> None:
    name = Host({}).run(inventory["miclinik_sites"], tmp_path, check=True)["releases"]["norte"]
    host = Host({"norte": {"unpacked": True, "current": "22.0.4-other0000000"}})
    result = host.run(inventory["miclinik_sites"], tmp_path)
    assert (result["changed"], result["switched"]) == (True, ["norte"])
    assert host.calls[1]["packs"] == {name: ""}
    assert [what for what, _ in host.sent] == ["removed"]


def test_release_of_two_sites_with_one_source_is_sent_once(inventory: dict[str, Any], tmp_path: Path) -> None:
    given = [*inventory["miclinik_sites"], entry("sur", source={"type": "directory", "path": "app"})]
    host = Host({})
    result = host.run(given, tmp_path)
    assert result["releases"]["norte"] == result["releases"]["sur"]
    assert len([what for what, _ in host.sent if what != "removed"]) == 1


def test_release_in_check_mode(inventory: dict[str, Any], tmp_path: Path) -> None:
    host = Host({})
    result = host.run(inventory["miclinik_sites"], tmp_path, check=True)
    assert (result["changed"], result["switched"], len(host.calls), host.sent) == (True, ["norte"], 1, [])


def test_release_without_the_application(tmp_path: Path) -> None:
    host = Host({})
    result = host.run([entry(source={"type": "directory", "path": "none"})], tmp_path)
    assert (result["failed"], host.calls) == (True, [])
    assert result["msg"] == (
        f"site 'norte': source.path: {tmp_path}/none is not a folder on the controller. Name the application's folder."
    )


def test_preflight_reads_the_operators_templates(inventory: dict[str, Any], tmp_path: Path) -> None:
    own = tmp_path / "own" / "nginx" / "site.conf.j2"
    own.parent.mkdir(parents=True)
    own.write_text('{% extends "miclinik/nginx/site.conf.j2" %}{% block apii %}{% endblock %}')
    inventory["miclinik_templates_dir"] = str(tmp_path / "own")
    result, asked = _preflight(inventory, tmp_path)
    assert (result["failed"], asked) == (True, [])
    assert result["problems"] == [
        "inventory: miclinik_templates_dir: nginx/site.conf.j2 has a block 'apii', and miclinik/nginx/site.conf.j2 has "
        "none of that name: nobody would see it. Did you mean 'api'."
    ]


def test_preflight_warns_of_own_lines_that_do_nothing(inventory: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "zzz.j2").write_text("x")
    inventory["miclinik_templates_dir"] = str(tmp_path / "own")
    inventory["php_extensions_extra"] = ["redis"]
    inventory["miclinik_sites"][0] |= {
        "web_server_extra": {"apache": "Header set A b\n"},
        "php": {"ini": {"redis.x": 1, "apc.y": 1}},
        "conf_extra": {"dolibarr_zzzzzzzzzzzzzzzzzzzzzzzz": 1},
    }
    result, _ = _preflight(inventory, tmp_path)
    assert result["warnings"] == [
        "site 'norte': web_server_extra has lines for apache only, and the site is served by nginx: they do nothing "
        "there. Write the same for nginx.",
        "site 'norte': php.ini.apc.y: does nothing unless PHP has an extension of that name; those that are asked for "
        "stand in php_extensions_extra.",
        "site 'norte': conf_extra.dolibarr_zzzzzzzzzzzzzzzzzzzzzzzz: no version from 15 to 24 reads it.",
        "inventory: miclinik_templates_dir: zzz.j2 replaces no template.",
    ]


def test_rest_api_is_given_the_logos_of_the_controller(tmp_path: Path) -> None:
    (tmp_path / "norte.png").write_bytes(b"\x89PNG")
    sites_given = [{"name": "norte", "company": {"name": "Norte", "logo": "norte.png"}}, {"name": "sur"}]
    given: list[dict[str, Any]] = []

    def execute(_: str, module_args: dict[str, Any], **__: object) -> dict[str, Any]:
        given.append(module_args)
        return {"changed": True}

    action = _action(rest_api, {"sites": sites_given, "changing": ["norte"]}, {}, base=tmp_path)
    action._execute_module = execute
    assert action.run(task_vars={})["changed"]
    logo = {"name": "norte.png", "content": "iVBORw=="}
    assert given == [
        {
            "sites": [{"name": "norte", "company": {"name": "Norte", "logo": logo}}, {"name": "sur"}],
            "changing": ["norte"],
        }
    ]
    (tmp_path / "norte.png").unlink()
    action = _action(rest_api, {"sites": sites_given}, {}, base=tmp_path)
    assert action.run(task_vars={})["msg"] == f"{tmp_path}/norte.png cannot be read: No such file or directory"
