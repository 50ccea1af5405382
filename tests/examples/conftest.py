# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The site that the examples run on: MICLINIK_BASE_URL and MICLINIK_API_KEY, as for the contract suite.

They write, and what they create is deleted at the end. With MICLINIK_CONNECT_TO the site's domain is found at that
address. The suite runs when it is asked for by its path.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.asked_for import asked_for
from tests.contract.session import Access, Api, Trash

from .programs import Programs

_NEEDED = ("MICLINIK_BASE_URL", "MICLINIK_API_KEY")


def _asked_for(config: pytest.Config) -> bool:
    return asked_for(config, Path(__file__).parent)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if _asked_for(config) else True


def pytest_configure(config: pytest.Config) -> None:
    missing = [name for name in _NEEDED if not os.environ.get(name)]
    if _asked_for(config) and missing and not config.option.help:
        raise pytest.UsageError("the examples run on a site; they need " + ", ".join(missing))


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """Runs programs that speak to the site."""
    return Programs.of_environment(tmp_path_factory.mktemp("hosts"))


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """The same site, to see what a program has done."""
    session = Api(
        Access(
            base_url=os.environ["MICLINIK_BASE_URL"],
            login="",
            password="",
            key=os.environ["MICLINIK_API_KEY"],
            connect_to=os.environ.get("MICLINIK_CONNECT_TO"),
            ca=os.environ.get("MICLINIK_CA"),
            timezone=UTC,
            database=os.environ.get("MICLINIK_DATABASE", "mariadb"),
            modules=frozenset(),
        )
    )
    yield session
    session.close()


@pytest.fixture(scope="session", autouse=True)
def found_by_name() -> Iterator[None]:
    """Have this process find the site's domain as well."""
    domain, address = urlsplit(os.environ["MICLINIK_BASE_URL"]).hostname, os.environ.get("MICLINIK_CONNECT_TO")
    look_up = socket.getaddrinfo

    def look(host: str, *arguments: Any, **more: Any) -> Any:  # noqa: ANN401 (as that of socket)
        return look_up(address if address and host == domain else host, *arguments, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look)
        patch.setenv("MICLINIK_ALLOW_HTTP", "yes")
        yield


@pytest.fixture
def trash(api: Api) -> Iterator[Trash]:
    """Takes what a test created, and deletes it in the opposite order."""
    bin_ = Trash(api)
    yield bin_
    bin_.empty()
