# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds templates, the operator's before the collection's.

An override may begin with ``{% extends "miclinik/nginx/site.conf.j2" %}``: names below ``miclinik/`` are always the
collection's, so one of the same name does not extend itself.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"
SHIPPED = "miclinik"


class TemplateError(Exception):
    """There is no such template."""


def source(name: str, overrides: Path | None) -> Path:
    """Return the file or folder that is the template ``name``."""
    for folder in (overrides, TEMPLATES):
        if folder and (folder / name).exists():
            return folder / name
    raise TemplateError(f"there is no template {name!r} in templates/")


def below(name: str, overrides: Path | None) -> list[str]:
    """Return the files of a folder: an operator who replaces one of them keeps the others."""
    tops = [folder / name for folder in (overrides, TEMPLATES) if folder]
    found = {file.relative_to(top) for top in tops for file in top.rglob("*") if file.is_file()}
    # A test that imports a program of ours leaves Python's own beside it.
    return sorted(file.as_posix() for file in found if "__pycache__" not in file.parts)


@contextlib.contextmanager
def search_path(overrides: Path | None, base: str) -> Iterator[list[str]]:
    """Yield the folders in which ``{% extends %}`` and ``{% include %}`` look, for as long as the context lasts."""
    with tempfile.TemporaryDirectory(prefix="miclinik-") as names:
        # Ansible's templar takes folders only, and the prefix has to be one.
        (Path(names) / SHIPPED).symlink_to(TEMPLATES)
        yield [names, *([str(overrides)] if overrides else []), base]
