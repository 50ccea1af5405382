# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every verb: on a terminal, in a pipe, and used wrongly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from miclinikctl import verbs

from .answers import ANSWERS
from .fake_host import FakeHost, shown

LEAVES = {
    f"{name} {own}".strip(): (getattr(load(), "commands", None) or {"": load()})[own]
    for name, (_, load) in verbs.VERBS.items()
    for own in getattr(load(), "commands", [""])
}
#: What has tests of its own, since it asks the host's own programs.
ELSEWHERE = {"api call", "doctor", "smoke", "logs", "urls", "open", "diff", "apply"}
#: By verb: the words behind it, and what a person sees.
BRIDGED: dict[str, tuple[str, list[str]]] = {
    "status": ("", ["22.0.4", "mysqli 10.11", "2: api, product"]),
    "module list": ("--all", ["api      on", "stock    off"]),
    "module enable": ("stock", ["changed:", "modules  -       stock", "belong together: barcode"]),
    "module disable": ("product", ["modules  product  -"]),
    "const get": ("MAIN_LANG_DEFAULT", ["es_ES"]),
    "const set": ("MY_LIMIT 50", ["MY_LIMIT  20      50"]),
    "const unset": ("MY_LIMIT", ["MY_LIMIT  20      -"]),
    "const list": ("", ["MY_KEY             1       ********"]),
    "const diff": ("sur", ["no difference"]),
    "user list": ("", ["shop   Tienda", "Sales"]),
    "user show": ("shop", ["produit.lire"]),
    "user create": ("shop --lastname Shop", ["lastname  Tienda  Shop"]),
    "user disable": ("shop", ["enabled  yes     no"]),
    "user enable": ("shop", ["lastname  Tienda  Shop"]),
    "user password": ("shop --generate", ["shop has another password; it is in", "(users.shop.password)"]),
    "dict list": ("payment_terms", ["30D   30 days  30    yes", "OLD   [x]      -     no"]),
    "dict changed": ("", ["units       code: BX"]),
    "dict show": ("payment_terms 30D", ["label   30 days"]),
    "dict set": ("payment_terms 30D days=31", ["payment terms 30D  days: 30  days: 31"]),
    "field list": ("", ["thirdparty  insurer  Insurer  varchar  no"]),
    "field show": ("thirdparty insurer", ["label    Insurer", "options  a: A"]),
    "field set": ("thirdparty insurer label=B", ["thirdparty insurer  label: A"]),
    "field delete": ("thirdparty insurer", ["thirdparty insurer  label: A"]),
    "number list": ("", ["invoice  terre  -"]),
    "number show": ("invoice", ["models  mercure, terre"]),
    "number set": ("invoice --model mercure", ["invoice: model  terre   mercure"]),
    "group set": ("Sales --note x", ["note  -       who sells"]),
    "group delete": ("Sales", ["name  Sales   -"]),
    "group join": ("Sales shop", ["lastname  Tienda  Shop"]),
    "group leave": ("Sales shop", ["lastname  Tienda  Shop"]),
    "group list": ("", ["Sales  shop     1"]),
    "group show": ("Sales", ["produit.lire"]),
    "right list": ("shop", ["produit   produit.lire    own, with produit.creer", "own; group Sales"]),
    "right grant": ("shop produit.lire", ["rights  -       produit.lire"]),
    "right revoke": ("shop produit.creer", ["rights  -       produit.lire"]),
    "key list": ("", ["shop   yes              no     encrypted      1       this toolkit"]),
    "key show": ("shop", ["shop has a key; it is stored encrypted. --reveal prints it"]),
    "mail test": ("me@example.org", ["A mail to me@example.org was sent from a@b.c by smtps to localhost:25."]),
}
#: What another program does: the words behind it, and what that is given.
HANDED: dict[str, tuple[str, str]] = {
    "key rotate": ("shop --grace 0", "keys:<norte><rotate><shop><--grace><0>"),
    "key adopt": ("shop", "keys:<norte><adopt><shop>"),
    "key revoke": ("shop", "keys:<norte><revoke><shop>"),
    "api spec": ("--out a.json", "api:<norte><spec><--out><a.json>"),
    "cron run": ("", "cron:<norte><run>"),
    "webhook test": ("erp", "webhooks:<norte><test><erp>"),
    "webhook resend": ("erp 1 2", "webhooks:<norte><resend><erp><1><2>"),
    "webhook secret": ("erp --reveal --rotate --grace 1h", "webhooks:<norte><secret><erp><--rotate><--grace><1h>"),
    "backup run": ("--tag a --tag b", "life:<norte><backup><run><--tag><a><--tag><b>"),
    "backup list": ("", "life:<norte><backup><list>"),
    "backup check": ("--all", "life:<norte><backup><check><--all>"),
    "backup test": ("latest", "life:<norte><backup><test><latest>"),
    "backup state": ("", "life:<norte><backup><state>"),
    "backup last": ("", "life:<norte><backup><last>"),
    "backup tidy": ("", "life:<norte><backup><tidy>"),
    "restore": ("--at 2026-11-27", "life:<norte><restore><--at><2026-11-27>"),
    "upgrade": ("--to 23", "life:<norte><upgrade><--to><23>"),
    "rollback": ("", "life:<norte><rollback>"),
    "clone": ("--from sur --snapshot latest", "life:<norte><clone><--from><sur><--snapshot><latest>"),
    "rename": ("--from sur --done", "life:<norte><rename><--from><sur><--done>"),
    "remove": ("--yes-remove norte", "life:<norte><remove><--yes-remove><norte>"),
    "adopt": ("--from /x --vhost a --vhost b", "life:<norte><adopt><--from></x><--vhost><a><--vhost><b>"),
    "export": ("--from /x", "life:<norte><export><--from></x>"),
    "close": ("", "life:<norte><close>"),
    "database-password": ("rotate", "life:<norte><database-password><rotate>"),
    "journal": ("", "life:<norte><journal>"),
    "recover": ("", "life:<norte><recover>"),
}
TABLES = {"cron list": ["Send [bold]", "FAILED", "no server"], "webhook list": ["erp.example.org", "503"]}
#: Verbs that ask for something secret.
ASKING = {"key who"}


