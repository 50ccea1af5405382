# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Descriptors as people write them: what is told, and what is only perhaps."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors
from ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors import Right

from . import descriptor
from .descriptor import names, read, right


def test_rights_as_the_application_writes_them(tmp_path: Path) -> None:
    body = "$this->rights_class = 'cita';\n$r = 0;" + right("leer") + right("agenda", "leer")
    assert names(read(tmp_path, body)) == ["cita.leer", "cita.agenda.leer"]


def test_a_row_may_be_written_in_any_order_and_without_a_class(tmp_path: Path) -> None:
    body = "$this->rights[7][5] = 'b'; $this->rights[8][4] = 'c'; $this->rights[7][4] = 'a';"
    assert names(read(tmp_path, body)) == ["citas.a.b", "citas.c"]


@pytest.mark.parametrize("index", ["$r++;", "++$r;", "$r += 10;", "$r = 2;"])
def test_a_changed_index_is_another_right(tmp_path: Path, index: str) -> None:
    body = f"$r = 1; $this->rights[$r][4] = 'a'; $this->rights[$r][5] = 'x'; {index} $this->rights[$r][4] = 'b';"
    assert names(read(tmp_path, body)) == ["citas.a.x", "citas.b"]


@pytest.mark.parametrize(
    "body",
    [
        "$this->rights[] = array(1, 'Read', 'r', 0, 'a', 'b');",
        "$this->rights[$r] = [1, 'Read', 'r', 0, 'a', 'b'];",
        "$this->rights = array(array(1, 'Read', 'r', 0, 'a', 'b'));",
        "$this->rights[$r][self::KEY_FIRST_LEVEL] = 'a'; $this->rights[$r][DolibarrModules::KEY_SECOND_LEVEL] = 'b';",
        "$this->rights[$r] = array(self::KEY_ID => $r, self::KEY_FIRST_LEVEL => 'a', self::KEY_SECOND_LEVEL => 'b');",
    ],
)
def test_other_ways_to_write_a_right(tmp_path: Path, body: str) -> None:
    assert names(read(tmp_path, body)) == ["citas.a.b"]


def test_what_is_written_under_a_condition_may_be_there(tmp_path: Path) -> None:
    body = "if (getDolGlobalString('X')) { $r++; $this->rights[$r][4] = 'a'; } else $this->rights[9][4] = 'b';"
    assert names(read(tmp_path, body)) == ["citas.a", "citas.b"]


def test_a_right_of_another_module(tmp_path: Path) -> None:
    body = "$this->rights[1][4] = 'a'; $this->rights[1][self::KEY_MODULE] = 'societe';"
    assert names(read(tmp_path, body)) == ["citas.a", "societe.a"]


def test_a_row_without_a_name_is_no_right(tmp_path: Path) -> None:
    assert names(read(tmp_path, "$this->rights[1][0] = 5; $this->rights[2][4] = '';")) == []


def test_comments_are_no_rights(tmp_path: Path) -> None:
    assert names(read(tmp_path, "// $this->rights[1][4] = 'a';\n/* $this->rights[2][4] = 'b'; */")) == []


@pytest.mark.parametrize(
    ("body", "rights"),
    [
        ("foreach ($o as $k) { $this->rights[$r][4] = $k; $this->rights[$r][5] = 'leer'; }", [(None, "leer")]),
        ("$this->rights[$r][4] = 'a'; $this->rights[$r][5] = $k;", [("a", None)]),
        ('$this->rights[$r][4] = "a$k";', [(None, "")]),
        ("foreach ($a as $b) { $this->rights[] = $b; }", [(None, "")]),
        ("$this->rights = array_merge($this->rights, $x);", [(None, "")]),
        ("array_push($this->rights, $x);", [(None, "")]),
        ("foreach ($this->rights as &$x) { $x[4] = 'a'; }", [(None, "")]),
        ("$x = &$this->rights;", [(None, "")]),
        ("require __DIR__.'/rights.inc.php';", [(None, "")]),
        ("$this->rights[$r][$k] = 'a';", [(None, "")]),
    ],
)
def test_rights_that_only_running_would_tell(tmp_path: Path, body: str, rights: list[tuple[str | None, str]]) -> None:
    assert read(tmp_path, body).rights == [Right("citas", *parts) for parts in rights]


