# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The hosts that a playbook works on: none is a failure that says why, before anything is done."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader
from ansible.utils.context_objects import CLIArgs
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.lookup import hosts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import host_pattern
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller.host_pattern import Selection
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import inventory_rules

ROOT = Path(__file__).parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
#: Those that know several hosts for the same sites.
SEVERAL = ("doctor", "site", "smoke")
FROM_INVENTORY = (
    " A playbook takes miclinik_hosts from the command line (-e), not from the inventory, whose variables it sees only"
    " once it has hosts"
)
GROUPS = {"all": ["erp1", "erp2", "db1"], "ungrouped": [], "erp": ["erp1", "erp2"], "db": ["db1"]}


def _selection(pattern: str, groups: dict[str, list[str]], matched: tuple[str, ...] = (), limit: str = "") -> Selection:
    return Selection(pattern, matched, (), limit, groups, ["inventories/mine"])


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.stem)
def test_every_playbook_asks_the_lookup(file: Path) -> None:
    for play in yaml.safe_load(file.read_text(encoding="utf-8")):
        if "import_playbook" not in play and "ansible.builtin.import_playbook" not in play:
            more = "" if file.stem in SEVERAL else ", alone=true"
            # For hosts as well that serve no site.
            more = ", ground=true" if play["name"].endswith("cluster") else more
            wanted = f"{{{{ lookup('miclinik.hosting.hosts', miclinik_hosts | default('miclinik'){more}) }}}}"
            assert play["hosts"] == wanted


def test_a_host_to_work_on_is_no_problem() -> None:
    assert host_pattern.problem(Selection("miclinik", ["a"], ["a"], "", {"all": ["a"]}, ["x"])) == ""


def test_a_group_of_another_name() -> None:
    assert host_pattern.problem(_selection("miclinik", GROUPS)) == (
        "No host matches 'miclinik'. The inventory (inventories/mine) holds the groups db, erp. To mend: call the group"
        " of hosts with miclinik_sites 'miclinik', or name yours: -e miclinik_hosts=GROUP." + FROM_INVENTORY
    )


@pytest.mark.parametrize(
    ("groups", "offered"),
    [
        ({"all": ["a"], "ungrouped": [], "miclinic": ["a"], "web": ["a"]}, "miclinic"),
        ({"all": ["a"], "ungrouped": [], "erp": ["a"]}, "erp"),
        ({"all": ["a", "miclinik1"], "ungrouped": ["a", "miclinik1"]}, "miclinik1"),
        ({"all": ["a"], "ungrouped": ["a"]}, "all"),
    ],
)
def test_the_nearest_is_offered(groups: dict[str, list[str]], offered: str) -> None:
    assert f" name yours: -e miclinik_hosts={offered}. " in host_pattern.problem(_selection("miclinik", groups))


def test_hosts_without_a_group() -> None:
    many = {"all": [f"h{number}" for number in range(12)], "ungrouped": []}
    assert "holds no group, and the hosts h0, h1, h2, h3, h4, h5, h6, h7, h8, h9 and 2 more. To mend" in (
        host_pattern.problem(_selection("miclinik", many))
    )


def test_an_empty_group() -> None:
    assert host_pattern.problem(
        _selection("miclinik", {"all": ["a"], "ungrouped": [], "miclinik": [], "x": ["a"]})
    ) == (
        "The group 'miclinik' is empty. The inventory (inventories/mine) holds the hosts a. To mend: put those with"
        " miclinik_sites into the group"
    )


def test_an_inventory_without_a_host() -> None:
    assert host_pattern.problem(_selection("miclinik", {"all": [], "ungrouped": []})) == (
        "The inventory (inventories/mine) holds no host. To mend: name an inventory that holds some, with -i"
    )


def test_a_limit_that_leaves_none() -> None:
    assert host_pattern.problem(_selection("erp", GROUPS, ("erp1", "erp2"), limit="db1")) == (
        "--limit db1 leaves none of the hosts of 'erp', which are erp1, erp2. To mend: limit it to one of these, or"
        " leave --limit out"
    )


def _lookup(
    monkeypatch: pytest.MonkeyPatch,
    pattern: str,
    limit: str | None = None,
    *,
    playbook: str = "x.yml",
    option: str = "",
) -> tuple[list[str], list[str]]:
    """Ask the lookup as a play does; return its answer and the warnings."""
    warnings: list[str] = []
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"args": (playbook,), option: True}))
    monkeypatch.setattr(Display(), "warning", warnings.append)
    variables = {"groups": GROUPS, "ansible_inventory_sources": ["x"]} | ({"ansible_limit": limit} if limit else {})
    return hosts.LookupModule(loader=DataLoader()).run([pattern], variables), warnings


