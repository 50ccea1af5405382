# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Verbs for dictionaries, extra fields, numbering and groups: what the bridge is given, and what is refused."""

from __future__ import annotations

import pytest

from .answers import GROUP
from .fake_host import FakeHost, shown


def test_a_row_of_a_dictionary(host: FakeHost) -> None:
    host.piped("norte", "dict", "set", "payment_terms", "45D", "label=45 days = long", "active=false")
    row = {"code": "45D", "label": "45 days = long", "active": False}
    assert host.given()[-1] == {"dictionaries": {"payment_terms": [row]}}
    assert host.asked()[-1] == "--site norte --stdin dictionary ensure"
    assert "norte: dict set payment_terms 45D: changed: payment terms 30D" in host.noted()


def test_all_dictionaries(host: FakeHost) -> None:
    assert "payment_terms  2" in shown(host.terminal("norte", "dict", "list").out)
    rows = host.piped("norte", "dict", "show", "payment_terms", "OLD").data["rows"]
    assert rows == [{"code": "OLD", "label": "[x]", "active": False}]


def test_rows_that_nobody_can_compare(host: FakeHost) -> None:
    """Of a version whose own rows are not there to be read, nothing is said to be as it is shipped."""
    for known, said in ((True, "all rows are as they are shipped"), (False, "what this version ships is not known")):
        host.answer("dictionary changed", {"ok": True, "dictionaries": {}, "unclear": [], "known": known})
        assert said in host.terminal("norte", "dict", "changed").out


def test_constants_that_are_called_so(host: FakeHost) -> None:
    ended = host.terminal("norte", "const", "list", "MAIN_LNG_DEFAULT")
    assert (ended.code, ended.out) == (0, "none that is set is called so. Did you mean MAIN_LANG_DEFAULT?\n")
    assert host.piped("norte", "const", "list", "MAIN_LNG_DEFAULT").data["constants"] == []


def test_an_extra_field(host: FakeHost) -> None:
    words = ["field", "set", "product", "kind", "label=Kind", "type=select", 'options={"a": "One"}', "required=true"]
    host.piped("norte", *words)
    field = {"name": "kind", "label": "Kind", "type": "select", "options": {"a": "One"}, "required": True}
    assert host.given()[-1] == {"extra_fields": {"product": [field]}}
    host.piped("norte", "field", "delete", "thirdparty", "insurer", "--drop-data")
    gone = {"name": "insurer", "state": "absent", "drop_data": True}
    assert host.given()[-1] == {"extra_fields": {"thirdparty": [gone]}}
    assert host.piped("norte", "field", "list", "product").data == {"extra_fields": {"product": []}}


def test_a_numbering(host: FakeHost) -> None:
    host.piped("norte", "number", "set", "invoice", "--mask", "FA{0000}", "--mask-of", "credit=AB{0000}")
    assert host.given()[-1] == {"numbering": {"invoice": {"mask": "FA{0000}", "masks": {"credit": "AB{0000}"}}}}


def test_the_api_is_told_of_other_modules(host: FakeHost) -> None:
    """What the bridge has dropped is made anew; here nobody answers at the site's port."""
    switched = {"ok": True, "command": "module enable", "changed": True, "diff": {"before": {}, "after": {}}}
    host.answer("module enable", switched | {"route_cache_dropped": True})
    kept = {"ok": True, "command": "constant get", "changed": False, "name": "X", "set": True, "entity": 0}
    host.answer("constant get", kept | {"value": "1"})
    ended = host.piped("norte", "module", "enable", "stock")
    assert (ended.code, "the API does not know its endpoints: site 'norte': the API was called" in ended.err) == (
        0,
        True,
    )
    host.answer("constant get", kept | {"value": None})
    assert host.piped("norte", "module", "enable", "stock").err == ""


def test_a_member(host: FakeHost) -> None:
    users = [{"login": "shop", "groups": ["Sales"]}, {"login": "ana", "groups": ["Caja"]}]
    host.answer("user list", {"ok": True, "command": "user list", "changed": False, "users": users})
    for verb, login, groups in (
        ("join", "ana", ["Caja", "Sales"]),
        ("join", "shop", ["Sales"]),
        ("leave", "shop", []),
        ("leave", "ana", ["Caja"]),
    ):
        host.piped("norte", "group", verb, "Sales", login)
        assert host.given()[-1] == {"groups": groups, "exact": True, "existing": True}, (verb, login)
    ended = host.terminal("norte", "group", "join", "Sales", "anna")
    assert (ended.code, "There is no user 'anna'. Did you mean ana?" in ended.out) == (1, True)


def test_a_group(host: FakeHost) -> None:
    host.piped("norte", "group", "set", "Sales", "--right", "produit.lire")
    assert host.given()[-1] == {"rights": ["produit.lire"], "exact": False}
    host.piped("norte", "group", "set", "Sales", "--exact", "--note", "")
    assert host.given()[-1] == {"note": "", "rights": [], "exact": True}
    host.answer("group show", {"ok": True, "command": "group show", "changed": False, "name": "Sles", "group": None})
    assert GROUP["name"] == "Sales"
    for verb in ("show", "delete"):
        ended = host.terminal("norte", "group", verb, "Sles")
        assert (ended.code, "There is no group 'Sles'. Did you mean Sales?" in ended.out) == (1, True)
    # As the bridge has it.
    assert host.piped("norte", "group", "show", "Sles").data["group"] is None


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("dict set payment_terms 45D days", 2, "'days' is no KEY=VALUE."),
        ("dict set payment_terms 45D days=1 days=2", 2, "'days' stands there twice."),
        ("dict set payment_terms 45D active=maybe", 2, "Write active=true or active=false."),
        ("dict show payment_terms 30E", 1, "payment_terms has no row '30E'. Did you mean 30D?"),
        ("field show thirdparty insurr", 1, "thirdparty has no extra field 'insurr'. Did you mean insurer?"),
        ("field delete thirdprty insurer", 1, "thirdprty has no extra field 'insurer'. Did you mean thirdparty?"),
        ("field set thirdparty x options={", 2, "options is no JSON"),
        ("number show invoise", 1, "There is no numbering of 'invoise'. Did you mean invoice?"),
        ("number set invoice", 2, "Nothing is named"),
        ("number set invoice --mask-of credit", 2, "'credit' is no KEY=VALUE."),
    ],
)
def test_what_is_refused(host: FakeHost, words: str, code: int, said: str) -> None:
    ended = host.piped("norte", *words.split())
    assert (ended.code, said in " ".join(ended.err.split())) == (code, True), ended.err
    assert not [one for one in host.asked() if "ensure" in one]


@pytest.mark.parametrize("words", [["X", "-1"], ["--", "X", "-1"], ["X", "--", "-1"]])
def test_a_number_below_zero_is_no_option(host: FakeHost, words: list[str]) -> None:
    ended = host.piped("norte", "const", "set", *words)
    assert (ended.err, host.asked()[-1]) == ("", "--site norte --stdin constant set X")
    assert host.given()[-1]["value"] == "-1"
