# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""database/60-miclinik.cnf.j2: MariaDB takes it, and takes from it what was meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import render

CNF = "/etc/mysql/mariadb.conf.d/60-miclinik.cnf"


def _settings(tmp_path: Path, **variables: Any) -> dict[str, str]:  # noqa: ANN401 (whatever a play may set)
    file = tmp_path / "my.cnf"
    file.write_text(render("database", **variables)[CNF].content)
    # --help stops before the server would touch its data, and after it has read every setting.
    said = programs.accept(["mariadbd", f"--defaults-file={file}", f"--datadir={tmp_path}", "--verbose", "--help"])
    assert "[ERROR]" not in said
    table = said[said.index("-" * 20) :]
    return {words[0]: " ".join(words[1:]) for line in table.splitlines() if len(words := line.split()) > 1}


def test_a_plain_host(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert settings["innodb-buffer-pool-size"] == str(256 * 1024 * 1024)
    assert settings["max-connections"] == "200"


@pytest.mark.parametrize("address", ["", "127.0.0.1", "192.0.2.7"])
def test_where_it_listens(tmp_path: Path, address: str) -> None:
    content = render("database", database_listen_address=address)[CNF].content
    lines = [line for line in content.splitlines() if line.startswith("bind-address")]
    assert lines == ([f"bind-address = {address}"] if address else [])
    _settings(tmp_path, database_listen_address=address)


def test_what_the_operator_sets(tmp_path: Path) -> None:
    settings = _settings(tmp_path, database_buffer_pool_mb=512, database_max_connections=77)
    assert settings["innodb-buffer-pool-size"] == str(512 * 1024 * 1024)
    assert settings["max-connections"] == "77"


def test_the_group_is_read_by_mariadb_alone() -> None:
    content = render("database")[CNF].content
    assert [line for line in content.splitlines() if line.startswith("[")] == ["[mariadbd]"]
    assert content.startswith("# Written by miclinik.hosting from templates/database/60-miclinik.cnf.j2: ")
