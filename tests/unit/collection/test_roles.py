# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles promise about their arguments is what their files hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
TYPES = {"str", "int", "bool", "float", "dict", "list", "path", "raw"}
PUBLIC = "miclinik_"
#: The role on which all others depend. It has the defaults of what belongs to no single role.
COMMON = "common"
#: A public variable of another name, older than that role.
LOCK_TIMEOUT = "packages_lock_timeout"
#: What a role leaves for the roles after it, with what it is until then; its own description says so.
RESULTS: dict[str, object] = {
    "common_secrets": {},
    "common_php_loaded": {},
    "common_drained": "",
    "common_drain_asked": False,
}
#: Describes what an entry of the inventory may hold, and nothing that could be called.
NO_TASKS = "site"


def _load(role: str, name: str) -> Any:  # noqa: ANN401 (any YAML)
    file = ROOT / "roles" / role / name
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None


def _entry_points(role: str) -> dict[str, dict[str, Any]]:
    """Return the options of each file of tasks that can be called, by its name."""
    specs = _load(role, "meta/argument_specs.yml")["argument_specs"]
    return {name: spec["options"] for name, spec in specs.items() if name != NO_TASKS}


def _options(role: str) -> dict[str, Any]:
    return {name: spec for options in _entry_points(role).values() for name, spec in options.items()}


def _defaults(role: str) -> dict[str, Any]:
    return _load(role, "defaults/main.yml") or {}


