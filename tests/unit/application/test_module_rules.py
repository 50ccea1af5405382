# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What preflight says of modules and rights that the source does not have, to the word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import module_rules, right_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.fetch import SANDBOX

from . import descriptor
from .descriptor import right


@pytest.fixture
def app(tmp_path: Path) -> Path:
    return descriptor.application(tmp_path / "app")


def _site(*modules: str, rights: tuple[str, ...] = (), **more: Any) -> Site:  # noqa: ANN401
    entry = {"name": "norte", "domain": "x.example.org", "source": {"type": "sandbox"}, "modules": list(modules)}
    return sites.plan([entry | {"api": {"users": [{"login": "a", "rights": list(rights)}]}} | more])[0]


def _modules(app: Path, *modules: str) -> list[tuple[str, str, str]]:
    return list(module_rules.check(_site(*modules), descriptor.catalogue(app)))


def _rights(app: Path, *rights: str, modules: tuple[str, ...] = ("societe", "product"), **more: Any) -> list[str]:  # noqa: ANN401
    served = more.pop("served", None)
    found = right_rules.check(_site(*modules, rights=rights, **more), descriptor.catalogue(app), served)
    return [f"{key}: {seen}. {mend}." for key, seen, mend in found]


@pytest.mark.parametrize("names", [(), ("societe",), ("SOCIETE", "Product", "commande"), ("user", "api")])
def test_modules_that_are_there(app: Path, names: tuple[str, ...]) -> None:
    assert _modules(app, *names) == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("societte", "societe"),
        ("modSociete", "societe"),
        ("Comande", "commande"),
        ("orders", "commande"),
        ("order", "commande"),
        ("thirdparties", "societe"),
        ("products", "product"),
        ("produit", "product"),
    ],
)
def test_modules_that_are_not(app: Path, name: str, meant: str) -> None:
    seen = f"is {name!r}, a module that version 22.0.4 of the source does not have"
    assert _modules(app, "societe", name) == [("modules[1]", seen, f"Did you mean '{meant}'")]


def test_a_module_that_is_like_none(app: Path) -> None:
    seen = "is 'xyz', a module that version 22.0.4 of the source does not have"
    assert _modules(app, "xyz") == [("modules[0]", seen, "Known are: api, commande, product, societe, user")]


def test_a_module_that_is_there_twice(app: Path) -> None:
    for folder in ("citas", "citas-old"):
        descriptor.put(app, "Citas", custom=folder)
    places = "custom/citas-old/core/modules/modCitas.class.php and custom/citas/core/modules/modCitas.class.php"
    assert _modules(app, "societe") == []
    assert [(key, sorted(seen)) for key, seen, _ in _modules(app, "citas")] == [
        ("modules[0]", sorted(f"is 'citas', which the source has twice: {places}"))
    ]


def test_a_module_behind_a_link(app: Path, tmp_path: Path) -> None:
    descriptor.put(tmp_path / "elsewhere", "Citas")
    descriptor.put(app, "Agenda", custom="agenda-1.0")
    (app / "custom/citas").symlink_to(tmp_path / "elsewhere")
    (app / "custom/inside").symlink_to("agenda-1.0")
    assert _modules(app, "citas") == [
        (
            "modules[0]",
            "is 'citas', and custom/citas/core/modules/modCitas.class.php is reached by a link that leads out of the "
            "source",
            "Put the folder itself there: a release takes links as they are",
        )
    ]


def test_a_descriptor_that_cannot_be_loaded(app: Path) -> None:
    file = descriptor.put(app, "Citas", "$this->depends = array('modSalas');", custom="citas")
    descriptor.put(app, "Salas", custom="salas").write_text("<?php\nclass modSalas { function x( { }\n")
    assert _modules(app, "societe") == []
    assert _modules(app, "citas") == [
        (
            "modules[0]",
            "is 'citas', which needs 'salas', and custom/salas/core/modules/modSalas.class.php is no PHP: "
            "what ( opens in line 2 is never closed",
            "Mend the file, or take the module out of modules",
        )
    ]
    file.write_text("<?php\nclass modCita { }\n")
    assert _modules(app, "citas") == [
        (
            "modules[0]",
            "is 'citas', and custom/citas/core/modules/modCitas.class.php has no class modCitas",
            "Mend the file, or take the module out of modules",
        )
    ]


