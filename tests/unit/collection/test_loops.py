# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every looped task of the roles is made to fail, by Ansible itself, and what that prints holds no secret.

What Ansible prints of a task that fails, at no verbosity at all, is its item, whatever its label. So each loop is run
as it stands, over sites that declare every secret there is, with a module in place of its own that always fails.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared

from tests.application_tree import entry
from tests.every_secret import declare, values

ROOT = Path(__file__).parents[3]
ROLES = ROOT / "roles"
ARCHIVE = {"type": "archive", "url": "https://example.org/release.tgz", "checksum": f"sha256:{'0' * 64}"}
NAMES = ("norte", "sur")
SITES = [
    declare(entry(name, source=ARCHIVE, api={"users": [{"login": "one"}, {"login": "two"}]}, tls={"mode": "acme"}))
    for name in NAMES
]
SITES[0]["modules"] = ["cron"]
# A bare host, on which most is to be done, whose web servers run.
HOST: dict[str, Any] = {
    "codename": "bookworm",
    "php_version": "8.2",
    "memory_mb": 2048,
    "cores": 2,
    "packages": [],
    "running": ["nginx", "apache2"],
    "releases": dict.fromkeys(NAMES, "22.0.4-0"),
    "versions": dict.fromkeys(NAMES, "22.0.4"),
    "accounts": {},
    "groups": {},
    "certificates": {},
    "lineages": [],
    "engines": {},
    "smoke_timer": True,
    "backup": True,
    "backup_timers": ["miclinik-backup@gone.timer"],
    "webhook_relay": True,
    "pooler": True,
    "alert": True,
    "debian_fpm_rests": False,
    "webhook_sites": [],
    "cron_timers": ["miclinik-cron@sur.timer"],
    "web_servers": {
        "nginx": {"alive": True, "ours": [], "foreign": [], "listens": {}},
        "apache": {"alive": True, "ours": [], "foreign": [], "listens": {}, "modules": []},
    },
}
#: What tasks before the loops have found out.
REGISTERED = {
    "preflight_checked": {"relaid": list(NAMES)},
    "upgrade_released": {"releases": dict.fromkeys(NAMES, "23.0.0-1")},
    "database_seen": {"pending": list(NAMES)},
    "backup_made": {"results": [{"item": {"name": name}, "lines": ["a"]} for name in NAMES]},
    "common_rotated": "{{ miclinik_sites | miclinik.hosting.sites | subelements('api.users') }}",
}
_MEMBERS = [{"name": name, "address": name} for name in ("a", "b")]
CLUSTER: dict[str, Any] = {
    "cluster_topology": dict.fromkeys(("members", "app", "database", "storage", "arbiter"), _MEMBERS),
    "common_balancers": list(NAMES),
    "cluster_tls_others": [{"name": name} for name in NAMES],
    "cluster_fetched": [{"name": name, "file": "/s", "host": "a"} for name in NAMES],
}
LOOP_KEYS = ("loop", "loop_control", "vars")


def _tasks(found: object) -> Iterator[dict[str, Any]]:
    for task in found if isinstance(found, list) else []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _tasks(task.get(part))


def _looped() -> dict[str, dict[str, Any]]:
    """Return every looped task and handler by its file and name, with a module that fails in place of its own."""
    found = {}
    for file in sorted([*ROLES.glob("*/tasks/*.yml"), *ROLES.glob("*/handlers/*.yml")]):
        for task in _tasks(yaml.safe_load(file.read_text(encoding="utf-8"))):
            assert not [key for key in task if key.startswith("with_")], f"{file}: loops are written with `loop`"
            if "loop" in task:
                name = f"{file.relative_to(ROLES)}: {task['name']}"
                assert name not in found
                found[name] = {key: task[key] for key in LOOP_KEYS if key in task}
    return found


def _failing(loops: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    fail = {"ansible.builtin.fail": {"msg": "made to"}, "ignore_errors": True}
    return [{"name": name, **loop, **fail} for name, loop in loops.items()]


def _play(folder: Path, loops: dict[str, dict[str, Any]], verbosity: str) -> dict[str, str]:
    """Run the loops; return, by name, what Ansible printed of each."""
    files = [str(file) for kind in ("defaults", "vars") for file in sorted(ROLES.glob(f"*/{kind}/main.yml"))]
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars_files": files,
        "vars": REGISTERED
        | {
            "miclinik_sites": SITES,
            "common_secrets": {"secrets": {name: part["stored"] for name, part in declared.secrets(SITES).items()}},
        },
        "tasks": [
            {"name": "Facts", "ansible.builtin.set_fact": {"miclinik_host": HOST, "cacheable": True}},
            # Over the default, which has none.
            {"name": "Backups", "ansible.builtin.set_fact": {"miclinik_backup": {"repository": "/mnt/b"}}},
            {"name": "Several hosts", "ansible.builtin.set_fact": CLUSTER},
            *_failing(loops),
            {"name": "End", "ansible.builtin.meta": "noop"},
        ],
    }
    (folder / "play.yml").write_text(json.dumps([play]), encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", *verbosity.split(), "play.yml"],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_FORCE_COLOR": "0",
            "COLUMNS": "400",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    parts = re.split(r"^TASK \[(.*)\] \**$", done.stdout, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _printed(text: str) -> int:
    return sum(text.count(secret) for secret in set(values(SITES)))


@pytest.mark.parametrize("verbosity", ["", "-v", "-vvv"])
def test_no_item_holds_a_secret(tmp_path: Path, verbosity: str) -> None:
    loops = _looped()
    assert "common/tasks/accounts.yml: Make each site's Unix user" in loops
    told = _play(tmp_path, loops, verbosity)
    # Each has failed, once an item at least.
    assert [name for name in loops if "failed: [localhost] (item=" not in told[name]] == []
    assert [name for name in loops if _printed(told[name])] == []


def test_a_loop_over_the_inventory_would_be_seen(tmp_path: Path) -> None:
    """As it once was for the Unix users: a label hides nothing."""
    loop = {"loop": "{{ miclinik_sites }}", "loop_control": {"label": "{{ item.name }}"}}
    told = _play(tmp_path, {"Over all": loop}, "")
    assert _printed(told["Over all"]) >= len(set(values(SITES)))
