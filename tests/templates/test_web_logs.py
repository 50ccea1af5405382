# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""web/logrotate.j2, and the logs that are there before the web server would make them for everybody to read."""

from __future__ import annotations

import pytest

from .rendering import entry, render

FILE = "/etc/logrotate.d/00-miclinik"
SERVERS = {"nginx": ("/var/log/nginx", "www-data"), "apache": ("/var/log/apache2", "root")}


@pytest.mark.parametrize("server", SERVERS)
def test_each_log_is_rotated_once(server: str) -> None:
    folder, owner = SERVERS[server]
    file = render(server, entry("norte"), entry("sur"), miclinik_log_days=30)[FILE]
    assert (file.owner, file.mode) == ("root", "0644")
    whole, *own = file.content.split("\n\n")
    logs = [f"{folder}/{site}.{kind}.log" for site in ("norte", "sur") for kind in ("access", "api", "error")]
    assert [line for line in whole.splitlines() if line.startswith("/")] == logs
    words = [line.strip() for line in whole.splitlines()]
    # The last one keeps the package's own file from being refused for naming them again.
    assert {"daily", "rotate 30", "maxage 30", f"create 0640 {owner} adm", "missingok", "ignoreduplicates"} <= set(
        words
    )
    assert len(own) == 2
    assert "    su sur sur-www" in own[1].splitlines()
    assert "/srv/miclinik/sur/documents/*.log {" in own[1].splitlines()


@pytest.mark.parametrize("server", SERVERS)
def test_nobody_else_reads_a_log_from_the_first_line_on(server: str) -> None:
    folder, owner = SERVERS[server]
    rendered = render(server, entry("norte"))
    for kind in ("access", "api", "error"):
        log = rendered[f"{folder}/norte.{kind}.log"]
        assert (log.kind, log.owner, log.group, log.mode) == ("log", owner, "adm", "0640")
