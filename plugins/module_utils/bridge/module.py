# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the modules around the bridge share: one call or many, check mode on a bare host, results without secrets."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, Protocol

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Site processes at a time: each is one PHP process that waits for the database most of the while.
AT_A_TIME = 4
_NOISE = ("ok", "command", "diff")


class Module(Protocol):
    """What of AnsibleModule is used here."""

    check_mode: bool

    def exit_json(self, **kwargs: object) -> NoReturn:
        """End the module with success."""

    def fail_json(self, msg: str, **kwargs: object) -> NoReturn:
        """End the module with failure."""


def finish(module: Module, **result: object) -> NoReturn:
    """End with success. The parameters are not repeated: they may hold secrets that nobody has marked as such."""
    module.exit_json(invocation={"module_args": {}}, **result)


def give_up(module: Module, errors: Sequence[BridgeError], **result: object) -> NoReturn:
    """End with failure, saying for every site what was expected, what was seen and what to do."""
    module.fail_json(
        msg="\n".join(f"site '{error.site}': {error.seen} {error.mend}" for error in errors),
        errors=[error.report() for error in errors],
        invocation={"module_args": {}},
        **result,
    )


def one(module: Module, work: Callable[[], Answer], foreseen: Mapping[str, object]) -> NoReturn:
    """Run ``work`` and end the module with its answer.

    In check mode, where the site has yet to be made, ``foreseen`` is what the module says: it would be changed.
    """
    try:
        answer = work()
    except BridgeError as error:
        if module.check_mode and not error.site_is_there:
            finish(module, changed=True, pending=error.seen, **foreseen)
        give_up(module, [error])
    result = {key: value for key, value in answer.items() if key not in _NOISE}
    if "diff" in answer:
        result["diff"] = shown_diff("", answer["diff"]["before"], answer["diff"]["after"])
    finish(module, **result)


def each(names: Sequence[str], work: Callable[[str], Answer]) -> tuple[dict[str, Answer], list[BridgeError]]:
    """Run ``work`` for every site, a few at a time; return the answers by site, and the errors.

    A site that fails does not keep the others from being done.
    """
    answers: dict[str, Answer] = {}
    errors: list[BridgeError] = []

    def guarded(name: str) -> Answer | BridgeError:
        try:
            return work(name)
        except BridgeError as error:
            return error

    with ThreadPoolExecutor(max_workers=max(1, min(AT_A_TIME, 2 * (os.cpu_count() or 1)))) as pool:
        for name, outcome in zip(names, pool.map(guarded, names), strict=True):
            if isinstance(outcome, BridgeError):
                errors.append(outcome)
            else:
                answers[name] = outcome
    return answers, errors


def finish_each(
    module: Module, answers: Mapping[str, Answer], errors: Sequence[BridgeError], **more: object
) -> NoReturn:
    """End the module with what ``each`` has returned; it fails when one site did, and says what went well too."""
    sites = {name: {key: answer[key] for key in answer if key not in _NOISE} for name, answer in answers.items()}
    changed = any(answer["changed"] for answer in answers.values())
    diff = [
        shown_diff(f"site {name}", answer["diff"]["before"], answer["diff"]["after"])
        for name, answer in answers.items()
        if answer["changed"]
    ]
    if errors:
        give_up(module, errors, changed=changed, sites=sites, **more)
    finish(module, changed=changed, sites=sites, diff=diff, **more)


def nothing_there(seen: str) -> Answer:
    """Return the status of a site of which there is nothing that could be asked."""
    return {
        "changed": False,
        "version": None,
        "php": None,
        "conf": {"problem": seen},
        "database": {"reachable": False, "engine": None, "version": None, "problem": None, "read_only": None},
        "schema": {"state": "unknown", "reasons": [seen]},
        "install_lock": None,
        "instance_unique_id": False,
        "route_cache": False,
        "modules": [],
        "api": False,
        "upgrade_pending": False,
    }


def shown_diff(title: str, before: object, after: object) -> dict[str, str]:
    """Return a diff as Ansible shows it; both sides are free of secrets already."""
    header = {"before_header": title, "after_header": title} if title else {}
    return header | {"before": _text(before), "after": _text(after)}


def _text(value: object) -> str:
    return plain.plain(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False), keep="\n") + "\n"
