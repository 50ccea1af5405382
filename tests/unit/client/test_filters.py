# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`sqlfilters` from values. That the application reads them so is shown on the sandbox and on hosts."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import Field, Filter, FilterError
from hypothesis import given
from hypothesis import strategies as st

REF = Field("t.ref")
#: The oldest, the newest, and each side of where the application's reader changed.
MAJORS = (15, 16, 17, 19, 20, 22, 24)


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (REF.eq("A1"), "(t.ref:=:'A1')"),
        (REF.ne("A1"), "(t.ref:<>:'A1')"),
        (REF.lt(2), "(t.ref:<:'2')"),
        (REF.le(2.5), "(t.ref:<=:'2.5')"),
        (REF.gt(Decimal("1E+3")), "(t.ref:>:'1000')"),
        (REF.ge(1e-7), "(t.ref:>=:'0.0000001')"),
        (REF.eq(True), "(t.ref:=:'1')"),
        (REF.eq(-5), "(t.ref:=:'-5')"),
        (REF.eq(""), "(t.ref:=:'')"),
        (REF.eq(None), "(t.ref:is:null)"),
        (REF.eq("null"), "(t.ref:=:'null')"),
        (REF.eq("it's"), "(t.ref:=:'it's')"),
        (REF.eq("'it''s'"), "(t.ref:=:''it''s'')"),
        (REF.eq("a\\'b % _ & # + / ñ 日本 😀"), "(t.ref:=:'a\\'b % _ & # + / ñ 日本 😀')"),
        (REF.eq("' or '1'='1"), "(t.ref:=:'' or '1'='1')"),
        (REF.eq(date(2020, 7, 14)), "(t.ref:=:'2020-07-14')"),
        (REF.ge(datetime(2020, 7, 14, 10, 5, 1)), "(t.ref:>=:'20200714T100501')"),
        (REF.like("A%"), "(t.ref:like:'A%')"),
        (REF.notlike("A_"), "(t.ref:notlike:'A_')"),
        (REF.contains("100%_\\"), "(t.ref:like:'%100\\%\\_\\\\%')"),
        (REF.startswith("A"), "(t.ref:like:'A%')"),
        (REF.isnull(), "(t.ref:is:null)"),
        (REF.isin([1, 2]), "(t.ref:in:1,2)"),
        (REF.isin(["a", "b'c"]), "((t.ref:=:'a') or (t.ref:=:'b'c'))"),
        (REF.isin([1, None]), "((t.ref:=:'1') or (t.ref:is:null))"),
        (REF.isin([1, True]), "((t.ref:=:'1') or (t.ref:=:'1'))"),
        (REF.isin(["a"]), "(t.ref:=:'a')"),
        (REF.isin([]), "(1:=:2)"),
        (REF.notin([1, 2]), "((t.ref:<>:'1') and (t.ref:<>:'2'))"),
        (REF.notin([]), "(1:=:1)"),
        (REF.eq("a") & REF.eq("b") | REF.eq("c"), "(((t.ref:=:'a') and (t.ref:=:'b')) or (t.ref:=:'c'))"),
        (REF.eq("a") & (REF.eq("b") | REF.eq("c")), "((t.ref:=:'a') and ((t.ref:=:'b') or (t.ref:=:'c')))"),
        (Field("code").eq("ES"), "(code:=:'ES')"),
        (Field("ef.size_2").eq("L"), "(ef.size_2:=:'L')"),
    ],
)
def test_what_every_version_reads_alike(made: Filter, text: str) -> None:
    assert str(made) == text
    assert {made.render(lambda major=major: major) for major in MAJORS} == {text}  # type: ignore[misc]


def _texts(made: Filter) -> dict[int, str | None]:
    found: dict[int, str | None] = {}
    for major in MAJORS:
        try:
            found[major] = made.render(lambda major=major: major)  # type: ignore[misc]
        except FilterError:
            found[major] = None
    return found


