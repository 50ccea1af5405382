# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When the host is asked what is on, and what follows from its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight.modules import ModuleChecks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

from tests.unit.application import descriptor
from tests.unit.application.descriptor import right

SAME, OTHER = "22.0.4-0123456789ab", "22.0.4-ba9876543210"


def _digest(_: Tree) -> str:
    return "0123456789ab"


class Host:
    """A host with sites; remembers for which it was asked."""

    def __init__(self, releases: dict[str, str], **seen: Any) -> None:  # noqa: ANN401
        self.facts = {"releases": releases, "php_version": "8.2", "packages": []}
        self.seen = {
            name: {"installed": True, "on": [], "brings": [], "rights": [], "problem": "", "added": [], "changed": {}}
            | answer
            for name, answer in seen.items()
        }
        self.asked: list[list[str]] = []

    def look(self, names: list[str]) -> dict[str, Any]:
        self.asked.append(names)
        return {name: self.seen[name] for name in names}


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = descriptor.application(tmp_path / "app")
    descriptor.put(folder, "Citas", right("leer"), custom="citas")
    return folder


def _checks(
    app: Path,
    *names: str,
    modules: tuple[str, ...] = ("societe",),
    rights: tuple[str, ...] = (),
    exact: bool = False,
) -> Any:  # noqa: ANN401
    entries: list[dict[str, Any]] = [
        {
            "name": name,
            "domain": f"{name}.example.org",
            "source": {"type": "directory", "path": str(app)},
            "modules": list(modules),
            "modules_exact": exact,
            "api": {"users": [{"login": "a", "rights": list(rights)}]},
        }
        for name in names or ("norte",)
    ]
    return ModuleChecks(entries, {entry["name"]: source_tree.find(app) for entry in entries})


def _told(app: Path, host: Host, **more: Any) -> list[str]:  # noqa: ANN401
    return [str(problem) for problem in _checks(app, **more).of_host(host.facts, _digest, host.look)]


def test_sources_are_judged_without_the_host(app: Path) -> None:
    assert [str(problem) for problem in _checks(app, "norte", "sur", modules=("citass",)).of_sources()] == [
        f"site '{name}': modules[0]: is 'citass', a module that version 22.0.4 of the source does not have. "
        "Did you mean 'citas'."
        for name in ("norte", "sur")
    ]


def test_a_site_whose_source_cannot_be_used_is_left_out(app: Path) -> None:
    checks = _checks(app, "norte", "sur", modules=("citass",))
    entries: list[dict[str, Any]] = [
        {"name": name, "domain": "x", "source": {}, "modules": ["x"]} for name in ("norte", "sur")
    ]
    assert len(ModuleChecks(entries, {"sur": source_tree.find(app)}).of_sources()) == 1
    assert len(checks.of_sources()) == 2


@pytest.mark.parametrize("releases", [{}, {"other": OTHER}, {"norte": SAME}])
def test_a_host_where_nothing_changes_is_not_asked(app: Path, releases: dict[str, str]) -> None:
    host = Host(releases)
    assert _told(app, host, rights=("societe.lire",)) == []
    assert host.asked == []


def test_a_new_site_is_judged_by_the_source_alone(app: Path) -> None:
    host = Host({})
    assert _told(app, host, rights=("commande.lire",)) == [
        "site 'norte': api.users[0].rights: holds 'commande.lire', a right of the module commande, which is not in "
        "modules. Add commande to modules."
    ]
    assert host.asked == []


def test_a_site_with_a_doubtful_right_is_asked(app: Path) -> None:
    host = Host({"norte": SAME}, norte={"on": ["commande"]})
    assert _told(app, host, rights=("commande.lire",)) == []
    assert host.asked == [["norte"]]


def test_a_module_that_is_on_and_is_to_be_lost(app: Path) -> None:
    brings = ["societe", "citas", "camas", "salas"]
    host = Host({"norte": OTHER}, norte={"on": ["societe", "camas", "ghost"], "brings": brings})
    assert _told(app, host) == [
        "site 'norte': source: lacks the module 'camas', which is on. Put the module's folder into the source, or "
        "switch it off while its files are there: miclinikctl --site norte module disable camas."
    ]
    assert host.asked == [["norte"]]


def test_a_module_that_is_on_and_is_to_be_broken(app: Path) -> None:
    descriptor.put(app, "Citas", custom="citas").write_text("<?php\nclass modCitas {\n")
    host = Host({"norte": OTHER}, norte={"on": ["citas"], "brings": ["citas"]})
    assert _told(app, host) == [
        "site 'norte': source: has the module 'citas', which is on, and custom/citas/core/modules/modCitas.class.php "
        "is no PHP: what { opens in line 2 is never closed. Mend the file, or switch it off while its files are there: "
        "miclinikctl --site norte module disable citas."
    ]


def test_every_site_is_compared_on_its_own(app: Path) -> None:
    lost = {"on": ["camas"], "brings": ["camas"]}
    host = Host({"norte": SAME, "sur": OTHER, "este": OTHER}, sur=lost, este={"on": ["citas"], "brings": ["citas"]})
    told = [
        problem.where
        for problem in _checks(app, "norte", "sur", "este", "nuevo").of_host(host.facts, _digest, host.look)
    ]
    assert (told, host.asked) == (["site 'sur'"], [["este", "sur"]])


