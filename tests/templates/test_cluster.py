# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the hosts of a cluster get.

cluster/galera.cnf.j2, cluster/mariadb.conf.j2, cluster/galera-check with cluster/galera-check.socket.j2 and
cluster/galera-check@.service.j2; cluster/garb.j2, cluster/garb.conf.j2; cluster/haproxy.cfg.j2,
cluster/haproxy.conf.j2, cluster/keepalived.conf.j2; cluster/documents.mount.j2, cluster/documents.service.j2;
cluster/members.j2, cluster/sees-others, cluster/certificates.j2;
php/alive.php.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import several
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certificates

from . import programs
from .rendering import ROOT, Rendered, entry, render

GROUPS = {
    "miclinik_balancer": ["a", "b"],
    "miclinik_app": ["a", "b"],
    "miclinik_database": ["a", "b"],
    "miclinik_storage": ["a", "b"],
    "miclinik_arbiter": ["c"],
}
ADDRESSES = {"a": {"ansible_host": "192.0.2.1"}, "b": {"ansible_host": "192.0.2.2"}, "c": {"ansible_host": "192.0.2.3"}}
SITE = entry(port=8080, base_path="/erp", aliases=["www.example.org"], database={"host": "127.0.0.1", "port": 3307})
UNITS = "/etc/systemd/system"


def _rendered(host: str = "b", *sites: dict[str, Any]) -> dict[str, Rendered]:
    return render(
        "cluster",
        *(sites or [SITE]),
        groups=GROUPS,
        hostvars=ADDRESSES,
        inventory_hostname=host,
        ansible_host=ADDRESSES[host]["ansible_host"],
        ansible_play_hosts=["a", "b", "c"],
        cluster_floating_address="192.0.2.10/24",
    )


def _lines(dest: str, host: str = "b") -> list[str]:
    return [line.strip() for line in _rendered(host)[dest].content.splitlines()]


def test_a_member_of_the_database() -> None:
    lines = _lines("/etc/mysql/mariadb.conf.d/70-miclinik-galera.cnf")
    assert {
        "bind-address = 192.0.2.2",
        "wsrep_cluster_address = gcomm://192.0.2.1,192.0.2.2",
        "wsrep_node_name = b",
        'wsrep_provider_options = "gcache.size=512M"',
        "innodb_buffer_pool_size = 256M",
        "max_connections = 200",
        "tcp_keepalive_time = 5",
    } <= set(lines)
    assert "Restart=on-failure" in _lines(f"{UNITS}/mariadb.service.d/miclinik.conf")


def test_the_arbiter() -> None:
    assert 'GALERA_NODES="192.0.2.1:4567 192.0.2.2:4567"' in _lines("/etc/default/garb")
    assert "Restart=always" in _lines(f"{UNITS}/garb.service.d/miclinik.conf")


def test_haproxy_leads_to_one_member_and_to_all_application_hosts() -> None:
    lines = _lines("/etc/haproxy/miclinik.cfg")
    assert "server a 192.0.2.1:3306 check" in lines
    assert "server b 192.0.2.2:3306 check backup" in lines
    assert "server a 192.0.2.1:8080 check maxconn 200" in lines
    assert "acl norte req.hdr(host),host_only,lower -m str norte.example.org www.example.org" in lines
    assert "use_backend norte-calls if norte { path_beg /erp/api/ }" in lines
    assert "peer b 192.0.2.2:10000" in lines
    assert "Environment=CONFIG=/etc/haproxy/miclinik.cfg" in _lines(f"{UNITS}/haproxy.service.d/miclinik.conf")


def test_programs_that_know_one_host_are_told() -> None:
    assert _lines(str(several.FILE))[-3:] == ["a 192.0.2.1", "b 192.0.2.2", "c 192.0.2.3"]


def test_haproxy_believes_no_header_of_who_calls() -> None:
    lines = _lines("/etc/haproxy/miclinik.cfg")
    assert lines.index("http-request del-header X-Forwarded-For") < lines.index("option forwardfor")


CONF = "/etc/haproxy/miclinik.cfg"
BEHIND = {"proxy": {"trusted": ["192.0.2.0/24"]}}
ENCRYPTED = SITE | BEHIND | {"tls": {"mode": "selfsigned"}, "former": [{"domain": "old.example.org"}]}
ADDRESS = entry("sur", domain="192.0.2.10", port=8080, tls={"mode": "provided", "certificate": "c", "key": "k"})