@pytest.mark.parametrize(
    ("needs", "refused"),
    [
        ("array('modSalas')", True),
        ("array('always' => array('modSociete', 'modSalas'))", True),
        ("array('FR' => 'modSalas')", False),
        ("array('modsociete')", True),
        ("array('modSociete')", False),
        ("$needs", False),
    ],
)
def test_a_dependency_that_is_missing(app: Path, needs: str, refused: bool) -> None:
    descriptor.put(app, "Citas", f"$this->depends = {needs};", custom="citas")
    missing = "modsociete" if "modsociete" in needs else "modSalas"
    expected = (
        "modules[0]",
        f"is 'citas', and that needs {missing}.class.php, which version 22.0.4 of the source does not have",
        "Put that module into the source, or take this one out of modules",
    )
    assert _modules(app, "citas") == ([expected] if refused else [])


@pytest.mark.parametrize(
    ("version", "wants", "refused"),
    [
        ("22.0.4", "23, 0", True),
        ("22.0.4", "22, 0, 5", True),
        ("22.0.4", "22, 0, 4", False),
        ("22.0.4", "11, -3", False),
        ("24.0.0-beta", "24, 0", True),
        ("24.0.0-beta", "24, -5", False),
        ("24.0.0-rc1", "24, 0, 0, 'rc'", False),
        ("22.0.4-netlogyc", "23, 0", True),
        ("22.0.4-netlogyc", "22, 0, 4, 1", False),
        ("22.0.4", "$x", False),
    ],
)
def test_a_module_for_a_newer_application(tmp_path: Path, version: str, wants: str, refused: bool) -> None:
    app = descriptor.application(tmp_path / "app", version)
    descriptor.put(app, "Citas", f"$this->need_dolibarr_version = array({wants});", custom="citas")
    written = wants.replace(", ", ".").replace("'", "")
    expected = (
        "modules[0]",
        f"is 'citas', and that wants version {written} of the application or newer; the source has {version}",
        "Name a newer source, or a release of the module for this one",
    )
    assert _modules(app, "citas") == ([expected] if refused else [])


@pytest.mark.parametrize(("wants", "refused"), [("8, 4", True), ("8, 2", False), ("8, 2, 9", False), ("9", True)])
def test_a_module_for_a_newer_php(app: Path, wants: str, refused: bool) -> None:
    descriptor.put(app, "Salas", f"$this->phpmin = array({wants});", custom="salas")
    descriptor.put(app, "Citas", "$this->depends = array('modSalas');", custom="citas")
    expected = (
        "modules[1]",
        f"is 'citas', and 'salas' wants PHP {wants.replace(', ', '.')} or newer; the host has 8.2",
        "Host the site where PHP is newer, or take the module out of modules",
    )
    found = list(module_rules.check_php(_site("societe", "citas"), descriptor.catalogue(app), "8.2"))
    assert found == ([expected] if refused else [])


def test_modules_that_exclude_each_other(app: Path) -> None:
    descriptor.put(app, "Citas", "$this->conflictwith = array('modSalas');", custom="citas")
    descriptor.put(app, "Salas", "$this->conflictwith = array('modcitas');", custom="salas")
    descriptor.put(app, "Camas", "$this->conflictwith = array('modSociete');", custom="camas")
    seen = "is 'salas', and 'citas' stands there too: each switches the other off"
    assert _modules(app, "citas", "salas") == [("modules[1]", seen, "Leave one of them")]
    # One that is switched off by the other's arrival, and can be switched on again.
    assert _modules(app, "societe", "camas") == []


@pytest.mark.parametrize(
    "rights",
    [
        ("societe.lire", "produit.creer"),
        ("api.apikey.generate",),
        ("user.user.lire",),
    ],
)
def test_rights_that_are_there(app: Path, rights: tuple[str, ...]) -> None:
    assert _rights(app, *rights) == []


def test_rights_that_come_with_a_dependency(app: Path) -> None:
    assert _rights(app, "societe.lire", "commande.lire", modules=("commande",)) == []


