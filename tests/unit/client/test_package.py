# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client as pip installs it from a clone, and as Ansible finds it: one text."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TEXT = ROOT / "plugins" / "module_utils" / "client"
LINK = ROOT / "client" / "miclinik_client"


def test_there_is_one_text() -> None:
    assert LINK.is_symlink()
    assert LINK.readlink() == Path("../plugins/module_utils/client")
    assert LINK.resolve() == TEXT


@pytest.mark.parametrize("file", sorted(TEXT.glob("*.py")), ids=lambda file: file.stem)
def test_it_needs_nothing_but_requests(file: Path) -> None:
    """By its own name for itself, since it has two, and nothing of the collection."""
    roots = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            roots.add(str(node.module).partition(".")[0])
    assert roots - sys.stdlib_module_names <= {"requests", "urllib3"}


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment with the client and what it asks for."""
    folder = tmp_path_factory.mktemp("client")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    # What building leaves stays out of this clone; the link leads to the same place in the other one.
    shutil.copytree(ROOT / "client", folder / "clone" / "client", symlinks=True)
    shutil.copytree(TEXT, folder / "clone" / TEXT.relative_to(ROOT))
    source = str(folder / "clone" / "client")
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source]
    done = subprocess.run(install, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    yield python


def _run(python: Path, code: str, cwd: Path) -> str:
    done = subprocess.run([str(python), "-c", code], cwd=cwd, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_it_is_installed_from_a_clone(python: Path, tmp_path: Path) -> None:
    code = (
        "import miclinik_client, pathlib, importlib.metadata as m;"
        "print(miclinik_client.Client('https://a.example', 'k'));"
        "print(sorted(p.name for p in pathlib.Path(miclinik_client.__file__).parent.iterdir() if p.is_file()));"
        "print(m.requires('miclinik-client'), m.metadata('miclinik-client')['Requires-Python'])"
    )
    names = sorted(path.name for path in TEXT.iterdir() if path.is_file())
    assert "py.typed" in names
    assert _run(python, code, tmp_path).splitlines() == [
        "Client('https://a.example/api/index.php')",
        str(names),
        "['requests>=2.28'] >=3.11",
    ]


def test_it_says_what_is_missing(python: Path, tmp_path: Path) -> None:
    """As on a host without requests that Ansible sends it to."""
    code = (
        "import sys; sys.modules['requests'] = None\n"
        "import miclinik_client\n"
        "try:\n    miclinik_client.Client('https://a.example', 'k')\n"
        "except miclinik_client.UsageError as error:\n    print(error)"
    )
    assert _run(python, code, tmp_path) == "the Python library requests is missing: pip install requests\n"


def test_every_name_is_there(python: Path, tmp_path: Path) -> None:
    code = "import miclinik_client as c; print([name for name in c.__all__ if not hasattr(c, name)])"
    assert _run(python, code, tmp_path) == "[]\n"


def test_programs_that_use_it_are_checked_by_its_types(python: Path, tmp_path: Path) -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file", "", "--cache-dir", str(tmp_path)]
    files = sorted(str(path) for path in (ROOT / "examples" / "python").glob("*.py"))
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from miclinik_client import Client\n\nClient(1, 2)\n", encoding="utf-8")
    done = subprocess.run(
        [*mypy, "--python-executable", str(python), *files, str(wrong)],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        'wrong.py:3: error: Argument 1 to "Client" has incompatible type "int"; expected "str"  [arg-type]',
        'wrong.py:3: error: Argument 2 to "Client" has incompatible type "int"; expected "str"  [arg-type]',
        f"Found 2 errors in 1 file (checked {len(files) + 1} source files)",
    ]
