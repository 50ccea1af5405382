# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connect the fault matrix to converged hosts: ``pytest tests/faults --inventory FILE``. They are broken and mended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from . import matrix
from .bench import PLACE, Bench, ssh_command

GROUP = "miclinik"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--inventory", action="append", default=[], help="inventory of converged hosts, several times")
    parser.addoption(
        "--part",
        default="all",
        choices=matrix.PARTS,
        help="which faults: all, or the web server's with the host's or the application's, or those of TLS",
    )
    parser.addoption("--healthy-runs", type=int, default=3, help="examinations of the healthy host, none may complain")


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Leave the matrix out of a run over a folder further up; there is no host to break."""
    return None if hasattr(config.option, "healthy_runs") else True


@cache
def _benches(sources: tuple[str, ...]) -> list[Bench]:
    """The first site of every host of the inventories."""
    # A short path: a Unix socket's has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="faults"))
    listing = _ansible("ansible-inventory", sources, "--list")
    found = []
    for name in listing.get(GROUP, {}).get("hosts", []):
        variables = listing["_meta"]["hostvars"][name]
        found.append(
            Bench(
                ssh=ssh_command(variables, folder / "mux"),
                address=variables.get("ansible_host", name),
                settings=_rendered(sources, name, "miclinik_sites")[0],
                web_server=variables.get("miclinik_web_server", "nginx"),
                engine=variables.get("miclinik_database_engine", "mariadb"),
                pooler=variables.get("miclinik_database_pooler", "none"),
            )
        )
    return found


def _rendered(sources: tuple[str, ...], host: str, name: str) -> Any:  # noqa: ANN401 (whatever the variable holds)
    """A variable of a host with its templates resolved."""
    answer = _ansible("ansible", sources, host, "-m", "ansible.builtin.debug", "-a", f"var={name}")
    return answer["plays"][0]["tasks"][0]["hosts"][host][name]


def _ansible(program: str, sources: tuple[str, ...], *arguments: str) -> dict[str, Any]:
    """The JSON answer of one of Ansible's programs."""
    words = [word for source in sources for word in ("--inventory", source)]
    settings = {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "1", "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *words, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **settings, "ANSIBLE_FORCE_COLOR": "0"},
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _tested(config: pytest.Config) -> Bench:
    """The host that is broken, ready to be looked at."""
    sources = config.getoption("--inventory")
    if not sources:
        raise pytest.UsageError("the matrix breaks hosts and mends them: it needs --inventory")
    benches = _benches(tuple(sources))
    if len(benches) != 1:
        raise pytest.UsageError(f"the matrix takes one host of the group {GROUP}; the inventory names {len(benches)}")
    if not benches[0].facts:
        benches[0].prepare()
    return benches[0]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The faults that there can be on this host, and the pairs of these."""
    if not {"fault", "pair"} & set(metafunc.fixturenames):
        return
    tested = _tested(metafunc.config)
    fitting = matrix.fitting("all", tested)
    asked = matrix.fitting(metafunc.config.getoption("--part"), tested)
    if "fault" in metafunc.fixturenames:
        metafunc.parametrize("fault", asked.values(), ids=asked)
    else:
        # A pair belongs where its first one does.
        pairs = [names for names in matrix.PAIRS if names[0] in asked and names[1] in fitting]
        together = [(fitting[one], fitting[other]) for one, other in pairs]
        metafunc.parametrize("pair", together, ids=["+".join(names) for names in pairs])


@pytest.fixture(scope="session")
def bench(pytestconfig: pytest.Config) -> Iterator[Bench]:
    """The host that is broken."""
    tested = _tested(pytestconfig)
    tested.shell("test -e /usr/share/doc/libfaketime || { apt-get -qq update; apt-get -qq install -y libfaketime; }")
    yield tested
    tested.shell(f"rm -rf {PLACE}")
