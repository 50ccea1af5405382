# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules in ``custom/`` whose files change below a site, and modules that switch each other off."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from .sites import BRIDGE, PHP, USER, BridgedSite

Put = Callable[..., None]


@pytest.fixture
def put(installed: BridgedSite) -> Iterator[Put]:
    """Return what writes a module's descriptor; take the modules away afterwards."""
    names: list[str] = []

    def write(name: str, *rights: str, **properties: str) -> None:
        folder = installed.htdocs / "custom" / name.lower() / "core/modules"
        folder.mkdir(parents=True, exist_ok=True)
        lines = [f"$this->{key} = {value};" for key, value in properties.items()]
        for number, right in enumerate(rights):
            lines += [
                f"$this->rights[{number}] = array($this->numero + {number}, '{right}', 'w', 0, '{right}', '');",
            ]
        (folder / f"mod{name}.class.php").write_text(
            "<?php\nrequire_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';\n"
            f"class mod{name} extends DolibarrModules\n{{\n\tpublic function __construct($db)\n\t{{\n"
            "$this->db = $db; $this->name = preg_replace('/^mod/i', '', get_class($this));\n"
            "$this->const_name = 'MAIN_MODULE_'.strtoupper($this->name); $this->numero = 500700;\n"
            f"$this->rights_class = '{name.lower()}'; $this->version = '1';\n" + "\n".join(lines) + "\n\t}\n"
            "\tpublic function init($options = '') { return method_exists($this, '_init') "
            "? $this->_init(array(), $options) : parent::init($options); }\n"
            "\tpublic function remove($options = '') { return method_exists($this, '_remove') "
            "? $this->_remove(array(), $options) : parent::remove($options); }\n}\n"
        )
        names.append(name.lower())

    yield write
    on = set(installed.ok("module", "list")["enabled"])
    if on & set(names):
        installed.ok("module", "disable", *sorted(on & set(names)))
    for name in set(names):
        shutil.rmtree(installed.htdocs / "custom" / name)


def test_a_right_that_came_with_newer_files(installed: BridgedSite, put: Put) -> None:
    put("Citas", "leer")
    installed.ok("module", "enable", "citas")
    installed.batch(("user ensure", {"login": "newer", "rights": ["citas.leer"]}))
    put("Citas", "leer", "crear")
    order = ("user ensure", {"login": "newer", "rights": ["citas.leer", "citas.crear"]})
    foreseen = installed.batch(order, check=True)["answers"][0]
    assert foreseen["diff"]["after"]["rights"] == ["citas.crear", "citas.leer"]
    assert "citas.crear" not in installed.ok("rights", "list")["rights"]
    installed.batch(order)
    assert installed.ok("rights", "list", "newer")["rights"] == ["citas.crear", "citas.leer"]
    assert not installed.batch(order)["changed"]


def test_a_right_whose_number_was_anothers(installed: BridgedSite, put: Put) -> None:
    put("Citas", "leer")
    installed.ok("module", "enable", "citas")
    put("Citas", "ver")
    order = ("user ensure", {"login": "anothers", "rights": ["citas.ver"]})
    foreseen = installed.batch(order, check=True)["answers"][0]
    assert (foreseen["changes"], foreseen["user"]["rights"]) == (["created", "rights"], ["citas.ver"])
    installed.batch(order)
    assert installed.ok("rights", "list", "anothers")["rights"] == ["citas.ver"]
    assert "citas.leer" not in installed.ok("rights", "list")["rights"]
    assert not installed.batch(order)["changed"]


def test_a_right_that_no_file_describes_stays_unknown(installed: BridgedSite, put: Put) -> None:
    put("Citas", "leer")
    installed.ok("module", "enable", "citas")
    error = installed.error("rights", "ensure", "admin", given={"rights": ["citas.crear"]})
    assert (error["code"], error["mend"]) == ("unknown_right", 'The rights of "citas" are: citas.leer.')


