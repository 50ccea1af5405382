# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Custom modules beside an application: where they are found, what is refused, what a release is called with them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import custom, pack
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

from tests import application_tree
from tests.unit.application import descriptor


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/miclinik-hosting"


def _module(folder: Path, name: str = "Citas", body: str = "") -> Path:
    descriptor.put(folder, name, body)
    (folder / "sql").mkdir(exist_ok=True)
    (folder / "sql/llx_citas.sql").write_text("CREATE TABLE llx_citas(rowid integer);\n")
    return folder


def _tree(tmp_path: Path, *sources: Any, names: tuple[str, ...] = ("citas",)) -> Tree:  # noqa: ANN401
    if not (tmp_path / "app").exists():
        application_tree.make(tmp_path / "app")
    modules = [{"name": name, "source": source} for name, source in zip(names, sources, strict=True)]
    (site,) = sites.plan([application_tree.entry(source={"type": "directory", "path": "app"}, custom_modules=modules)])
    return custom.resolver(tmp_path)(site, {})


def _directory(path: str) -> dict[str, str]:
    return {"type": "directory", "path": path}


@pytest.mark.parametrize(
    ("below", "name"),
    [
        ("citas", "citas"),
        ("Citas", "Citas"),
        ("htdocs/citas", "citas"),
        ("custom/citas", "citas"),
        ("htdocs/custom/citas", "citas"),
        ("", "citas"),
        ("dolibarr_module_citas-1.0", "citas"),
        ("dolibarr_module_citas-1.0/citas", "citas"),
        ("module_citas-1.0/htdocs/citas", "citas"),
    ],
)
@pytest.mark.parametrize("kind", ["directory", "zip", "tar"])
def test_where_it_is_found(tmp_path: Path, below: str, name: str, kind: str) -> None:
    _module(tmp_path / "src" / below)
    source = {"type": "archive", "path": f"module_citas-1.0.{kind}"} if kind != "directory" else _directory("src")
    if kind != "directory":
        shutil.make_archive(str(tmp_path / "module_citas-1.0"), kind, tmp_path / "src")
    tree = _tree(tmp_path, source)
    assert [module.name for module in tree.custom] == [name]
    names = [entry.name for entry in tree.entries()]
    assert names[-7:] == [
        "htdocs/custom",
        f"htdocs/custom/{name}",
        f"htdocs/custom/{name}/core",
        f"htdocs/custom/{name}/core/modules",
        f"htdocs/custom/{name}/core/modules/modCitas.class.php",
        f"htdocs/custom/{name}/sql",
        f"htdocs/custom/{name}/sql/llx_citas.sql",
    ]
    assert len(set(names)) == len(names)


def test_beside_what_the_source_has(tmp_path: Path) -> None:
    application_tree.make(tmp_path / "app")
    _module(tmp_path / "app/custom/salas", "Salas")
    names = [entry.name for entry in _tree(tmp_path, _directory(str(_module(tmp_path / "citas")))).entries()]
    assert names.count("htdocs/custom") == 1
    assert {"htdocs/custom/salas/sql", "htdocs/custom/citas/sql"} <= set(names)


def _refused(tmp_path: Path, source: dict[str, Any]) -> str:
    with pytest.raises(SourceError) as refused:
        _tree(tmp_path, source)
    return str(refused.value)


MEND = "Name one with citas/core/modules/mod….class.php in it, at its top or under htdocs/."


def test_a_source_that_holds_something_else(tmp_path: Path) -> None:
    at = "custom_modules[0].source: holds no module 'citas'"
    (tmp_path / "empty").mkdir()
    assert _refused(tmp_path, _directory("empty")) == f"{at}: it is empty. {MEND}"
    _module(tmp_path / "other/salas", "Salas")
    assert _refused(tmp_path, _directory("other")) == f"{at}, but modSalas. {MEND}"
    assert _refused(tmp_path, _directory("other/salas")) == f"{at}, but modSalas. {MEND}"
    assert _refused(tmp_path, _directory("app")) == f"{at}, but a whole application. {MEND}"
    (tmp_path / "text/citas").mkdir(parents=True)
    (tmp_path / "text/README.md").write_text("")
    assert _refused(tmp_path, _directory("text")) == f"{at}, but README.md, citas. {MEND}"
    gone = "is not a folder on the controller. Name the module's folder."
    assert _refused(tmp_path, _directory("gone")) == f"custom_modules[0].source.path: {tmp_path}/gone {gone}"


