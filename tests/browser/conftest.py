# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Options and fixtures of the browser's tests; see README.md in this folder.

They run when they are asked for by their path, like the contract suite; in a run over a folder further up nothing here
is collected.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import api_modules, versions

from tests.asked_for import asked_for

from .chromium import Chromium

_OPTIONS = {
    "base-url": "URL of the site, without /api/index.php",
    "api-key": "key of the API user; better by the environment",
    "connect-to": "address to reach the site at, whatever DNS says",
    "ca": "file with the certificates to trust, where no public authority has signed the site's",
    "modules": "modules whose operations have to be shown, with commas (default societe,product,commande,facture)",
    "screenshots": "folder for the screenshots (default reports/browser)",
}
_NEEDED = ("base-url", "api-key")
_MODULES = "societe,product,commande,facture"
_OLDEST = str(versions.OLDEST)


@dataclass(frozen=True)
class Explored:
    """A site, and what its explorer has to show."""

    base_url: str
    key: str = field(repr=False)
    modules: dict[str, tuple[str, ...]]  # what the paths of a module's operations may begin with
    screenshots: Path


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("browser", "explorer of a site")
    for name, text in _OPTIONS.items():
        group.addoption(f"--{name}", dest=_dest(name), help=f"{text}; or {_variable(name)}")


def _dest(name: str) -> str:
    return "browser_" + name.replace("-", "_")


def _variable(name: str) -> str:
    return "MICLINIK_" + name.replace("-", "_").upper()


def _value(config: pytest.Config, name: str) -> str | None:
    given = config.getoption(_dest(name)) or os.environ.get(_variable(name))
    return str(given) if given else None


def _asked_for(config: pytest.Config) -> bool:
    return asked_for(config, Path(__file__).parent)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    return None if _asked_for(config) else True


def pytest_configure(config: pytest.Config) -> None:
    if not _asked_for(config) or config.option.help:
        return
    missing = [f"--{name} or {_variable(name)}" for name in _NEEDED if not _value(config, name)]
    if missing:
        raise pytest.UsageError("these tests open a site's explorer; they need " + ", ".join(missing))


@pytest.fixture(scope="session")
def explored(pytestconfig: pytest.Config) -> Explored:
    """The site and its promises."""
    modules = (_value(pytestconfig, "modules") or _MODULES).split(",")
    # What a module's paths begin with is the same in all versions for those that have any in the oldest one.
    known = {module: api_modules.endpoints(module, _OLDEST) for module in modules}
    silent = [module for module, segments in known.items() if not segments]
    assert not silent, f"these modules have no operations of their own: {silent}"
    folder = Path(_value(pytestconfig, "screenshots") or pytestconfig.rootpath / "reports" / "browser")
    base_url, key = _value(pytestconfig, "base-url"), _value(pytestconfig, "api-key")
    assert base_url
    assert key
    own = folder / re.sub(r"[^\w.-]+", "-", base_url.partition("://")[2]).strip("-")
    own.mkdir(parents=True, exist_ok=True)
    return Explored(base_url.rstrip("/"), key, known, own)


@pytest.fixture(scope="session")
def chromium(
    pytestconfig: pytest.Config, explored: Explored, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Chromium]:
    """A browser that finds the site where the options say, for all tests."""
    connect_to, authorities = _value(pytestconfig, "connect-to"), _value(pytestconfig, "ca")
    browser = Chromium(
        tmp_path_factory.mktemp("profile"),
        resolve={urlsplit(explored.base_url).hostname or "": connect_to} if connect_to else {},
        trusted=Path(authorities).read_bytes() if authorities else b"",
    )
    yield browser
    browser.close()
