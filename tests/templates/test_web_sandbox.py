# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""web/sandbox.conf.j2: what the web server has no use for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import HOST, render

UNITS = {"nginx": "nginx", "apache": "apache2"}


@pytest.mark.parametrize("server", UNITS)
def test_systemd_takes_it(server: str, tmp_path: Path) -> None:
    unit = UNITS[server]
    file = render(server)[f"/etc/systemd/system/{unit}.service.d/miclinik.conf"]
    assert (file.owner, file.mode) == ("root", "0644")
    (tmp_path / f"{unit}.service").write_text(f"[Service]\nType=forking\nExecStart=/bin/true\n\n{file.content}")
    assert programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / f"{unit}.service"]) == ""


@pytest.mark.parametrize("server", UNITS)
def test_not_where_others_have_sites_there(server: str) -> None:
    """They may need what ours have no use for."""
    seen: dict[str, Any] = HOST["web_servers"]
    host = {"web_servers": seen | {server: seen[server] | {"foreign": ["/etc/x/sites-enabled/shop"]}}}
    assert render(server, host=host)[f"/etc/systemd/system/{UNITS[server]}.service.d/miclinik.conf"].kind == "absent"