def test_rights_of_a_module_that_the_installer_switches_on(app: Path) -> None:
    descriptor.put(app, "Agenda", "$this->enabled_bydefault = true;" + right("read"))
    assert _rights(app, "agenda.read") == []


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("produit.lier", "Did you mean 'produit.lire'"),
        ("produit.Lire", "Did you mean 'produit.lire'"),
        ("produit.zzz", "Known are: produit.creer, produit.lire"),
        ("product.lire", "Did you mean 'produit.lire'"),
        ("product.zzz", "Known are: produit.creer, produit.lire"),
        ("contact.lire", "Did you mean 'societe.contact.lire'"),
        ("user.lire", "Did you mean 'user.user.lire'"),
        ("societte.lire", "Did you mean 'societe.lire'"),
        ("q.z", "The modules that are asked for have rights of: api, produit, societe, user"),
    ],
)
def test_rights_that_are_not(app: Path, name: str, mend: str) -> None:
    assert _rights(app, "societe.lire", name) == [
        f"api.users[0].rights: holds {name!r}, a right that version 22.0.4 of the source does not have. {mend}."
    ]


def test_a_right_of_a_module_that_is_not_asked_for(app: Path) -> None:
    assert _rights(app, "commande.lire") == [
        "api.users[0].rights: holds 'commande.lire', a right of the module commande, which is not in modules. "
        "Add commande to modules."
    ]


def test_what_is_on_already_counts(app: Path) -> None:
    served = {"on": ["commande", "gone"], "rights": ["old.right"], "problem": ""}
    assert _rights(app, "commande.lire", "old.right", served=served) == []
    # The installer's modules are on where they are on, not because they once were.
    descriptor.put(app, "Agenda", "$this->enabled_bydefault = true;" + right("read"))
    assert len(_rights(app, "agenda.read", served=served)) == 1


def test_a_site_that_cannot_be_asked_is_left_alone(app: Path) -> None:
    assert _rights(app, "commande.lire", served={"on": [], "rights": [], "problem": "no database"}) == []


def test_no_rights_are_given_where_the_api_is_off(app: Path) -> None:
    assert _rights(app, "x.y", api={"enabled": False, "users": [{"login": "a", "rights": ["x.y"]}]}) == []


def test_perhaps_is_enough(app: Path) -> None:
    descriptor.put(app, "Citas", "foreach ($o as $k) { $this->rights[] = $k; }", custom="citas")
    assert _rights(app, "citas.anything", "citas.any.thing", modules=("citas",)) == []
    assert len(_rights(app, "produit.lier", modules=("citas", "product"))) == 1
    descriptor.put(app, "Citas", "$this->rights_class = f();", custom="citas", extends="OurModules")
    assert _rights(app, "produit.lier", modules=("citas", "product")) == []


def test_a_module_that_may_bring_others(app: Path) -> None:
    descriptor.put(app, "Citas", "$this->depends = f();", custom="citas")
    assert _rights(app, "commande.lire", modules=("citas",)) == []
    assert len(_rights(app, "commande.lier", modules=("citas",))) == 1


def test_the_sandbox_is_read_like_the_application() -> None:
    seen = descriptor.catalogue(SANDBOX)
    assert sorted(seen.files) == [
        "api",
        "commande",
        "cron",
        "facture",
        "product",
        "service",
        "societe",
        "stock",
        "user",
        "variants",
        "webhook",
    ]
    told = {name for part in seen.all() for name in descriptor.names(part)}
    assert len(told) == 72
    assert {"produit.lire", "societe.client.voir", "api.apikey.generate", "user.self.creer"} <= told
    assert None not in told
    assert [part.name for part in seen.all() if part.fault or part.open_] == []
    assert sorted(seen.with_dependencies(["stock", "facture"])) == ["facture", "product", "societe", "stock"]


def test_rights_of_groups_and_people(app: Path) -> None:
    groups = [{"name": "Ventas", "rights": ["produit.lire", "commande.lire"]}]
    users = [{"login": "ana", "rights": ["produit.leer"]}, {"login": "eva"}, {"login": "old", "state": "absent"}]
    told = _rights(app, groups=groups, users=users)
    assert told[0].startswith("groups[0].rights: holds 'commande.lire', a right of the module commande")
    assert told[1].startswith("users[0].rights: holds 'produit.leer', a right that version 22.0.4")
    assert len(told) == 2
    assert _rights(app, groups=groups, users=users[1:], modules=("societe", "product", "commande")) == []
