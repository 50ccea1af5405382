# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the application is found, what belongs to a release, and what its digest depends on."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

from tests import application_tree


def _names(tree: Tree) -> list[str]:
    return [entry.name for entry in tree.entries()]


def test_application_at_the_root(tmp_path: Path) -> None:
    tree = source_tree.find(application_tree.make(tmp_path / "app"))
    assert (tree.top, tree.inner, tree.version, tree.major) == (tmp_path / "app", False, "22.0.4", 22)


def test_application_under_htdocs(tmp_path: Path) -> None:
    tree = source_tree.find(application_tree.make(tmp_path / "app", "16.0.3", inner=True))
    assert (tree.top, tree.inner, tree.version, tree.major) == (tmp_path / "app", True, "16.0.3", 16)


@pytest.mark.parametrize("inner", [False, True])
def test_a_release_always_has_htdocs(tmp_path: Path, inner: bool) -> None:
    tree = source_tree.find(application_tree.make(tmp_path / "app", inner=inner))
    assert _names(tree) == [
        "htdocs",
        "htdocs/conf",
        "htdocs/conf/conf.php.example",
        "htdocs/filefunc.inc.php",
        "htdocs/index.php",
    ]


def test_both_layouts_are_the_same_release(tmp_path: Path) -> None:
    one = source_tree.find(application_tree.make(tmp_path / "one"))
    two = source_tree.find(application_tree.make(tmp_path / "two", inner=True))
    assert one.digest() == two.digest()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        source_tree.find(tmp_path / "none")
    assert str(caught.value) == (
        f"source.path: {tmp_path / 'none'} is not a folder on the controller. Name the application's folder."
    )