def _all_tasks(found: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 (any YAML)
    for task in found or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from _all_tasks(task.get(part))


def _tasks(role: str) -> Iterator[dict[str, Any]]:
    for kind in ("tasks", "handlers"):
        for file in sorted((ROOT / "roles" / role / kind).glob("*.yml")):
            yield from _all_tasks(yaml.safe_load(file.read_text(encoding="utf-8")))


def _text(role: str) -> str:
    """Return all that the role's files say beside descriptions, without comments and names of modules and filters."""
    files = [path for path in sorted((ROOT / "roles" / role).rglob("*.yml")) if path.name != "argument_specs.yml"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    text = re.sub(r"(?m)(^|\s)#.*$|^ *tasks_from: .*$", "", text)
    return re.sub(r"\b\w+\.\w+\.\w+", "", re.sub(r"(?m)^\s*- name: .*$", "", text))


@pytest.mark.parametrize("role", ROLES)
def test_every_role_does_something_and_says_what(role: str) -> None:
    assert _load(role, "tasks/main.yml") or _load(role, "handlers/main.yml")
    specs = _load(role, "meta/argument_specs.yml")["argument_specs"]
    assert specs["main"]["short_description"]


@pytest.mark.parametrize("role", ROLES)
def test_defaults_are_those_that_are_described(role: str) -> None:
    described = {name: spec["default"] for name, spec in _options(role).items() if "default" in spec}
    public = {name: spec["default"] for name, spec in _options("preflight").items() if "default" in spec}
    described = {name: value for name, value in described.items() if not name.startswith(PUBLIC)}
    if role == COMMON:
        described |= {name: value for name, value in public.items() if name.startswith(PUBLIC)} | RESULTS
    assert _defaults(role) == described


@pytest.mark.parametrize("role", ROLES)
def test_every_role_knows_the_public_defaults(role: str) -> None:
    dependencies = _load(role, "meta/main.yml")["dependencies"]
    wanted = [] if role == COMMON else [f"miclinik.hosting.{COMMON}"]
    assert [dependency["role"] for dependency in dependencies] == wanted


def test_a_public_variable_has_its_default_in_one_place() -> None:
    files = [path for folder in ("roles", "templates", "playbooks") for path in (ROOT / folder).rglob("*")]
    texts = {path: path.read_text(encoding="utf-8") for path in files if path.suffix in {".yml", ".j2"}}
    again = rf"\b(?:{PUBLIC}\w+|{LOCK_TIMEOUT})\s*\|\s*default\(([^)]*)\)"
    found = {(str(path.relative_to(ROOT)), value) for path, text in texts.items() for value in re.findall(again, text)}
    # A play's hosts, and how many at a time, come before any role. The sites have no default: preflight says so.
    assert {place for place in found if not place[0].startswith("playbooks/")} == {
        ("roles/preflight/tasks/main.yml", "omit"),
        ("roles/preflight/vars/main.yml", "[]"),
    }
    assert {value for file, value in found if file.startswith("playbooks/")} == {"'miclinik'", "'100%'"}


@pytest.mark.parametrize("role", ROLES)
def test_every_entry_point_has_tasks(role: str) -> None:
    files = {path.stem for path in (ROOT / "roles" / role / "tasks").glob("*.yml")}
    assert set(_entry_points(role)) <= files
    # Of the others some files are parts of the entry point main.
    assert role != COMMON or set(_entry_points(role)) == files


@pytest.mark.parametrize("role", ROLES)
def test_other_roles_are_called_with_what_they_take(role: str) -> None:
    """Hold calls to the specification that Ansible is told not to look at."""
    for task in _tasks(role):
        call = task.get("ansible.builtin.include_role") or task.get("ansible.builtin.import_role")
        if call:
            options = _entry_points(call["name"].rpartition(".")[2])[call["tasks_from"]]
            given = set(task.get("vars", {}))
            needed = {name for name, spec in options.items() if spec.get("required") and not name.startswith(PUBLIC)}
            assert needed <= given <= set(options), task["name"]
            assert call["rolespec_validate"] is False, task["name"]


@pytest.mark.parametrize("role", [role for role in ROLES if role != "preflight"])
def test_public_variables_are_described_alike_everywhere(role: str) -> None:
    public = _options("preflight")
    for name, spec in _options(role).items():
        if name.startswith(PUBLIC):
            assert {key: spec.get(key) for key in ("type", "default", "elements", "choices")} == {
                key: public[name].get(key) for key in ("type", "default", "elements", "choices")
            }, name


def _every_option(options: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, spec in options.items():
        yield f"{path}{name}", spec
        yield from _every_option(spec.get("options", {}), f"{path}{name}.")


@pytest.mark.parametrize("role", ROLES)
def test_every_option_is_described(role: str) -> None:
    for entry in _load(role, "meta/argument_specs.yml")["argument_specs"].values():
        for name, spec in _every_option(entry.get("options", {})):
            assert spec["type"] in TYPES, name
            description = spec["description"]
            assert isinstance(description, str), name
            assert description.strip().endswith("."), name
            assert not (spec.get("required") and "default" in spec), name
            if "choices" in spec and spec.get("default") is not None:
                default = spec["default"] if spec["type"] == "list" else [spec["default"]]
                assert set(default) <= set(spec["choices"]), name


def test_secrets_are_marked_as_such() -> None:
    site = _load("preflight", "meta/argument_specs.yml")["argument_specs"]["site"]["options"]
    secret = {
        name
        for name, spec in _every_option(site)
        if re.search(r"(^|\.)(password|(client_)?secret|endpoint|key|url|instance_unique_id)$", name)
        and spec["type"] != "path"
    }
    declared = {"admin.password", "api.users.key", "api.users.password", "database.password", "instance_unique_id"}
    declared |= {"users.password", "webhooks.endpoint", "webhooks.secret"}
    declared |= {"mail.password", "mail.dkim.key"}
    declared |= {"login.ldap.password", "login.openid.client_secret"}
    assert secret == {*declared, "source.url", "custom_modules.source.url"}
    assert {name for name, spec in _every_option(site) if spec.get("no_log")} == secret


def _made_in(role: str) -> set[str]:
    """Return the variables that a role makes: defaults, vars, registered results, and variables of tasks."""
    made = set(_defaults(role)) | set(_load(role, "vars/main.yml") or {})
    for task in _tasks(role):
        made |= {task["register"]} if "register" in task else set()
        made |= set(task.get("vars", {})) | set(task.get("ansible.builtin.set_fact", {}))
        control = task.get("loop_control", {}).get("loop_var")
        made |= {control} if control else set()
    return made


@pytest.mark.parametrize("role", ROLES)
def test_variables_bear_the_name_of_their_role(role: str) -> None:
    others = tuple(f"{name}_" for name in ROLES if name != role)
    for name in _made_in(role):
        # What is handed to an included role bears that role's name, and `site` is the loop's.
        assert name.startswith((f"{role}_", *others)) or name == "site" or _is_common(role, name), name
    for name in _defaults(role):
        assert name.startswith(f"{role}_") or _is_common(role, name), name


def _is_common(role: str, name: str) -> bool:
    return role == COMMON and (name.startswith(PUBLIC) or name == LOCK_TIMEOUT)


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_that_is_used_exists(role: str) -> None:
    known = _made_in(role) | set(_options(role)) | set(RESULTS)
    used = set(re.findall(rf"(?<![\w.']){role}_\w+", _text(role)))
    assert {name for name in used if name not in known} == set()


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reads_another_roles_variables(role: str) -> None:
    others = "|".join(sorted((name for name in ROLES if name != role), key=len, reverse=True))
    calls = {"ansible.builtin.include_role", "ansible.builtin.import_role"}
    handed = {name for task in _tasks(role) if calls & set(task) for name in task.get("vars", {})}
    read = set(re.findall(rf"(?<![\w.'])(?:{others})_\w+(?!['\w]|:)", _text(role)))
    own = {name for name in read if name.startswith(f"{role}_")}
    assert read - own - handed - set(RESULTS) == set()


@pytest.mark.parametrize("role", ROLES)
def test_no_failure_is_swallowed(role: str) -> None:
    for task in _tasks(role):
        assert not task.get("ignore_errors"), task
        assert task.get("failed_when") is not False, task


@pytest.mark.parametrize("role", ROLES)
def test_nothing_hangs_on_a_notification(role: str) -> None:
    # A run that dies takes it along, and the next one changes nothing: see docs/reloads.md.
    assert not (ROOT / "roles" / role / "handlers").exists()
    assert [task["name"] for task in _tasks(role) if {"notify", "listen"} & set(task)] == []


@pytest.mark.parametrize("role", ROLES)
def test_every_task_has_a_name(role: str) -> None:
    assert [task for task in _tasks(role) if not task.get("name")] == []


@pytest.mark.parametrize("role", [role for role in ROLES if role != COMMON])
def test_packages_are_an_entry_point_of_their_own(role: str) -> None:
    folder = ROOT / "roles" / role / "tasks"
    calling = {
        path.name for path in folder.glob("*.yml") if "tasks_from: packages\n" in path.read_text(encoding="utf-8")
    }
    assert calling <= {"packages.yml"}
    assert ("packages" in _entry_points(role)) == bool(calling)


def test_playbooks_read_no_variable_of_a_role() -> None:
    # Beside what a task has registered, which is the host's, and there with ANSIBLE_PRIVATE_ROLE_VARS as well.
    names = "|".join(sorted(ROLES, key=len, reverse=True))
    for path in (ROOT / "playbooks").glob("*.yml"):
        plays = yaml.safe_load(path.read_text(encoding="utf-8"))
        for call in (call for play in plays for call in play.get("roles", [])):
            read = set(re.findall(rf"\b(?:{names})_\w+", str(list(call.values()))))
            registered = {task["register"] for role in ROLES for task in _tasks(role) if "register" in task}
            assert read - {call["role"].rpartition(".")[2]} <= registered, call


def test_every_role_is_used() -> None:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml")]
    texts += [path.read_text(encoding="utf-8") for path in (ROOT / "roles").rglob("*.yml")]
    used = set(re.findall(r"(?:role|name): miclinik\.hosting\.(\w+)", "\n".join(texts)))
    assert set(ROLES) <= used
