# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options and fixtures of the contract suite; see README.md in this folder.

The suite runs when it is asked for by its path: pytest knows the options below then only. In a run over a folder
further up nothing here is collected.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo, available_timezones

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestError
from ansible_collections.miclinik.hosting.plugins.module_utils.text.redaction import Redactor

from tests.asked_for import asked_for

from .session import Access, Api, Trash
from .versions import MODULES, Features

_OPTIONS = {
    "base-url": "URL of the site, without /api/index.php",
    "login": "login of the API user",
    "password": "password of the API user; better by the environment",
    "api-key": "key of the API user; better by the environment",
    "connect-to": "address[:port] to reach the site at, whatever DNS says",
    "ca": "file of the authorities to check the certificate with",
    "timezone": "time zone of the site's PHP (default UTC)",
    "database": "mariadb or postgresql: some answers differ (default mariadb)",
    "modules": f"those of {', '.join(MODULES)} that are on: some answers differ",
}
_NEEDED = ("base-url", "login", "password", "api-key")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "contract of a site")
    for name, text in _OPTIONS.items():
        group.addoption(f"--{name}", dest=_dest(name), help=f"{text}; or {_variable(name)}")
    group.addoption("--writes", action="store_true", help="run the tests that write as well; they clean up behind them")
    group.addoption("--described", action="store_true", help="call all that swagger.json describes with made-up values")


def _dest(name: str) -> str:
    return "contract_" + name.replace("-", "_")


def _variable(name: str) -> str:
    return "MICLINIK_" + name.replace("-", "_").upper()


def _value(config: pytest.Config, name: str) -> str | None:
    given = config.getoption(_dest(name)) or os.environ.get(_variable(name))
    return str(given) if given else None


def _modules(config: pytest.Config) -> frozenset[str]:
    return frozenset(name.strip() for name in (_value(config, "modules") or "").split(",") if name.strip())


def _asked_for(config: pytest.Config) -> bool:
    return asked_for(config, Path(__file__).parent)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if _asked_for(config) else True


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "writes: changes data of the site; runs with --writes only")
    config.addinivalue_line("markers", "described: calls whatever the description allows; runs with --described only")
    if not _asked_for(config) or config.option.help:
        return
    missing = [f"--{name} or {_variable(name)}" for name in _NEEDED if not _value(config, name)]
    if missing:
        raise pytest.UsageError("the contract suite checks a site; it needs " + ", ".join(missing))
    zone = _value(config, "timezone") or "UTC"
    if zone not in available_timezones():
        raise pytest.UsageError(f"--timezone: there is no time zone {zone}")
    if (_value(config, "database") or "mariadb") not in ("mariadb", "postgresql"):
        raise pytest.UsageError("--database is mariadb or postgresql")
    if _modules(config) - set(MODULES):
        raise pytest.UsageError(f"--modules takes some of {', '.join(MODULES)}, separated by commas")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not _asked_for(config):
        return
    unwanted = [mark for mark in ("writes", "described") if not config.getoption(mark)]
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in unwanted)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed assertion shows its values: keep the secrets out of them."""
    report = yield
    if _asked_for(item.config):
        redact = Redactor(_value(item.config, name) for name in ("password", "api-key"))
        report.sections = [(title, redact(text)) for title, text in report.sections]
        if report.longrepr is not None and not isinstance(report.longrepr, tuple):
            report.longrepr = redact(str(report.longrepr))
    return report


@pytest.fixture(scope="session")
def access(pytestconfig: pytest.Config) -> Access:
    """Where the site is and who asks."""
    given = {name: _value(pytestconfig, name) for name in _OPTIONS}
    return Access(
        base_url=cast("str", given["base-url"]),
        login=cast("str", given["login"]),
        password=cast("str", given["password"]),
        key=cast("str", given["api-key"]),
        connect_to=given["connect-to"],
        ca=given["ca"],
        timezone=ZoneInfo(given["timezone"] or "UTC"),
        database=given["database"] or "mariadb",
        modules=_modules(pytestconfig),
    )


@pytest.fixture(scope="session")
def api(access: Access) -> Iterator[Api]:
    """The API, called with the key."""
    try:
        session = Api(access)
    except RestError as error:
        raise pytest.UsageError(str(error)) from error
    yield session
    session.close()


@pytest.fixture(scope="session")
def features(api: Api) -> Features:
    """What the version at hand does."""
    return api.features


@pytest.fixture(scope="session")
def error_members(api: Api) -> set[str]:
    """Members of every error of this site: `debug` is missing when API_PRODUCTION_MODE is set."""
    content: Any = api.get("/status", key=None).json()
    assert {"error"} <= set(content) <= {"error", "debug"}
    return set(content)


@pytest.fixture
def trash(api: Api) -> Iterator[Trash]:
    """Takes what a test created, and deletes it in the opposite order."""
    bin_ = Trash(api)
    yield bin_
    bin_.empty()