def _accepted(folder: Path, *sites: dict[str, Any]) -> str:
    """Have HAProxy itself read what is rendered; return the text."""
    rendered = _rendered("b", *sites)
    below = {"/etc/haproxy": str(folder), "user haproxy": "", "group haproxy": "", "/run/haproxy": str(folder)}
    for dest, item in rendered.items():
        path = folder / dest.removeprefix("/etc/haproxy/")
        if not dest.startswith("/etc/haproxy/"):
            continue
        if item.kind == "folder":
            path.mkdir(parents=True, exist_ok=True)
        elif item.kind == "file":
            text = item.content
            for old, new in below.items():
                text = text.replace(old, new)
            path.write_text(text)
    names = {site["name"]: [site["domain"], *site.get("aliases", [])] for site in sites}
    for dest, item in rendered.items():
        if item.kind == "link" and dest.endswith(".pem"):
            pair = certificates.self_signed(names[Path(dest).stem])
            for name, content in zip((dest, f"{dest}.key"), pair, strict=True):
                (folder / name.removeprefix("/etc/haproxy/")).write_bytes(content)
    said = programs.accept(["haproxy", "-c", "-f", folder / "miclinik.cfg"])
    assert "WARNING" not in said, said
    return rendered[CONF].content


@pytest.mark.parametrize("sites", [[SITE], [ENCRYPTED], [ENCRYPTED, ADDRESS, entry("este", port=8080)]])
def test_haproxy_takes_it(tmp_path: Path, sites: list[dict[str, Any]]) -> None:
    text = _accepted(tmp_path, *sites)
    assert (":443" in text) == ("tls" in sites[0])


def test_tls_at_the_balancer() -> None:
    rendered = _rendered("b", ENCRYPTED, entry("este", port=8080))
    lines = [line.strip() for line in rendered[CONF].content.splitlines()]
    assert "http-request redirect prefix https://norte.example.org code 301 if norte !{ ssl_fc }" in lines
    assert not [line for line in lines if "redirect prefix" in line and " este" in line]
    assert "http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]" in lines
    assert "cookie miclinik_host insert indirect nocache httponly secure" in lines
    assert "use_backend norte-pages if norte-before" in lines
    assert [line for line in lines if line.startswith("bind :443") and line.endswith(" strict-sni")]
    folder = "/etc/haproxy/miclinik-certificates"
    assert rendered[f"{folder}/norte.pem"].target == "/etc/miclinik/norte/tls/certificate.pem"
    assert rendered[f"{folder}/norte.pem.key"].target == "/etc/miclinik/norte/tls/key.pem"
    assert rendered[f"{folder}/este.pem.key"].kind == "absent"
    given = rendered[f"{folder}.list"].content.splitlines()[1:]
    assert given == [f"{folder}/norte.pem norte.example.org www.example.org old.example.org"]


def test_who_calls_an_address_gets_its_certificate() -> None:
    rendered = _rendered("b", ENCRYPTED | {"aliases": ["erp1"]}, ADDRESS)
    assert rendered["/etc/haproxy/miclinik-certificates.list"].content.splitlines()[1].endswith("/sur.pem")
    assert "norte.example.org erp1" in rendered["/etc/haproxy/miclinik-certificates.list"].content
    assert "strict-sni" not in rendered[CONF].content


def test_hosts_with_the_site_speak_plain_http_and_tell_the_application_of_tls() -> None:
    site = ENCRYPTED | {"tls": {"mode": "provided", "certificate": "c", "key": "k"}}
    text = render("nginx", site, groups=GROUPS)["/etc/nginx/sites-available/norte.conf"].content
    assert "ssl" not in text
    assert "listen 443" not in text
    assert "fastcgi_param HTTPS on;" in text
    assert text.count('add_header Strict-Transport-Security "max-age=15768000" always;') > 0


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_balancers_alone_are_told_how_the_host_is(server: str) -> None:
    folder = "/etc/nginx/sites-available" if server == "nginx" else "/etc/apache2/sites-available"
    mine = render(server, ENCRYPTED, groups=GROUPS, hostvars=ADDRESSES)[f"{folder}/norte.conf"].content
    assert "/erp/miclinik-alive" in mine
    assert ("allow 192.0.2.0/24;" if server == "nginx" else "Require ip 192.0.2.0/24") in mine
    assert "unix:/run/miclinik-php/norte/alive.sock" in mine
    assert "alive" not in render(server, ENCRYPTED)[f"{folder}/norte.conf"].content


def test_a_pool_of_its_own_tells_them() -> None:
    rendered = render("php", ENCRYPTED, groups=GROUPS, hostvars=ADDRESSES)
    pool = rendered["/etc/miclinik-php/norte/alive.conf"].content
    assert "pm.max_children = 2" in pool
    assert "auto_prepend_file" not in pool
    assert "/usr/local/lib/miclinik/alive.php" in rendered
    assert not [dest for dest in render("php", ENCRYPTED) if "alive" in dest]


DRIVER = """<?php
define('MYSQLI_OPT_CONNECT_TIMEOUT', 0); define('MYSQLI_OPT_READ_TIMEOUT', 11); define('MYSQLI_REPORT_OFF', 0);
function mysqli_report($flags) {}
class Played {
    function options($name, $value) {}
    function real_connect(...$given) { return getenv('PLAYED') !== 'away'; }
    function query($sql) { return getenv('PLAYED') === 'unready' ? false : true; }
    function close() {}
}
function mysqli_init() { return new Played(); }
"""


