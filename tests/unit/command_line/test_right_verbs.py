# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A right that is taken away is away, or it is said what keeps it; where each comes from is listed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import right_sources

from .answers import source
from .fake_host import FakeHost, shown

READ, WRITE = "produit.lire", "produit.creer"


def _held(host: FakeHost, held: dict[str, dict[str, Any]]) -> None:
    own = [name for name, one in held.items() if one["own"]]
    host.answer("rights list", {"ok": True, "login": "shop", "rights": own, "held": held})


@pytest.mark.parametrize("way", ["terminal", "piped"])
@pytest.mark.parametrize("check", [[], ["--check"]])
@pytest.mark.parametrize(
    ("one", "said"),
    [
        (
            source(bringing=[WRITE]),
            f"shop keeps {READ}, which goes with {WRITE}. Take those away as well: mi",
        ),
        (source(groups=["Sales"]), f"shop keeps {READ}, which the group 'Sales' gives. Take the user out of it: mi"),
        (source(own=False, groups=["A", "B"]), "which the group 'B' gives"),
        (source(administrator=True), f"shop keeps {READ}, which every administrator has."),
    ],
)
def test_what_would_stay_is_refused(host: FakeHost, way: str, check: list[str], one: dict[str, Any], said: str) -> None:
    _held(host, {READ: one, WRITE: source()})
    ended = getattr(host, way)("norte", "right", "revoke", "shop", READ, *check)
    seen = " ".join((ended.out + ended.err).split())
    assert (ended.code, said in seen, seen.endswith("Nothing was changed.")) == (1, True, True), seen
    assert [words for words in host.asked() if "ensure" in words] == []
    assert host.noted() == ("" if check else f"norte: right revoke shop {READ}: refused: rights would stay\n")


def test_both_go_together(host: FakeHost) -> None:
    _held(host, {READ: source(bringing=[WRITE]), WRITE: source(), "societe.lire": source()})
    assert host.piped("norte", "right", "revoke", "shop", READ, WRITE).code == 0
    assert host.given()[-1] == {"rights": ["societe.lire"], "exact": True}


def test_a_right_that_the_user_has_not(host: FakeHost) -> None:
    _held(host, {WRITE: source()})
    host.answer("rights list", {"ok": True, "login": "shop", "rights": [READ, WRITE], "held": {WRITE: source()}})
    host.answer("rights ensure", {"ok": True, "changed": False, "diff": {}})
    ended = host.terminal("norte", "right", "revoke", "shop", READ)
    assert (ended.code, ended.out) == (0, "nothing to change\n")


def test_where_rights_come_from(host: FakeHost) -> None:
    seen = shown(host.terminal("norte", "right", "list", "shop").out)
    assert [line.split() for line in seen.splitlines()] == [
        ["module", "right", "from"],
        ["commande", "commande.creer", "own;", "group", "Sales"],
        ["produit", WRITE, "own"],
        ["produit", READ, "own,", "with", WRITE],
    ]
    _held(host, {})
    assert host.terminal("norte", "right", "list", "shop").out == "shop has none\n"
    assert right_sources.words(source(own=False, administrator=True)) == "administrator"


def test_lines_for_a_pipe(host: FakeHost) -> None:
    ended = host.piped("norte", "right", "list", "--table")
    assert (ended.code, ended.out.splitlines()[1].split()) == (0, ["commande", "commande.creer"])
    assert "\x1b" not in ended.out
