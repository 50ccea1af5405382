# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The controller comes back as somebody new would; where it cannot, it waits until the host is open again."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible.playbook.task import Task
from ansible.plugins.connection import ConnectionBase
from ansible_collections.miclinik.hosting.plugins.action import firewall


class Connection:
    """Notes that it was made anew."""

    _shell = SimpleNamespace(tmpdir=None)

    def __init__(self, done: list[str]) -> None:
        self.done = done

    def reset(self) -> None:
        """Begin anew."""
        self.done.append("reset")


class Local(Connection):
    """One that nobody can begin anew, and says so where it is asked to."""

    reset = ConnectionBase.reset


def _run(
    monkeypatch: pytest.MonkeyPatch, answers: list[Any], kind: type[Connection] = Connection
) -> tuple[dict[str, Any], list[str]]:
    done: list[str] = []
    task = Task()
    task.action, task.args, task.check_mode = firewall.MODULE, {"because": ["/x"]}, False
    action = firewall.ActionModule(
        task=task, connection=kind(done), play_context=None, loader=None, templar=None, shared_loader_obj=None
    )

    def execute(name: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        assert (name, module_args["seconds"], module_args["because"]) == (firewall.MODULE, 60, ["/x"])
        done.append(module_args.get("step", "load"))
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    action._execute_module = execute
    monkeypatch.setattr(time, "sleep", lambda seconds: done.append(f"slept {round(seconds)}"))
    return action.run(task_vars={}), done


LOADED = {"changed": True, "armed": True}


def test_what_is_as_it_should_be_asks_for_no_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    result, done = _run(monkeypatch, [{"changed": False, "armed": False}])
    assert (result["changed"], done) == (False, ["load"])


def test_what_was_loaded_is_kept_over_a_new_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    result, done = _run(monkeypatch, [LOADED, {"changed": True, "armed": False}])
    assert (result["changed"], done) == (True, ["load", "reset", "confirm"])


def test_a_connection_that_cannot_begin_anew_is_not_asked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    _, done = _run(monkeypatch, [LOADED, {"changed": True}], Local)
    assert done == ["load", "confirm"]


def test_who_cannot_come_back_waits_until_the_host_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    result, done = _run(monkeypatch, [LOADED, AnsibleConnectionFailure("timed out")])
    assert done == ["load", "reset", "confirm", "slept 63"]
    assert result["failed"]
    assert result["msg"].startswith(
        "With the firewall the host cannot be reached any more (timed out), so it was taken away again after 60 s, and"
        " does not come with the next boot."
    )


@pytest.mark.parametrize("answers", [[{"failed": True, "msg": "no"}], [LOADED, {"failed": True, "msg": "no"}]])
def test_what_fails_on_the_host_fails_here(monkeypatch: pytest.MonkeyPatch, answers: list[dict[str, Any]]) -> None:
    result, _ = _run(monkeypatch, list(answers))
    assert (result["failed"], result["msg"]) == (True, "no")
