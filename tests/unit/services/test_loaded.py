# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a service runs what is on disk, told from digests, the mark of its last load, and times."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded
from ansible_collections.miclinik.hosting.plugins.module_utils.services.loaded import Mark, Record

POOL = "/etc/php/8.2/fpm/pool.d/norte.conf"
OTHER = "/etc/php/8.2/fpm/php.ini"
FOLDER = "/etc/php/8.2/fpm/pool.d"


def _marks(pool: str = "a", pool_at: float = 100, other_at: float = 50) -> dict[str, Mark]:
    return {POOL: Mark(pool, pool_at), OTHER: Mark("x", other_at), FOLDER: Mark("folder", pool_at)}


def _record(at: float = 110, mark: str = "load 1", pool: str = "a") -> Record:
    return Record(at, [mark], loaded.digests(_marks(pool)))


@pytest.mark.parametrize(
    ("record", "marks", "mark", "last_load", "expected"),
    [
        # It was loaded by us, and nothing has changed since, whatever the times say.
        (_record(), _marks(pool_at=500), "load 1", 0, []),
        (_record(), _marks("b", pool_at=120), "load 1", 115, [POOL]),
        # The file is as it was when it was recorded, and was not touched: no load since can have read another one.
        (_record(), _marks(), "load 2", 0, []),
        # It was changed, loaded by somebody, and changed back: only that load knows what it has read.
        (_record(), _marks(pool_at=300), "load 2", 200, [FOLDER, POOL]),
        (_record(), _marks(pool_at=300), "load 2", 400, []),
        # It was changed, and loaded by somebody: before or after.
        (_record(), _marks("b", pool_at=300), "load 2", 200, [FOLDER, POOL]),
        (_record(), _marks("b", pool_at=300), "load 2", 400, []),
        # Nothing is on record: a boot, a host of an earlier version, or a run that died.
        (None, _marks(), "load 1", 200, []),
        (None, _marks(pool_at=300), "load 1", 200, [FOLDER, POOL]),
        (None, _marks(pool_at=300), "load 1", 300, [FOLDER, POOL]),
    ],
)
def test_what_is_not_loaded(
    record: Record | None, marks: dict[str, Mark], mark: str, last_load: float, expected: list[str]
) -> None:
    assert loaded.stale(marks, record, [mark], last_load) == expected


@pytest.mark.parametrize(
    ("mark", "folder_at", "expected"),
    [
        ("load 1", 100, [POOL]),
        ("load 2", 300, [FOLDER, POOL]),
        ("load 2", 150, []),
    ],
)
def test_a_file_that_is_gone(mark: str, folder_at: float, expected: list[str]) -> None:
    marks = _marks() | {FOLDER: Mark("folder", folder_at)}
    del marks[POOL]
    assert loaded.stale(marks, _record(), [mark], 200) == expected


def test_a_file_that_is_gone_from_nobody_knows_where() -> None:
    assert loaded.stale({}, Record(110, ["load 1"], {POOL: "a"}), ["load 2"], 200) == [POOL]


def _tree(root: Path) -> None:
    for name, text in {"etc/x/a.conf": "a", "etc/x/sub/b.conf": "b", "etc/x/.hidden": "h", "avail/c.conf": "c"}.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "etc/x/c.conf").symlink_to("../../avail/c.conf")
    (root / "releases/1").mkdir(parents=True)
    (root / "current").symlink_to("releases/1")


def test_what_is_looked_at(tmp_path: Path) -> None:
    _tree(tmp_path)
    seen = loaded.look(["/etc/x", "/current", "/absent", "/avail/*.conf", "/none/*"], tmp_path)
    assert sorted(seen) == [
        *("/avail/c.conf", "/current", "/etc/x", "/etc/x/a.conf", "/etc/x/c.conf", "/etc/x/sub", "/etc/x/sub/b.conf")
    ]
    assert [path for path, mark in seen.items() if mark.digest == loaded.FOLDER] == ["/etc/x", "/etc/x/sub"]


