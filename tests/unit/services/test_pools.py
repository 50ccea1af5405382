# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sockets of pools: those that nobody listens on, and those that no reload mends."""

from __future__ import annotations

import grp
import os
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import pools as services_pools
from ansible_collections.miclinik.hosting.plugins.module_utils.services.pools import Socket

ME = pwd.getpwuid(os.getuid()).pw_name
US = grp.getgrgid(os.getgid()).gr_name
SOCKETS = """\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 30001 /run/php/miclinik-norte-web.sock
0000000000000000: 00000003 00000000 00000000 0001 03 30002 /run/php/miclinik-norte-api.sock
0000000000000000: 00000002 00000000 00010000 0001 01 30003 /var/run/php/other.sock
0000000000000000: 00000002 00000000 00010000 0001 01 30004
"""


def test_sockets_that_pools_listen_on() -> None:
    text = """\
[global]
process_control_timeout = 10s
[norte-web]
; listen = /no
listen = /run/php/norte-web.sock
listen.owner = www-data
listen.group= www-data
listen.mode = 0600
[www]
 listen="/run/php/$pool.sock"
listen.backlog = 511
[lists]
listen = /run/php/lists.sock
listen.owner = www-data
listen.acl_users = www-data,nobody
[tcp]
listen = 127.0.0.1:9000
"""
    assert services_pools.sockets(text) == [
        Socket("/run/php/norte-web.sock", "www-data", "www-data", "0600"),
        Socket("/run/php/www.sock"),
        Socket("/run/php/lists.sock"),
    ]


def test_sockets_on_which_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/unix").write_text(SOCKETS)
    names = ("/run/php/miclinik-norte-web", "/run/php/miclinik-norte-api", "/run/php/other", "/var/run/php/absent")
    asked = [Socket(f"{name}.sock") for name in names]
    assert services_pools.deaf(asked, tmp_path) == ["/run/php/miclinik-norte-api.sock", "/var/run/php/absent.sock"]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    """A socket that is there, with the mode 0600."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(f"{tmp_path}/s")
        Path(f"{tmp_path}/s").chmod(0o600)
        yield f"{tmp_path}/s"


@pytest.mark.parametrize("wanted", [{}, {"mode": "0600"}, {"owner": ME, "group": US, "mode": "0600"}])
def test_a_socket_that_is_as_its_pool_says(path: str, wanted: dict[str, str]) -> None:
    assert services_pools.lost([Socket(path, **wanted)]) == []


@pytest.mark.parametrize("wanted", [{"mode": "0660"}, {"owner": "daemon"}, {"group": "daemon"}])
def test_a_socket_of_another_owner_or_mode(path: str, wanted: dict[str, str]) -> None:
    assert services_pools.lost([Socket(path, **wanted)]) == [path]


def test_a_socket_whose_file_is_gone(path: str) -> None:
    Path(path).unlink()
    assert services_pools.lost([Socket(path)]) == [path]
    Path(path).write_text("")
    assert services_pools.lost([Socket(path)]) == [path]
