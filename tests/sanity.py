# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs ``ansible-test sanity`` on what is built of the collection: ``python -m tests.sanity [TEST…]``.

Without a file of things to ignore: what cannot be held to is not run, and says why. ansible-test makes a virtual
environment for each kind of test, which takes minutes the first time; they stay in ``.cache/sanity``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
#: Stands in for the user's home, where ansible-test keeps its environments.
HOME = ROOT / ".cache" / "sanity"
#: Tests that are not run, and why; CONTRIBUTING.md says it too.
LEFT_OUT = {
    "shebang": "it allows programs in modules only, and templates/ holds those that land on hosts",
    "pylint": "ruff and mypy --strict look at the same code",
    "pslint": "there is no PowerShell",
}
#: Copied unchanged from elsewhere.
FOREIGN = ("sandbox/htdocs/includes",)
#: ansible-test fetches get-pip.py from a host of its own. This does the same with the pip that Python has, from the
#: package index that pip is set up for.
GET_PIP = """\
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"])
wanted = [word for word in sys.argv[1:] if not word.startswith("--no-")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", *wanted]))
"""


def main(names: Sequence[str]) -> int:
    """Run the tests of these names, or all; return ansible-test's exit status."""
    _prepare_home()
    with tempfile.TemporaryDirectory() as name:
        collection = _build(Path(name))
        chosen = [word for test in names for word in ("--test", test)]
        left_out = [word for test in LEFT_OUT for word in ("--skip-test", test)]
        return subprocess.run(
            [
                *(BIN / "ansible-test", "sanity", "--python", f"{sys.version_info.major}.{sys.version_info.minor}"),
                *(chosen or left_out),
            ],
            cwd=collection,
            env={**os.environ, "HOME": str(HOME), "PATH": f"{BIN}:{os.environ['PATH']}"},
            check=False,
        ).returncode


def _prepare_home() -> None:
    """Give ansible-test what it would fetch, and the settings of the user's own pip."""
    version = _pip_version()
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{version.replace('.', '_')}.py"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(GET_PIP, encoding="utf-8")
    settings = Path.home() / ".config" / "pip" / "pip.conf"
    if settings.exists():
        (HOME / ".config" / "pip").mkdir(parents=True, exist_ok=True)
        shutil.copy(settings, HOME / ".config" / "pip" / "pip.conf")


def _pip_version() -> str:
    """Return the version of pip that this ansible-test wants."""
    code = (
        "import sys, types; from ansible_test._internal import python_requirements as r;"
        " print(r.get_venv_packages(types.SimpleNamespace(version='%d.%d' % sys.version_info[:2]))['pip'])"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def _build(folder: Path) -> Path:
    """Return the folder of the collection as it is when it was built and installed; ansible-test wants this layout."""
    subprocess.run(
        [BIN / "ansible-galaxy", "collection", "build", ROOT, "--output-path", folder],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    (archive,) = folder.glob("*.tar.gz")
    collection = folder / "ansible_collections" / "miclinik" / "hosting"
    shutil.unpack_archive(archive, collection, filter="data")
    for name in FOREIGN:
        shutil.rmtree(collection / name)
    return collection


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
