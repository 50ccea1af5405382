# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rules for the sources that a site names: that of the application, and those of its custom modules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

CHECKSUM = re.compile(r"sha256:[0-9a-f]{64}")
#: The application looks for no modules in other folders, and a name goes into SQL and PHP of theirs.
FOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PASSED_OVER = re.compile(r"includes|cvs.*|.*disabled.*", re.IGNORECASE)


def check(source: Mapping[str, Any], at: str = "source") -> Iterator[Rest]:
    """Yield what is wrong with the source under the key ``at``: key, what was seen, mend."""
    kind, what = source["type"], "application" if at == "source" else "module"
    allowed = {
        "directory": {"path"},
        "archive": {"path", "url", "checksum", "signed_by", "signature"},
        "git": {"url", "version", "signed_by"},
        "sandbox": set(),
    }[kind]
    for key in sorted(set(source) - allowed - {"type"}):
        if source[key] is not None:
            yield f"{at}.{key}", f"has no meaning for a source of type {kind}", "Remove it"
    if kind == "directory" and not source.get("path"):
        yield f"{at}.path", "is missing", f"Name the folder on the controller that holds the {what}"
    if kind == "git":
        if not source.get("url"):
            yield f"{at}.url", "is missing", "Name the repository"
        if not source.get("version"):
            yield f"{at}.version", "is missing", "Pin a tag or a commit: a branch that moves is no release"
    if kind == "archive":
        if bool(source.get("path")) == bool(source.get("url")):
            yield f"{at}.url", f"or {at}.path must be given, one of both", "Name one place for the archive"
        elif source.get("url") and not re.match(r"https?://", source["url"]):
            # Not repeated: a name and a password may stand in it.
            yield f"{at}.url", "is no web address", "Write an http:// or https:// address, or use path"
        elif source.get("url") and not source.get("checksum"):
            yield (
                f"{at}.checksum",
                "is missing",
                "Add sha256:… of the archive you have looked at: what a URL serves can change",
            )
        if source.get("checksum") and not CHECKSUM.fullmatch(source["checksum"]):
            yield (
                f"{at}.checksum",
                f"is {source['checksum']!r}",
                "Write sha256: and 64 lower-case hexadecimal digits",
            )

    yield from _signed(source, at)


def _signed(source: Mapping[str, Any], at: str) -> Iterator[Rest]:
    """Yield what is missing for a signature to be checked."""
    if source["type"] != "archive":
        return
    signature, signed_by = source.get("signature"), source.get("signed_by")
    if signed_by and not signature:
        yield f"{at}.signature", "is missing", "Name the archive's detached signature, a file or a web address"
    if signature and not signed_by:
        yield f"{at}.signed_by", "is missing", "Name who has signed: a file with the OpenPGP key, or its fingerprint"
    if signature and re.match(r"[a-z][a-z0-9+.-]*:", signature, re.IGNORECASE):
        if not re.match(r"https?://", signature):
            yield f"{at}.signature", "is no web address and no path", "Write an http:// or https:// address, or a path"
        elif re.search(r"//[^/]*@|\?", signature):
            # Not repeated. Unlike url it is shown to everybody.
            mend = "Fetch the signature yourself, and name the file"
            yield f"{at}.signature", "holds a name, a password or a query, and is no secret", mend


def custom_modules(modules: Sequence[Mapping[str, Any]]) -> Iterator[Rest]:
    """Yield what is wrong with ``custom_modules``."""
    seen: set[str] = set()
    for index, module in enumerate(modules):
        at, name = f"custom_modules[{index}]", module["name"]
        if not FOLDER.fullmatch(name):
            yield f"{at}.name", f"is {name!r}", "Write the name of its folder: letters, digits and _, no path"
        elif _PASSED_OVER.fullmatch(name):
            yield (
                f"{at}.name",
                f"is {name!r}, a folder that the application passes over",
                "Give it another name",
            )
        if name.lower() in seen:
            yield f"{at}.name", f"{name!r} stands there twice", "Give each module one entry"
        seen.add(name.lower())
        yield from check(module["source"], f"{at}.source")