def test_one_that_excludes_another_when_it_comes(installed: BridgedSite, put: Put) -> None:
    put("Salas")
    put("Citas", conflictwith="array('modSalas')")
    installed.ok("module", "enable", "salas", "citas")
    assert {"salas", "citas"} <= set(installed.ok("module", "list")["enabled"])
    assert not installed.ok("module", "enable", "salas", "citas")["changed"]


def test_two_that_exclude_each_other(installed: BridgedSite, put: Put) -> None:
    put("Salas", conflictwith="array('modCitas')")
    put("Citas", conflictwith="array('modSalas')")
    error = installed.error("module", "enable", "salas", "citas")
    assert (error["code"], error["message"]) == (
        "module",
        "Of the modules that are asked for, others switch off: citas.",
    )


def test_what_comes_along_is_foreseen(installed: BridgedSite, put: Put) -> None:
    installed.ok("company", "ensure", given={"name": "Norte", "country": "ES"})
    put("Salas", depends="array('always1' => 'modMesas', 'ZZ' => 'modNada')")
    put("Mesas", conflictwith="array('modSillas')")
    put("Sillas")
    put("Citas", depends="array('modSalas')")
    installed.ok("module", "enable", "sillas")
    foreseen = installed.ok("--check", "module", "enable", "citas")
    done = installed.ok("module", "enable", "citas")
    for told in (foreseen, done):
        assert (told["switched_on"], told["switched_off"]) == (["citas", "mesas", "salas"], ["sillas"])
        assert told["came_along"] == ["mesas", "salas", "sillas"]
    assert foreseen["enabled"] == done["enabled"]


@pytest.mark.parametrize(
    ("properties", "seen"),
    [
        ({"depends": "array('modNada')"}, 'it needs "nada", which is not there'),
        ({"phpmin": "array(99, 1)"}, "it needs PHP 99.1, and this is "),
        ({"need_dolibarr_version": "array(99, 0)"}, "it needs version 99.0, and this is "),
    ],
)
def test_what_cannot_be_switched_on_is_foreseen(
    installed: BridgedSite, put: Put, properties: dict[str, str], seen: str
) -> None:
    put("Roto", **properties)
    error = installed.error("--check", "module", "enable", "roto")
    assert (error["code"], seen in error["message"]) == ("module", True), error


def test_one_that_excludes_what_it_needs(installed: BridgedSite, put: Put) -> None:
    put("Salas", conflictwith="array('modCitas')")
    put("Citas", depends="array('modSalas')")
    assert installed.ok("--check", "module", "enable", "citas")["switched_on"] == ["citas", "salas"]
    on = installed.ok("module", "enable", "citas")
    assert (on["switched_on"], on["came_along"]) == (["citas", "salas"], ["salas"])
    assert not installed.ok("module", "enable", "citas")["changed"]


def test_a_name_with_an_underscore(installed: BridgedSite, put: Put) -> None:
    put("My_Citas", "leer")
    on = installed.ok("module", "enable", "my_citas")
    assert on["switched_on"] == ["my_citas"]
    assert not installed.ok("module", "enable", "my_citas")["changed"]
    assert installed.ok("module", "disable", "my_citas")["switched_off"] == ["my_citas"]


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("$x = = 5;", 'ParseError: syntax error, unexpected token "="'),
        ("throw new Exception('no licence');", "Exception: no licence"),
        ("new Nada();", 'Error: Class "Nada" not found'),
    ],
)
def test_a_module_that_cannot_be_loaded(installed: BridgedSite, put: Put, line: str, seen: str) -> None:
    put("Roto", config_page_url=f"array(); {line}")
    error = installed.error("module", "try", "roto")
    assert error["code"] == "module"
    assert error["message"].startswith(f'The module "roto" cannot be loaded: {seen}')
    assert "(modRoto.class.php:" in error["message"]
    for check in ([], ["--check"]):
        error = installed.error(*check, "module", "enable", "roto")
        assert error["message"].startswith(f'The module "roto" dies when it is switched on: {seen}')
    assert "roto" not in installed.ok("module", "list")["enabled"]


INCOMPATIBLE = """<?php
require_once DOL_DOCUMENT_ROOT.'/core/modules/DolibarrModules.class.php';
interface WithOptions { public function begin($options = ''); }
class modRoto extends DolibarrModules implements WithOptions { public function begin() { } }
"""


