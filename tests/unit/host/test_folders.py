# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders have the modes that we set, whatever umask the host gives its root."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.host import folders, passage
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files as tls_files

from tests.certificates import Authority

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "plugins/modules").glob("*.py"))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def closing_umask() -> Iterator[None]:
    """The umask of a hardened host."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_all_that_is_missing_is_made(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    folders.make(tmp_path / "a/b/c", 0o750)
    assert [_mode(tmp_path / name) for name in (".", "a", "a/b", "a/b/c")] == [0o700, 0o755, 0o755, 0o750]


def test_what_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o711)
    (tmp_path / "a").chmod(0o711)
    folders.make(tmp_path / "a")
    assert _mode(tmp_path / "a") == 0o711


def test_secrets(tmp_path: Path) -> None:
    file = tmp_path / "miclinik/norte/secrets.json"
    secret_store.write(file, {"admin_password": "x"})
    modes = [_mode(path) for path in (file.parent.parent, file.parent, file)]
    assert modes == [0o755, 0o755, 0o600]


def test_certificates(tmp_path: Path) -> None:
    tls_files.place(tmp_path, *Authority().issue(["norte.example.org"]))
    assert (_mode(tmp_path / "certificates"), _mode(tmp_path / "tls")) == (0o755, 0o755)


def test_release(tmp_path: Path) -> None:
    # An archive without the folder conf/, which is made on the way to the link in it.
    (tmp_path / "app/htdocs").mkdir(parents=True)
    pack = tmp_path / "app.tar"
    subprocess.run(["tar", "--create", "--file", pack, "--directory", tmp_path / "app", "."], check=True)
    home = tmp_path / "srv/miclinik/norte"
    site: dict[str, Any] = {"release": "22.0.4-0", "conf": "/c", "documents": "/d"}
    site |= {"releases": str(home / "releases"), "current": str(home / "current")}
    release.unpack(site, str(pack))
    made = ("srv", "srv/miclinik", "srv/miclinik/norte", "srv/miclinik/norte/releases")
    assert [_mode(tmp_path / name) for name in made] == [0o755] * 4
    unpacked = home / "releases/22.0.4-0"
    assert [_mode(unpacked), _mode(unpacked / "htdocs/conf")] == [0o755, 0o755]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_module_sets_its_umask(module: Path) -> None:
    # preflight and smoke live on the controller; what they run on the host are modules of their own.
    text = module.read_text(encoding="utf-8")
    assert not re.search(r"\bAnsibleModule\b", text)
    runs = "def main(" in text
    assert bool(re.search(r"\b(HostModule|DiscreetModule)\(", text)) is runs


def test_the_umask_of_a_module_goes_on_to_what_it_starts(tmp_path: Path) -> None:
    module = (
        "import os, sys\n"
        f"sys.path.insert(0, {str(ROOT / '.collections')!r})\n"
        "from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule\n"
        "module = HostModule(argument_spec={})\n"
        f"os.system('touch {tmp_path}/file')\n"
        "module.exit_json()\n"
    )
    given = json.dumps({"ANSIBLE_MODULE_ARGS": {}})
    subprocess.run([sys.executable, "-c", module], input=given, check=True, capture_output=True, text=True)
    assert _mode(tmp_path / "file") == 0o644


def test_closed_folders_are_found_by_trying(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "shut/in").mkdir(parents=True)
    (top / "open/in").mkdir(parents=True)
    closed = [path for path in tmp_path.parents if not path.stat().st_mode & stat.S_IXOTH]  # pytest's own
    for path in (*closed, tmp_path, top, top / "open", top / "open/in"):
        path.chmod(0o755)
    found = passage.closed([top / "shut/in", top / "open/in", top / "missing"])
    assert found == ([str(top / "shut")] if os.geteuid() == 0 else [])