def test_every_verb_has_its_tests() -> None:
    assert {*BRIDGED, *HANDED, *TABLES, *ASKING, *ELSEWHERE} == set(LEAVES)


@pytest.mark.parametrize("verb", BRIDGED)
def test_on_a_terminal(host: FakeHost, verb: str) -> None:
    words, seen = BRIDGED[verb]
    ended = host.terminal("norte", *verb.split(), *words.split())
    assert (ended.code, [part for part in seen if part not in shown(ended.out)]) == (0, []), ended.out


@pytest.mark.parametrize("verb", BRIDGED)
def test_in_a_pipe(host: FakeHost, verb: str) -> None:
    words, _ = BRIDGED[verb]
    ended = host.piped("norte", *verb.split(), *words.split())
    assert ended.code == 0
    assert "\x1b" not in ended.out
    assert isinstance(ended.data, dict | list)
    same = {"constant": "const", "rights": "right"}
    known = {" ".join([same.get(name.split()[0], name.split()[0]), *name.split()[1:]]): name for name in ANSWERS}
    if verb in known and verb not in ("const list", "user list"):
        # Word for word what the bridge has said.
        assert ended.out == json.dumps(ANSWERS[known[verb]]) + "\n"


@pytest.mark.parametrize("verb", BRIDGED)
def test_json_for_a_person(host: FakeHost, verb: str) -> None:
    words, _ = BRIDGED[verb]
    ended = host.terminal("norte", *verb.split(), *words.split(), "--json")
    assert ended.code == 0
    assert isinstance(ended.data, dict | list)
    assert "\x1b" not in ended.out


@pytest.mark.parametrize("verb", HANDED)
@pytest.mark.parametrize("way", ["terminal", "piped"])
def test_what_others_are_given(host: FakeHost, verb: str, way: str) -> None:
    words, given = HANDED[verb]
    ended = getattr(host, way)("norte", *verb.split(), *words.split())
    assert (ended.code, ended.out) == (0, f"{given}\n")


@pytest.mark.parametrize("verb", TABLES)
def test_tables_of_other_programs(host: FakeHost, verb: str) -> None:
    ended = host.terminal("norte", *verb.split())
    assert (ended.code, [part for part in TABLES[verb] if part not in shown(ended.out)]) == (0, [])
    # In a pipe as it has always been.
    name = {"cron": "cron", "webhook": "webhooks"}[verb.split(maxsplit=1)[0]]
    assert host.piped("norte", *verb.split()).out == f"{name}:<norte><list>\n"
    assert isinstance(host.piped("norte", *verb.split(), "--json").data, list)


@pytest.mark.parametrize("verb", LEAVES)
def test_an_option_that_there_is_not(host: FakeHost, verb: str) -> None:
    ended = host.piped("norte", *verb.split(), "--jsn", "--no-such")
    assert (ended.code, ended.out, host.asked()) == (2, "", [])
    assert "no such option" in ended.err.lower()


@pytest.mark.parametrize("verb", LEAVES)
def test_a_word_too_many_or_too_few(host: FakeHost, verb: str) -> None:
    command: Any = LEAVES[verb]
    endless = any(param.nargs == -1 for param in command.params if param.param_type_name == "argument")
    words = [] if endless else ["1", "2", "3", "4", "5"]
    if verb == "webhook resend":
        words = []
    ended = host.piped("norte", *verb.split(), *words)
    assert (ended.code, ended.out, host.asked()) == (2, "", []), ended
    assert "Usage: miclinikctl norte " in ended.err


@pytest.mark.parametrize("verb", LEAVES)
def test_help_has_an_example(host: FakeHost, verb: str) -> None:
    ended = host.piped("norte", *verb.split(), "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"\n  miclinikctl norte {verb}" in ended.out.partition("Examples:")[2]
    assert host.piped("help", *verb.split()).code == 0


CHANGING = sorted(name for name, leaf in LEAVES.items() if any(param.name == "check" for param in leaf.params))
READING = {
    *("group list", "group show", "dict list", "dict changed", "dict show", "field list", "field show"),
    *("number list", "number show"),
    *("status", "doctor", "smoke", "urls", "logs", "module list", "const get", "const list", "const diff", "user list"),
    *(
        "user show",
        "group list",
        "group show",
        "right list",
        "key list",
        "key who",
        "key show",
        "api spec",
        "cron list",
        "webhook list",
    ),
    *("backup list", "backup state", "backup last", "backup tidy", "journal", "export", "diff"),
}


def test_whatever_changes_something_can_be_foreseen() -> None:
    assert {*CHANGING, *READING} == set(LEAVES)
    assert not {*CHANGING} & READING


@pytest.mark.parametrize("verb", sorted(set(CHANGING) & set(BRIDGED) - {"user password"}))
def test_check_changes_nothing(host: FakeHost, verb: str) -> None:
    ended = host.piped("norte", *verb.split(), *BRIDGED[verb][0].split(), "--check")
    assert ended.code == 3
    assert "--check" in host.asked()[-1].split()
    assert host.noted() == ""
