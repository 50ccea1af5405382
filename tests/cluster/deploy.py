# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deployments under load: a setting of PHP, a constant, a release and a certificate at once, then one that fails."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.certificates import Authority
from tests.cluster.jobs import inside
from tests.cluster.load import Load

ROOT = Path(__file__).parents[2]
_DRAINED = "/var/lib/miclinik/drained"

_AUTHORITY = Authority("authority of the cluster")
#: Runs site.yml; returns its exit code and what it printed.
Run = Callable[[], tuple[int, str]]


def certify(folder: Path, domain: str) -> dict[str, str]:
    """Write a certificate into ``folder``, another one each time; return a site's ``tls``."""
    certificate, key = _AUTHORITY.issue([domain])
    for name, content in (("authority.pem", _AUTHORITY.pem), ("site.pem", certificate), ("site.key", key)):
        (folder / name).write_bytes(content)
    return {"mode": "provided", "certificate": str(folder / "site.pem"), "key": str(folder / "site.key")}


def deploy(inventory: Path, names: Sequence[str], load: Load, run: Run) -> int:
    """Change all that a deployment changes without a migration while orders are written; no call may fail."""
    _change(inventory, _all)
    load.apart = True
    with load:
        time.sleep(10)
        began = time.monotonic()
        code, said = run()
        ended = time.monotonic()
        time.sleep(5)
    failed = load.seen.failures(began, ended + 5)
    drained = [name for name in names if f"{name} is drained" in said]
    print(
        f"deployed in {ended - began:.0f} s, exit code {code}, drained {', '.join(drained) or 'nobody'};"
        f" {len(load.seen.good)} writes, failed {failed or 'none'}, longest gap {load.seen.gap(began, ended):.1f} s"
    )
    if code:
        print(said[-6000:])
    left = _left(names)
    return int(bool(code or failed or left or drained != list(names)))


def fail(inventory: Path, names: Sequence[str], load: Load, run: Run) -> int:
    """Have a release fail its smoke test: its host stays drained, the others have not changed, no call fails."""
    _change(inventory, _broken)
    load.apart = True
    with load:
        began = time.monotonic()
        code, said = run()
        time.sleep(15)
    failed, left = load.seen.failures(began, time.monotonic()), _left(names)
    print(f"a release that is broken: exit code {code}, drained {left}, {len(load.seen.good)} writes, failed {failed}")
    told = f"{names[0]} is drained" in said[said.rfind("TASK") :]
    _change(inventory, _mended)
    again, _ = run()
    print(f"mended: exit code {again}, drained {_left(names)}; the message told it: {told}")
    return int(bool(not code or failed or again or left != [names[0]] or _left(names) or not told))


def _left(names: Sequence[str]) -> list[str]:
    return [name for name in names if inside(name, "ls", _DRAINED)]


def _change(inventory: Path, change: Callable[[dict[str, Any], Path], None]) -> None:
    file = inventory / "groups.yml"
    whole = yaml.safe_load(file.read_text(encoding="utf-8"))
    (site,) = whole["all"]["children"]["miclinik"]["vars"]["miclinik_sites"]
    change(site, inventory)
    file.write_text(yaml.safe_dump(whole), encoding="utf-8")


def _all(site: dict[str, Any], inventory: Path) -> None:
    site["php"] = {"memory_limit": "300M"}
    site["constants"] = {"MAIN_SIZE_LISTE_LIMIT": 31}
    certify(inventory, site["domain"])
    (_copy(site, inventory) / "robots.txt").write_text("User-agent: *\nDisallow: /\n", encoding="utf-8")


def _broken(site: dict[str, Any], inventory: Path) -> None:
    page = _copy(site, inventory) / "index.php"
    page.write_text("<?php exit('broken');\n", encoding="utf-8")


def _mended(site: dict[str, Any], inventory: Path) -> None:
    site["source"] = {"type": "directory", "path": str(inventory / "all")}


def _copy(site: dict[str, Any], inventory: Path) -> Path:
    """Have the site come from a copy of its tree, of links; return where its front page is."""
    source = site["source"].get("path") or str(ROOT / "sandbox")
    copy = inventory / ("broken" if (inventory / "all").exists() else "all")
    shutil.rmtree(copy, ignore_errors=True)
    subprocess.run(["cp", "-rl", source, copy], check=True)
    tree = copy / "htdocs" if (copy / "htdocs").is_dir() else copy
    for name in ("robots.txt", "index.php"):
        file = tree / name
        content = file.read_bytes() if file.exists() else b""
        file.unlink(missing_ok=True)
        file.write_bytes(content)
    site["source"] = {"type": "directory", "path": str(copy)}
    return tree
