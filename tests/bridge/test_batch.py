# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several commands with one start of the application, as the Ansible module sends them."""

from __future__ import annotations

from .sites import Answer, BridgedSite

KEY = "abcdef0123456789abcdef0123456789abcdef01"


def orders(*modules: str) -> list[tuple[str, Answer]]:
    """Return what a site usually asks for."""
    user = {"login": "batch", "rights": ["stock.lire", "produit.creer"], "key": KEY, "password": "long-enough-1"}
    return [
        ("module enable", {"names": list(modules)}),
        ("company ensure", {"name": "Norte", "country": "ES"}),
        ("constant set", {"name": "MICLINIK_BATCH", "value": True}),
        ("user ensure", user),
    ]


def test_a_batch_is_foreseen_done_and_then_left_alone(installed: BridgedSite) -> None:
    installed.ok("module", "disable", "stock", "product")
    installed.ok("constant", "unset", "MICLINIK_BATCH")
    installed.ok("company", "ensure", given={"name": "Sur"})
    wanted = orders("societe", "product", "stock", "api")
    before = installed.server.counts(installed.name)
    # The rights belong to modules that this very batch switches on.
    foreseen = installed.batch(*wanted, check=True)
    assert [answer["changed"] for answer in foreseen["answers"]] == [True, True, True, True]
    assert foreseen["answers"][3]["user"]["rights"] == ["produit.creer", "produit.lire", "stock.lire"]
    assert installed.server.counts(installed.name) == before
    done = installed.batch(*wanted)
    assert done["changed"]
    assert [answer["command"] for answer in done["answers"]] == [command for command, _ in wanted]
    assert done["answers"][3]["user"]["rights"] == ["produit.creer", "produit.lire", "stock.lire"]
    again = installed.batch(*wanted)
    assert (again["changed"], [answer["changed"] for answer in again["answers"]]) == (False, [False] * 4)
    assert not installed.batch(*wanted, check=True)["changed"]
    installed.ok("user", "disable", "batch")


def test_a_batch_stops_at_the_first_failure_and_says_what_was_done(installed: BridgedSite) -> None:
    installed.ok("constant", "unset", "MICLINIK_BATCH")
    first = {"command": "constant set", "args": {"name": "MICLINIK_BATCH", "value": 7}}
    bad = {"command": "user ensure", "args": {"login": "batch", "rights": ["nix.nix"]}}
    last = {"command": "constant unset", "args": {"name": "MICLINIK_BATCH"}}
    answer = installed.ctl("batch", given=[first, bad, last])
    assert (answer["ok"], answer["failed"], answer["failed_command"]) == (False, 1, "user ensure")
    assert answer["error"]["code"] == "unknown_right"
    assert [one["value"] for one in answer["answers"]] == ["7"]
    assert installed.ok("constant", "get", "MICLINIK_BATCH")["value"] == "7"


def test_a_batch_of_nonsense_changes_nothing(installed: BridgedSite) -> None:
    installed.ok("constant", "unset", "MICLINIK_BATCH")
    first = {"command": "constant set", "args": {"name": "MICLINIK_BATCH", "value": 7}}
    assert installed.error("batch", given=[first, {"command": "constant sett", "args": {}}])["code"] == "usage"
    assert installed.error("batch", given={"command": "status"})["code"] == "usage"
    assert installed.error("batch", given=[first, {"args": {}}])["code"] == "usage"
    assert not installed.ok("constant", "get", "MICLINIK_BATCH")["set"]
    assert installed.batch()["answers"] == []


def test_noise_of_the_application_never_reaches_the_answer(installed: BridgedSite) -> None:
    custom = installed.htdocs / "custom" / "noisy" / "core" / "modules"
    custom.mkdir(parents=True)
    source = "<?php\necho '<b>noise</b>'; trigger_error('loud', E_USER_WARNING);\nexit(0);\n"
    (custom / "modNoisy.class.php").write_text(source)
    try:
        error = installed.error("module", "enable", "noisy")
    finally:
        (custom / "modNoisy.class.php").unlink()
    assert error["code"] == "application"
    assert error["details"]["noise"].startswith("noise")
    assert "<b>" not in error["details"]["noise"]


def test_an_argument_of_another_kind_is_refused_before_the_first_order(installed: BridgedSite) -> None:
    installed.ok("constant", "unset", "MICLINIK_BATCH")
    first = {"command": "constant set", "args": {"name": "MICLINIK_BATCH", "value": 7}}
    for args, seen in (
        ({"login": "batch", "admin": "false"}, '"admin" wants true or false, and is string.'),
        ({"login": "batch", "enabled": 0}, '"enabled" wants true or false, and is integer.'),
        ({"login": "batch", "rights": [["stock.lire"]]}, '"rights" wants a list of texts, and is array.'),
        ({"login": ["batch"]}, '"login" wants a text, and is array.'),
    ):
        error = installed.error("batch", given=[first, {"command": "user ensure", "args": args}])
        assert (error["code"], error["message"]) == ("usage", seen)
    for entity, seen in (("abc", '"abc"'), ("1 or 1", '"1 or 1"'), (-1, "integer"), (1.5, "double"), (True, "boolean")):
        second = {"command": "constant set", "args": {"name": "MICLINIK_BATCH", "value": 8, "entity": entity}}
        error = installed.error("batch", given=[first, second])
        assert error["message"] == f'"entity" wants a number from 0 on, and is {seen}.'
    assert not installed.ok("constant", "get", "MICLINIK_BATCH")["set"]