def test_a_folder_without_the_application(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        source_tree.find(tmp_path)
    assert (caught.value.key, caught.value.seen, caught.value.mend) == (
        "source.path",
        f"{tmp_path} holds no application: neither filefunc.inc.php nor htdocs/filefunc.inc.php is there",
        "Name the folder that holds the application's own files",
    )


@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("reader", ["filefunc.inc.php", "install/inc.php"])
def test_a_distributions_package_is_refused(tmp_path: Path, quote: str, reader: str) -> None:
    """All sites would read the one conf.php (seen in upstream's packages of Dolibarr 17.0.2 and 20.0.0).

    Of trees of both the first file was mended and the second was not: the installer ran on another conf.php.
    """
    own = "<?php\ndefine('DOL_VERSION', '20.0.0');\n$conffile = \"conf/conf.php\";\n"
    (tmp_path / "filefunc.inc.php").write_text(own)
    marker = tmp_path / reader
    marker.parent.mkdir(exist_ok=True)
    marker.write_text(f"{own}$conffile = {quote}/etc/dolibarr/conf.php{quote};\n")
    with pytest.raises(SourceError) as caught:
        source_tree.find(tmp_path)
    assert (caught.value.key, caught.value.seen, caught.value.mend) == (
        "source.path",
        f"{marker} reads /etc/dolibarr/conf.php, as a distribution's package does: all sites would share it",
        "Name the folder of a release from the application's own archive or repository",
    )


def test_a_comment_names_another_conf_php(tmp_path: Path) -> None:
    """As upstream's archives have it."""
    (tmp_path / "filefunc.inc.php").write_text(
        "<?php\ndefine('DOL_VERSION', '20.0.0');\n$conffile = \"conf/conf.php\";\n"
        '//$conffile = "/etc/dolibarr/conf.php";\n'
    )
    (tmp_path / "install").mkdir()
    (tmp_path / "install/inc.php").write_text('<?php\n$conffile = "../conf/conf.php";\n//$conffile = "/etc/x.php";\n')
    assert source_tree.find(tmp_path).version == "20.0.0"


@pytest.mark.parametrize("inner", [False, True])
def test_what_a_folder_that_served_a_site_holds_is_left_out(tmp_path: Path, inner: bool) -> None:
    top = application_tree.make(tmp_path / "app", inner=inner)
    base = top / "htdocs" if inner else top
    for name in ("conf/conf.php", "conf/conf.php.old", "install.lock"):
        (base / name).write_text("$dolibarr_main_db_pass = 'x';")
    for name in ("documents/x", ".git/objects", "core/.git", "core/.svn"):
        (base / name).mkdir(parents=True)
        (base / name / "secret").write_text("x")
    (base / "core" / ".git" / "HEAD").write_text("x")
    if inner:
        (top / "documents").mkdir()
        (top / "documents" / "x").write_text("x")
        (top / ".git").mkdir()
    tree = source_tree.find(top)
    assert [name for name in _names(tree) if "secret" in name or "conf.php" in name or ".git" in name] == [
        "htdocs/conf/conf.php.example"
    ]
    assert not {"htdocs/documents", "htdocs/install.lock", "documents"} & set(_names(tree))


def test_folders_of_that_name_further_down_belong_to_the_code(tmp_path: Path) -> None:
    top = application_tree.make(tmp_path / "app")
    for name in ("core/documents", "core/conf"):
        (top / name).mkdir(parents=True)
        (top / name / "conf.php").write_text("x")
    assert {"htdocs/core/documents/conf.php", "htdocs/core/conf/conf.php"} <= set(_names(source_tree.find(top)))


def test_private_files_do_not_change_the_digest(tmp_path: Path) -> None:
    top = application_tree.make(tmp_path / "app")
    tree = source_tree.find(top)
    before = tree.digest()
    (top / "conf" / "conf.php").write_text("x")
    (top / "documents").mkdir()
    (top / ".git").mkdir()
    assert tree.digest() == before


def _change_content(top: Path) -> None:
    (top / "index.php").write_text("<?php echo 'other page';\n")


def _rename(top: Path) -> None:
    (top / "index.php").rename(top / "main.php")


def _add_file(top: Path) -> None:
    (top / "new.php").write_text("")


def _add_folder(top: Path) -> None:
    (top / "new").mkdir()


def _make_program(top: Path) -> None:
    (top / "index.php").chmod(0o755)


def _retarget(top: Path) -> None:
    (top / "link").unlink()
    (top / "link").symlink_to("conf")


def _link_to_file(top: Path) -> None:
    (top / "link").unlink()
    (top / "link").write_text("index.php")


CHANGES = [_change_content, _rename, _add_file, _add_folder, _make_program, _retarget, _link_to_file]


@pytest.mark.parametrize("change", CHANGES)
def test_digest_and_fingerprint_change_with_what_is_there(tmp_path: Path, change: Callable[[Path], None]) -> None:
    top = application_tree.make(tmp_path / "app")
    (top / "link").symlink_to("index.php")
    tree = source_tree.find(top)
    digest, signature = tree.digest(), tree.signature()
    assert (tree.digest(), tree.signature()) == (digest, signature)
    change(top)
    assert tree.digest() != digest
    assert tree.signature() != signature


def test_digest_is_short_and_does_not_depend_on_place_or_time(tmp_path: Path) -> None:
    one = source_tree.find(application_tree.make(tmp_path / "one"))
    two = source_tree.find(application_tree.make(tmp_path / "somewhere" / "two"))
    os.utime(two.top / "index.php", (1, 1))
    assert one.digest() == two.digest()
    assert len(one.digest()) == 12
    assert set(one.digest()) <= set("0123456789abcdef")


def test_digest_of_a_known_tree_never_changes(tmp_path: Path) -> None:
    # Hosts keep releases under this name: another way to compute it would unpack every release again.
    assert source_tree.find(application_tree.make(tmp_path / "app")).digest() == "45091be63a90"


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    top = application_tree.make(tmp_path / "app")
    Path(os.fsdecode(os.fsencode(top) + b"/caf\xe9.php")).write_text("x")
    tree = source_tree.find(top)
    assert len(tree.digest()) == 12
    assert len(tree.signature()) == 64


def test_kinds(tmp_path: Path) -> None:
    top = application_tree.make(tmp_path / "app")
    (top / "link").symlink_to("/nowhere")
    (top / "folder-link").symlink_to("conf")
    (top / "run.sh").write_text("#!/bin/sh\n")
    (top / "run.sh").chmod(0o755)
    os.mkfifo(top / "pipe")
    kinds = {entry.name: (entry.kind, entry.executable, entry.size) for entry in source_tree.find(top).entries()}
    assert kinds["htdocs/link"] == ("link", False, 0)
    assert kinds["htdocs/folder-link"] == ("link", False, 0)
    assert kinds["htdocs/run.sh"] == ("file", True, 10)
    assert kinds["htdocs/conf"] == ("folder", False, 0)
    assert "htdocs/pipe" not in kinds
