# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renders what a role would put on a host, without one: the role's own tasks, variables and action, no connection.

The action plugin is the real one; only the last step, the module on the host, is taken away from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar
from ansible_collections.miclinik.hosting.plugins.action.render import ActionModule

ROOT = Path(__file__).parents[2]
MODULE = "miclinik.hosting.render"

HOST: dict[str, Any] = {
    "distribution": "debian",
    "codename": "bookworm",
    "php_version": "8.2",
    "memory_mb": 2048,
    "cores": 2,
    "ipv6": True,
    "packages": [],
    "running": [],
    "releases": {},
    "linked_documents": {},
    "cron_timers": [],
    "webhook_relay": False,
    "webhook_sites": [],
    "versions": {},
    "accounts": {},
    "groups": {},
    "certificates": {},
    "engines": {},
    "exporters": [],
    "pooler": False,
    "alert": False,
    "debian_fpm_rests": True,
    "web_servers": {
        "nginx": {"alive": False, "ours": [], "foreign": [], "listens": {"": []}},
        "apache": {"alive": False, "ours": [], "foreign": [], "listens": {}, "modules": []},
    },
}
PASSWORD = "p'w\\d\"$x é"
UNIQUE_ID = "0123456789abcdef0123456789abcdef"
HOST_TOKEN = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


@dataclass(frozen=True)
class Rendered:
    """One path as the module on the host would get it."""

    dest: str
    kind: str
    content: str
    target: str
    owner: str
    group: str
    mode: str
    sensitive: bool


def entry(name: str = "norte", /, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever an operator may write)
    """Return the least that an entry of ``miclinik_sites`` may be, with ``more`` in it."""
    return {"name": name, "domain": f"{name}.example.org", "source": {"type": "sandbox"}} | more


def render(
    role: str,
    *sites: dict[str, Any],
    host: dict[str, Any] | None = None,
    overrides: str = "",
    tasks: str = "*",
    **variables: Any,  # noqa: ANN401 (whatever a play may set)
) -> dict[str, Rendered]:
    """Return what ``role`` puts on a host, by path, for ``sites`` (one plain site when none is given).

    ``tasks`` is the name of its only file of tasks that counts.
    """
    loader = DataLoader()
    entries = list(sites) or [entry()]
    secrets = {
        site["name"]: {
            "database_password": PASSWORD,
            "instance_unique_id": UNIQUE_ID,
            "host_token": HOST_TOKEN,
            "users": {},
        }
        for site in entries
    }
    known: dict[str, Any] = {}
    for path in ("common/defaults/main.yml", f"{role}/defaults/main.yml", f"{role}/vars/main.yml"):
        file = ROOT / "roles" / path
        if file.exists():
            known |= loader.load_from_file(str(file), trusted_as_template=True)
    known |= {
        "ansible_facts": {"miclinik_host": HOST | (host or {})},
        "ansible_check_mode": False,
        "groups": {},
        "hostvars": {},
        "inventory_hostname": "host",
        "miclinik_sites": entries,
        "miclinik_templates_dir": overrides,
        "common_secrets": {"secrets": secrets},
    }
    known |= variables
    found: dict[str, Rendered] = {}
    for file in sorted((ROOT / "roles" / role / "tasks").glob(f"{tasks}.yml")):
        for task in _tasks(loader.load_from_file(str(file), trusted_as_template=True)):
            for item in _run(task, known | task.get("vars", {}), loader):
                found[item.dest] = item
    assert found, f"role {role} renders nothing"
    return found


def lay_out(rendered: dict[str, Rendered], below: str, folder: Path) -> None:
    """Write the files that are rendered for the folder ``below`` of a host into ``folder``, with their modes."""
    for dest, item in rendered.items():
        if item.kind == "file" and dest.startswith(f"{below}/"):
            path = folder / dest.removeprefix(f"{below}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(item.content, encoding="utf-8")
            path.chmod(int(item.mode, 8))


def _tasks(tasks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for task in tasks:
        if MODULE in task:
            yield task
        yield from _tasks(task.get("block", []))


def _run(given: dict[str, Any], variables: dict[str, Any], loader: DataLoader) -> Iterator[Rendered]:
    templar = Templar(loader=loader, variables=variables)
    task = Task()
    task.action, task.args, task.check_mode = MODULE, templar.template(given[MODULE]), False
    sent: list[dict[str, Any]] = []
    action = ActionModule(
        task=task,
        connection=SimpleNamespace(_shell=SimpleNamespace(tmpdir=None)),
        play_context=None,
        loader=loader,
        templar=templar,
        shared_loader_obj=None,
    )

    def execute(name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        assert (name, bool(task_vars)) == (MODULE, True)
        sent.extend(module_args["files"])
        return {}

    action._execute_module = execute
    action.run(task_vars=variables)
    for item in sent:
        yield Rendered(
            item["dest"],
            item["kind"],
            str(item.get("content", "")),
            item.get("target", ""),
            item["owner"],
            item["group"],
            item["mode"],
            item["sensitive"],
        )
