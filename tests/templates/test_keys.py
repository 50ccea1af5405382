# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""keys/web.json.j2, keys/miclinik-keys.service.j2, keys/miclinik-keys.timer.j2, and the program beside them."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import Rendered, entry, lay_out, render

FOLDER = "/usr/local/lib/miclinik/keys"


def _rendered(server: str = "nginx", *sites: dict[str, Any]) -> dict[str, Rendered]:
    return render("common", *sites, tasks="web_reload", common_web_server=server, common_web_keys=True)


def test_units_are_valid(tmp_path: Path) -> None:
    rendered = _rendered()
    for kind in ("service", "timer"):
        text = rendered[f"/etc/systemd/system/miclinik-keys.{kind}"].content
        # The program is not on this machine.
        (tmp_path / f"miclinik-keys.{kind}").write_text(text.replace(f"{FOLDER}/miclinik-keys", "/bin/true"))
    programs.accept(["systemd-analyze", "verify", *tmp_path.iterdir()])


@pytest.mark.parametrize(("server", "unit", "files"), [("nginx", "nginx", "nginx"), ("apache", "apache2", "apache")])
def test_what_the_program_has_to_know(server: str, unit: str, files: str) -> None:
    key = secrets.token_hex(20)
    users = [{"login": "shop"}, {"login": "lab.1", "key": key}]
    site = entry("norte", base_path="/erp", api={"users": users}, tls={"mode": "selfsigned"})
    rendered = _rendered(server, site, entry("off", api={"enabled": False}))
    assert "/etc/miclinik/off/web.json" not in rendered
    told = json.loads(rendered["/etc/miclinik/norte/web.json"].content)
    assert (told["users"], told["declared"]) == (["shop", "lab.1"], ["lab.1"])
    assert (told["web"]["name"], told["web"]["unit"]) == (server, unit)
    assert f"/etc/miclinik/*/*.{files}" in told["web"]["reads"]
    assert told["web"]["api"] == {"host": "norte.example.org", "port": 443, "tls": True, "prefix": "/erp"}
    assert key not in rendered["/etc/miclinik/norte/web.json"].content


def test_the_program_has_all_that_it_imports(tmp_path: Path) -> None:
    lay_out(_rendered(), FOLDER, tmp_path)
    words = [sys.executable, "-I", str(tmp_path / "miclinik-keys"), "nobody", "adopt", "shop"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "/etc/miclinik/nobody/web.json is not there: run playbooks/site.yml, which writes it.\n"


def test_the_program_of_the_api_has_all_that_it_imports(tmp_path: Path) -> None:
    lay_out(_rendered(), "/usr/local/lib/miclinik/api", tmp_path)
    words = [sys.executable, "-I", str(tmp_path / "miclinik-api"), "nobody", "spec"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "/etc/miclinik/nobody/web.json is not there" in done.stderr
