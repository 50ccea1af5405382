# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role ``baseline`` writes, read by nft, systemd and perl.

baseline/firewall.nft.j2, baseline/firewall.service.j2, baseline/upgrades.conf.j2, baseline/upgraded.conf.j2 and
baseline/needrestart.conf.j2. tests/hosts/test_baseline.py sends packets.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import openings
from ansible_collections.miclinik.hosting.plugins.module_utils.baseline.listeners import Listener

from . import programs
from .rendering import Rendered, entry, render

FIREWALL = "/etc/nftables.d/miclinik.nft"
UNIT = "/etc/systemd/system/miclinik-firewall.service"
UPGRADES = "/etc/apt/apt.conf.d/10miclinik-upgrades"
RESTARTS = "/etc/systemd/system/apt-daily-upgrade.service.d/miclinik.conf"
SPARED = "/etc/needrestart/conf.d/miclinik.conf"
#: A network without anybody, where nothing of this machine's is touched.
ALONE = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
SEEN: dict[str, Any] = {
    "ssh_ports": [22, 2222],
    "listeners": [
        {"protocol": "tcp", "port": 25, "name": "exim4"},
        {"protocol": "udp", "port": 51820, "name": "kernel"},
        {"protocol": "tcp", "port": 8080, "name": "a program: with/odd-name_1"},
    ],
    "remembered": None,
    "rivals": [],
    "upgrades": {"settings": {}, "masked": [], "off": [], "outdated": False, "reboot": False},
}
DECLARED = [
    {"port": 9100, "from": ["192.0.2.10", "2001:db8::/32"]},
    {"port": "60000-60010", "protocol": "udp"},
]


def _rendered(**more: Any) -> dict[str, Rendered]:  # noqa: ANN401 (whatever a play may set)
    site = entry(tls={"mode": "selfsigned"}, port=8443)
    return render("baseline", site, **{"baseline_seen": SEEN, "baseline_firewall_open": DECLARED} | more)


def _firewall(**more: Any) -> str:  # noqa: ANN401
    return _rendered(**more)[FIREWALL].content


def _loaded(text: str, folder: Path, times: int = 1) -> str:
    """Return what the kernel has after it was loaded so often."""
    file = folder / "firewall.nft"
    file.write_text(text, encoding="utf-8")
    load = " && ".join(['nft -f "$1"'] * times)
    return programs.accept([*ALONE, "sh", "-c", f"{load} && nft --stateless list ruleset", "sh", file])


def test_nft_takes_it_again_and_again(tmp_path: Path) -> None:
    programs.path("nft")
    once = _loaded(_firewall(), tmp_path)
    assert once == _loaded(_firewall(), tmp_path, times=2)
    assert re.findall(r"^table .*", once, re.MULTILINE) == ["table inet miclinik {"]
    assert [line.strip() for line in once.splitlines() if " dport " in line] == [
        "udp sport 67 udp dport 68 accept",
        "ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept",
        'tcp dport 22 accept comment "SSH"',
        'tcp dport 2222 accept comment "SSH"',
        'tcp dport 80 accept comment "sites"',
        'tcp dport 8443 accept comment "sites"',
        'ip saddr 192.0.2.10 tcp dport 9100 accept comment "baseline_firewall_open"',
        'ip6 saddr 2001:db8::/32 tcp dport 9100 accept comment "baseline_firewall_open"',
        'udp dport 60000-60010 accept comment "baseline_firewall_open"',
        'tcp dport 25 accept comment "others: exim4"',
        'udp dport 51820 accept comment "others: kernel"',
        'tcp dport 8080 accept comment "others: a program: with/odd-name_1"',
    ]


def test_what_is_not_opened_is_dropped_and_nothing_else() -> None:
    rules = [line.strip() for line in _firewall().splitlines() if line.startswith("\t\t") and "#" not in line]
    assert rules[0] == "type filter hook input priority filter; policy drop;"
    assert [rule for rule in rules[1:] if not re.search(r"\baccept( comment \"[^\"]*\")?$", rule)] == []


def test_connections_that_are_there_when_it_comes_go_on() -> None:
    assert "\t\ttcp flags & (fin | syn | rst | ack) != syn accept\n" in _firewall()


def test_icmp_is_let_in_as_rfc_4890_says() -> None:
    rules = re.findall(r"icmpv6 type \{ ([^}]*) \}", _firewall())
    assert {name for rule in rules for name in rule.split(", ")} == {
        *("destination-unreachable", "packet-too-big", "time-exceeded", "parameter-problem"),
        *("echo-request", "echo-reply"),
        *("nd-router-solicit", "nd-router-advert", "nd-neighbor-solicit", "nd-neighbor-advert"),
        *("ind-neighbor-solicit", "ind-neighbor-advert"),
        *("mld-listener-query", "mld-listener-report", "mld-listener-done", "mld2-listener-report"),
        *("148", "149", "151", "152", "153"),
    }


