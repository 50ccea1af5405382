# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""PHP read as text: what is a word, what is a statement, what a value is, and what nobody can tell."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.text import php as text_php
from ansible_collections.miclinik.hosting.plugins.module_utils.text.php import DYNAMIC, BrokenError


def _words(code: str) -> list[str]:
    return [word.text for word in text_php.words(f"<?php {code}")]


@pytest.mark.parametrize(
    "code",
    [
        "// $b = 1;\n$a;",
        "# $b = 1;\n$a;",
        "/* $b = 1;\n */ $a;",
        "/** it's */$a;",
        "$a; // it's",
        "?>it's <b>{ <?php $a;",
        "?>\n<?= $a;",
    ],
)
def test_comments_and_pages_are_no_words(code: str) -> None:
    assert _words(code) == ["$a", ";"]


def test_text_before_php_is_none() -> None:
    assert text_php.words("it's { not PHP") == []


@pytest.mark.parametrize(
    "code",
    [
        "'it\\'s; {'",
        '"say \\"; { "',
        '"{$a["b; {"]}"',
        "<<<E\n it's; {\nE",
        "<<<'E'\n it's; {\n  E",
        '<<<"E"\nEF; {\nE',
        "`ls; {`",
    ],
)
def test_texts_are_one_word(code: str) -> None:
    assert _words(f"$a = {code};") == ["$a", "=", code, ";"]


def test_an_attribute_is_no_comment() -> None:
    assert _words("#[Attribute]\nclass A {}") == ["#", "[", "Attribute", "]", "class", "A", "{", "}"]


def test_lines_are_counted() -> None:
    assert [(word.text, word.line) for word in text_php.words("x\n<?php\n/*\n*/ $a = 'b\nc';\n$d;")] == [
        ("$a", 4),
        ("=", 4),
        ("'b\nc'", 4),
        (";", 5),
        ("$d", 6),
        (";", 6),
    ]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("class A {\n", "what { opens in line 1 is never closed"),
        ("\n$a = array(1;\n}", "} in line 3 closes nothing"),
        ("$a = 'b;\n", "what ' opens in line 1 is never closed"),
        ('$a = "b;\n', 'what " opens in line 1 is never closed'),
        ("/* a\n", "what /* opens in line 1 is never closed"),
        (")", ") in line 1 closes nothing"),
    ],
)
def test_what_php_refuses(code: str, said: str) -> None:
    with pytest.raises(BrokenError) as caught:
        text_php.words(f"<?php {code}")
    assert str(caught.value) == said


def test_statements_know_where_they_stand() -> None:
    code = "class A { public $b = 1; function c($x) { if ($x) { $d; } $e = array(function () { return 1; }); } } $f;"
    seen = text_php.statements(text_php.words(f"<?php {code}"))
    assert [("".join(word.text for word in one.words), one.depth, one.function) for one in seen] == [
        ("classA", 0, ""),
        ("public$b=1", 1, ""),
        ("functionc($x)", 1, ""),
        ("if($x)", 2, "c"),
        ("$d", 3, "c"),
        ("$e=array(function(){return1;})", 2, "c"),
        ("$f", 0, ""),
    ]


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("'a'", "a"),
        ("'it\\'s \\n \\\\'", "it's \\n \\"),
        ('"a\\tb\\$c"', "a\tb$c"),
        ("12", 12),
        ("0x1F", 31),
        ("010", 8),
        ("1_000", 1000),
        ("-3", -3),
        ("true", True),
        ("NULL", None),
        ("'a'.'b' . 3", "ab3"),
        ("strtolower('Ab').'c'", "abc"),
        ("$this->known", "value"),
        ("array()", {}),
        ("array('a', 'b',)", {0: "a", 1: "b"}),
        ("['x' => 'a', 5 => 'b', 'c']", {"x": "a", 5: "b", 6: "c"}),
        ("array('a', array('b' => -1))", {0: "a", 1: {"b": -1}}),
        ("array(self::KEY_FIRST_LEVEL => 'a')", {4: "a"}),
    ],
)
def test_values_that_are_written_out(code: str, value: object) -> None:
    assert text_php.value(text_php.words(f"<?php {code}"), {"known": "value"}) == value


@pytest.mark.parametrize(
    "code",
    [
        '"a $b"',
        '"{$b}"',
        "$b",
        "f('a')",
        "'a' . $b",
        "$b ? 'a' : 'c'",
        "isModEnabled('x')",
        "1.5",
        "$this->unknown",
        "$this->known['a']",
        "self::OTHER",
        "[...$b]",
        "array($b => 'a')",
        "1 + 2",
        "",
    ],
)
def test_values_that_only_running_would_tell(code: str) -> None:
    assert text_php.value(text_php.words(f"<?php {code}"), {"known": "value"}) is DYNAMIC


def test_an_element_that_nobody_can_tell_leaves_the_others() -> None:
    seen = text_php.value(text_php.words("<?php array('a', f($b, [1, 2]), 'k' => $c ? 1 : 2, 'd')"))
    assert seen == {0: "a", 1: DYNAMIC, "k": DYNAMIC, 2: "d"}
