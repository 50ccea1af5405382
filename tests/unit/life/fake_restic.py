#!/usr/bin/env python3
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stands for restic where tests run: a repository is a folder of copies. It answers with restic 0.14's own words.

The true one is used by tests/hosts/test_backup.py.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path

STORE = Path(os.environ["RESTIC_REPOSITORY"])
ONE = ("backup", "forget", "check", "unlock")


def fail(words: str, code: int = 1) -> None:
    print(words, file=sys.stderr)
    sys.exit(code)


def option(words: list[str], name: str) -> list[str]:
    return [words[place + 1] for place, word in enumerate(words) if word == name]


def opened() -> None:
    if not (STORE / "config").is_file():
        fail(f"Fatal: unable to open config file: stat {STORE}/config: no such file or directory")
    if (STORE / "key").read_text() != Path(os.environ["RESTIC_PASSWORD_FILE"]).read_text().strip():
        fail("Fatal: wrong password or no key found")


def snapshots() -> list[dict[str, object]]:
    return [json.loads(file.read_text()) for file in sorted((STORE / "snapshots").glob("*.json"))]


def tree(name: str) -> Path:
    found = [one for one in snapshots() if str(one["id"]).startswith(name)]
    if len(found) != 1:
        fail(f'invalid id "{name}": no matching ID found for prefix "{name}"')
    return STORE / "data" / str(found[0]["id"])


def locks() -> list[Path]:
    return sorted((STORE / "locks").glob("*"))


def backup(words: list[str]) -> None:
    number = len(list((STORE / "data").glob("*"))) + 1
    name = f"{number:08x}" * 8
    target = STORE / "data" / name
    target.mkdir(parents=True)
    print('{"message_type":"status","percent_done":0.5,"total_bytes":2,"bytes_done":1}')
    total = 0
    skipped = os.environ.get("FAKE_SKIP", "-")
    for path in (word for word in words if word.startswith("/")):
        if path == skipped or not os.path.lexists(path):
            print(f"{path} does not exist, skipping", file=sys.stderr)
            continue
        place = target / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if Path(path).is_dir() and not Path(path).is_symlink():
            shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(path, place, follow_symlinks=False)
    for place in target.rglob("*"):
        if place.name == skipped:
            place.unlink()
        elif place.is_file():
            total += place.stat().st_size
    said = {"id": name, "time": f"2026-11-27T01:00:{number:02}.5Z", "tags": option(words, "--tag"), "hostname": "h"}
    said["paths"] = [word for word in words if word.startswith("/")]
    (STORE / "snapshots" / f"{name}.json").write_text(json.dumps(said))
    print(json.dumps({"message_type": "summary", "snapshot_id": name, "total_bytes_processed": total, "data_added": 1}))


def listed(name: str) -> None:
    top = tree(name)
    print(json.dumps({"struct_type": "snapshot", "id": name}))
    for place in sorted(top.rglob("*")):
        seen = place.lstat()
        kind = "symlink" if place.is_symlink() else "dir" if place.is_dir() else "file"
        second, rest = divmod(seen.st_mtime_ns, 10**9)
        mtime = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(second))}.{rest:09}Z"
        path = f"/{place.relative_to(top)}".encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        node = {"struct_type": "node", "path": path, "type": kind, "mtime": mtime}
        print(json.dumps(node | ({"size": seen.st_size} if kind == "file" else {})))


def restore(words: list[str]) -> None:
    top, target = tree(words[1]), Path(option(words, "--target")[0])
    for path in option(words, "--include"):
        source, place = top / path.lstrip("/").replace("\\", ""), target / path.lstrip("/").replace("\\", "")
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True)
        elif source.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, place)


def main(words: list[str]) -> None:  # noqa: PLR0912 - one for each command
    with Path(os.environ["RESTIC_PASSWORD_FILE"]).open() as file:
        assert file.read().strip() not in words
    assert str(STORE) not in words
    if words[0] == "init":
        if (STORE / "config").exists():
            fail("Fatal: config file already exists")
        for name in ("snapshots", "data", "locks"):
            (STORE / name).mkdir(parents=True)
        (STORE / "key").write_text(Path(os.environ["RESTIC_PASSWORD_FILE"]).read_text().strip())
        (STORE / "config").write_text(json.dumps({"version": 2, "id": os.urandom(8).hex()}))
        return
    opened()
    if words[0] in ONE[:3] and locks():
        fail("unable to create lock in backend: repository is already locked by PID 1 on h by root (UID 0, GID 0)")
    if words[:2] == ["cat", "config"]:
        print((STORE / "config").read_text())
    elif words[:2] == ["list", "locks"]:
        print("".join(f"{lock.name}\n" for lock in locks()))
    elif words[:2] == ["cat", "lock"]:
        print((STORE / "locks" / words[2]).read_text())
    elif words[0] == "unlock":
        for lock in locks() if "--remove-all" in words else []:
            lock.unlink()
    elif words[0] == "backup":
        backup(words)
    elif words[0] == "snapshots":
        wanted = set(option(words, "--tag")[0].split(","))
        print(json.dumps([one for one in snapshots() if wanted <= set(one["tags"])]))  # type: ignore[call-overload]
    elif words[0] == "ls":
        listed(words[-1])
    elif words[0] == "dump":
        sys.stdout.buffer.write((tree(words[1]) / words[2].lstrip("/")).read_bytes())
    elif words[0] == "restore":
        restore(words)
    elif words[0] == "forget":
        (STORE / "forgotten").open("a").write(json.dumps(words) + "\n")
        print('[{"remove":[{"id":"1"}]}]')
    elif words[0] == "check":
        (STORE / "checked").write_text(json.dumps(words))
    else:
        fail(f"unknown command {words}")


if __name__ == "__main__":
    main(sys.argv[1:])
