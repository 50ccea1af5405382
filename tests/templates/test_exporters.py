# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""exporters/service.conf.j2, exporters/mysqld.cnf.j2, exporters/nginx.conf.j2 and exporters/apache.conf.j2."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import Rendered, entry, render

UNITS = "/etc/systemd/system"
STATUS = {"nginx": "/etc/nginx/conf.d/miclinik-status.conf", "apache": "/etc/apache2/conf-enabled/miclinik-status.conf"}
LOGIN = "/usr/local/lib/miclinik/exporters/mysqld.cnf"


def _rendered(*asked: str, **more: Any) -> dict[str, Rendered]:  # noqa: ANN401 (whatever a play may set)
    return render("exporters", entry(), miclinik_exporters=list(asked), **more)


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"])
def test_units_are_valid_and_listen_on_the_loopback(tmp_path: Path, engine: str) -> None:
    found = _rendered("node", "database", "web", miclinik_database_engine=engine)
    drops = {path: item.content for path, item in found.items() if path.startswith(UNITS) and item.kind == "file"}
    assert len(drops) == 3
    for path, text in drops.items():
        assert "\nEnvironmentFile=\n" in text, path
        assert "\nRestart=always\nRestartSec=10\nSuccessExitStatus=1\n" in text, path
        assert "\nExecStart=\nExecStart=/usr/bin/prometheus-" in text, path
        assert " --web.listen-address=127.0.0.1:" in text, path
        unit = tmp_path / Path(path).parent.name.removesuffix(".d")
        folder = tmp_path / Path(path).parent.name
        folder.mkdir()
        program = text.partition("ExecStart=/")[2].split()[0]
        unit.write_text("[Service]\nExecStart=/bin/true\n", encoding="utf-8")
        (folder / "miclinik.conf").write_text(text.replace(f"/{program}", "/bin/true"), encoding="utf-8")
        said = programs.accept(["systemd-analyze", "verify", "--man=no", unit])
        assert [line for line in said.splitlines() if "prometheus" in line] == []
    assert (LOGIN in found) == (engine == "mariadb")


def test_the_file_to_log_in_with_holds_no_secret() -> None:
    text = _rendered("database")[LOGIN].content
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        "[client]",
        "user=prometheus",
        "password=none",
        "socket=/run/mysqld/mysqld.sock",
    ]


@pytest.mark.parametrize("server", STATUS)
def test_the_web_server_tells_it_on_the_loopback_alone(server: str) -> None:
    text = _rendered("web", miclinik_web_server=server, exporters_status_port=8888)[STATUS[server]].content
    listens = [line.strip() for line in text.splitlines() if line.strip().lower().startswith("listen ")]
    assert listens == [{"nginx": "listen 127.0.0.1:8888;", "apache": "Listen 127.0.0.1:8888"}[server]]


def test_nginx_takes_it(tmp_path: Path) -> None:
    text = _rendered("web")[STATUS["nginx"]].content
    whole = tmp_path / "nginx.conf"
    whole.write_text(f"pid {tmp_path}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}}}\n", encoding="utf-8")
    programs.accept(["nginx", "-t", "-c", whole])


def test_without_being_asked_nothing_is_there() -> None:
    host = {"exporters": ["prometheus-nginx-exporter"]}
    found = _rendered(host=host)
    assert {path for path, item in found.items() if item.kind == "absent"} == {
        STATUS["nginx"],
        f"{UNITS}/prometheus-nginx-exporter.service.d/miclinik.conf",
    }
    assert [path for path, item in found.items() if item.kind == "file"] == []
