# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads Apache's configuration from its files, and says what is wrong with a vhost for the application's API."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web import vhost as vhost_table
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Run

_CALLED = f"{vhost_table.API}/status"
_OPEN = re.compile(r"^<(?P<name>\w+)\s*(?P<rest>[^>]*)>$")
#: Of a ServerName. What looks so may be the end of an IPv6 address.
_PORT = re.compile(r":\d+$")
_CLOSE = re.compile(r"^</\w+>$")
#: Blocks whose content is in force in any case that matters here.
_TRANSPARENT = ("ifmodule", "ifdefine", "ifversion", "requireall", "requireany")


@dataclass
class Section:
    """A block such as ``<VirtualHost *:80>``; ``entries`` are directives, as words, and blocks, in order."""

    name: str
    arguments: list[str]
    entries: list[Section | list[str]] = field(default_factory=list)

    def directives(self) -> Iterator[tuple[list[str], list[str]]]:
        """Every directive below, with the way of blocks that leads to it."""
        for entry in self.entries:
            if isinstance(entry, Section):
                here = [] if entry.name in _TRANSPARENT else [f"<{entry.name} {' '.join(entry.arguments)}>"]
                for way, words in entry.directives():
                    yield [*here, *way], words
            else:
                yield [], entry

    def sections(self, name: str) -> Iterator[Section]:
        """Every block of this name below."""
        for entry in self.entries:
            if isinstance(entry, Section):
                if entry.name == name:
                    yield entry
                yield from entry.sections(name)


def _words(line: str) -> list[str]:
    try:
        # Backslashes belong to expressions: only quotes are taken off.
        lexer = shlex.shlex(line, posix=True)
        lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
        return list(lexer)
    except ValueError:
        return line.split()


def load(folder: Path) -> Section:
    """The configuration that begins with ``apache2.conf``, with includes in place; empty when there is none."""
    top = Section("", [])
    _read(folder / "apache2.conf", folder, top)
    return top


def _read(path: Path, folder: Path, into: Section) -> None:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    stack = [into]
    for raw in text.replace("\\\n", " ").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        opened = _OPEN.match(line)
        if opened:
            section = Section(opened["name"].lower(), _words(opened["rest"]))
            stack[-1].entries.append(section)
            stack.append(section)
        elif _CLOSE.match(line):
            if len(stack) > 1:
                stack.pop()
        else:
            words = _words(line)
            if words and words[0].lower() in ("include", "includeoptional") and len(words) > 1:
                for name in _included(words[1], folder):
                    _read(name, folder, stack[-1])
            elif words:
                stack[-1].entries.append([words[0].lower(), *words[1:]])


def _included(pattern: str, folder: Path) -> list[Path]:
    path = Path(pattern) if pattern.startswith("/") else folder / pattern
    if path.is_dir():
        return sorted(entry for entry in path.rglob("*") if entry.is_file())
    return sorted(path.parent.glob(path.name))


def vhost(configuration: Section, name: str, port: int) -> Section | None:
    """The vhost that answers for a name on a port."""
    for section in configuration.sections("virtualhost"):
        names = [
            word
            for way, words in section.directives()
            if not way and words[0] in ("servername", "serveralias")
            for word in words[1:]
        ]
        written = {word.rpartition("://")[2] for word in names}
        bare = written | {_PORT.sub("", word) for word in written}
        if name in bare and any(argument.rpartition(":")[2] in (str(port), "*") for argument in section.arguments):
            return section
    return None


def shapes(sites: Sequence[Mapping[str, Any]], _run: Run) -> dict[str, Any]:
    """Say of each site, by its name, what Apache does with it: read from its files, since it does not tell."""
    configuration = load(Path("/etc/apache2"))
    return {site["name"]: shape(configuration, site) for site in sites}


def shape(configuration: Section, site: Mapping[str, Any]) -> dict[str, Any]:
    """Say what Apache does with the API's paths of a site: the same as for Nginx, see ``vhost_nginx.shape``."""
    found = vhost(configuration, site["domain"], site["listen"])
    if found is None:
        detail = f"no VirtualHost has ServerName {site['domain']} and port {site['listen']}"
        return {
            "found": False,
            "location": "",
            "socket": "",
            "allow": [],
            "problems": [{"id": "no-vhost", "detail": detail}],
        }
    path = site["prefix"] + _CALLED
    directives = list(found.directives())
    handlers = [(way, words) for way, words in directives if words[0] in ("sethandler", "proxypassmatch", "proxypass")]
    taken = [(way, words) for way, words in handlers if _takes(way, words, path)]
    way, words = taken[-1] if taken else ([], [])
    problems = [] if taken else [_untaken(directives, handlers)]
    problems += _headers(directives)
    problems += _path_info(directives, path)
    return {
        "found": True,
        "location": " > ".join([*way, " ".join(words)]),
        "socket": next((word for word in words if word.startswith(("proxy:", "fcgi:", "unix:"))), ""),
        "allow": _allowed(directives, path),
        "problems": [{"id": name, "detail": detail} for name, detail in problems],
    }