def test_another_checksum(tmp_path: Path) -> None:
    _module(tmp_path / "src/citas")
    file = Path(shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "src"))
    real, other = hashlib.sha256(file.read_bytes()).hexdigest(), "0" * 64
    assert _refused(tmp_path, {"type": "archive", "path": "a.zip", "checksum": f"sha256:{other}"}) == (
        f"custom_modules[0].source.checksum: is sha256:{other}, but the archive's is sha256:{real}. "
        "Get the archive again, and compare it with what its publisher states."
    )


@pytest.mark.parametrize("name", ["../out.php", "/etc/out.php", "citas/../../out.php", "..\\out.php", "C:/out.php"])
def test_a_zip_that_leads_out(tmp_path: Path, cache: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("citas/core/modules/modCitas.class.php", descriptor.text("Citas"))
        packed.writestr(name, "<?php\n")
    said = _refused(tmp_path, {"type": "archive", "path": "a.zip"})
    assert said == (
        f"custom_modules[0].source.path: a.zip cannot be unpacked: {name!r} leads out of the archive. "
        "Use a tar (gz, bz2, xz) or a zip."
    )
    assert not list(tmp_path.rglob("out.php"))
    assert not [path for path in cache.iterdir() if path.is_dir()]


def test_a_zip_with_a_link(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("citas/lib")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("citas/core/modules/modCitas.class.php", descriptor.text("Citas"))
        packed.writestr(link, "/etc")
    assert "cannot be unpacked: 'citas/lib' is a link, which a zip does not keep." in _refused(
        tmp_path, {"type": "archive", "path": "a.zip"}
    )


def test_a_tar_that_leads_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        packed.addfile(tarfile.TarInfo("../out.php"))
    assert "a.tar cannot be unpacked" in _refused(tmp_path, {"type": "archive", "path": "a.tar"})
    assert not (tmp_path.parent / "out.php").exists()


def test_a_changed_module_is_another_release(tmp_path: Path) -> None:
    module = _module(tmp_path / "citas")
    bare = pack.digest(_tree(tmp_path, names=()))
    one = pack.digest(_tree(tmp_path, _directory("citas")))
    assert one != bare
    assert pack.digest(_tree(tmp_path, _directory("citas"))) == one
    (module / "sql/llx_citas.sql").write_text("CREATE TABLE llx_citas(rowid bigint);\n")
    assert pack.digest(_tree(tmp_path, _directory("citas"))) != one


def test_two_modules_whose_files_look_alike_are_two_releases(tmp_path: Path) -> None:
    """Sizes and times may well be the same in two archives of a publisher who builds them reproducibly."""
    for name, word in (("one", "integer"), ("two", "bigserl")):
        module = _module(tmp_path / name / "citas")
        (module / "sql/llx_citas.sql").write_text(f"CREATE TABLE llx_citas(rowid {word});\n")
        for path in module.rglob("*"):
            os.utime(path, (1, 1))
    digests = {pack.digest(_tree(tmp_path, _directory(name))) for name in ("one", "two")}
    assert len(digests) == 2


def test_the_order_of_modules_is_no_matter(tmp_path: Path) -> None:
    one, two = _directory(str(_module(tmp_path / "citas"))), _directory(str(_module(tmp_path / "salas", "Salas")))
    assert pack.digest(_tree(tmp_path, one, two, names=("citas", "salas"))) == pack.digest(
        _tree(tmp_path, two, one, names=("salas", "citas"))
    )


def test_what_is_packed(tmp_path: Path) -> None:
    tree = _tree(tmp_path, _directory(str(_module(tmp_path / "citas"))))
    with tarfile.open(pack.pack(tree, pack.digest(tree))) as packed:
        member = packed.getmember("htdocs/custom/citas/sql/llx_citas.sql")
        assert (member.uid, member.gid, member.mode) == (0, 0, 0o644)
        assert packed.getmember("htdocs/custom").isdir()
