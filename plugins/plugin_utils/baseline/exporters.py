# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's exporters for Prometheus: which of them a host gets, and how each is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names

#: Where the web server tells of itself, on the loopback: behind that anything may be asked.
NGINX_STATUS, APACHE_STATUS = "/status", "/server-status?auto"
_POSTGRESQL = "user=prometheus host=/run/postgresql dbname=postgres"
_LISTEN, _STATUS_PORT = "exporters_listen", "exporters_status_port"
#: Variables that are looked at before anything changes.
NAMES = (_LISTEN, _STATUS_PORT)


class Exporter(TypedDict):
    """One of them: ``name`` of its unit without the suffix, and of its package; ``command`` in words of systemd."""

    name: str
    port: int
    command: str
    environment: str
    settings: str
    reads: list[str]


class Plan(TypedDict):
    """Those that a host gets, those that it has and gets no more, and the first as the module ``loaded`` takes them."""

    wanted: list[Exporter]
    gone: list[dict[str, str]]
    services: list[dict[str, Any]]


def plan(
    asked: Sequence[str],
    there: Sequence[str],
    *,
    engine: str,
    server: str,
    listen: str,
    status_port: int,
    login: str,
    directory: str,
) -> Plan:
    """Return what is to do on a host where our settings of ``there`` are. The others are those of :func:`of`."""
    wanted = of(
        asked,
        engine=engine,
        server=server,
        listen=listen,
        status_port=status_port,
        login=login,
        directory=directory,
    )
    names = [one["name"] for one in wanted]
    return {
        "wanted": wanted,
        "gone": [{"name": name, "settings": _settings(name)} for name in there if name not in names],
        "services": [{"unit": one["name"], "reads": one["reads"]} for one in wanted],
    }


def of(
    asked: Sequence[str], *, engine: str, server: str, listen: str, status_port: int, login: str, directory: str
) -> list[Exporter]:
    """Return those that are ``asked`` for, of this host's ``engine`` (empty without one) and web ``server``.

    ``login`` is the file from which MariaDB's takes how to log in, ``directory`` the node's for metrics of others.
    """
    known = {
        "node": ("node", 9100, f"--collector.textfile.directory={directory}", "", ""),
        "database": {
            "mariadb": ("mysqld", 9104, f"--config.my-cnf={login}", "", login),
            "postgresql": ("postgres", 9187, "", f"DATA_SOURCE_NAME={_POSTGRESQL}", ""),
        }.get(engine),
        "web": {
            "nginx": ("nginx", 9113, f"--nginx.scrape-uri=http://127.0.0.1:{status_port}{NGINX_STATUS}", "", ""),
            "apache": ("apache", 9117, f"--scrape_uri=http://127.0.0.1:{status_port}{APACHE_STATUS}", "", ""),
        }.get(server),
    }
    found = []
    for entry in filter(None, (known[name] for name in dict.fromkeys(asked))):
        kind, port, words, environment, read = entry
        unit = f"prometheus-{kind}-exporter"
        command = _command(unit, f"{text_names.in_url(listen)}:{port}", words)
        settings = _settings(unit)
        reads = [settings, read] if read else [settings]
        found.append(
            Exporter(name=unit, port=port, command=command, environment=environment, settings=settings, reads=reads)
        )
    return found


def _command(unit: str, address: str, words: str) -> str:
    program = f"/usr/bin/{unit}"
    if unit != "prometheus-apache-exporter":
        return f"{program} --web.listen-address={address} {words}".rstrip()
    # The one of Debian 12 (0.12) has another word for it than that of Debian 13 (1.0).
    word = f'case "$$({program} --help 2>&1)" in *--web.listen-address*) at=--web.listen-address ;; '
    word += "*) at=--telemetry.address ;; esac"
    return f"/bin/sh -c '{word}; exec {program} \"$$at={address}\" {words}'"


def _settings(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.service.d/miclinik.conf"


def check(variables: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with what the inventory says to the role ``exporters``."""
    listen = variables.get(_LISTEN)
    if listen is not None and not text_names.is_address(str(listen)):
        yield _LISTEN, f"is {listen!r}", "Write an address of the host, as in 127.0.0.1, or :: for all"
    port = variables.get(_STATUS_PORT)
    if port is not None and not (str(port).isdecimal() and 0 < int(port) < 65536):  # noqa: PLR2004 - ports
        yield _STATUS_PORT, f"is {port!r}", "Write a number from 1 to 65535"
