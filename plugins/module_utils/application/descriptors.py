# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an application's modules say of themselves: their descriptors, ``mod*.class.php``, read as text.

Where the text cannot tell, the answer is "perhaps": it never rules out what running the code could bring.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.miclinik.hosting.plugins.module_utils.text import php as text_php
from ansible_collections.miclinik.hosting.plugins.module_utils.text.php import DYNAMIC, Statement, Word

_PARENT = "DolibarrModules"
_PLAIN_INCLUDE = re.compile(r"\.(?:class|lib)\.php\Z")
_INCLUDES = frozenset({"include", "include_once", "require", "require_once"})
_ADDS_RIGHTS = re.compile(r"->rights\b|\binsert\b[^;]*rights_def", re.IGNORECASE)
_FILLS_TABLE = re.compile(r"\binsert\b[^;]*rights_def", re.IGNORECASE)
_FIRST, _SECOND, _OWNER = (text_php.RIGHT_KEYS[name] for name in ("KEY_FIRST_LEVEL", "KEY_SECOND_LEVEL", "KEY_MODULE"))
_READERS = frozenset({"count", "empty", "isset", "is_array", "sizeof"})


class Right(NamedTuple):
    """A right; a part that the text does not tell is None, and ``second`` is empty where there is none."""

    owner: str | None
    first: str | None
    second: str | None

    def may_be(self, name: str) -> bool:
        """Return whether this is, or could be, the right ``name``."""
        written = [self.owner, self.first] + ([self.second] if self.second != "" else [])
        return bool(re.fullmatch(r"\.".join(".+" if part is None else re.escape(part) for part in written), name))

    @property
    def name(self) -> str | None:
        """The name where the text tells it whole."""
        parts = (self.owner, self.first, self.second)
        return None if None in parts else ".".join(part for part in parts if part)


@dataclass
class Descriptor:
    """What one file says. ``sure`` holds a property's value only where nothing but running the code would change it."""

    name: str
    file: Path
    fault: str = ""
    rights: list[Right] = field(default_factory=list)
    #: Classes that may come along, as far as the text names them; `open_` where it may be any.
    depends: list[str] = field(default_factory=list)
    open_: bool = False
    #: Whether the installer may switch it on by itself.
    by_default: bool = False
    sure: dict[str, Any] = field(default_factory=dict)

    @property
    def class_name(self) -> str:
        """Name of the class, as that of the file."""
        return self.file.name.removesuffix(".class.php")


def folders(root: Path, more: Iterable[Path] = ()) -> Iterator[Path]:
    """Yield the folders with descriptors below ``root`` (htdocs), in the application's order: its own come first.

    ``more`` are folders of modules that are to lie in ``custom/``.
    """
    yield root / "core/modules"
    for base in (root, root / "custom"):
        for folder in sorted(base.iterdir()) if base.is_dir() else ():
            if "disabled" in folder.name or folder.name[0] == "." or folder.name[:3].upper() == "CVS":
                continue
            if folder.name != "includes" and (folder / "core/modules").is_dir():
                yield folder / "core/modules"
    for folder in more:
        yield folder / "core/modules"


def find(root: Path, more: Iterable[Path] = ()) -> dict[str, list[Path]]:
    """Return the descriptors of the application in ``root`` by the modules' short names; the first one counts."""
    found: dict[str, list[Path]] = {}
    for folder in folders(root, more):
        for file in sorted(folder.glob("mod*.class.php")):
            found.setdefault(file.name.removesuffix(".class.php")[3:].lower(), []).append(file)
    return found


def custom(root: Path) -> set[str]:
    """Return the short names of the modules below ``root`` that are not the application's own."""
    return {name for name, files in find(root).items() if files[0].is_relative_to(root / "custom")}


def read(file: Path, root: Path) -> Descriptor:
    """Return what the descriptor ``file`` of the application in ``root`` says.

    Its ``fault`` says why the application cannot load it.
    """
    text = file.read_text(encoding="utf-8", errors="replace")
    class_name = file.name.removesuffix(".class.php")
    seen = Descriptor(class_name[3:].lower(), file)
    try:
        words = text_php.words(text)
    except text_php.BrokenError as broken:
        seen.fault = f"is no PHP: {broken}"
        return seen
    declared = _parents(words)
    if class_name.lower() not in declared:
        seen.fault = f"has no class {class_name}"
        return seen
    reader = _Reader(class_name, (root, file.parent))
    for statement in text_php.statements(words):
        reader.take(statement)
    inherits = declared[class_name.lower()].rsplit("\\", 1)[-1].lower() != _PARENT.lower()
    reader.finish(seen, inherits or _fills_table(text, file))
    return seen


