# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes a set of files as one: all of them, or, when the check that follows fails, none. Runs on the host."""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import folders, permissions, programs
from ansible_collections.miclinik.hosting.plugins.module_utils.host.blame import Origin, blame
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Folders of this collection alone, through which all have to pass who serve or run what lies in them.
OURS = tuple(Path(name) for name in (layout.STATES, layout.HOMES, "/usr/local/lib/miclinik", "/var/lib/miclinik"))
#: In this one each site's own folders are closed to others: who wants them has to say how.
HOMES = Path(layout.HOMES)


@dataclass(frozen=True)
class Wanted:
    """One path as it has to be: kind ``file``, ``log``, ``folder``, ``link``, ``absent``; ``block``: see there.

    A ``log`` is a file that others write: it has to be there, for whom it is said, and its content is not looked at.
    """

    path: Path
    kind: str
    content: bytes = b""
    target: str = ""
    owner: str = "root"
    group: str = "root"
    mode: int = 0o644
    sensitive: bool = False
    #: Command that has to accept the file before it is put in place, with ``%s`` for its path.
    validate: tuple[str, ...] = ()
    origin: Origin = field(default_factory=Origin)

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Wanted:
        """Make one of the mapping that the action sends."""
        return cls(
            path=Path(given["dest"]),
            kind=given["kind"],
            content=given.get("content", "").encode(),
            target=given.get("target", ""),
            owner=given.get("owner", "root"),
            group=given.get("group", "root"),
            mode=int(given.get("mode", "0644"), 8),
            sensitive=bool(given.get("sensitive")),
            validate=tuple(given.get("validate") or ()),
            origin=Origin(given.get("site") or "", given.get("own_template") or ""),
        )


@dataclass(frozen=True)
class Seen:
    """What is at a path now: kind as above, ``absent`` when nothing is."""

    kind: str
    content: bytes = b""
    target: str = ""
    owner: str = ""
    group: str = ""
    mode: int = 0


class RenderError(Exception):
    """The files were refused; the message holds what the check printed. The old files are in place again."""


def look(path: Path) -> Seen:
    """Return what is at ``path``."""
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return Seen("absent")
    owner, group = permissions.user_name(status.st_uid), permissions.group_name(status.st_gid)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return Seen("link", target=os.readlink(path))
    if stat.S_ISDIR(status.st_mode):
        return Seen("folder", owner=owner, group=group, mode=mode)
    return Seen("file", path.read_bytes(), owner=owner, group=group, mode=mode)


def differs(wanted: Wanted, seen: Seen) -> bool:
    """Return whether ``seen`` is not what is ``wanted``."""
    if wanted.kind != seen.kind:
        return True
    if wanted.kind == "link":
        return wanted.target != seen.target
    if wanted.kind == "absent":
        return False
    if (wanted.owner, wanted.group, wanted.mode) != (seen.owner, seen.group, seen.mode):
        return True
    return wanted.kind == "file" and wanted.content != seen.content


def apply(wanted: Sequence[Wanted], check: bool, validate: Sequence[str]) -> tuple[list[Path], list[dict[str, Any]]]:
    """Bring every path to what is wanted; return the paths that changed and a diff of each.

    ``validate`` is a command that must succeed afterwards. When it does not, RenderError is raised, with the old files
    back.
    """
    wanted = [*ways(wanted), *wanted]
    before = {item.path: _look_for(item) for item in wanted}
    changes = [item for item in wanted if differs(item, before[item.path])]
    diffs = [_diff(item, before[item.path]) for item in changes]
    if check or not changes:
        return [item.path for item in changes], diffs
    done: list[Wanted] = []
    try:
        for item in changes:
            done.append(item)
            _write(item, before[item.path])
        if validate:
            _validate(validate, changes)
    except (RenderError, OSError, LookupError):
        for item in reversed(done):
            _restore(item.path, before[item.path])
        raise
    return [item.path for item in changes], diffs


def ways(wanted: Sequence[Wanted]) -> list[Wanted]:
    """Return the folders of ours on the way to ``wanted`` that it does not name, as they have to be.

    A host that was laid under another umask, or by hand, is put right with them.
    """
    named = {item.path for item in wanted}
    above = {folder for item in wanted if item.kind != "absent" for folder in item.path.parents}
    missing = [folder for folder in above - named if any(_is_way(folder, top) for top in OURS)]
    return [Wanted(folder, "folder", mode=folders.OPEN) for folder in sorted(missing)]


def _is_way(folder: Path, top: Path) -> bool:
    return folder == top or (top != HOMES and top in folder.parents)


def _look_for(item: Wanted) -> Seen:
    """Return what is at the path of ``item``. A folder or a log may lie elsewhere, behind a link of the operator's."""
    behind = {"folder": item.path.is_dir, "log": item.path.exists}.get(item.kind)
    path = item.path.resolve() if behind and item.path.is_symlink() and behind() else item.path
    if item.kind == "log" and path.is_file():
        status = path.stat()
        owner, group = permissions.user_name(status.st_uid), permissions.group_name(status.st_gid)
        return Seen("log", owner=owner, group=group, mode=stat.S_IMODE(status.st_mode))
    return look(path)