@pytest.mark.parametrize(
    ("made", "texts"),
    [
        # `isnot` came with 17.
        (REF.notnull(), [*["(t.ref:=:t.ref)"] * 2, *["(t.ref:isnot:null)"] * 5]),
        (REF.ne(None), [*["(t.ref:=:t.ref)"] * 2, *["(t.ref:isnot:null)"] * 5]),
        # A quote ends the pattern from 20 on, unless there is none around it.
        (REF.like("it's%"), [*["(t.ref:like:'it's%')"] * 4, *["(t.ref:like:it\\'s%)"] * 3]),
        (REF.contains("'"), [*["(t.ref:like:'%'%')"] * 4, *["(t.ref:like:%\\'%)"] * 3]),
        # 17 to 19 cut it.
        (REF.eq("a:b"), [*["(t.ref:=:'a:b')"] * 2, None, None, *["(t.ref:=:'a:b')"] * 3]),
        (REF.like("a:%"), [*["(t.ref:like:'a:%')"] * 2, None, None, *["(t.ref:like:'a:%')"] * 3]),
    ],
)
def test_what_depends_on_the_version(made: Filter, texts: list[str | None]) -> None:
    assert list(_texts(made).values()) == texts
    with pytest.raises(FilterError, match="render it with the version, or by a client"):
        str(made)


@pytest.mark.parametrize("value", ["Acme (Spain)", ")", '5" pipe', "a\nb", "\0", "\x7f", "x__NOW__", "__USER_ID__"])
def test_what_no_version_can_express(value: str) -> None:
    with pytest.raises(FilterError, match=r"^sqlfilters cannot hold '.*' in a value; use like\(\) with `_`"):
        REF.eq(value)
    with pytest.raises(FilterError, match=r"^sqlfilters cannot hold '.*' in a value"):
        REF.isin(["a", value])


def test_a_pattern_can_hold_what_a_value_cannot() -> None:
    assert str(REF.like("Acme _Spain_")) == "(t.ref:like:'Acme _Spain_')"
    # What would be replaced is written otherwise in a pattern.
    with pytest.raises(FilterError):
        REF.like("__NOW__")
    assert str(REF.contains("__NOW__")) == "(t.ref:like:'%\\_\\_NOW\\_\\_%')"


def _any(value: Any) -> Any:  # noqa: ANN401 (what people write without a type checker)
    return value


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: REF.lt(None), "nothing is < null"),
        (lambda: REF.eq(float("nan")), "is no number"),
        (lambda: REF.eq(Decimal("Infinity")), "is no number"),
        (lambda: REF.eq(datetime(2020, 1, 1, tzinfo=UTC)), "those of the site's"),
        (lambda: REF.eq(_any([1])), "list is nothing to compare with"),
        (lambda: REF.eq(_any(b"a")), "bytes is nothing to compare with"),
        (lambda: REF.eq("\ud800"), "half a letter"),
        (lambda: REF.like(_any(5)), "a pattern is a text"),
        (lambda: REF.isin("abc"), "a list of values is wanted, not a text"),
        (lambda: REF.eq(1) and REF.eq(2), "join filters with & and |"),
    ],
)
def test_what_makes_no_sense(call: Any, message: str) -> None:  # noqa: ANN401 (what people write)
    with pytest.raises(FilterError, match=re.escape(message)):
        call()


@pytest.mark.parametrize("column", ["", "t.", ".ref", "t.ref.x", "t ref", "t.ref:=:1", "1", "t.réf", "t.ref)", "t.a\n"])
def test_a_column_that_is_none(column: str) -> None:
    with pytest.raises(FilterError, match="is no column"):
        Field(column)


@given(st.text(max_size=40), st.sampled_from(MAJORS))
def test_no_value_leaves_its_place(value: str, major: int) -> None:
    """The application looks for parentheses without any within, whatever quotes there are; it finds what was meant."""
    for make in (REF.eq, REF.ne, REF.ge, REF.contains, REF.startswith, lambda text: REF.isin([text, "x"])):
        try:
            text = (make(value) & Field("t.entity").eq(1)).render(lambda: major)
        except FilterError:
            continue
        found = re.findall(r"\(([a-zA-Z0-9_.]+):([<>!=insotlke]+):([^()]+)\)", text, re.IGNORECASE)
        assert {(column, operator) for column, operator, _ in found} <= {
            *(("t.entity", "="), ("t.ref", "="), ("t.ref", "<>"), ("t.ref", ">="), ("t.ref", "like"))
        }
        left = re.sub(r"\(([a-zA-Z0-9_.]+):([<>!=insotlke]+):([^()]+)\)", "", text, flags=re.IGNORECASE)
        assert re.fullmatch(r"[() andor]*", left)
        assert found[-1] == ("t.entity", "=", "'1'")
