# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the firewall opens, to whom, and what an operator hears of it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import firewall
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

SITE = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
SSH = {"protocol": "tcp", "port": 22, "name": "sshd"}
MAIL = {"protocol": "tcp", "port": 25, "name": "exim4"}
VPN = {"protocol": "udp", "port": 51820, "name": "kernel"}


def _seen(**more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever the module returns)
    return {"ssh_ports": [22], "listeners": [SSH, MAIL, VPN], "remembered": None, "rivals": []} | more


def _rules(seen: dict[str, Any], *more: dict[str, Any], **options: Any) -> list[firewall.Rule]:  # noqa: ANN401
    return firewall.rules(sites.plan([SITE | one for one in more or ({},)]), seen, **options)


def _ports(rules: list[firewall.Rule]) -> list[str]:
    return [f"{rule['port']}/{rule['protocol']} {rule['why']}" for rule in rules]


def test_ssh_sites_and_who_is_there_already_are_let_in() -> None:
    found = _rules(_seen(ssh_ports=[22, 2222]), {"tls": {"mode": "selfsigned"}}, {"port": 8080})
    assert _ports(found) == [
        "22/tcp SSH",
        "2222/tcp SSH",
        "80/tcp sites",
        "443/tcp sites",
        "8080/tcp sites",
        "25/tcp others: exim4",
        "51820/udp others: kernel",
    ]


def test_who_listens_later_is_not() -> None:
    assert _ports(_rules(_seen(remembered=[]))) == ["22/tcp SSH", "80/tcp sites"]
    assert _ports(_rules(_seen(listeners=[], remembered=[MAIL])))[2:] == ["25/tcp others: exim4"]


def test_others_can_be_closed() -> None:
    assert _ports(_rules(_seen(), keep=False)) == ["22/tcp SSH", "80/tcp sites"]


def test_who_listens_within_a_range_of_the_cluster_is_reached_by_its_members_alone() -> None:
    brick = {"protocol": "tcp", "port": 50123, "name": "glusterfsd"}
    found = _rules(_seen(listeners=[brick]), members=[{"port": "49152-60999", "from": ["192.0.2.1", "192.0.2.2"]}])
    assert _ports(found)[2:] == ["49152-60999/tcp cluster"] * 2
    # A range of the operator's says nothing of who listens in it already.
    found = _rules(_seen(listeners=[brick]), declared=[{"port": "49152-60999", "from": ["192.0.2.1"]}])
    assert _ports(found)[3:] == ["50123/tcp others: glusterfsd"]


def test_what_is_declared_is_open_to_whom_it_says() -> None:
    declared = [
        {"port": 9100, "from": ["192.0.2.10", "2001:db8::/32"]},
        {"port": "60000-60010", "protocol": "udp"},
        # Declared, so it is not left open for everybody any more.
        {"port": 25, "from": ["192.0.2.0/24"]},
    ]
    found = _rules(_seen(), declared=declared)
    assert [(rule["source"], rule["protocol"], rule["port"]) for rule in found[2:]] == [
        ("ip saddr 192.0.2.10/32", "tcp", "9100"),
        ("ip6 saddr 2001:db8::/32", "tcp", "9100"),
        ("", "udp", "60000-60010"),
        ("ip saddr 192.0.2.0/24", "tcp", "25"),
        ("", "udp", "51820"),
    ]


def test_a_process_cannot_write_rules_by_its_name() -> None:
    evil = MAIL | {"name": '"; drop # é\n'}
    assert _rules(_seen(listeners=[evil]))[-1]["why"] == "others:  drop  "
    assert _rules(_seen(listeners=[MAIL | {"name": '"'}]))[-1]["why"] == "others: ?"


@pytest.mark.parametrize(
    ("seen", "options", "told"),
    [
        ({"listeners": [SSH]}, {}, []),
        (
            {},
            {},
            ["Open for others, who listened when the firewall came: 25/tcp (exim4), 51820/udp (kernel)."],
        ),
        (
            {"remembered": []},
            {"declared": [{"port": "51000-52000", "protocol": "udp"}]},
            ["Closed, though somebody listens: 25/tcp (exim4). What clients need goes into baseline_firewall_open."],
        ),
        (
            {"rivals": ["ufw"]},
            {},
            [
                "There is another firewall: ufw. Packets have to pass all that are there, so none is added; that one"
                " has to let in what docs/baseline.md lists."
            ],
        ),
    ],
)
def test_an_operator_hears_what_is_open_and_what_is_closed(
    seen: dict[str, Any], options: dict[str, Any], told: list[str]
) -> None:
    assert firewall.told(_seen(**seen), _rules(_seen(**seen), **options)) == told