@pytest.mark.parametrize(
    "body",
    [
        "$n = count($this->rights);",
        "if (!empty($this->rights)) { $n = 1; }",
        "foreach ($this->rights as $k => $v) { $n++; }",
        "include_once DOL_DOCUMENT_ROOT.'/product/class/product.class.php';",
    ],
)
def test_what_only_reads_them(tmp_path: Path, body: str) -> None:
    assert read(tmp_path, "$this->rights[1][4] = 'a';" + body).rights == [Right("citas", "a", "")]


@pytest.mark.parametrize(
    ("included", "open_"), [("<?php $this->export = 1;", False), ("<?php $this->rights[5][4] = 'x';", True)]
)
def test_an_included_file_is_looked_into(tmp_path: Path, included: str, open_: bool) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core/fields.inc.php").write_text(included)
    seen = read(tmp_path, "include DOL_DOCUMENT_ROOT.'/core/fields.inc.php';")
    assert seen.rights == ([Right("citas", None, "")] if open_ else [])


def test_a_class_of_rights_that_only_running_would_tell(tmp_path: Path) -> None:
    body = "$this->rights_class = getDolGlobalString('X'); $this->rights[1][4] = 'a';"
    assert read(tmp_path, body).rights == [Right(None, "a", "")]


def test_a_class_of_rights_made_from_the_name(tmp_path: Path) -> None:
    body = "$this->rights_class = strtolower($this->name).'x'; $this->rights[1][4] = 'a';"
    assert names(read(tmp_path, body)) == ["citasx.a"]


@pytest.mark.parametrize("more", [{"extends": "OurModules"}, {"extends": "\\Our\\Modules"}])
def test_a_parent_of_its_own_may_bring_anything(tmp_path: Path, more: dict[str, str]) -> None:
    seen = read(tmp_path, "$this->rights[1][4] = 'a'; $this->phpmin = array(9);", **more)
    assert seen.rights == [Right(None, "a", ""), Right(None, None, "")]
    assert (seen.open_, seen.sure) == (True, {})


@pytest.mark.parametrize("file", ["sql/data.sql", "sql/more/llx_x.sql"])
def test_sql_of_its_own_for_rights_may_bring_anything(tmp_path: Path, file: str) -> None:
    path = tmp_path / "custom/citas" / file
    path.parent.mkdir(parents=True)
    path.write_text("INSERT INTO llx_rights_def (id) VALUES (1);\n")
    assert read(tmp_path, "").rights == [Right(None, None, "")]


def test_sql_that_takes_rights_away_brings_none(tmp_path: Path) -> None:
    more = 'public function init($o = \'\') { $sql = array("DELETE FROM ".MAIN_DB_PREFIX."rights_def"); }'
    assert read(tmp_path, "", more=more).rights == []


@pytest.mark.parametrize(
    ("right_", "name", "may"),
    [
        (Right("a", "b", ""), "a.b", True),
        (Right("a", "b", ""), "a.B", False),
        (Right("a", "b", ""), "a.b.c", False),
        (Right("a", "b", "c"), "a.b.c", True),
        (Right("a", "b", "c"), "a.b", False),
        (Right("a", None, ""), "a.x", True),
        (Right("a", None, ""), "a.x.y", True),
        (Right("a", None, ""), "b.x", False),
        (Right("a", None, "c"), "a.x.c", True),
        (Right("a", None, "c"), "a.x.d", False),
        (Right(None, "b", ""), "x.b", True),
        (Right(None, None, ""), "x.y.z", True),
    ],
)
def test_what_a_right_may_be(right_: Right, name: str, may: bool) -> None:
    assert right_.may_be(name) is may


