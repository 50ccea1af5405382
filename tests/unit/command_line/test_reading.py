# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What only reads ends alike on a terminal and in a pipe, and says of what is not there that it is not."""

from __future__ import annotations

import json

import pytest

from .answers import USER, failed
from .fake_host import FakeHost, shown
from .test_every_verb import BRIDGED, HANDED, READING, TABLES

_NOBODY = failed("no_such_user", 'There is no user "nobody".', "Make it: miclinikctl user ensure")
_NO_LIST = failed("unknown_dictionary", 'There is no dictionary "nix".', "Near names: units.")
#: By verb: the words behind it, what the bridge answers to which words, and what is said on the error output.
MISSING: dict[str, tuple[str, tuple[str, object] | None, str]] = {
    "user show": ("nobody", ("user show", {"ok": True, "user": None}), "There is no user 'nobody'."),
    "group show": (
        "Sals",
        ("group show", {"ok": True, "group": None}),
        "There is no group 'Sals'. Did you mean Sales?",
    ),
    "right list": ("nobody", ("rights list", _NOBODY), 'There is no user "nobody".'),
    "key show": ("shp", ("key show", {"ok": True, "stored": None, "readable": False}), "There is no user 'shp'."),
    "key who": ("", ("key holder", {"ok": True, "login": None}), "nobody has this key"),
    "const get": ("NOPE", ("constant get", {"ok": True, "set": False, "value": None}), "NOPE is not set."),
    "const diff": ("/nowhere", None, "/nowhere holds nothing that"),
    "dict list": ("nix", ("dictionary list", _NO_LIST), 'There is no dictionary "nix".'),
    "dict show": ("payment_terms 31D", None, "payment_terms has no row '31D'. Did you mean 30D?"),
    "field show": ("thirdparty insurr", None, "thirdparty has no extra field 'insurr'. Did you mean insurer?"),
    "number show": ("invoce", None, "There is no numbering of 'invoce'. Did you mean invoice?"),
    "diff": ("/nowhere.yml", None, "/nowhere.yml cannot be read"),
    "logs": ("api", None, "is the site served, and are you root?"),
}
#: What has nothing that could be missing, but all of it: they fail as the site does.
WHOLE = {
    *("user list", "group list", "key list", "module list", "const list", "dict changed", "field list"),
    *("number list", "status"),
}
#: They ask the host, and end with 1 where something is wrong with it.
HOSTS = {"doctor", "smoke", "urls"}
_WAYS = ("terminal", "piped", "json", "table")


def _end(host: FakeHost, way: str, words: list[str]) -> tuple[int, str]:
    """Return the exit code, and what a person sees of errors."""
    if way == "terminal":
        ended = host.terminal("norte", *words, typed="f" * 40 if words[1:2] == ["who"] else "")
        return ended.code, " ".join(shown(ended.out).split())
    more = [] if way == "piped" or words[0] == "logs" else [f"--{way}"]
    ended = host.piped("norte", *words, *more, typed="f" * 40)
    return ended.code, " ".join(ended.err.split())


def test_all_that_reads_is_here() -> None:
    handed = {*HANDED, *TABLES}
    assert {*MISSING, *WHOLE, *HOSTS} == {*READING} - handed


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("verb", MISSING)
def test_what_is_not_there_is_a_failure(host: FakeHost, verb: str, way: str) -> None:
    words, answer, said = MISSING[verb]
    if answer:
        host.answer(*answer)
    code, seen = _end(host, way, [*verb.split(), *words.split()])
    assert (code, said in seen) == (1, True), seen


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("verb", sorted(WHOLE))
def test_a_site_that_cannot_be_asked_is_a_failure(host: FakeHost, verb: str, way: str) -> None:
    for file in (host.folder / "answers").iterdir():
        file.write_text(json.dumps(failed("database", "It is away.", "Start it.")))
    code, seen = _end(host, way, verb.split())
    assert (code, "It is away. Start it." in seen) == (1, True), seen


@pytest.mark.parametrize("way", _WAYS)
@pytest.mark.parametrize("verb", sorted(set(BRIDGED) & READING))
def test_what_is_there_is_none(host: FakeHost, verb: str, way: str) -> None:
    words, _ = BRIDGED[verb]
    code, seen = _end(host, way, [*verb.split(), *words.split()])
    assert (code, "site 'norte'" in seen) == (0, False), seen


def test_a_key_that_cannot_be_shown(host: FakeHost) -> None:
    host.answer("key show", {"ok": True, "stored": "encrypted", "readable": False, "key": None})
    assert host.piped("norte", "key", "show", "shop").code == 0
    ended = host.piped("norte", "key", "show", "shop", "--reveal")
    assert (ended.code, "the key of shop cannot be read" in ended.err) == (1, True)
    host.answer("key show", {"ok": True, "stored": None, "readable": False})
    ended = host.piped("norte", "key", "show", "shop")
    assert (ended.code, "shop has no key. Make one: miclinikctl norte key rotate shop" in ended.err) == (1, True)


def test_what_is_not_there_is_not_changed_either(host: FakeHost) -> None:
    host.answer("user disable", {"ok": True, "changed": False, "user": None})
    for way in ("terminal", "piped", "json"):
        code, seen = _end(host, way, ["user", "disable", "nobody"])
        assert (code, "There is no user 'nobody'." in seen) == (1, True), way
    host.answer("user show", {"ok": True, "changed": False, "user": None})
    for verb in ("enable", "password"):
        assert _end(host, "piped", ["user", verb, "nobody"])[0] == 1
    assert USER["login"] == "shop"


@pytest.mark.parametrize("way", ["terminal", "piped"])
@pytest.mark.parametrize(
    ("verb", "program"),
    [
        ("backup list", "life"),
        ("journal", "life"),
        ("cron list", "cron"),
        ("webhook list", "webhooks"),
        ("api spec", "api"),
    ],
)
def test_what_others_end_with_stays(host: FakeHost, verb: str, program: str, way: str) -> None:
    (host.folder / "lib" / program / f"miclinik-{program}").write_text("#!/bin/sh\necho It is away. >&2; exit 1\n")
    code, seen = _end(host, way, verb.split())
    assert (code, "It is away." in seen) == (1, True), seen
