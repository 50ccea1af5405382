# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files by which a folder of others is served are found, put aside and put back as they were."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import foreign_vhosts


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    for place in ("etc/nginx/sites-enabled", "etc/nginx/sites-available", "etc/apache2/sites-enabled"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "etc/apache2/conf-enabled").mkdir()
    tree = tmp_path / "var/www/html/dolibarr"
    tree.mkdir(parents=True)
    return tree


def test_a_vhost_of_its_own_is_found_and_goes_and_comes_back(tmp_path: Path, tree: Path) -> None:
    available = tmp_path / "etc/nginx/sites-available/dolibarr"
    available.write_text(f"server {{\n    root {tree};\n}}\n")
    link = tmp_path / "etc/nginx/sites-enabled/dolibarr"
    link.symlink_to("../sites-available/dolibarr")
    (tmp_path / "etc/nginx/sites-enabled/other").write_text("server { root /srv/other; }")
    (one,) = foreign_vhosts.find(tree, tmp_path)
    assert (one.server, one.file, one.others) == ("nginx", "/etc/nginx/sites-enabled/dolibarr", ())
    plans = foreign_vhosts.plan([one.file], tmp_path / "kept", tmp_path)
    for _ in range(2):
        foreign_vhosts.put_aside(plans, tmp_path)
    assert (link.is_symlink(), available.is_file()) == (False, True)
    for _ in range(2):
        foreign_vhosts.put_back(plans, tmp_path)
    assert str(link.readlink()) == "../sites-available/dolibarr"


def test_a_file_that_is_no_link_goes_and_comes_back_with_its_mode(tmp_path: Path, tree: Path) -> None:
    file = tmp_path / "etc/apache2/conf-enabled/dolibarr.conf"
    file.write_text(f"Alias /dolibarr {tree}\n")
    file.chmod(0o640)
    (one,) = foreign_vhosts.find(tree, tmp_path)
    plans = foreign_vhosts.plan([one.file], tmp_path / "kept", tmp_path)
    for _ in range(2):
        foreign_vhosts.put_aside(plans, tmp_path)
    assert not file.exists()
    for _ in range(2):
        foreign_vhosts.put_back(plans, tmp_path)
    assert (file.stat().st_mode & 0o777, file.read_text()) == (0o640, f"Alias /dolibarr {tree}\n")


def test_what_else_a_file_serves_is_named(tmp_path: Path, tree: Path) -> None:
    (tree.parent / "index.html").write_text("Debian's own page")
    (tree.parent / "shop").mkdir()
    (tmp_path / "etc/apache2/sites-enabled/000-default.conf").write_text(f'    DocumentRoot "{tree.parent}"\n')
    (one,) = foreign_vhosts.find(tree, tmp_path)
    assert one.others == (f"{tree.parent}/shop",)


def test_a_comment_serves_nothing_and_what_is_ours_is_none_of_them(tmp_path: Path, tree: Path) -> None:
    enabled = tmp_path / "etc/nginx/sites-enabled"
    (enabled / "a").write_text(f"# root {tree};\n")
    (enabled / "norte.conf").write_text(f"# Written by miclinik.hosting\nserver {{ root {tree}; }}\n")
    assert foreign_vhosts.find(tree, tmp_path) == []