def _takes(way: Sequence[str], words: Sequence[str], path: str) -> bool:
    """Whether a handler is in force for the API's script, called with a path behind its name."""
    if words[0] == "proxypassmatch":
        return bool(words[1:]) and _matches(words[1], path)
    if words[0] == "proxypass":
        return bool(words[1:]) and words[1] != "!" and path.startswith(words[1])
    if not any(word.startswith("proxy:") or "php" in word for word in words[1:]):
        return False
    script = path.partition(vhost_table.INDEX)[0] + vhost_table.INDEX
    return all(_applies(block, path, script) for block in way)


def _applies(block: str, path: str, script: str) -> bool:
    name, _, rest = block.strip("<>").partition(" ")
    value = rest.removeprefix("~ ").strip('"')
    if name == "filesmatch" or (name == "files" and rest.startswith("~")):
        return _matches(value, script.rpartition("/")[2])
    if name == "files":
        return value == script.rpartition("/")[2]
    if name == "locationmatch" or (name == "location" and rest.startswith("~")):
        return _matches(value, path)
    if name == "location":
        return path.startswith(value)
    return True


def _matches(expression: str, text: str) -> bool:
    try:
        return bool(re.search(re.sub(r"\(\?<(?=[A-Za-z_])", "(?P<", expression), text))
    except re.error:
        return False


def _untaken(
    directives: Sequence[tuple[list[str], list[str]]], handlers: Sequence[tuple[list[str], list[str]]]
) -> tuple[str, str]:
    front = next((words for _, words in directives if words[0] == "fallbackresource"), None)
    if front and front[-1].endswith(vhost_table.INDEX):
        return "fallback", f"FallbackResource {front[-1]} takes {_CALLED}"
    shown = "; ".join(" > ".join([*way, " ".join(words)]) for way, words in handlers) or "there is no PHP handler"
    return "php-location", f"no handler takes {_CALLED}: {shown}"


def _headers(directives: Sequence[tuple[list[str], list[str]]]) -> list[tuple[str, str]]:
    lost = []
    for way, words in directives:
        if words[0] == "requestheader" and words[1:2] == ["unset"] and words[2:]:
            place = " > ".join([*way, " ".join(words)])
            for header, name in vhost_table.KEYS.items():
                if words[2].lower() == header.lower():
                    lost.append((name, f"{place} takes the header {header} away"))
    passed = any(words[0] == "cgipassauth" and words[-1].lower() == "on" for _, words in directives)
    handed = any(
        words[0] == "setenvif" and words[1:2] and words[1].lower() == "authorization" and _hands_on(words[3:])
        for _, words in directives
    )
    if not passed and not handed and not any(name == "bearer-stripped" for name, _ in lost):
        lost.append(("bearer-stripped", "there is no CGIPassAuth On: Apache keeps the header Authorization to itself"))
    return lost


def _hands_on(variables: Sequence[str]) -> bool:
    """Whether what `SetEnvIf` sets is what PHP takes for the header."""
    return any(variable.upper().startswith("HTTP_AUTHORIZATION") for variable in variables)


def _path_info(directives: Sequence[tuple[list[str], list[str]]], path: str) -> list[tuple[str, str]]:
    for way, words in directives:
        named = words[0] == "proxyfcgisetenvif" and words[2:3] in (["PATH_INFO"], ["!PATH_INFO"])
        if named and not any(words[3:]) and _everywhere(way, path):
            return [("path-info", f"{' > '.join([*way, ' '.join(words)])} takes PATH_INFO away")]
    return []


def _everywhere(way: Sequence[str], path: str) -> bool:
    script = path.partition(vhost_table.INDEX)[0] + vhost_table.INDEX
    return all(_applies(block, path, script) for block in way)


def _allowed(directives: Sequence[tuple[list[str], list[str]]], path: str) -> list[str]:
    """Addresses that ``Require ip`` lets in where the API is; empty when everybody is."""
    found: list[str] = []
    for way, words in directives:
        located = any(block.startswith(("<location", "<directory", "<files")) for block in way)
        if words[:2] == ["require", "ip"] and located and _everywhere(way, path):
            found += words[2:]
    return found
