# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory may say of backups, beside the types of its values: before anything on a host changes."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

NAMES = ("miclinik_backup", "miclinik_backup_password", "miclinik_backup_environment")
_KEY = "miclinik_backup.repository"
#: How restic writes each kind of repository: https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html
_FORMS = {
    "sftp": (re.compile(r"sftp:(//[^/\s]+/\S+|[^:/\s]+:\S+)"), "sftp:USER@HOST:/FOLDER"),
    "rest": (re.compile(r"rest:https?://[^/\s]+(/\S*)?"), "rest:https://HOST:8000/FOLDER/"),
    "s3": (re.compile(r"s3:(https?://)?[^/\s]+/\S+"), "s3:https://HOST/BUCKET/FOLDER"),
    "b2": (re.compile(r"b2:\S+"), "b2:BUCKET:FOLDER"),
    "azure": (re.compile(r"azure:\S+:/\S*"), "azure:CONTAINER:/FOLDER"),
    "gs": (re.compile(r"gs:\S+:/\S*"), "gs:BUCKET:/FOLDER"),
    "swift": (re.compile(r"swift:\S+:/\S*"), "swift:CONTAINER:/FOLDER"),
    "rclone": (re.compile(r"rclone:\S+:\S*"), "rclone:REMOTE:FOLDER"),
}
#: Folders that a host empties, or that are no disk.
_PASSING = ("/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys")  # noqa: S108 - nothing is written there
_OURS = (layout.HOMES, layout.STATES, layout.WORK, layout.BACKUP, layout.BACKUP_WORK, layout.BACKUP_CACHE)
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_SET_BY_US = ("RESTIC_REPOSITORY", "RESTIC_PASSWORD", "RESTIC_CACHE_DIR")
_SHORTEST = 12


def check(variables: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with those of ``NAMES`` that the inventory has, their types being right."""
    backup = variables.get("miclinik_backup")
    if isinstance(backup, Mapping) and backup:
        if not backup.get("repository"):
            yield _KEY, "is missing", "Say where the backups go, as in /mnt/backup/clinic or sftp:USER@HOST:/FOLDER"
        elif isinstance(backup["repository"], str):
            yield from _repository(backup["repository"])
        if isinstance(backup.get("keep"), Mapping):
            yield from _keep(backup["keep"])
    password = variables.get("miclinik_backup_password")
    if isinstance(password, str) and password:
        yield from _password(password)
    environment = variables.get("miclinik_backup_environment")
    if isinstance(environment, Mapping):
        yield from _environment(environment)


def _repository(text: str) -> Iterator[Rest]:
    kind, colon, rest = text.partition(":")
    if re.search(r"//[^/@\s]*:[^/@\s]*@", text):
        mend = "Write RESTIC_REST_USERNAME and RESTIC_REST_PASSWORD into miclinik_backup_environment, without them here"
        yield _KEY, "has a password in it, and everybody may read this variable", mend
    elif text.startswith("/"):
        yield from _folder(text)
    elif colon and kind in _FORMS:
        form, shape = _FORMS[kind]
        if not form.fullmatch(text):
            yield _KEY, f"is {text!r}, no address of {kind}", f"Write {shape}"
    elif colon and (near := difflib.get_close_matches(kind, _FORMS, n=1, cutoff=0.5)):
        yield _KEY, f"is {text!r}, and restic knows no '{kind}:'", f"Did you mean '{near[0]}:{rest}'"
    elif colon and ("@" in kind or rest.startswith("/")):
        yield _KEY, f"is {text!r}, which restic would take for a folder", f"Did you mean 'sftp:{text}'"
    else:
        yield _KEY, f"is {text!r}, no whole path", "Begin with /, or with one of " + ", ".join(f"{k}:" for k in _FORMS)


def _folder(text: str) -> Iterator[Rest]:
    folder = PurePosixPath(text)
    if ".." in folder.parts:
        yield _KEY, f"is {text!r}, with .. in it", "Write the path as it is"
    elif _within(folder, _PASSING) or folder == PurePosixPath("/"):
        yield _KEY, f"is {text}, which does not last or is no folder for files", "Name a folder on a disk of its own"
    elif _within(folder, _OURS):
        yield _KEY, f"is {text}, a place of the sites: it would go with them, and into itself", "Name one elsewhere"


def _within(folder: PurePosixPath, tops: Sequence[str]) -> bool:
    return any(folder == PurePosixPath(top) or PurePosixPath(top) in folder.parents for top in tops)


def _keep(keep: Mapping[str, Any]) -> Iterator[Rest]:
    counts = {name: count for name, count in keep.items() if isinstance(count, int) and not isinstance(count, bool)}
    for name, count in counts.items():
        if count < 0:
            yield f"miclinik_backup.keep.{name}", f"is {count}", "Write how many of them are kept"
    if not any(count > 0 for count in counts.values()):
        mend = "Write how many are kept, as in {daily: 7, weekly: 5, monthly: 12}"
        yield "miclinik_backup.keep", "keeps nothing: every snapshot would be taken away again", mend


def _password(text: str) -> Iterator[Rest]:
    key = "miclinik_backup_password"
    if text != text.strip() or not text.isprintable():
        yield key, "begins or ends with a blank, or has a line break in it", "Write it on one line, without them"
    elif len(text) < _SHORTEST:
        mend = "Take a longer one, or none: one is made then"
        yield key, f"is shorter than {_SHORTEST} characters, and opens all data of all sites", mend


def _environment(environment: Mapping[Any, Any]) -> Iterator[Rest]:
    for name, value in environment.items():
        key = f"miclinik_backup_environment.{name}"
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            yield key, "is no name of a variable", "Write one as in AWS_ACCESS_KEY_ID"
        elif name.startswith(_SET_BY_US):
            mend = "Use miclinik_backup.repository and miclinik_backup_password"
            yield key, "is what miclinik.hosting itself sets", mend
        elif not isinstance(value, (str, int)) or isinstance(value, bool) or "\n" in str(value):
            yield key, "is no text on one line", "Write its value in quotes"
