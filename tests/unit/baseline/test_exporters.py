# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of Debian's exporters a host gets, what each is told, and which it gets no more."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import exporters

HOST: dict[str, Any] = {
    "engine": "mariadb",
    "server": "nginx",
    "listen": "127.0.0.1",
    "status_port": 8089,
    "login": "/l/mysqld.cnf",
    "directory": "/d",
}


def _commands(*asked: str, **more: Any) -> list[str]:  # noqa: ANN401 (whatever the filter takes)
    return [one["command"] for one in exporters.of(asked, **HOST | more)]


def test_each_listens_where_it_is_told_and_asks_where_it_has_to() -> None:
    assert _commands("node", "database", "web", "node") == [
        "/usr/bin/prometheus-node-exporter --web.listen-address=127.0.0.1:9100 --collector.textfile.directory=/d",
        "/usr/bin/prometheus-mysqld-exporter --web.listen-address=127.0.0.1:9104 --config.my-cnf=/l/mysqld.cnf",
        "/usr/bin/prometheus-nginx-exporter --web.listen-address=127.0.0.1:9113"
        " --nginx.scrape-uri=http://127.0.0.1:8089/status",
    ]
    assert _commands("database", "web", engine="postgresql", server="apache", listen="::") == [
        "/usr/bin/prometheus-postgres-exporter --web.listen-address=[::]:9187",
        '/bin/sh -c \'case "$$(/usr/bin/prometheus-apache-exporter --help 2>&1)" in'
        " *--web.listen-address*) at=--web.listen-address ;; *) at=--telemetry.address ;; esac;"
        ' exec /usr/bin/prometheus-apache-exporter "$$at=[::]:9117"'
        " --scrape_uri=http://127.0.0.1:8089/server-status?auto'",
    ]


def test_a_host_without_a_database_of_its_own_gets_no_exporter_for_one() -> None:
    assert _commands("database", engine="") == []


def test_who_logs_in_has_no_password() -> None:
    (one,) = exporters.of(["database"], **HOST | {"engine": "postgresql"})
    assert one["environment"] == "DATA_SOURCE_NAME=user=prometheus host=/run/postgresql dbname=postgres"


def test_what_is_not_asked_for_any_more_goes_and_what_others_have_stays() -> None:
    plan = exporters.plan(["node", "database"], ["prometheus-nginx-exporter", "prometheus-node-exporter"], **HOST)
    folder = "/etc/systemd/system"
    assert plan["gone"] == [
        {
            "name": "prometheus-nginx-exporter",
            "settings": f"{folder}/prometheus-nginx-exporter.service.d/miclinik.conf",
        }
    ]
    assert plan["services"] == [
        {
            "unit": "prometheus-node-exporter",
            "reads": [f"{folder}/prometheus-node-exporter.service.d/miclinik.conf"],
        },
        {
            "unit": "prometheus-mysqld-exporter",
            "reads": [f"{folder}/prometheus-mysqld-exporter.service.d/miclinik.conf", "/l/mysqld.cnf"],
        },
    ]


@pytest.mark.parametrize(
    "given",
    [
        {},
        *({"exporters_listen": address} for address in ("::", "192.0.2.7", "::1")),
        *({"exporters_status_port": port} for port in (1, "65535")),
    ],
)
def test_what_is_right_passes(given: dict[str, Any]) -> None:
    assert list(exporters.check(given)) == []


@pytest.mark.parametrize(
    "given",
    [
        *({"exporters_listen": address} for address in ("localhost", "", "192.0.2.7:9100", 9100)),
        *({"exporters_status_port": port} for port in (0, 65536, "http", -1)),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, Any]) -> None:
    ((key, seen, mend),) = exporters.check(given)
    assert [key, seen, mend.startswith("Write ")] == [*given, f"is {given[key]!r}", True]
