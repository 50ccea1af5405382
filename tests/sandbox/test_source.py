# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sandbox's own rules: syntax of PHP 7.4, small files, bound values."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from .programs import find
from .site import SOURCE

FILES = sorted(SOURCE.rglob("*.php"))
# What PHP 8 brought, by the words it begins with; PHP 8 itself would not complain about it
NEWER = {
    "a function of PHP 8": r"\b(?:str_contains|str_starts_with|str_ends_with|array_is_list|get_debug_type)\s*\(",
    "match": r"(?<!->)(?<!function )\bmatch\s*\(",
    "enum": r"^\s*enum\s+\w+",
    "readonly": r"\breadonly\b",
    "?->": r"\?->",
    "catch without a variable": r"catch\s*\(\s*[\w\\]+\s*\)",
    "a promoted parameter": r"__construct\([^)]*\b(?:public|protected|private)\b",
    "a type of several": r"function\s*\w*\([^)]*\b\w+\|\w+\s+\$",
    "a named argument": r"[(,]\s*[a-z]\w*:\s(?!:)\S",
    "throw inside an expression": r"(?:\?\?|=>|[?:])\s*throw\b",
}


def code(path: Path) -> str:
    """The file without comments and texts, in which anything may stand."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    return re.sub(r"(?m)(?://|#\[|#).*$", "", re.sub(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", "''", text))


def names(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def test_there_are_files() -> None:
    assert len(FILES) > 80


def test_syntax() -> None:
    php = find("php", "php-cli")
    runs = [subprocess.run([php, "-l", str(path)], check=False, capture_output=True, text=True) for path in FILES]
    assert [run.stdout for run in runs if run.returncode != 0] == []


@pytest.mark.parametrize("path", FILES, ids=names)
def test_rules(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("<?php\n// SPDX-License-Identifier: GPL-3.0-or-later\n")
    assert len(text.splitlines()) < 300
    plain = code(path)
    assert [what for what, pattern in NEWER.items() if re.search(pattern, plain, flags=re.MULTILINE)] == []
    assert re.findall(r"(?:db|this)->query\(|->exec\(", plain) == (
        ["->exec("] if path.name == "DoliDB.class.php" else []
    )


def test_the_rules_find_what_they_look_for(tmp_path: Path) -> None:
    samples = {
        "a function of PHP 8": "str_contains($a, 'b');",
        "match": "$x = match ($a) { 1 => 2 };",
        "enum": "enum Suit { }",
        "readonly": "class A { public readonly int $b; }",
        "?->": "$a?->b();",
        "catch without a variable": "try { } catch (Exception) { }",
        "a promoted parameter": "class A { function __construct(private $b) { } }",
        "a type of several": "function a(int|string $b) { }",
        "a named argument": "a(b: 1);",
        "throw inside an expression": "$a = $b ?? throw new Exception();",
    }
    assert samples.keys() == NEWER.keys()
    for what, sample in samples.items():
        path = tmp_path / "sample.php"
        path.write_text(f"<?php\n{sample}\n")
        assert re.search(NEWER[what], code(path), flags=re.MULTILINE), what
