# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Encrypts anew, with another site's id, whatever a written-out database holds that was encrypted with the old one.

The application writes ``dolcrypt:CIPHER:SEED:TEXT`` into constants, keys, bank accounts, passwords of mail boxes, extra
fields and what custom modules have: so it is looked for everywhere, whatever the table. The cipher is PHP's, and PHP
does it, without the application.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine
from ansible_collections.miclinik.hosting.plugins.module_utils.life.neutral import text as sql_text
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

#: As dolDecrypt() reads it, core/lib/security.lib.php; none of these characters is written otherwise in a dump.
_SEALED = re.compile(rb"dolcrypt:[A-Za-z0-9-]+:(?:[A-Za-z0-9]{1,32}:)?[A-Za-z0-9+/]+={0,2}")
_TABLE = re.compile(rb'(?:INSERT INTO|COPY) [`"]?(?:public\.)?([^`" (]+)')
_READ = 1024
# The cipher has no check sum: with a wrong key there are random bytes, and text is no chance.
_PHP = r"""
$order = json_decode(stream_get_contents(STDIN), true);
$answer = array();
foreach ($order['sealed'] as $sealed) {
    $parts = explode(':', $sealed);
    $seed = count($parts) > 3 ? $parts[2] : '';
    $answer[$sealed] = null;
    foreach ($order['old'] as $key) {
        $clear = @openssl_decrypt(end($parts), $parts[1], $key, 0, $seed);
        if (is_string($clear) && $clear !== '' && preg_match('/^[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F]+$/u', $clear)) {
            $parts[count($parts) - 1] = openssl_encrypt($clear, $parts[1], $order['new'], 0, $seed);
            $answer[$sealed] = implode(':', $parts);
            break;
        }
    }
}
echo json_encode($answer, JSON_FORCE_OBJECT);
"""


@dataclass(frozen=True)
class Unreadable:
    """What no key opens: the values, and the tables that have one."""

    values: list[str]
    tables: list[str]


def reseal(file: Path, php: str, old: Sequence[str], new: str) -> Unreadable:
    """Rewrite ``file`` for a site with the key ``new``; return what none of the keys ``old`` opens, which stays.

    Raises StageError and OSError.
    """
    where: dict[str, set[str]] = {}
    for table, line in _lines(file):
        for found in _SEALED.findall(line):
            where.setdefault(found.decode("ascii"), set()).add(table)
    answer = _by_php(php, sorted(where), old, new) if where else {}
    missing = [sealed for sealed in where if sealed not in answer]
    if missing:
        raise StageError(f"PHP did not say what becomes of {len(missing)} encrypted values")
    fresh = {sealed.encode(): value.encode() for sealed, value in answer.items() if value}
    if fresh:
        _rewrite(file, fresh)
    lost = sorted(sealed for sealed in where if not answer[sealed])
    return Unreadable(lost, sorted({table for sealed in lost for table in where[sealed]}))


def clear(engine: Engine, database: str, unreadable: Unreadable) -> list[str]:
    """Empty the columns of ``database`` whose values no key opens; return what they are, for the operator."""
    told = []
    columns = engine.columns(database)
    values = ", ".join(sql_text(value) for value in unreadable.values)
    for table in unreadable.tables:
        for column in sorted(columns.get(table, ())):
            where = f"WHERE CONCAT({column}, '') IN ({values})"
            count = int(engine.ask(database, f"SELECT COUNT(*) FROM {table} {where}").strip() or 0)
            if count:
                engine.ask(database, f"UPDATE {table} SET {column} = '' {where}")
                told.append(f"{table}.{column} ({count})")
    return (
        [f"encrypted with none of the keys of the site it comes from, and cleared: {', '.join(told)}"] if told else []
    )


def _lines(file: Path) -> Iterator[tuple[str, bytes]]:
    table = ""
    with file.open("rb") as source:
        for line in source:
            if found := _TABLE.match(line[:_READ]):
                table = found[1].decode(errors="replace")
            if b"dolcrypt:" in line:
                yield table, line


def _rewrite(file: Path, fresh: dict[bytes, bytes]) -> None:
    new = file.with_name(f"{file.name}.new")
    with file.open("rb") as source, new.open("wb") as target:
        for line in source:
            if b"dolcrypt:" in line:
                line = _SEALED.sub(lambda found: fresh.get(found[0], found[0]), line)  # noqa: PLW2901
            target.write(line)
    new.replace(file)


def _by_php(php: str, sealed: list[str], old: Sequence[str], new: str) -> dict[str, str | None]:
    order = json.dumps({"sealed": sealed, "old": [key for key in old if key], "new": new})
    done = subprocess.run(
        [php, "-r", _PHP], input=order, capture_output=True, text=True, check=False, env=programs.environment()
    )
    try:
        answer: dict[str, str | None] = json.loads(done.stdout)
    except ValueError:
        raise StageError(f"{php} could not encrypt anew (exit code {done.returncode})") from None
    return answer
