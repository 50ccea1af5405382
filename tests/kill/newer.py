# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sandbox as a version of the next day."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
NEWER = "22.0.5"


def newer(folder: Path) -> dict[str, str]:
    """Return a source that holds the sandbox as the version ``NEWER``."""
    tree = folder / NEWER
    shutil.copytree(ROOT / "sandbox", tree)
    file = tree / "htdocs/filefunc.inc.php"
    text, found = re.subn(
        r"define\('DOL_VERSION', '[^']*'\)", f"define('DOL_VERSION', '{NEWER}')", file.read_text("utf-8")
    )
    assert found == 1
    file.write_text(text, encoding="utf-8")
    # The application has one for each major version; the sandbox has one schema, so that it is empty.
    script = tree / "htdocs/install/mysql/migration/21.0.0-22.0.0.sql"
    script.parent.mkdir(parents=True)
    script.write_text("-- nothing\n", encoding="utf-8")
    return {"type": "directory", "path": str(tree)}