def test_a_playbook_for_one_host_does_nothing_for_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    two = {f"miclinik_{part}": ["erp1", "erp2"] for part in ("app", "balancer", "database", "storage")}
    groups = GROUPS | two | {"miclinik_arbiter": ["db1"]}
    monkeypatch.setattr(context, "CLIARGS", CLIArgs({"args": ("x.yml",)}))
    variables = {"groups": groups, "ansible_inventory_sources": ["x"]}
    lookup = hosts.LookupModule(loader=DataLoader())
    assert lookup.run(["all"], variables) == ["all", "!db1"]
    assert lookup.run(["all"], variables, ground=True) == ["erp1,erp2,db1", "&all"]
    with pytest.raises(AnsibleLookupError, match=r"declares a cluster .* this playbook knows sites of one host alone"):
        lookup.run(["all"], variables, alone=True)
    assert lookup.run(["all"], variables | {"groups": GROUPS}, alone=True) == ["all"]


@pytest.mark.parametrize("pattern", ["erp", "erp:!erp1", "erp1,db1", "erp:&erp", "e*", "~^db", "all", "localhost"])
@pytest.mark.parametrize("limit", [None, "all:localhost"])
def test_the_pattern_is_what_the_lookup_returns(
    monkeypatch: pytest.MonkeyPatch, pattern: str, limit: str | None
) -> None:
    assert _lookup(monkeypatch, pattern, limit) == ([pattern], [])


@pytest.mark.parametrize("pattern", ["miclinik", "erp:&db", "db:!db1"])
def test_no_host_is_an_error_even_where_the_playbook_is_imported(monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    with pytest.raises(AnsibleLookupError, match=f"^No host matches '{re.escape(pattern)}'"):
        _lookup(monkeypatch, pattern)


@pytest.mark.parametrize("name", ["miclinik.hosting.site", str(ROOT / "playbooks" / "site.yml")])
def test_a_limit_that_leaves_none_is_an_error_for_our_own_playbook(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(AnsibleLookupError, match=r"^--limit db1 leaves none of the hosts of 'erp'"):
        _lookup(monkeypatch, "erp", "db1", playbook=name)


def test_a_limit_that_leaves_none_is_a_caution_for_a_playbook_that_imports_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "site.yml").write_text("---\n", encoding="utf-8")
    answer, warnings = _lookup(monkeypatch, "erp", "db1", playbook=str(tmp_path / "site.yml"))
    assert answer == ["erp"]
    assert [text.partition(",")[0] for text in warnings] == ["--limit db1 leaves none of the hosts of 'erp'"]


@pytest.mark.parametrize("option", ["syntax", "listhosts", "listtasks", "listtags"])
def test_what_reaches_no_host_needs_none(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    assert _lookup(monkeypatch, "miclinik", playbook="miclinik.hosting.site", option=option) == (["miclinik"], [])


@pytest.mark.parametrize("option", ["syntax", "check"])
def test_an_old_ansible_is_refused(monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    monkeypatch.setattr(hosts, "__version__", "2.18.19")
    with pytest.raises(
        AnsibleLookupError, match=r"^miclinik.hosting needs ansible-core 2.19 or newer, and this is 2.18"
    ):
        _lookup(monkeypatch, "erp", option=option)


@pytest.mark.parametrize("file", PLAYBOOKS, ids=lambda file: file.stem)
def test_ansible_itself_ends_with_the_message(file: Path, tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[erp]\nerp1 ansible_connection=local\n", encoding="utf-8")
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "-i", tmp_path / "hosts", file],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_FORCE_COLOR": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode not in (0, 2), "2 is a task that failed on a host"
    assert "No host matches 'miclinik'. The inventory" in done.stderr
    assert "-e miclinik_hosts=erp" in done.stderr
    assert "PLAY [" not in done.stdout


@pytest.mark.parametrize(
    ("groups", "named", "places"),
    [
        (["erp", "miclinik"], "erp, miclinik", "group_vars/erp/ or host_vars/a.yml"),
        ([], "none", "host_vars/a.yml"),
    ],
)
def test_a_host_without_sites(groups: list[str], named: str, places: str) -> None:
    assert str(inventory_rules.undefined("a", groups)) == (
        f"inventory: miclinik_sites: is not defined for a, whose groups are: {named}. Write it into {places} beside the"
        " inventory's file."
    )


def test_sites_that_several_hosts_have() -> None:
    norte = {"name": "norte", "domain": "erp.example.org"}
    assert inventory_rules.shared(
        {
            "a": [norte, {"domain": "a.example.org"}, {"domain": "a.example.org"}],
            "b": [norte | {"base_path": "/"}, {"domain": "x.example.org", "base_path": "/b"}],
            "c": [{"domain": "erp.example.org", "base_path": "/c"}, {"domain": "x.example.org", "base_path": "/b/"}],
        }
    ) == [
        f"{address} is a site of the hosts {named}: each gets a database of its own, and one name leads to one host."
        " Unless the site moves from one to the other, write each host's sites into host_vars/HOST.yml."
        for address, named in (("erp.example.org", "a, b"), ("x.example.org/b", "b, c"))
    ]


@pytest.mark.parametrize("odd", [None, "norte", {"name": "norte"}, ["norte"], [None], [{"domain": None}], []])
def test_what_is_no_list_of_sites_is_left_to_its_own_check(odd: object) -> None:
    assert inventory_rules.shared({"a": odd, "b": odd}) == []
