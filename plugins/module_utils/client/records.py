# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records by what they are known by to people: find one, see to it that it is as it should be, see that it is gone.

What was written is read back: the application answers 200 and keeps something else, or nothing, in more than one place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from decimal import Decimal
from functools import reduce
from operator import and_

from .client import Client, Row, path_of
from .errors import ClientError, NotFoundError, UsageError
from .filters import Field, Filter
from .values import amount, day, decode, identity

#: Columns whose name is not that of the API's field with `t.` before it.
COLUMNS: dict[str, dict[str, str]] = {
    "thirdparties": {
        "name": "t.nom",
        "country_id": "t.fk_pays",
        "state_id": "t.fk_departement",
        "idprof1": "t.siren",
        "idprof2": "t.siret",
        "idprof3": "t.ape",
    },
    "contacts": {"socid": "t.fk_soc", "mail": "t.email"},
    "orders": {"socid": "t.fk_soc", "date": "t.date_commande"},
    "invoices": {"socid": "t.fk_soc", "date": "t.datef"},
    "proposals": {"socid": "t.fk_soc", "date": "t.datep"},
    "warehouses": {"label": "t.ref"},
    "projects": {"socid": "t.fk_soc"},
}
_CODES = ("code_client", "code_fournisseur")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_STORED_AMOUNT = re.compile(r"-?\d+\.\d{2,}", re.ASCII)


class RecordError(ClientError):
    """The record is not what it should be, and cannot be made so; the text says what is to be written otherwise."""


@dataclass(frozen=True)
class Kind:
    """Records of one list of the API, such as `products`.

    :param columns: columns of fields that `match` names, beside those that are known: `{"name": "t.nom"}`.
    :param zone: time zone of the site's PHP, for days.
    """

    resource: str
    columns: Mapping[str, str] = field(default_factory=dict)
    zone: tzinfo = UTC

    def column(self, name: str) -> Field:
        """Return the column of a field."""
        known = {**COLUMNS.get(self.resource, {}), **self.columns}
        return Field(known.get(name, f"t.{name}"))


@dataclass(frozen=True)
class Ensured:
    """What was done: `before` and `after` are the record, None where there is none; `changes` are the fields."""

    changed: bool
    before: Row | None
    after: Row | None
    changes: list[str]


def find(client: Client, kind: Kind, match: Mapping[str, object]) -> Row | None:
    """Return the one record with these values, exactly, or None.

    :raises RecordError: there are several; or there is one that the database takes for the same and Python does not.
    """
    if set(match) == {"id"}:
        return _read(client, kind, identity(match["id"]))
    if not match:
        raise UsageError("say what the record is known by")
    where = reduce(and_, [_wide(kind.column(name), value) for name, value in match.items()])
    rows = list(client.rows(kind.resource, where, sortfield="t.rowid"))
    exact = [row for row in rows if not differing(kind, match, row)]
    if len(exact) > 1:
        numbers = ", ".join(str(row.get("id")) for row in exact)
        raise RecordError(f"{kind.resource}: {_shown(match)} is not one record but several, of the ids {numbers}")
    near = [row for row in rows if len(match) == 1 and _folds(row, match)]
    if not exact and near:
        name = next(iter(match))
        raise RecordError(
            f"{kind.resource}: there is {near[0].get(name)!r} (id {near[0].get('id')}), which the database may take for"
            f" the same as {match[name]!r}: write it as it is there"
        )
    return exact[0] if exact else None


def ensure(
    client: Client,
    kind: Kind,
    match: Mapping[str, object],
    fields: Mapping[str, object],
    *,
    check: bool = False,
) -> Ensured:
    """See to it that there is a record with `match` and `fields`; `check` changes nothing.

    :raises RecordError: the application keeps something else than what was written.
    """
    wanted = {**match, **fields}
    if "id" in fields or any(name in fields and fields[name] != match[name] for name in match):
        raise UsageError("fields: what the record is known by stands in match, and is not changed")
    before = find(client, kind, match)
    if before is None:
        return _create(client, kind, match, wanted, check)
    changes = differing(kind, fields, before)
    if not changes:
        return Ensured(False, before, before, [])
    body = {name: _merged(before.get(name), fields[name]) for name in changes}
    if check:
        return Ensured(True, before, {**before, **body}, changes)
    number = identity(before.get("id"))
    client.put(path_of(kind.resource, number), body)
    return Ensured(True, before, _proven(kind, number, wanted, _read(client, kind, number)), changes)


def ensure_absent(client: Client, kind: Kind, match: Mapping[str, object], *, check: bool = False) -> Ensured:
    """See to it that there is no such record; `check` changes nothing.

    :raises RecordError: the application keeps it, as it does with a product that is in use.
    """
    before = find(client, kind, match)
    if before is None:
        return Ensured(False, None, None, [])
    if not check:
        number = identity(before.get("id"))
        client.delete(path_of(kind.resource, number))
        if _read(client, kind, number) is not None:
            raise RecordError(f"{kind.resource}/{number} is still there: the application keeps what is in use")
    return Ensured(True, before, None, [])