def test_a_module_whose_signatures_php_refuses(installed: BridgedSite, put: Put) -> None:
    """No exception of PHP's, but its end: of old modules' `init()` without arguments it was reported for PHP 8.3."""
    put("Roto")
    (installed.htdocs / "custom/roto/core/modules/modRoto.class.php").write_text(INCOMPATIBLE)
    error = installed.error("module", "try", "roto")
    assert "after: Declaration of modRoto::begin() must be compatible with WithOptions::begin(" in error["message"]
    for check in ([], ["--check"]):
        error = installed.error(*check, "module", "enable", "roto")
        assert "after: Declaration of modRoto::begin() must be compatible with" in error["message"]
    assert "roto" not in installed.ok("module", "list")["enabled"]


def test_a_module_that_dies_when_it_is_switched_on(installed: BridgedSite, put: Put) -> None:
    put("Roto")
    file = installed.htdocs / "custom/roto/core/modules/modRoto.class.php"
    file.write_text(
        file.read_text().replace("function init($options = '') {", "function init($options = '') { new Nada();")
    )
    assert installed.ok("module", "try", "roto")["class"] == "modRoto"
    seen = 'The module "roto" dies when it is switched on: Error: Class "Nada" not found (modRoto.class.php:'
    assert installed.error("module", "enable", "roto")["message"].startswith(seen)
    assert "roto" not in installed.ok("module", "list")["enabled"]


def test_a_module_whose_part_of_the_api_cannot_be_read(installed: BridgedSite, put: Put) -> None:
    put("Citas", "leer")
    assert installed.ok("module", "try", "Citas") == {
        "ok": True,
        "command": "module try",
        "changed": False,
        "class": "modCitas",
    }
    part = installed.htdocs / "custom/citas/class/api_citas.class.php"
    part.parent.mkdir()
    part.write_text("<?php\nclass Citas extends NobodyKnowsIt { }\n")
    assert installed.ok("module", "try", "citas")["class"] == "modCitas"
    part.write_text("<?php\nclass Citas {\n")
    assert "(api_citas.class.php:3)" in installed.error("module", "try", "citas")["message"]


def test_a_module_of_a_release_that_is_not_served(installed: BridgedSite, put: Put) -> None:
    put("Citas", "leer")
    new = installed.home / "next"
    shutil.copytree(installed.htdocs, new, symlinks=True)
    try:
        (new / "custom/citas/core/modules/modCitas.class.php").write_text("<?php\nclass modCitas extends Nada { }\n")
        words = ["--root", str(new), *(["--user", USER] if USER else []), "module", "try", "citas"]
        command = [PHP, str(BRIDGE), *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=installed.environment)
        assert json.loads(done.stdout)["error"]["message"] == (
            'The module "citas" cannot be loaded: Error: Class "Nada" not found (modCitas.class.php:2).'
        )
        assert installed.ok("module", "try", "citas")["class"] == "modCitas"
    finally:
        shutil.rmtree(new)


def test_a_part_of_the_api_that_is_no_php(installed: BridgedSite, put: Put) -> None:
    """The API would list nothing of any module, so this one is not switched on."""
    put("Roto")
    folder = installed.htdocs / "custom/roto/class"
    folder.mkdir()
    (folder / "api_roto.class.php").write_text(
        "<?php\nclass Roto extends DolibarrApi {\n\tpublic function get( { }\n}\n"
    )
    assert installed.error("--check", "module", "enable", "roto") == installed.error("module", "enable", "roto")
    error = installed.error("module", "enable", "roto")
    assert error["code"] == "module"
    assert error["message"].startswith(
        'The module "roto" has a part of the API that cannot be loaded: syntax error, unexpected token "{"'
    )
    assert "(api_roto.class.php:3)" in error["message"]
    assert "roto" not in installed.ok("module", "list")["enabled"]
    error = installed.error("module", "try", "roto")
    assert error["message"].startswith('The module "roto" cannot be loaded: ParseError: syntax error')
