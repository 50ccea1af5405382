# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Take over sites that others have made, on hosts of their own: ``python -m tests.adopt LAYOUT … --source TREE``.

Each layout gets a fresh host with an old site (old_site.sh), which is adopted, compared with what it was, adopted once
more without a change, and gone back to.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
#: Where the site's user can read it, on the host.
HOST_FOLDER = "/srv"
DOMAIN = "norte.example.org"
KEY = "0a1b2c3d" * 5
USERS = [
    {"login": "robot", "existing": True, "rights": ["societe.lire", "societe.client.voir", "produit.lire"]},
    {"login": "integration", "rights": ["societe.lire", "produit.lire"]},
]
_UNCHANGED = re.compile(r"changed=0 .*failed=0")


@dataclass(frozen=True)
class Layout:
    """An old site: where it is, what serves it, and the host that it is on."""

    kind: str
    engine: str
    server: str
    release: str
    folder: str


LAYOUTS = {
    "nginx": Layout("nginx", "mariadb", "nginx", "bookworm", "/var/www/html/dolibarr"),
    "apache": Layout("apache", "postgresql", "apache", "trixie", "/var/www/html/dolibarr"),
    "docker": Layout("docker", "mariadb", "nginx", "bookworm", "/var/www/html"),
    "docker-apache": Layout("docker", "postgresql", "apache", "trixie", "/var/www/html"),
}


def main(arguments: Sequence[str]) -> int:
    """Try the layouts that ``arguments`` name; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.adopt")
    parser.add_argument("layouts", nargs="*", choices=[*LAYOUTS, []], default=[])
    parser.add_argument("--source", required=True, type=Path, help="the application's tree")
    parser.add_argument("--keep", action="store_true", help="leave the hosts as they are at the end")
    given = parser.parse_args(arguments)
    failed = []
    for name in given.layouts or LAYOUTS:
        began = time.monotonic()
        problem = _try(name, LAYOUTS[name], given.source.resolve(), keep=given.keep)
        print(f"{name}: {problem or 'adopted, and gone back'} ({time.monotonic() - began:.0f} s)", flush=True)
        failed += [name] if problem else []
    return 1 if failed else 0


def _try(name: str, layout: Layout, source: Path, *, keep: bool) -> str:
    host = f"adopt-{name}"
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder)
        try:
            _up(host, layout, inventory)
            address = json.loads((inventory / "hosts.json").read_text())["all"]["hosts"][host]["ansible_host"]
            _write(inventory, layout, source)
            _old_site(host, layout, source)
            _walk(host, layout, inventory, address)
        except (subprocess.CalledProcessError, AssertionError, requests.RequestException) as error:
            return f"failed: {error} {getattr(error, 'output', '') or ''}"[-6000:]
        finally:
            if not keep:
                _run([sys.executable, "-m", "testhost", "down", host])
    return ""


def _walk(host: str, layout: Layout, inventory: Path, address: str) -> None:
    order = ["playbooks/adopt.yml", "-e", f"adopt_site=norte adopt_from={layout.folder}"]
    before = _ssh(host, "find / -xdev -newer /root/tree.tar -path '/etc/*' -type f | sort | xargs md5sum")
    said = _play(inventory, *order, "--check", "--diff")
    assert "becomes what is in" in said, said
    assert before == _ssh(host, "find / -xdev -newer /root/tree.tar -path '/etc/*' -type f | sort | xargs md5sum")
    said = _play(inventory, *order)
    assert "all 14 checks passed" in said, said[-3000:]
    _works(address, host)
    said = _play(inventory, *order)
    assert _UNCHANGED.search(said), said[-3000:]
    said = _ssh(host, "miclinikctl norte adopt --undo")
    assert "is served again by" in said, said
    time.sleep(2)
    found = requests.get(f"http://{address}/index.php", headers={"Host": DOMAIN}, timeout=60)
    assert found.ok and "<title>Login" in found.text, found.text[:500]
    assert _called(address).ok
    assert _ssh(host, f"cat {_documents(layout)}/societe/1/contract.txt") == "a contract\n"


def _works(address: str, host: str) -> None:
    """Have users, keys, data, documents and secrets of the old site be those of the new one."""
    found = _called(address)
    assert found.ok, found.text
    assert [one["name"] for one in found.json()] == ['Ana "la" O\'Higgins'], found.text
    assert _ssh(host, "cat /srv/miclinik/norte/documents/societe/1/contract.txt") == "a contract\n"
    assert "Name:admin" in _log_in(address), "the administrator's old password does not log in"
    secrets = json.loads(_ssh(host, "cat /etc/miclinik/norte/secrets.json"))
    assert secrets["users"]["robot"]["key"] == KEY
    assert "admin_password" not in secrets


def _called(address: str) -> requests.Response:
    head = {"Host": DOMAIN, "DOLAPIKEY": KEY}
    return requests.get(f"http://{address}/api/index.php/thirdparties", headers=head, timeout=60)


def _log_in(address: str) -> str:
    """Return ``Name:admin`` where the page that the old password leads to is the administrator's."""
    session = requests.Session()
    session.headers["Host"] = DOMAIN
    page = session.get(f"http://{address}/index.php", timeout=60).text
    token = re.search(r'name="token" value="([^"]*)"', page)
    form = {"username": "admin", "password": "OldPass.1", "actionlogin": "login", "loginfunction": "loginfunction"}
    form["token"] = token[1] if token else ""
    said = session.post(f"http://{address}/index.php?mainmenu=home", data=form, timeout=60)
    return "Name:admin" if "logout.php" in said.text else said.text[:500]