def _parents(words: list[Word]) -> dict[str, str]:
    """Return the classes that are declared, in lower case, and what each extends."""
    found = {}
    for index, word in enumerate(words[:-1]):
        if word.kind == "name" and word.text.lower() == "class" and words[index + 1].kind == "name":
            after = [other.text for other in words[index + 2 : index + 4]]
            found[words[index + 1].text.lower()] = after[1] if [a.lower() for a in after[:1]] == ["extends"] else ""
    return found


def _fills_table(text: str, file: Path) -> bool:
    """Return whether the module has SQL of its own for the table of rights."""
    scripts = file.parents[2].glob("sql/**/*.sql")
    return any(_FILLS_TABLE.search(piece) for piece in (text, *(sql.read_text(errors="replace") for sql in scripts)))


class _Reader:
    """Follows the assignments to ``$this`` from the first statement to the last."""

    def __init__(self, class_name: str, bases: tuple[Path, ...]) -> None:
        self._short = class_name[3:]
        self._bases = bases
        self._known: dict[str, Any] = {}
        #: All values that a property may have.
        self._values: dict[str, list[Any]] = {}
        self._unsure: set[str] = set()
        self._open_rights = False
        self._brings_others = False
        #: Rights by the index they are written under, and how often that index had changed by then.
        self._rows: dict[object, dict[int, list[Any]]] = {}
        self._changes: dict[str, int] = {}
        self._body = 0

    def take(self, statement: Statement) -> None:
        words = statement.words
        texts = [word.text for word in words]
        plain = statement.function == "__construct" and texts[0] == "$this"
        self._body = self._body or (statement.depth if plain else 0)
        certain = (plain and statement.depth == self._body) or self._is_property(words, statement)
        if "activateModule" in texts:
            self._brings_others = True
        if texts[0].lower() in _INCLUDES and statement.function == "__construct":
            self._open_rights |= self._adds_rights(words)
        if texts[0].lower() == "use" and statement.depth == 1:
            self._open_rights = True
        self._count(texts)
        for index, word in enumerate(words):
            if word.text == "$this" and texts[index + 1 : index + 2] == ["->"] and index + 2 < len(words):
                self._property(words, index, certain and index == 0)
        if self._is_property(words, statement):
            name = next(word for word in words if word.kind == "variable")
            rest = words[words.index(name) + 1 :]
            if rest[:1] and rest[0].text == "=":
                self._assign(name.text[1:], rest[1:], certain=True)

    def _adds_rights(self, include: list[Word]) -> bool:
        """Return whether the file that the statement includes may add to the rights."""
        path = next((word.text[1:-1] for word in reversed(include) if word.kind == "text"), "")
        if _PLAIN_INCLUDE.search(path):
            return False
        files = [file for base in self._bases if path and (file := Path(f"{base}/{path}")).is_file()]
        return not files or any(_ADDS_RIGHTS.search(file.read_text(errors="replace")) for file in files)

    @staticmethod
    def _is_property(words: list[Word], statement: Statement) -> bool:
        return (
            statement.depth == 1
            and not statement.function
            and words[0].text.lower() in ("public", "protected", "private", "var")
            and any(word.kind == "variable" for word in words)
            and all(word.text.lower() not in ("function", "static", "const") for word in words[:4])
        )

    def _count(self, texts: list[str]) -> None:
        """Note that a variable has another value from here on: `$r++`."""
        for index, text in enumerate(texts):
            around = {*texts[max(0, index - 1) : index], *texts[index + 1 : index + 2]}
            if text[0] == "$" and around & {"++", "--", "=", "+=", "-="}:
                self._changes[text] = self._changes.get(text, 0) + 1

    def _property(self, words: list[Word], index: int, certain: bool) -> None:
        name = words[index + 2].text
        places, at = _subscripts(words, index + 3)
        operator = words[at].text if at < len(words) else ""
        if name == "rights":
            self._rights(words, index, places, at)
        elif operator == "=" and not places:
            self._assign(name, words[at + 1 :], certain=certain)
        elif operator in ("=", ".=", "+="):
            self._unsure.add(name)
            self._values.setdefault(name, []).append(text_php.value(words[at + 1 :], self._known))

    def _assign(self, name: str, expression: list[Word], *, certain: bool) -> None:
        seen = text_php.value(expression, self._known)
        if name == "name" and seen is DYNAMIC and {"get_class", "__CLASS__", "static"} & {w.text for w in expression}:
            seen = self._short
        self._values.setdefault(name, []).append(seen)
        if certain and seen is not DYNAMIC:
            self._unsure.discard(name)
            self._values[name] = [seen]
            self._known[name] = seen
        else:
            self._unsure.add(name)
            self._known.pop(name, None)

    def _rights(self, words: list[Word], index: int, places: list[list[Word]], at: int) -> None:
        operator = words[at].text if at < len(words) else ""
        if operator != "=":
            before = [word.text for word in words[max(0, index - 2) : index]]
            over = operator == "as" and "&" not in {word.text for word in words[at:]}
            self._open_rights |= not over and not (before[-1:] == ["("] and before[:1] and before[0] in _READERS)
            return
        expression = words[at + 1 :]
        if not places:
            self._many(text_php.value(expression, self._known))
            return
        row = self._row(places[0])
        if len(places) == 1:
            self._whole(row, text_php.value(expression, self._known))
            return
        key = text_php.value(places[1])
        if not isinstance(key, int):
            self._open_rights = True
        elif key in (_FIRST, _SECOND, _OWNER):
            seen = text_php.value(expression, self._known)
            row.setdefault(key, []).append(seen if isinstance(seen, str) else None)

    def _row(self, place: list[Word]) -> dict[int, list[Any]]:
        if not place:
            return self._rows.setdefault(("appended", len(self._rows)), {})
        key = tuple((word.text, self._changes.get(word.text, 0)) for word in place)
        return self._rows.setdefault(key, {})

    def _many(self, seen: Any) -> None:  # noqa: ANN401
        if not isinstance(seen, dict):
            self._open_rights = True
            return
        for item in seen.values():
            self._whole(self._rows.setdefault(("listed", len(self._rows)), {}), item)

    def _whole(self, row: dict[int, list[Any]], seen: Any) -> None:  # noqa: ANN401
        if not isinstance(seen, dict):
            self._open_rights = True
            return
        for key in (_FIRST, _SECOND, _OWNER):
            if key in seen:
                row.setdefault(key, []).append(seen[key] if isinstance(seen[key], str) else None)

    def finish(self, seen: Descriptor, inherits: bool) -> None:
        """Put what was found into ``seen``; ``inherits``: another file may add to all of it."""
        seen.sure = {name: known for name, known in self._known.items() if name not in self._unsure and not inherits}
        depends = self._values.get("depends", [])
        seen.open_ = inherits or self._brings_others or any(_is_open(item) for item in depends)
        seen.by_default = any(item not in (False, 0, None, "") for item in self._values.get("enabled_bydefault", []))
        seen.depends = [name for item in depends for name in _texts(item)]
        owners = self._owners(inherits)
        for row in self._rows.values():
            for first in row.get(_FIRST, []):
                # A second level that is written under a condition may be missing.
                for second in dict.fromkeys([*row.get(_SECOND, []), *([] if row.get(_SECOND) else [""])]):
                    for owner in dict.fromkeys([*owners, *row.get(_OWNER, [])]):
                        if first != "":
                            seen.rights.append(Right(owner, first, second))
        if self._open_rights or inherits:
            seen.rights += [Right(None if inherits else owner, None, "") for owner in owners]

    def _owners(self, inherits: bool) -> list[str | None]:
        written = [name for name in self._values.get("rights_class", []) if name not in ("", None)]
        names = written or [str(name).lower() for name in self._values.get("name", [])] or [self._short.lower()]
        return [None if inherits or not isinstance(name, str) else name for name in names]


def _subscripts(words: list[Word], at: int) -> tuple[list[list[Word]], int]:
    """Return what stands in the brackets from ``at`` on, and where they end."""
    places = []
    while at < len(words) and words[at].text == "[":
        end, depth = at + 1, 1
        while depth:
            depth += {"[": 1, "]": -1}.get(words[end].text, 0)
            end += 1
        places.append(words[at + 1 : end - 1])
        at = end
    return places, at


def _is_open(seen: Any) -> bool:  # noqa: ANN401
    if isinstance(seen, dict):
        return any(_is_open(item) for item in seen.values())
    return seen is DYNAMIC


def _texts(seen: Any) -> list[str]:  # noqa: ANN401
    if isinstance(seen, dict):
        return [text for item in seen.values() for text in _texts(item)]
    return [seen] if isinstance(seen, str) else []
