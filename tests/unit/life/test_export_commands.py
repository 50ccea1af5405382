# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Logos beside an export: images of the site's documents, and nothing else that root could read."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import export_commands

PNG = b"\x89PNG\r\n\x1a\n and more"


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """Return the documents of a site, with a folder of logos."""
    (tmp_path / "documents/mycompany/logos").mkdir(parents=True)
    return tmp_path / "documents"


def test_a_logo_is_put_beside_it(documents: Path, tmp_path: Path) -> None:
    (documents / "mycompany/logos/n.png").write_bytes(PNG)
    folder = tmp_path / "a/norte"
    assert export_commands.put_beside({"logo": "n.png"}, documents, folder) == {"logo": f"{folder}/n.png"}
    assert (folder / "n.png").read_bytes() == PNG


@pytest.mark.parametrize("name", ["link.png", "text.png", "large.png", "gone.png", "../../n.png", "with space.png"])
def test_what_is_none_is_left_out(documents: Path, tmp_path: Path, name: str) -> None:
    logos = documents / "mycompany/logos"
    (tmp_path / "secret").write_bytes(PNG)
    (logos / "link.png").symlink_to(tmp_path / "secret")
    (logos / "text.png").write_text("root:x:0:0")
    (logos / "large.png").write_bytes(PNG + b"x" * 1024 * 1024)
    (logos / "with space.png").write_bytes(PNG)
    (documents / "n.png").write_bytes(PNG)
    assert export_commands.put_beside({"logo": name}, documents, tmp_path / "norte") == {}
    assert not (tmp_path / "norte").exists()


def test_a_folder_that_leads_out_of_the_documents(documents: Path, tmp_path: Path) -> None:
    (documents / "mycompany/logos").rmdir()
    (tmp_path / "n.png").write_bytes(PNG)
    (documents / "mycompany/logos").symlink_to(tmp_path)
    assert export_commands.put_beside({"logo": "n.png"}, documents, tmp_path / "norte") == {}