def _documents(layout: Layout) -> str:
    return "/var/www/documents" if layout.kind == "docker" else "/var/lib/dolibarr/documents"


def _up(host: str, layout: Layout, inventory: Path) -> None:
    words = ["up", host, "--fresh", "--release", layout.release, "--group", "miclinik"]
    _run([sys.executable, "-m", "testhost", *words, "--inventory", str(inventory / "hosts.json")])


def _write(inventory: Path, layout: Layout, source: Path) -> None:
    site: Mapping[str, Any] = {
        "name": "norte",
        "domain": DOMAIN,
        "source": {"type": "directory", "path": str(source)},
        "modules": ["societe", "product"],
        "api": {"users": USERS},
    }
    variables = {
        "miclinik_sites": [site],
        "miclinik_database_engine": layout.engine,
        "miclinik_web_server": layout.server,
    }
    (inventory / "group_vars").mkdir()
    (inventory / "group_vars/miclinik.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")


def _old_site(host: str, layout: Layout, source: Path) -> None:
    with subprocess.Popen(["tar", "-C", str(source), "-cf", "-", "."], stdout=subprocess.PIPE) as packed:
        subprocess.run(_words(host, "cat > /root/tree.tar"), stdin=packed.stdout, check=True)
    for name, place in (("fill.php", f"{HOST_FOLDER}/fill.php"), ("old_site.sh", "/root/old_site.sh")):
        subprocess.run(_words(host, f"cat > {place}"), input=(HERE / name).read_bytes(), check=True)
    _ssh(host, f"bash /root/old_site.sh {layout.kind} {layout.engine} {DOMAIN}")


def _play(inventory: Path, *words: str) -> str:
    return _run(["ansible-playbook", "-i", str(inventory), *words])


def _ssh(host: str, command: str) -> str:
    return _run(_words(host, command))


def _words(host: str, command: str) -> list[str]:
    return [sys.executable, "-m", "testhost", "ssh", host, command]


def _run(words: Sequence[str]) -> str:
    environment = {**os.environ, "ANSIBLE_FORCE_COLOR": "0"}
    done = subprocess.run(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, list(words)[:6], output=done.stdout[-5000:])
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
