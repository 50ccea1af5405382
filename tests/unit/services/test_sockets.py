# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sockets that systemd holds: those that nobody listens on, and those that no reload mends."""

from __future__ import annotations

import grp
import os
import pwd
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import sockets as services_sockets
from ansible_collections.miclinik.hosting.plugins.module_utils.services.sockets import Socket

ME = pwd.getpwuid(os.getuid()).pw_name
US = grp.getgrgid(os.getgid()).gr_name
SOCKETS = """\
Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 30001 /run/php/miclinik-norte-web.sock
0000000000000000: 00000003 00000000 00000000 0001 03 30002 /run/php/miclinik-norte-api.sock
0000000000000000: 00000002 00000000 00010000 0001 01 30003 /var/run/php/other.sock
0000000000000000: 00000002 00000000 00010000 0001 01 30004
"""


def test_sockets_that_a_unit_holds() -> None:
    shown = """\
SocketUser=www-data
SocketGroup=root
SocketMode=0600
Listen=/run/miclinik-php/norte/web.sock (Stream)
Listen=/run/miclinik-php/norte/api.sock (Stream)
Listen=[::]:9000 (Stream)
"""
    assert services_sockets.sockets(shown) == [
        Socket("/run/miclinik-php/norte/web.sock", "www-data", "root", "0600"),
        Socket("/run/miclinik-php/norte/api.sock", "www-data", "root", "0600"),
    ]
    assert services_sockets.sockets("SocketUser=\nSocketMode=0666\n") == []


def test_sockets_on_which_nobody_listens(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/unix").write_text(SOCKETS)
    names = ("/run/php/miclinik-norte-web", "/run/php/miclinik-norte-api", "/run/php/other", "/var/run/php/absent")
    asked = [Socket(f"{name}.sock") for name in names]
    assert services_sockets.deaf(asked, tmp_path) == ["/run/php/miclinik-norte-api.sock", "/var/run/php/absent.sock"]


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    """A socket that is there, with the mode 0600."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(f"{tmp_path}/s")
        Path(f"{tmp_path}/s").chmod(0o600)
        yield f"{tmp_path}/s"


@pytest.mark.parametrize("wanted", [{}, {"mode": "0600"}, {"owner": ME, "group": US, "mode": "0600"}])
def test_a_socket_that_is_as_its_unit_says(path: str, wanted: dict[str, str]) -> None:
    assert services_sockets.lost([Socket(path, **wanted)]) == []


@pytest.mark.parametrize("wanted", [{"mode": "0660"}, {"owner": "daemon"}, {"group": "daemon"}])
def test_a_socket_of_another_owner_or_mode(path: str, wanted: dict[str, str]) -> None:
    assert services_sockets.lost([Socket(path, **wanted)]) == [path]


def test_a_socket_whose_file_is_gone(path: str) -> None:
    Path(path).unlink()
    assert services_sockets.lost([Socket(path)]) == [path]
    Path(path).write_text("")
    assert services_sockets.lost([Socket(path)]) == [path]
