# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""docs/adding.md names the files that there are to change, and all of them where it says so."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
#: A server by its name in the inventory, and not in a sentence.
NAMED = re.compile(r"[\"']apache[\"']|\bapache:|\bnginx, apache[],]")
#: What is about one server, and belongs to it.
OWN = re.compile(r"^(roles|templates)/apache/|/((vhost|survey|beside)_)?apache\.py$|^plugins/filter/")
MOST = 4


def _sections() -> dict[str, str]:
    parts = re.split(r"(?m)^## (.+)$", TEXT)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_file_that_knows_web_servers_by_name_is_listed() -> None:
    files = [path for folder in ("plugins", "roles", "playbooks") for path in (ROOT / folder).rglob("*")]
    named = {
        str(path.relative_to(ROOT))
        for path in files
        if path.suffix in {".py", ".yml"} and NAMED.search(path.read_text(encoding="utf-8"))
    }
    listed = TEXT.partition("<!-- servers:begin -->")[2].partition("<!-- servers:end -->")[0]
    assert set(re.findall(r"`([^`]+)`", listed)) == {name for name in named if not OWN.search(name)}


def test_every_answer_is_a_few_files() -> None:
    asked = {"A site key", "A web server", "A role", "A fault for the doctor", "A module of the application"}
    assert asked < set(_sections())
    for title, text in _sections().items():
        rows = re.findall(r"(?m)^\| `", text)
        assert len(rows) <= MOST, title
        assert rows or title == "A version of the application"