def differing(kind: Kind, wanted: Mapping[str, object], row: Mapping[str, object]) -> list[str]:
    """Return the names of the fields that are not as wanted."""
    return [
        name
        for name, value in wanted.items()
        if not same(value, row.get(name), kind.zone) and not _is_chosen(name, value, row.get(name))
    ]


def _is_chosen(name: str, wanted: object, kept: object) -> bool:
    """Tell whether the site was asked to choose a code, and has."""
    return name in _CODES and str(wanted) in ("-1", "auto") and kept not in (None, "", "-1", "auto")


def same(wanted: object, kept: object, zone: tzinfo) -> bool:
    """Tell whether the API means the wanted value; it writes texts for numbers, null for "", seconds for days."""
    if wanted is None or wanted == "":
        return kept is None or kept == ""
    if isinstance(wanted, Mapping):
        # PHP writes an empty mapping as a list.
        known = kept if isinstance(kept, Mapping) else {}
        return all(same(value, known.get(name), zone) for name, value in wanted.items())
    if isinstance(wanted, list):
        return (
            isinstance(kept, list)
            and len(kept) == len(wanted)
            and all(same(*pair, zone) for pair in zip(wanted, kept, strict=True))
        )
    if isinstance(wanted, bool | int | float | Decimal):
        number = _number(kept)
        return number is not None and number == Decimal(str(int(wanted) if isinstance(wanted, bool) else wanted))
    return _same_text(str(wanted), kept, zone)


def _same_text(wanted: str, kept: object, zone: tzinfo) -> bool:
    if _ISO_DAY.fullmatch(wanted) and _number(kept) is not None:
        return str(day(kept, zone)) == wanted
    text = "" if kept is None else str(kept)
    if wanted in (text, decode(text)):
        return True
    # Inventories quote numbers: "10" is kept as "10.00000000", and "007" as nothing else than "007".
    return bool(_STORED_AMOUNT.fullmatch(text)) and _number(wanted) == _number(text)


def _merged(kept: object, wanted: object) -> object:
    """Return a mapping with what it has beside: versions before 20 empty the extra fields that are not sent."""
    return {**kept, **wanted} if isinstance(kept, Mapping) and isinstance(wanted, Mapping) else wanted


def _number(value: object) -> Decimal | None:
    try:
        return amount(int(value) if isinstance(value, bool) else value)
    except UsageError:
        return None


def _wide(column: Field, value: object) -> Filter:
    """Return a filter that finds the value, and perhaps more where no filter can hold it."""
    if value is None or value == "":
        return column.isnull() | column.eq("")
    if isinstance(value, str) and re.search(r'[()":\x00-\x1f\x7f]|__(NOW|USER_ID)__', value):
        return column.like(re.sub(r'[()":\x00-\x1f\x7f]', "_", re.sub(r"([\\%_])", r"\\\1", value)))
    if isinstance(value, str | int | float | Decimal):
        return column.eq(value)
    raise UsageError(f"{value!r} is nothing that a record is known by: a text, a number, or nothing")


def _folds(row: Mapping[str, object], match: Mapping[str, object]) -> bool:
    (name, value), *_ = match.items()
    return _folded(row.get(name) or "") == _folded(value)


def _folded(value: object) -> str:
    """Return a text without capitals, accents and spaces at its end, which MariaDB does not tell apart."""
    letters = unicodedata.normalize("NFKD", str(value).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).rstrip()


def _read(client: Client, kind: Kind, number: int) -> Row | None:
    try:
        row = client.get(path_of(kind.resource, number))
    except NotFoundError:
        return None
    # Some answer with a record of nothing instead of 404.
    return row if isinstance(row, dict) and same(number, row.get("id"), kind.zone) else None


def _create(
    client: Client, kind: Kind, match: Mapping[str, object], wanted: Mapping[str, object], check: bool
) -> Ensured:
    if "id" in wanted:
        raise RecordError(f"{kind.resource}: there is no record of the id {wanted['id']}, and ids cannot be chosen")
    if check:
        return Ensured(True, None, dict(wanted), list(wanted))
    number = client.create(kind.resource, wanted)
    row = _read(client, kind, number)
    lost = differing(kind, match, row) if row else []
    if row and lost:
        # Nobody would find it again, and the next run would create another one.
        client.delete(path_of(kind.resource, number))
        raise RecordError(
            f"{kind.resource}: the application keeps {_otherwise(lost, row, match)}: write it so. What was created was"
            " deleted again"
        )
    return Ensured(True, None, _proven(kind, number, wanted, row), list(wanted))


def _proven(kind: Kind, number: int, wanted: Mapping[str, object], row: Row | None) -> Row:
    """Return the record as it was read back."""
    if row is None:
        raise RecordError(f"{kind.resource}/{number} was written, and cannot be read")
    lost = differing(kind, wanted, row)
    if lost:
        raise RecordError(
            f"{kind.resource}/{number} was written, and the application keeps {_otherwise(lost, row, wanted)}: write"
            " what it keeps, or leave the field out where it has none"
        )
    return row


def _otherwise(names: list[str], row: Mapping[str, object], wanted: Mapping[str, object]) -> str:
    return ", ".join(f"{name} as {row.get(name)!r} and not as {wanted[name]!r}" for name in names)


def _shown(match: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value!r}" for name, value in match.items())