def _validate(command: Sequence[str], changes: Sequence[Wanted]) -> None:
    said = _refusal(command)
    if said is not None:
        texts = {item.path.resolve(): item.content.decode() for item in changes if item.kind == "file"}
        whose = blame(said, texts, {item.path.resolve(): item.origin for item in changes})
        told = f"`{' '.join(command)}` refuses the new files; the old ones are back in place."
        raise RenderError(" ".join(filter(None, [told, whose, f"It says:\n{said}"])))


def _refusal(command: Sequence[str]) -> str | None:
    """Return what ``command`` says when it fails."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=programs.environment())
    return (done.stdout + done.stderr).strip() if done.returncode else None


def _validate_one(item: Wanted, fresh: Path) -> None:
    """Have the command of one file look at what is to replace it."""
    said = _refusal([word.replace("%s", str(fresh)) for word in item.validate]) if item.validate else None
    if said is None:
        return
    said = said.replace(str(fresh), str(item.path))
    if item.sensitive:
        # A message may repeat the words at which the program stumbled.
        said = ", ".join(dict.fromkeys(re.findall(r"on line \d+", said))) or "nothing that may be shown"
    told = f"`{' '.join(item.validate[:-1])}` refuses {item.path}; the old files are in place."
    raise RenderError(f"{item.origin.told()}{told} It says: {said}")


def _write(item: Wanted, seen: Seen) -> None:
    if item.kind == "absent":
        if seen.kind == "folder":
            raise RenderError(
                f"{item.path} is a folder, and only files and links are removed. Look at it, then move it."
            )
        item.path.unlink()
        return
    if seen.kind not in ("absent", item.kind) and "folder" in (seen.kind, item.kind):
        raise RenderError(f"{item.path} is a {seen.kind} and has to be a {item.kind}. Look at it, then move it away.")
    folders.make(item.path.parent)
    if item.kind == "folder":
        item.path.mkdir(mode=0o700, exist_ok=True)
        _own(item.path, item)
    elif item.kind == "log":
        os.close(os.open(item.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        _own(item.path, item)
    elif item.kind == "link":
        fresh = item.path.with_name(f".{item.path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(item.target)
        fresh.replace(item.path)
    else:
        # One that gets its rights back, and nothing else, is not newer for that: who has loaded it has it still.
        same = seen.kind == "file" and seen.content == item.content
        _write_file(item, item.path.stat().st_mtime_ns if same else None)


def _write_file(item: Wanted, written: int | None = None) -> None:
    """Write beside the target and rename: a reader sees the old file or the new one, with its rights."""
    fresh = item.path.with_name(f".{item.path.name}.new")
    fresh.unlink(missing_ok=True)  # what a run left that was killed here
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(item.content)
        _own(fresh, item)
        _validate_one(item, fresh)
        if written is not None:
            os.utime(fresh, ns=(written, written))
        fresh.replace(item.path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def _own(path: Path, item: Wanted) -> None:
    os.chown(path, _uid(item.owner), _gid(item.group))
    path.chmod(item.mode)


def _restore(path: Path, seen: Seen) -> None:
    if seen.kind == "file":
        _write_file(Wanted(path, "file", seen.content, "", seen.owner, seen.group, seen.mode))
    elif seen.kind == "link":
        _write(Wanted(path, "link", target=seen.target), look(path))
    elif seen.kind in ("folder", "log"):
        _own(path, Wanted(path, seen.kind, owner=seen.owner, group=seen.group, mode=seen.mode))
    elif path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _diff(item: Wanted, seen: Seen) -> dict[str, Any]:
    # Of a file that goes, who has named it may not know what is in it: what not everybody may read is not shown.
    secret = item.sensitive or (item.kind == "absent" and seen.kind == "file" and not seen.mode & 0o004)
    traits = [_traits(state.kind, state.owner, state.group, state.mode) for state in (seen, item)]
    shown = [
        _shown(seen.kind, seen.content, seen.target, secret),
        _shown(item.kind, item.content, item.target, secret, new=item.content != seen.content),
    ]
    if shown[0] == shown[1]:
        # Ansible prints nothing of two equal texts, and what differs here is who may read.
        shown = [f"({words})\n" for words in traits]
    return {
        "before_header": f"{item.path} ({traits[0]})",
        "after_header": f"{item.path} ({traits[1]})",
        "before": shown[0],
        "after": shown[1],
    }


def _traits(kind: str, owner: str, group: str, mode: int) -> str:
    return kind if kind in ("absent", "link") else f"{kind}, {owner}:{group} {mode:04o}"


def _shown(kind: str, content: bytes, target: str, secret: bool, new: bool = False) -> str:
    if kind == "link":
        return f"-> {target}\n"
    if kind == "file" and secret:
        return f"(holds secrets: {'other ' if new else ''}content is not shown)\n"
    return content.decode("utf-8", "replace")


def _uid(owner: str) -> int:
    # A number stands for an account that has no name, as look() found it.
    return int(owner) if owner.isdecimal() else pwd.getpwnam(owner).pw_uid


def _gid(group: str) -> int:
    return int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