@pytest.mark.parametrize(
    ("path", "text", "changed"),
    [
        ("etc/x/a.conf", "A", ["/etc/x/a.conf"]),
        # By its link as well, though that is as it was.
        ("avail/c.conf", "C", ["/etc/x/c.conf"]),
        ("etc/x/.hidden", "H", []),
    ],
)
def test_a_changed_file_is_seen(tmp_path: Path, path: str, text: str, changed: list[str]) -> None:
    _tree(tmp_path)
    before = loaded.look(["/etc/x", "/current"], tmp_path)
    (tmp_path / path).write_text(text)
    after = loaded.look(["/etc/x", "/current"], tmp_path)
    assert sorted(name for name in after if after[name].digest != before[name].digest) == changed


def test_another_release_is_seen(tmp_path: Path) -> None:
    _tree(tmp_path)
    before = loaded.look(["/current"], tmp_path)["/current"]
    (tmp_path / "new").symlink_to("releases/2")
    (tmp_path / "new").replace(tmp_path / "current")
    assert loaded.look(["/current"], tmp_path)["/current"].digest != before.digest


def test_a_record_is_kept(tmp_path: Path) -> None:
    record = Record(12.5, ["a", "b"], {POOL: "x"}, ["46:1"])
    loaded.keep("php8.2-fpm", record, tmp_path / "loaded")
    assert loaded.load("php8.2-fpm", tmp_path / "loaded") == record
    file = tmp_path / "loaded/php8.2-fpm.json"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [found.name for found in file.parent.iterdir()] == ["php8.2-fpm.json"]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([], [], True),
        (["1", "2"], ["1", "2"], True),
        # Looked at while it was still starting.
        (["1"], ["1", "2", "3"], True),
        # A worker died, and has a successor.
        (["1", "2"], ["2", "3"], True),
        (["1", "2"], ["3", "4"], False),
        ([], ["1"], False),
        (["1"], [], False),
    ],
)
def test_generations_of_one_load(before: list[str], now: list[str], expected: bool) -> None:
    record = Record(110, ["load 1"], {}, before)
    assert record.is_of(["load 1"], now) is expected
    assert not record.is_of(["load 2"], now)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"at": 1}', '{"at": 1, "mark": [], "digests": {}}'])
def test_a_record_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "nginx.json").write_text(text)
    assert loaded.load("nginx", tmp_path) is None
    assert loaded.load("apache2", tmp_path) is None


class Host:
    """A service with one file, by the clock of a story; ``act`` is a run of ours that may die on the way."""

    def __init__(self) -> None:
        self.now, self.text, self.changed = 1000.0, "0", 1000.0
        self.runs, self.load_at, self.loads = "0", 1001.0, 0
        self.record: Record | None = None

    def load(self) -> None:
        self.runs, self.load_at, self.loads = self.text, self.now, self.loads + 1

    def boot(self) -> None:
        self.record = None
        self.load()

    def write(self, text: str) -> None:
        self.text, self.changed = text, self.now

    def act(self, dies: int) -> bool:
        """Render ``w``, then see to the load; return whether it was loaded."""
        if self.text != "w":
            self.write("w")
        if dies == 0:
            return False
        marks = {POOL: Mark(self.text, self.changed)}
        # systemd tells whole seconds, and the last ten before the end of a reload do not count.
        stale = loaded.stale(marks, self.record, [str(self.loads)], int(self.load_at) - 10)
        at = self.now
        self.now += 0.5
        if stale:
            self.load()
        if dies != 1:
            self.record = Record(at, [str(self.loads)], loaded.digests(marks))
        return bool(stale)


@pytest.mark.parametrize("seed", range(300))
def test_any_story_ends_with_what_is_on_disk_and_a_run_that_changes_nothing(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (a story, no secret)
    host = Host()
    for _ in range(chance.randint(1, 12)):
        host.now += chance.choice([0.2, 3, 30, 3000])
        step = chance.choice(["write", "load", "boot", "act", "dies before", "dies after", "forget"])
        if step == "write":
            host.write(chance.choice(["w", "x", "y"]))
        elif step in ("load", "boot"):
            host.load() if step == "load" else host.boot()
        elif step == "forget":
            host.record = None
        else:
            host.act({"act": 2, "dies before": 0, "dies after": 1}[step])
    host.now += chance.choice([0.2, 3, 30])
    host.act(2)
    assert (host.text, host.runs) == ("w", "w")
    host.now += 0.2
    assert not host.act(2)
