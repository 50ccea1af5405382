# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host laid by the oldest supported commit keeps keys, data and addresses, and then nothing is left to change.

`make test-carried SOURCE=/tree` runs this on the real application, without it on the sandbox. It wants the history of
the repository, and is no part of `make test`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.kill.runs import RECAP

ROOT = Path(__file__).parents[2]
#: The first commit with digests of what is loaded. Older hosts are carried over as well, and not tested any more.
OLDEST = "74ffea08d7b0"
HOST = "carried"
SHAPES = {"nginx-mariadb": ("nginx", "mariadb"), "apache-postgresql": ("apache", "postgresql")}
#: What has to stay: secrets, what conf.php says of the site, every file of the records, every row of every table.
LOOK = r"""
import hashlib, json, pathlib, subprocess, sys
def digest(path): return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
found = {}
for site in ("norte", "sur"):
    home = pathlib.Path("/srv/miclinik", site)
    records = [file for file in sorted((home / "documents").rglob("*")) if file.is_file() and "temp" not in file.parts]
    conf = [line for line in (home / "conf.php").read_text().splitlines() if "url_root" in line or "_db_" in line]
    status = json.loads(subprocess.run(["miclinikctl", "--site", site, "status"], capture_output=True).stdout)
    found[site] = {"secrets": digest(f"/etc/miclinik/{site}/secrets.json"), "conf": sorted(conf),
                   "records": {str(file): digest(file) for file in records if file.name != "dolibarr.log"},
                   "release": str((home / "current").resolve()), "identity": status["identity"]}
json.dump(found, sys.stdout)
"""


def _run(folder: Path, inventory: Path, *words: str) -> tuple[int, int, str]:
    """Run a playbook of the collection in ``folder``; return exit code, what changed, and what it said."""
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", "--inventory", inventory, *words],
        cwd=folder,
        env={**os.environ, "ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_CONFIG": str(folder / "ansible.cfg")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    recap = RECAP.search(done.stdout)
    return done.returncode, int(recap[1]) if recap else -1, done.stdout


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection as the oldest supported commit has it."""
    folder = tmp_path_factory.mktemp("earlier")
    packed = subprocess.run(["git", "-C", ROOT, "archive", OLDEST], capture_output=True, check=False)
    assert packed.returncode == 0, f"the history lacks {OLDEST}: git fetch --unshallow\n{packed.stderr.decode()}"
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)
    return folder


@pytest.fixture(params=SHAPES, ids=list(SHAPES))
def inventory(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """An inventory with a bare host of one shape, and two sites."""
    web_server, database = SHAPES[request.param]
    path = os.environ.get("MICLINIK_SOURCE")
    source = {"type": "directory", "path": path} if path else {"type": "sandbox"}
    users = [{"login": "integration", "rights": ["societe.lire", "produit.lire"]}]
    site = {"source": source, "modules": ["societe", "product"], "api": {"users": users}}
    variables = {
        "miclinik_web_server": web_server,
        "miclinik_database_engine": database,
        "miclinik_sites": [
            site | {"name": "norte", "domain": "norte.example.org", "tls": {"mode": "selfsigned"}},
            site | {"name": "sur", "domain": "sur.example.org", "base_path": "/miclinik"},
        ],
        "smoke_timer_enabled": True,
    }
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars/miclinik.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")
    command = [sys.executable, "-m", "testhost"]
    where = ["--inventory", str(tmp_path / "hosts.json"), "--group", "miclinik"]
    subprocess.run([*command, "up", HOST, "--fresh", "--release", "bookworm", *where], cwd=ROOT, check=True)
    yield tmp_path
    subprocess.run([*command, "down", HOST], cwd=ROOT, check=True)


def _look() -> dict[str, Any]:
    command = [sys.executable, "-m", "testhost", "exec", HOST, "--", "python3", "-c", LOOK]
    found: dict[str, Any] = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout)
    return found


def test_a_host_of_the_oldest_commit_is_carried_over(earlier: Path, inventory: Path) -> None:
    code, _, said = _run(earlier, inventory, "playbooks/site.yml")
    assert code == 0, said[-4000:]
    before = _look()
    # What reads only understands the host as it is.
    for words in (["playbooks/smoke.yml"], ["playbooks/doctor.yml"], ["--check", "--diff", "playbooks/site.yml"]):
        code, changed, said = _run(ROOT, inventory, *words)
        assert code == 0, said[-4000:]
    code, _, said = _run(ROOT, inventory, "playbooks/site.yml")
    assert code == 0, said[-4000:]
    after = _look()
    assert after == before
    code, changed, said = _run(ROOT, inventory, "--diff", "playbooks/site.yml")
    assert (code, changed) == (0, 0), said[-4000:]
