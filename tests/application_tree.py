# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Builds folders that look like the application, as small as the code under test lets them be."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def make(folder: Path, version: str = "22.0.4", *, inner: bool = False) -> Path:
    """Write an application to ``folder`` (below ``htdocs/`` when ``inner``); return ``folder``."""
    base = folder / "htdocs" if inner else folder
    (base / "conf").mkdir(parents=True)
    (base / "filefunc.inc.php").write_text(
        f"<?php\nif (!defined('DOL_VERSION')) {{\n\tdefine('DOL_VERSION', '{version}');\n}}\n"
    )
    (base / "index.php").write_text("<?php echo 'front page';\n")
    (base / "conf" / "conf.php.example").write_text("<?php\n")
    return folder


def entry(name: str = "norte", /, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever an operator may write)
    """Return the least that an entry of ``miclinik_sites`` may be, with ``more`` in it."""
    return {"name": name, "domain": f"{name}.example.org", "source": {"type": "sandbox"}} | more
