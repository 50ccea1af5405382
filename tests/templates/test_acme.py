# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role acme puts on a host, of which tls/authority.crt.j2 is the only template."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.certificates import Authority

from .rendering import entry, render

FOLDER = "/usr/local/lib/miclinik/acme"
TRUSTED = "/usr/local/share/ca-certificates/miclinik-acme.crt"


def test_a_private_authority_is_trusted(tmp_path: Path) -> None:
    file = tmp_path / "root.pem"
    file.write_bytes(Authority().pem)
    rendered = render("acme", entry(tls={"mode": "acme"}), acme_ca_path=str(file))
    assert rendered[TRUSTED].content == file.read_text()
    assert (rendered[TRUSTED].owner, rendered[TRUSTED].mode) == ("root", "0644")


def test_without_one_nothing_is_trusted() -> None:
    rendered = render("acme", entry(tls={"mode": "acme"}))
    assert set(rendered) == {f"{FOLDER}/deploy.py", f"{FOLDER}/certificate_files.py"}


def test_the_hook_is_complete(tmp_path: Path) -> None:
    for file in render("acme", entry(tls={"mode": "acme"})).values():
        assert (file.owner, file.group, file.mode) == ("root", "root", "0644")
        (tmp_path / Path(file.dest).name).write_text(file.content)
    done = subprocess.run(
        [sys.executable, "-IB", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import deploy"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