def test_what_stays_open_for_others_is_found_again(tmp_path: Path) -> None:
    """The next run reads it from the file."""
    file = tmp_path / "firewall.nft"
    assert openings.remembered(file) is None
    file.write_text(_firewall(), encoding="utf-8")
    assert openings.remembered(file) == [
        Listener("tcp", 25, "exim4"),
        Listener("udp", 51820, "kernel"),
        Listener("tcp", 8080, "a program: with/odd-name_1"),
    ]


def test_it_comes_before_the_network_and_after_whoever_flushes_all(tmp_path: Path) -> None:
    unit = _rendered()[UNIT].content
    assert f"\nExecStart=/usr/sbin/nft -f {FIREWALL}\nExecReload=/usr/sbin/nft -f {FIREWALL}\n" in unit
    assert "\nBefore=network-pre.target\n" in unit
    for line in ("After", "PartOf", "ReloadPropagatedFrom"):
        assert f"\n{line}=nftables.service\n" in unit
    file = tmp_path / "miclinik-firewall.service"
    file.write_text(unit, encoding="utf-8")
    programs.path("nft")
    assert programs.accept(["systemd-analyze", "verify", "--man=no", file]) == ""


def test_an_operators_line_has_a_place(tmp_path: Path) -> None:
    own = tmp_path / "baseline/firewall.nft.j2"
    own.parent.mkdir()
    own.write_text(
        '{% extends "miclinik/baseline/firewall.nft.j2" %}\n'
        "{% block extra %}\n\t\tip saddr 192.0.2.99 accept\n{% endblock %}\n",
        encoding="utf-8",
    )
    assert "\t\tip saddr 192.0.2.99 accept\n" in _loaded(_firewall(overrides=str(tmp_path)), tmp_path)


def test_the_host_boots_only_where_a_time_is_given() -> None:
    assert "Automatic-Reboot" not in _rendered()[UPGRADES].content
    asked = _rendered(baseline_upgrades_reboot="04:30")[UPGRADES].content
    assert 'Unattended-Upgrade::Automatic-Reboot "true";\n' in asked
    assert 'Unattended-Upgrade::Automatic-Reboot-Time "04:30";\n' in asked


def test_debians_files_and_the_operators_are_read_after_ours() -> None:
    """Debian's are 20auto-upgrades and 50unattended-upgrades; the last one that is read wins."""
    name = Path(UPGRADES).name
    assert sorted([name, "20auto-upgrades", "50unattended-upgrades", "99own"])[0] == name


def test_what_needs_it_is_restarted_once_after_all() -> None:
    text = _rendered()[RESTARTS].content
    assert "\nEnvironment=NEEDRESTART_SUSPEND=1\n" in text
    run = "/usr/bin/env --unset=NEEDRESTART_SUSPEND /usr/sbin/needrestart -q -l -r a"
    assert f"\nExecStartPost={run}\n" in text


def test_perl_takes_what_is_never_restarted(tmp_path: Path) -> None:
    assert _rendered()[SPARED].kind == "absent"
    spared = ["postfix", "postgresql@15-main.service"]
    file = tmp_path / "miclinik.conf"
    file.write_text(_rendered(baseline_upgrades_never_restart=spared)[SPARED].content, encoding="utf-8")
    asked = ["postfix.service", "postfix-other.service", "postgresql@15-main.service", "postgresql@15xmain.service"]
    ask = (
        "our %nrconf = (override_rc => {}); my $conf = shift; do $conf; die $@ if $@;"
        ' for my $unit (@ARGV) { print "$unit\n" if grep { $unit =~ /$_/ } keys %{$nrconf{override_rc}} }'
    )
    assert programs.accept(["perl", "-e", ask, file, *asked]).split() == [asked[0], asked[2]]


def test_a_part_that_is_off_takes_its_files_along_and_no_others() -> None:
    parts = {"baseline_upgrades_enabled": {UPGRADES, RESTARTS, SPARED}, "baseline_firewall_enabled": {FIREWALL, UNIT}}
    for switch, gone in parts.items():
        found = _rendered(**{switch: False, "baseline_upgrades_never_restart": ["postfix"]})
        assert {path for path, item in found.items() if item.kind == "absent"} == gone


def test_beside_another_firewall_there_is_none_of_ours() -> None:
    found = _rendered(baseline_seen=SEEN | {"rivals": ["ufw"]})
    assert (found[FIREWALL].kind, found[UNIT].kind) == ("absent", "absent")
