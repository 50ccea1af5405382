# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the hosts of a cluster get for sessions that all of them see.

cluster/cache.conf.j2, cluster/cache-users.acl.j2, cluster/sentinel.conf.j2, cluster/cache.service.j2,
cluster/cache-begin, cluster/sessions.j2, and what of cluster/haproxy.cfg.j2 leads there.
"""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import secrets

from .rendering import ROOT, Rendered, entry, render
from .test_cluster import ADDRESSES, GROUPS, SITE

FOLDER = "/etc/miclinik-cache"
KEY = "0123456789abcdef"
PASSWORDS = secrets.of_cache(KEY, ["norte"])
BEGIN = ROOT / "templates/cluster/cache-begin"


def _rendered(host: str, codename: str = "bookworm", tasks: str = "cache") -> dict[str, Rendered]:
    return render(
        "cluster",
        SITE,
        tasks=tasks,
        host={"codename": codename},
        groups=GROUPS | {"miclinik_cache": ["a", "b"]},
        hostvars=ADDRESSES,
        inventory_hostname=host,
        ansible_host=ADDRESSES[host]["ansible_host"],
        ansible_play_hosts=["a", "b", "c"],
        cluster_cache_read={"content": base64.b64encode(KEY.encode()).decode()},
    )


@pytest.mark.parametrize(("codename", "engine"), [("bookworm", "redis"), ("trixie", "valkey")])
@pytest.mark.parametrize("host", ["a", "b", "c"])
def test_nobody_else_reads_a_password(host: str, codename: str, engine: str) -> None:
    holding = {
        dest: (item.group, item.mode, item.sensitive)
        for dest, item in _rendered(host, codename).items()
        if any(password in item.content for password in (*PASSWORDS.values(), KEY))
    }
    wanted = {"sentinel.conf": engine, "norte.address": "norte"} | ({} if host == "c" else {"cache.conf": engine})
    assert holding == {f"{FOLDER}/{name}": (group, "0640", True) for name, group in wanted.items()}


def test_a_copy_follows_the_first() -> None:
    first, second = (_rendered(host)[f"{FOLDER}/cache.conf"].content.splitlines() for host in ("a", "b"))
    assert "replicaof 192.0.2.1 6379" in second
    assert not [line for line in first if line.startswith("replicaof")]
    assert {"bind 192.0.2.2", "appendonly yes", "maxmemory 128mb", "maxmemory-policy noeviction"} <= set(second)


def test_a_site_may_reach_its_own_sessions_alone() -> None:
    lines = _rendered("b")[f"{FOLDER}/users.acl"].content.splitlines()
    (site,) = [line.split() for line in lines if line.startswith("user site-norte ")]
    assert lines[0] == "user default off"
    assert {"~norte:*", "resetchannels", "-@all"} < set(site)
    assert {word for word in site if word.startswith("+")} == {
        f"+{name}" for name in ("get", "set", "setex", "del", "expire", "exists", "eval", "evalsha")
    }
    address = _rendered("b")[f"{FOLDER}/norte.address"].content
    assert address.startswith("tcp://127.0.0.1:6380?timeout=3&read_timeout=3&prefix=norte:&auth[user]=site-norte&auth[")


def test_who_votes() -> None:
    rendered = _rendered("c", "trixie")
    lines = rendered[f"{FOLDER}/sentinel.conf"].content.splitlines()
    assert "sentinel monitor miclinik 192.0.2.1 6379 2" in lines
    assert "bind 192.0.2.3" in lines
    unit = rendered["/etc/systemd/system/valkey-sentinel.service.d/miclinik.conf"].content
    assert "ExecStart=/usr/bin/valkey-sentinel /var/lib/valkey/miclinik-sentinel.conf --supervised" in unit
    assert f"{FOLDER}/cache.conf" not in rendered


def test_haproxy_leads_to_the_copy_that_two_name() -> None:
    lines = [line.strip() for line in _rendered("b", tasks="proxy")["/etc/haproxy/miclinik.cfg"].content.splitlines()]
    assert "use_backend miclinik-sessions-b if { nbsrv(miclinik-sessions-b-named) ge 2 }" in lines
    assert 'tcp-check expect string "\\r\\n192.0.2.2\\r\\n"' in lines
    start = lines.index("backend miclinik-sessions-a-named")
    voters = [line for line in lines[start : start + 9] if line.startswith("server ")]
    assert voters == [f"server {name} 192.0.2.{number} check" for number, name in enumerate("abc", 1)]


def _begin(folder: Path, settings: str) -> str:
    (folder / "settings").write_text(settings)
    subprocess.run([BEGIN, folder / "settings", folder / "own"], check=True)
    return (folder / "own").read_text()


def test_what_a_service_has_seen_outlives_new_settings(tmp_path: Path) -> None:
    assert _begin(tmp_path, "port 1\nreplicaof 192.0.2.1 6379\n") == "port 1\nreplicaof 192.0.2.1 6379\n"
    # It became the one that is written to, and says so in its own file.
    (tmp_path / "own").write_text("port 1\nmaxmemory 9\n")
    assert _begin(tmp_path, "port 1\nreplicaof 192.0.2.1 6379\n") == "port 1\nmaxmemory 9\n"
    assert _begin(tmp_path, "port 2\nreplicaof 192.0.2.1 6379\n") == "port 2\n"
    (tmp_path / "own").write_text("port 2\nreplicaof 192.0.2.2 6379\n")
    assert _begin(tmp_path, "port 3\n") == "port 3\nreplicaof 192.0.2.2 6379\n"


def test_a_voter_keeps_who_is_written_to(tmp_path: Path) -> None:
    _begin(tmp_path, "port 1\nsentinel monitor miclinik 192.0.2.1 6379 2\nsentinel auth-pass miclinik x\n")
    seen = "sentinel myid abc\nsentinel monitor miclinik 192.0.2.2 6379 2\nsentinel config-epoch miclinik 3\n"
    (tmp_path / "own").write_text(f"port 1\n{seen}sentinel auth-pass miclinik x\n")
    told = _begin(tmp_path, "port 2\nsentinel monitor miclinik 192.0.2.1 6379 2\nsentinel auth-pass miclinik y\n")
    assert told == f"port 2\nsentinel auth-pass miclinik y\n{seen}"


def test_a_cluster_without_it_is_as_it_was() -> None:
    shared = render(
        "cluster",
        SITE,
        tasks="proxy",
        groups=GROUPS,
        hostvars=ADDRESSES,
        inventory_hostname="b",
        ansible_host="192.0.2.2",
        ansible_play_hosts=["a", "b"],
    )
    assert "sessions" not in shared["/etc/haproxy/miclinik.cfg"].content.replace("shutdown-sessions", "")
    groups = GROUPS | {"miclinik_cache": ["a", "b"]}
    pool = "/etc/miclinik-php/norte/{}.conf"
    plain, several, cached = (render("php", entry(), groups=seen, hostvars=ADDRESSES) for seen in ({}, GROUPS, groups))
    for role in ("web", "quarantine", "api"):
        assert plain[pool.format(role)] == several[pool.format(role)]
        mine = cached[pool.format(role)].content
        assert ("sessions.php" in mine) == ("MICLINIK_SESSIONS" in mine) == (role != "api")
    program = "/usr/local/lib/miclinik/sessions.php"
    assert (plain[program].kind, several[program].kind, cached[program].kind) == ("absent", "absent", "file")
    # By the program, since what a pool sets is refused in an inventory, where these do no harm.
    locks = {"locking_enabled": 1, "lock_expire": 15, "lock_wait_time": 50000, "lock_retries": 340}
    assert [line.strip() for line in cached[program].content.splitlines() if "redis.session." in line] == [
        f"ini_set('redis.session.{name}', '{value}');" for name, value in locks.items()
    ]
