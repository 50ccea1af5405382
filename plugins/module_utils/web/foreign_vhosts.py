# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By which files web servers serve a folder that is not ours, and how these are put aside and back. On the host."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import ours
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: Folders of files that a server reads one by one, so that one can be taken out.
_PLACES = ("sites-enabled/*", "conf.d/*.conf", "conf-enabled/*.conf")
_FOLDER = re.compile(
    r"""^[ \t]*(?:Alias[ \t]+\S+|root|alias|DocumentRoot)[ \t]+["']?(?P<path>/[^"';\s]*)""",
    re.MULTILINE | re.IGNORECASE,
)
#: What Debian's packages put into the folder of their default site.
_PAGES = frozenset({"index.html", "index.nginx-debian.html"})


@dataclass(frozen=True)
class Vhost:
    """A ``file`` by which ``server`` serves the folder; ``others`` is what else it would serve no more."""

    server: str
    file: str
    others: tuple[str, ...] = ()


def find(folder: Path, root: Path = Path("/")) -> list[Vhost]:
    """Return the files by which ``folder`` is served."""
    wanted = folder.resolve()
    found = []
    for name, server in SERVERS.items():
        for pattern in _PLACES:
            for file in sorted(layout.below(root, server.folder).glob(pattern)):
                if not file.is_file() or ours.is_ours(file):
                    continue
                text = file.read_text(encoding="utf-8", errors="replace")
                if (others := _serves(text, wanted)) is not None:
                    found.append(Vhost(name, f"/{file.relative_to(root)}", tuple(others)))
    return found


def _serves(text: str, wanted: Path) -> list[str] | None:
    """Return what a file serves beside the folder; None where it does not serve that."""
    others: set[str] = set()
    serves = False
    for place in {Path(match["path"]).resolve() for match in _FOLDER.finditer(text)}:
        if place == wanted or wanted in place.parents:
            serves = True
        elif place in wanted.parents and place != Path("/"):
            serves = True
            own = wanted.relative_to(place).parts[0]
            others |= {f"{place}/{item.name}" for item in _items(place) if item.name not in {own, *_PAGES}}
    return sorted(others) if serves else None


def _items(place: Path) -> Iterator[Path]:
    try:
        yield from place.iterdir()
    except OSError:
        return


def plan(files: Sequence[str], kept: Path, root: Path = Path("/")) -> list[dict[str, str]]:
    """Return what ``put_aside`` and ``put_back`` need for each of ``files``: a link's target, or where a file goes."""
    plans = []
    for number, name in enumerate(files):
        file = layout.below(root, name)
        if file.is_symlink():
            plans.append({"file": name, "target": str(file.readlink())})
        else:
            plans.append({"file": name, "kept": str(kept / f"{number}-{file.name}")})
    return plans


def put_aside(plans: Sequence[dict[str, str]], root: Path = Path("/")) -> None:
    """Take the files out of what the servers read; what a link leads to stays. Can be called again after a kill."""
    for one in plans:
        file = layout.below(root, one["file"])
        if "target" in one:
            file.unlink(missing_ok=True)
        elif file.exists():
            kept = Path(one["kept"])
            kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _move(file, kept)


def put_back(plans: Sequence[dict[str, str]], root: Path = Path("/")) -> None:
    """Have the servers read the files again. Can be called again after a kill."""
    for one in plans:
        file = layout.below(root, one["file"])
        if "target" in one:
            if not file.is_symlink():
                file.symlink_to(one["target"])
        elif Path(one["kept"]).exists():
            _move(Path(one["kept"]), file)


def _move(source: Path, target: Path) -> None:
    """Give a file another place, which may be on another disk."""
    kept = source.stat()
    fresh = target.with_name(f".{target.name}.miclinik")
    fresh.write_bytes(source.read_bytes())
    fresh.chmod(kept.st_mode & 0o7777)
    fresh.replace(target)
    source.unlink()
