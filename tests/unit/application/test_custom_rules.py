# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is refused of custom modules that are declared."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import custom_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application.catalogue import Catalogue
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Custom

from tests import application_tree
from tests.unit.application import descriptor

API = "<?php\nclass {name} extends DolibarrApi {{ }}\n"


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return descriptor.application(tmp_path / "app")


def _module(tmp_path: Path, name: str, body: str = "", api: str = "") -> Custom:
    folder = tmp_path / name.lower()
    descriptor.put(folder, name, body)
    if api:
        (folder / "class").mkdir()
        (folder / f"class/api_{name.lower()}.class.php").write_text(api)
    return Custom(name.lower(), folder)


def _told(app: Path, *modules: Custom, asked: tuple[str, ...] = (), php: str = "") -> list[str]:
    tree = dataclasses.replace(source_tree.find(app), custom=tuple(sorted(modules)))
    declared = [{"name": module.name, "source": {"type": "directory", "path": "x"}} for module in modules]
    (site,) = sites.plan([application_tree.entry(custom_modules=declared, modules=list(asked))])
    catalogue = Catalogue(tree)
    found = custom_rules.check_php(site, catalogue, php) if php else custom_rules.check(site, catalogue)
    return [f"{key}: {seen}. {mend}" for key, seen, mend in found]


def test_a_good_one(app: Path, tmp_path: Path) -> None:
    body = "$this->need_dolibarr_version = array(15, 0); $this->phpmin = array(7, 4);"
    assert _told(app, _module(tmp_path, "Citas", body, API.format(name="Citas")), asked=("citas",)) == []


def test_one_that_the_source_has(app: Path, tmp_path: Path) -> None:
    descriptor.put(app, "Citas", custom="Citas")
    assert _told(app, _module(tmp_path, "Citas")) == [
        "custom_modules[0]: is 'citas', and the source has custom/Citas itself. Take it out of one of both",
        "custom_modules[0]: brings modCitas.class.php, which is in custom/Citas/core/modules/modCitas.class.php already"
        ". Leave one of them",
    ]


def test_one_of_the_application_itself(app: Path, tmp_path: Path) -> None:
    (app / "societe").mkdir()
    assert _told(app, _module(tmp_path, "Societe")) == [
        "custom_modules[0]: is 'societe', and the source has societe itself. Leave it out: it is the application's own",
        "custom_modules[0]: brings modSociete.class.php, which is in core/modules/modSociete.class.php already. "
        "Leave one of them",
    ]


def test_one_for_a_newer_version(app: Path, tmp_path: Path) -> None:
    module = _module(tmp_path, "Futura", "$this->need_dolibarr_version = array(99, 0);")
    assert _told(app, module) == [
        "custom_modules[0]: has 'futura', and that wants version 99.0 of the application or newer; the source has "
        "22.0.4. Name a newer source, or a release of the module for this one"
    ]
    # Of what modules has it is said there.
    assert _told(app, module, asked=("futura",)) == []


def test_one_for_a_newer_php(app: Path, tmp_path: Path) -> None:
    module = _module(tmp_path, "Futura", "$this->phpmin = array(9, 1);")
    assert _told(app, module, php="8.4") == [
        "custom_modules[0]: 'futura' wants PHP 9.1 or newer; the host has 8.4. Host the site where PHP is newer, or "
        "take an older release of the module"
    ]
    assert _told(app, module, php="9.1") == []


def test_a_descriptor_that_is_broken(app: Path, tmp_path: Path) -> None:
    module = _module(tmp_path, "Rota")
    (module.path / "core/modules/modRota.class.php").write_text("<?php\nclass modOtra {}\n")
    assert _told(app, module) == [
        "custom_modules[0]: brings custom/rota/core/modules/modRota.class.php, which has no class modRota. "
        "Get a whole release of the module for this version"
    ]


def test_a_part_of_the_api_that_is_broken(app: Path, tmp_path: Path) -> None:
    (said,) = _told(app, _module(tmp_path, "Rota", api="<?php\nclass Rota extends DolibarrApi {\n"))
    assert said.startswith("custom_modules[0]: brings custom/rota/class/api_rota.class.php, which is no PHP: ")
    assert said.endswith(". The API lists nothing at all with it. Get a whole release of the module for this version")


def test_two_parts_of_the_api_with_one_class(app: Path, tmp_path: Path) -> None:
    """The application's module builder calls the class of every module MyModuleApi."""
    api = API.format(name="MyModuleApi")
    one, two = (_module(tmp_path, name, api=api) for name in ("Citas", "Salas"))
    assert _told(app, one, two) == [
        f"custom_modules[{index}]: has the class MyModuleApi in custom/{mine}/class/api_{mine}.class.php, and so has "
        f"custom/{other}/class/api_{other}.class.php: where both are on, the API lists nothing at all. "
        "Leave one of them"
        for index, mine, other in ((0, "citas", "salas"), (1, "salas", "citas"))
    ]


def test_links(app: Path, tmp_path: Path) -> None:
    module = _module(tmp_path, "Citas")
    (module.path / "vendor").mkdir()
    (module.path / "vendor/inside").symlink_to("../core")
    assert _told(app, module) == []
    (module.path / "vendor/out").symlink_to("../../app/filefunc.inc.php")
    assert _told(app, module) == [
        "custom_modules[0]: has a link that leads out of it: vendor/out. Put the file itself there: on the host it "
        "would lead elsewhere"
    ]


def test_custom_is_a_link(app: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (app / "custom").symlink_to(tmp_path / "elsewhere")
    assert _told(app, _module(tmp_path, "Citas")) == [
        "custom_modules: cannot be put into the source's custom/, which is a link. Put the folder itself there"
    ]


def test_one_that_does_not_go_with_another(app: Path, tmp_path: Path) -> None:
    module = _module(tmp_path, "Citas", "$this->conflictwith = array('modSociete');")
    assert _told(app, module, asked=("citas", "societe")) == [
        "custom_modules[0]: has 'citas', which says that it does not go with 'societe', and modules has both. "
        "Leave one of them"
    ]
    assert _told(app, module, asked=("citas",)) == []