def test_dependencies(tmp_path: Path) -> None:
    assert read(tmp_path, "$this->depends = array(); $this->depends = array('modA');").depends == ["modA"]
    seen = read(tmp_path, "$this->depends = array('always' => array('modA', 'modB'), 'FR' => 'modC');")
    assert (seen.depends, seen.open_) == (["modA", "modB", "modC"], False)
    seen = read(tmp_path, "$this->depends = array('modA'); if ($x) { $this->depends[] = 'modB'; }")
    assert (seen.depends, seen.open_, "depends" in seen.sure) == (["modA", "modB"], False, False)
    seen = read(tmp_path, "$this->depends = array('modA', $b);")
    assert (seen.depends, seen.open_) == (["modA"], True)
    seen = read(tmp_path, "", more="public $depends = array('modA');")
    assert (seen.depends, seen.sure["depends"]) == (["modA"], {0: "modA"})


def test_a_module_that_switches_others_on(tmp_path: Path) -> None:
    assert read(tmp_path, "", more="public function init($o = '') { activateModule('modX'); }").open_ is True


def test_what_is_sure(tmp_path: Path) -> None:
    body = "$this->phpmin = array(7, 0); if ($x) { $this->version = '2'; } $this->a = f(); $this->phpmin = array(8, 1);"
    seen = read(tmp_path, body, more="public $version = '1';")
    assert seen.sure == {"name": "Citas", "phpmin": {0: 8, 1: 1}}


@pytest.mark.parametrize(
    ("written", "by_default"),
    [("", False), ("$this->enabled_bydefault = true;", True), ("$this->enabled_bydefault = f();", True)]
    + [(f"$this->enabled_bydefault = {value};", False) for value in ("false", "0", "''", "null")],
)
def test_modules_that_the_installer_switches_on(tmp_path: Path, written: str, by_default: bool) -> None:
    assert read(tmp_path, written).by_default is by_default


def test_faults(tmp_path: Path) -> None:
    file = descriptor.put(tmp_path, "Citas")
    file.write_text("<?php\nclass modCitas extends DolibarrModules {\n")
    assert descriptors.read(file, tmp_path).fault == "is no PHP: what { opens in line 2 is never closed"
    file.write_text("<?php\nclass modCita extends DolibarrModules { }\n")
    assert descriptors.read(file, tmp_path).fault == "has no class modCitas"
    file.write_text("<?php\nclass MODCITAS extends DolibarrModules { }\n")
    assert descriptors.read(file, tmp_path).fault == ""


def test_windows_lines_and_bytes_of_another_alphabet(tmp_path: Path) -> None:
    file = descriptor.put(tmp_path, "Citas", "$this->description = 'X';" + right("leer"))
    file.write_bytes(file.read_text().replace("\n", "\r\n").encode().replace(b"'X'", b"'cl\xednica'"))
    assert names(descriptors.read(file, tmp_path)) == ["citas.leer"]


def test_where_descriptors_are(tmp_path: Path) -> None:
    for folder in (
        "core/modules",
        "stock/core/modules",
        "includes/core/modules",
        "custom/b/core/modules",
        "custom/a/core/modules",
        "custom/a-disabled/core/modules",
        "custom/.a/core/modules",
        "custom/CVS/core/modules",
        "custom/a/core/modules/societe",
        "modulebuilder/template/core/modules",
    ):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "modOne.class.php").write_text("<?php\n")
    (tmp_path / "core/modules/modules_x.php").write_text("<?php\n")
    found = descriptors.find(tmp_path)
    assert {name: [str(file.parent.relative_to(tmp_path)) for file in files] for name, files in found.items()} == {
        "one": ["core/modules", "stock/core/modules", "custom/a/core/modules", "custom/b/core/modules"]
    }


def test_an_application_without_modules(tmp_path: Path) -> None:
    assert descriptors.find(tmp_path) == {}
