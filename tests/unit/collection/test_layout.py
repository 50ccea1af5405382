# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names of a site's things are made in one file; everybody else asks for them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

ROOT = Path(__file__).parents[3]
LAYOUT = "plugins/module_utils/site/layout.py"
#: A site's folder, or one of its sockets, or the name of one of its pools that is put together.
MADE = re.compile(
    r"/?(?:srv|etc)/miclinik|/run/(?:php|miclinik)/\S*\{|miclinik-\S*\.sock\b|-(?:web|api)\.(?:conf|sock)|\}-(?:web|api)\b"
    r"|name \}\}\.\w+\.log|database-ca\.pem"
)
#: What stands alone on a host, or is a folder of all sites: the one text that may be in it.
ALONE = {
    # A pattern for what all sites have there.
    "roles/common/vars/main.yml": layout.STATES,
    "templates/nginx/miclinik.conf.j2": layout.STATES,
    "roles/php/vars/main.yml": layout.STATES,
    # The first words of another folder's name.
    "roles/backup/vars/main.yml": layout.STATES,
    "roles/cluster/vars/main.yml": layout.STATES,
    "templates/php/pool.conf.j2": layout.STATES,
    "templates/backup/check.service.j2": layout.HOMES,
    "templates/command_line/miclinikctl.8": layout.STATES,
    "templates/acme/hook/deploy.py": layout.STATES,
    "templates/bridge/src/Help.php": layout.STATES,
    "templates/bridge/src/Target.php": layout.STATES,
    "templates/smoke/miclinik-smoke.service.j2": layout.HOMES,
}
#: What Ansible reads as documentation.
PAGES = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


def _texts(file: Path) -> Iterator[str]:
    """Return what of a file is more than words for people."""
    text = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        yield from (line for line in text.splitlines() if not line.lstrip().startswith(("#", "*", "//")))
        return
    tree = ast.parse(text)
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words |= {
        id(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id in PAGES
    }
    for node in ast.walk(tree):
        if id(node) not in words and isinstance(node, ast.JoinedStr):
            yield ast.unparse(node)
        elif id(node) not in words and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _files() -> Iterator[Path]:
    for folder in ("plugins", "roles", "templates", "playbooks"):
        for file in sorted((ROOT / folder).rglob("*")):
            words = file.suffix in {".pyc", ".md"} or "meta" in file.parts or "doc_fragments" in file.parts
            page = file.suffix == ".yml" and file.parent.name == "filter"
            if file.is_file() and not words and not page:
                yield file


def test_no_other_file_makes_a_name_of_a_site() -> None:
    made: dict[str, set[str]] = {}
    for file in _files():
        name = file.relative_to(ROOT).as_posix()
        for text in _texts(file):
            for found in MADE.findall(text):
                made.setdefault(name, set()).add(found)
    assert made.pop(LAYOUT) >= {layout.HOMES, layout.STATES}
    assert made == {name: {folder} for name, folder in ALONE.items()}