def test_a_site_that_was_begun_and_has_no_database_yet(app: Path) -> None:
    host = Host({"norte": OTHER}, norte={"installed": False})
    assert _told(app, host, rights=("commande.lire",)) == [
        "site 'norte': api.users[0].rights: holds 'commande.lire', a right of the module commande, which is not in "
        "modules. Add commande to modules."
    ]


def test_modules_that_are_to_go_off_are_told_before(app: Path) -> None:
    host = Host(
        {"norte": SAME},
        norte={"on": ["user", "societe", "citas", "gone"], "rights": ["citas.leer"]},
    )
    checks = _checks(app, exact=True)
    assert checks.of_host(host.facts, _digest, host.look) == []
    assert checks.cautions() == ["site 'norte': modules_exact: on and not named, so they go off: citas"]
    assert _checks(app).of_host(host.facts, _digest, host.look) == []
    assert host.asked == [["norte"]]
    (problem,) = _checks(app, exact=True, rights=("citas.leer",)).of_host(host.facts, _digest, host.look)
    assert "a right of the module citas, which is not in modules" in str(problem)


def test_a_site_that_cannot_be_asked_is_told(app: Path) -> None:
    host = Host({"norte": OTHER}, norte={"problem": "The database is down."})
    checks = _checks(app, rights=("commande.lire",))
    assert checks.of_host(host.facts, _digest, host.look) == []
    assert checks.cautions() == [
        "site 'norte': its modules could not be compared with those of the source: The database is down."
    ]


def test_php_of_the_host(app: Path) -> None:
    descriptor.put(app, "Citas", "$this->phpmin = array(8, 4);", custom="citas")
    host = Host({})
    assert _told(app, host, modules=("citas",)) == [
        "site 'norte': modules[0]: is 'citas', and 'citas' wants PHP 8.4 or newer; the host has 8.2. "
        "Host the site where PHP is newer, or take the module out of modules."
    ]
    host.facts["php_version"] = ""
    assert _told(app, host, modules=("citas",)) == []


def test_extensions_that_the_distribution_lacks(app: Path) -> None:
    descriptor.put(app, "EmailCollector")
    host = Host({})
    assert _told(app, host, modules=("emailcollector",)) == []
    host.facts["php_version"] = "8.4"
    assert _told(app, host, modules=("emailcollector",)) == [
        "site 'norte': modules[0]: is 'emailcollector', which needs PHP's extension imap, and the host's distribution "
        "has no php8.4-imap. Set constants.MAIN_IMAP_USE_PHPIMAP: 1, with which the application does without it; or "
        "host the site where PHP has imap (Debian 12), or take the module out of modules."
    ]


@pytest.mark.parametrize("name", ["citas", "citas/core/modules/modCitas.class.php"])
def test_a_custom_module_that_may_not_be_read(app: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    shut = str(app / "custom" / name)
    monkeypatch.setattr("os.access", lambda path, mode: str(path) != shut)
    (app / "custom/nowhere").symlink_to("/nowhere")
    checks = _checks(app, modules=("citass",))
    assert [str(problem) for problem in checks.of_sources()] == [
        f"site 'norte': source: {shut} cannot be read. Give it to the user who runs Ansible: chmod -R a+rX."
    ]


def test_a_folder_that_may_not_be_listed(app: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", "/x/custom")

    monkeypatch.setattr(
        "ansible_collections.miclinik.hosting.plugins.module_utils.application.descriptors.find", refuse
    )
    assert [str(problem) for problem in _checks(app).of_sources()] == [
        "site 'norte': source: /x/custom cannot be read. Give it to the user who runs Ansible: chmod -R a+rX."
    ]


def test_what_was_put_into_the_release_by_hand_stops_or_is_told(app: Path) -> None:
    host = Host({"norte": OTHER}, norte={"added": ["htdocs/custom/mimodulo"], "changed": {"htdocs/index.php": "0"}})
    checks = _checks(app)
    (problem,) = checks.of_host(host.facts, _digest, host.look)
    assert str(problem).startswith(
        "site 'norte': source: lacks what was put into the served release by hand: htdocs/custom/mimodulo. "
    )
    (told,) = checks.cautions()
    assert "replaced by the source's: htdocs/index.php. " in told
    same = Host({"norte": SAME}, norte={"added": ["htdocs/custom/mimodulo"]})
    assert _told(app, same) == []


@pytest.mark.parametrize(
    ("body", "seen", "mend"),
    [
        (
            "$this->need_dolibarr_version = array(99);",
            "which is on, and that wants version 99 of the application or newer; the source has 22.0.4",
            "Get a release of it",
        ),
        (
            "$this->phpmin = array(9);",
            "which is on: 'citas' wants PHP 9 or newer; the host has 8.2",
            "Get another release of it",
        ),
    ],
)
def test_a_module_that_is_on_and_wants_a_newer_one(app: Path, body: str, seen: str, mend: str) -> None:
    """Whether the inventory names it or not: people switch modules on as well."""
    descriptor.put(app, "Citas", body, custom="citas")
    host = Host({"norte": OTHER}, norte={"on": ["citas"], "brings": ["citas"]})
    assert _told(app, host) == [
        f"site 'norte': source: has the module 'citas', {seen}. {mend}, or switch it off while its files are there: "
        "miclinikctl --site norte module disable citas."
    ]