@pytest.mark.parametrize(
    ("conf", "documents", "played", "told"),
    [
        (True, "/dev/shm", "", "alive"),  # noqa: S108 (a folder on another device than the root)
        (True, "/dev/shm", "away", "lacks: database"),  # noqa: S108
        (True, "/dev/shm", "unready", "lacks: database"),  # noqa: S108
        (True, "/var", "", "lacks: documents"),
        (True, "/dev/shm/gone", "", "lacks: documents"),  # noqa: S108
        (False, "/dev/shm", "", "lacks: configuration"),  # noqa: S108
    ],
)
def test_what_the_balancers_are_told(tmp_path: Path, conf: bool, documents: str, played: str, told: str) -> None:
    names = ("host", "port", "user", "pass", "name", "prefix")
    settings = "".join(f"$dolibarr_main_db_{name} = '1';" for name in names)
    if conf:
        (tmp_path / "conf.php").write_text(f"<?php {settings} $dolibarr_main_data_root = '{documents}';")
    (tmp_path / "driver.php").write_text(DRIVER)
    done = subprocess.run(
        [
            *(programs.path("php"), "-n", "-d", f"auto_prepend_file={tmp_path / 'driver.php'}"),
            *("-d", "variables_order=ES", ROOT / "templates/php/alive.php"),
        ],
        env={**os.environ, "MICLINIK_CONF": str(tmp_path / "conf.php"), "PLAYED": played},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == told


@pytest.mark.parametrize(("host", "priority"), [("a", 150), ("b", 149)])
def test_one_balancer_has_the_address(host: str, priority: int) -> None:
    lines = _lines("/etc/keepalived/keepalived.conf", host)
    assert f"priority {priority}" in lines
    assert "192.0.2.10/24" in lines
    assert ("192.0.2.2" if host == "a" else "192.0.2.1") in lines


@pytest.mark.parametrize(("reached", "sees"), [("192.0.2.3", 0), ("192.0.2.9", 1)])
def test_a_balancer_that_is_cut_off_leaves_the_address(tmp_path: Path, reached: str, sees: int) -> None:
    lines = _lines("/etc/keepalived/keepalived.conf", "a")
    (script,) = [line.split('"')[1].split() for line in lines if "sees-others" in line]
    assert script[1:] == ["192.0.2.2", "192.0.2.3"]
    assert lines.index("others") > lines.index("track_script {")
    ping = tmp_path / "ping"
    ping.write_text(f'#!/bin/sh\nfor last; do :; done\n[ "$last" = {reached} ]\n')
    ping.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    done = subprocess.run([ROOT / "templates/cluster/sees-others", *script[1:]], env={"PATH": path}, check=False)
    assert done.returncode == sees


def test_units(tmp_path: Path) -> None:
    mount = _lines(f"{UNITS}/srv-documents.mount")
    assert "What=192.0.2.2:/documents" in mount
    assert "Where=/srv/documents" in mount
    assert "OnFailure=miclinik-documents.service" in mount
    again = _lines(f"{UNITS}/miclinik-documents.service")
    assert "ExecStart=/bin/systemctl --no-block start srv-documents.mount" in again
    rendered = _rendered()
    for name in ("miclinik-galera-check.socket", "miclinik-galera-check@.service"):
        text = rendered[f"{UNITS}/{name}"].content
        (tmp_path / name).write_text(text.replace("/usr/local/lib/miclinik/cluster/galera-check", "/bin/true"))
    programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / "miclinik-galera-check.socket"])


@pytest.mark.parametrize(
    ("state", "status", "ready", "read_only", "answer"),
    [
        ("Synced", "Primary", "ON", "OFF", "200 OK"),
        ("Donor/Desynced", "Primary", "ON", "OFF", "503 Service Unavailable"),
        ("Synced", "non-Primary", "ON", "OFF", "503 Service Unavailable"),
        ("Synced", "Primary", "OFF", "OFF", "503 Service Unavailable"),
        ("Synced", "Primary", "ON", "ON", "503 Service Unavailable"),
        ("", "", "", "", "503 Service Unavailable"),
    ],
)
def test_who_says_how_a_member_is(
    tmp_path: Path, state: str, status: str, ready: str, read_only: str, answer: str
) -> None:
    """The server gives its rows in an order of its own."""
    rows = f"wsrep_local_state_comment\\t{state}\\nwsrep_cluster_status\\t{status}\\nwsrep_ready\\t{ready}\\n"
    client = tmp_path / "mariadb"
    client.write_text(f"#!/bin/sh\nprintf '{rows}read_only\\t{read_only}\\n'\n" if state else "#!/bin/sh\nexit 1\n")
    client.chmod(0o755)
    done = subprocess.run(
        [ROOT / "templates/cluster/galera-check"],
        input="GET / HTTP/1.0\r\nHost: x\r\n\r\n",
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0] == f"HTTP/1.1 {answer}"
