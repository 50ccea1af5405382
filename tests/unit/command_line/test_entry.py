# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``diff`` and ``apply``: on a terminal, in a pipe, and with files that are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import entry_keys
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema

from .answers import failed
from .fake_host import FakeHost, shown

ENTRY = """
miclinik_sites:
  - name: norte
    domain: norte.example.org
    source: {type: directory, path: /x}
    admin: {login: admin, password: "{{ vault_norte_admin_password }}"}
    company: {name: Clínica Norte}
    language: es_ES
    modules: [product]
    constants:
      MY_LIMIT: 50
      MY_TEXT: !unsafe "{{ braces }}"
      MY_PASSWORD: "{{ vault_password }}"
    groups: [{name: Caja, rights: [facture.lire]}]
    users: [{login: Admin, email: me@example.org}, {login: ana, groups: [Caja], password: "{{ vault_ana }}"}]
    api: {explorer: true, users: [{login: shop, rights: [], key: "{{ vault_shop }}"}], limits: {}}
    tls: {mode: none}
"""
LIMIT = {"command": "constant set", "changed": True, "name": "MY_LIMIT"}
LIMIT |= {"diff": {"before": {"MY_LIMIT": "20"}, "after": {"MY_LIMIT": "50"}}}
WOULD = {"ok": True, "command": "batch", "changed": True, "answers": [LIMIT]}
SAME = {"ok": True, "command": "batch", "changed": False, "answers": [LIMIT | {"changed": False}]}
LINE = "constant MY_LIMIT is '20', and would be '50'"


@pytest.fixture
def file(host: FakeHost) -> str:
    """Return the name of a file with all kinds of keys."""
    return put(host, ENTRY)


def put(host: FakeHost, text: str, name: str = "norte.yml", mode: int = 0o644) -> str:
    """Write a file; return its name."""
    made = host.folder / name
    made.write_text(text)
    made.chmod(mode)
    return str(made)


def orders(host: FakeHost) -> dict[str, Any]:
    """Return the last batch that the bridge was given: arguments by command and what it is about."""
    found = {}
    for order in host.given()[-1]:
        args = order["args"]
        found[f"{order['command']} {args.get('login') or args.get('name') or ''}".strip()] = args
    return found


def test_a_difference_is_told(host: FakeHost, file: str) -> None:
    host.answer("batch", WOULD)
    seen = host.terminal("norte", "diff", file)
    text = " ".join(shown(seen.out).split())
    assert (seen.code, f"would change: {LINE}" in text) == (3, True), seen.out
    assert "(site.yml): domain, source, admin, tls, api.limits" in text
    assert "constants.MY_PASSWORD, users[1].password, api.users[0].key" in text
    piped = host.piped("norte", "diff", file)
    assert (piped.code, piped.data["would"], piped.data["changed"]) == (3, [LINE], True)
    assert host.piped("norte", "apply", file, "--check").data == piped.data
    assert all("--check" in asked.split() for asked in host.asked() if asked.endswith("batch"))
    assert host.noted() == ""


def test_no_difference(host: FakeHost, file: str) -> None:
    host.answer("batch", SAME)
    assert (host.piped("norte", "diff", file).code, host.piped("norte", "apply", file).code) == (0, 0)
    assert shown(host.terminal("norte", "apply", file).out).startswith("nothing to change\n")
    assert all("--check" in asked.split() for asked in host.asked() if asked.endswith("batch"))
    assert host.noted() == ""


def test_it_is_applied_and_read_back(host: FakeHost, file: str) -> None:
    host.answer("batch", WOULD, WOULD, SAME)
    seen = host.terminal("norte", "apply", file)
    assert (seen.code, "changed:\n  constant MY_LIMIT\n" in shown(seen.out)) == (0, True), seen.out
    batches = [asked for asked in host.asked() if asked.endswith("batch")]
    assert ["--check" in asked for asked in batches] == [True, False, True]
    assert host.noted() == "norte: apply: changed: constant MY_LIMIT\n"


def test_what_the_bridge_is_given(host: FakeHost, file: str) -> None:
    host.answer("batch", SAME)
    host.piped("norte", "diff", file)
    given = orders(host)
    assert given["module enable"] == {"names": ["api", "product"]}
    assert given["company ensure Clínica Norte"] == {"name": "Clínica Norte", "language": "es_ES"}
    assert given["constant set MY_TEXT"] == {"name": "MY_TEXT", "value": "{{ braces }}", "holding": True}
    assert given["constant set API_EXPLORER_DISABLED"] == {
        "name": "API_EXPLORER_DISABLED",
        "value": 0,
        "everywhere": True,
    }
    assert not [name for name in given if "LOGIN_API" in name or "PASSWORD" in name]
    assert given["user ensure Admin"]["existing"]
    assert given["user ensure shop"] == {"login": "shop", "enabled": True, "rights": [], "exact": True}
    assert given["user ensure ana"] == {"login": "ana", "enabled": True, "groups": ["Caja"], "exact": True}


def test_secrets_of_a_file(host: FakeHost, file: str) -> None:
    host.answer("batch", SAME)
    secrets = put(host, "vault_password: s3cr3t\nvault_ana: of-ana-1\nvault_shop: k\n", "vault.yml", 0o600)
    ended = host.piped("norte", "diff", file, "--secrets", secrets)
    assert (ended.code, ended.data["left"]) == (0, ["api.users[0].key"])
    assert orders(host)["constant set MY_PASSWORD"]["value"] == "s3cr3t"
    assert orders(host)["user ensure ana"]["first_password"] == "of-ana-1"
    Path(secrets).chmod(0o644)
    ended = host.piped("norte", "diff", file, "--secrets", secrets)
    assert (ended.code, "can be read by others" in ended.err, "s3cr3t" in ended.err) == (2, True, False)


def test_a_part_and_standard_input(host: FakeHost) -> None:
    host.answer("batch", SAME)
    assert host.piped("norte", "diff", "-", typed="constants: {MY_LIMIT: 50}\n").code == 0
    assert [*orders(host)] == ["constant set MY_LIMIT"]
    assert host.piped("norte", "diff", "-", typed="tls: {mode: none}\n").data["not_applied"] == ["tls"]
    named = "miclinik_sites: [{name: sur, language: de_DE}, {name: norte, language: fr_FR}]"
    host.piped("norte", "diff", "-", typed=named)
    assert orders(host)["company ensure"] == {"language": "fr_FR"}
    other = host.terminal("norte", "diff", put(host, "miclinik_sites: [{name: este, language: de_DE}]"))
    assert "the entry is that of 'este'" in shown(other.out)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("moduls: [x]", "moduls: is not a known key. Did you mean modules"),
        ("company: {nam: x}", "company.nam: is not a known key. Did you mean name"),
        ("company: {country: NO}", "company.country: is true or false. Write a text, in quotes"),
        ("users: [{email: x}]", "users[0].login: is missing. Add it"),
        ("users: [{login: a, state: gone}]", "users[0].state: is 'gone'. Choose one of: present, disabled, absent"),
        ("users: [{login: ana}]\napi: {users: [{login: Ana}]}", "users: two have the login 'ana'"),
        ("users: [{login: a, email: x@y.z}, {login: b, email: X@y.z}]", "users: two have the email 'x@y.z'"),
        ("modules: product", "modules: is a text. Write a list"),
        ("api: {users: {}}", "api.users: is a mapping. Write a list"),
        ("language: '{{ x }}'", "language: is an expression, which only Ansible works out"),
        ("constants: {A: 'a {{ x }}'}", "constants.A: is an expression"),
        ("constants: {A: [1]}", "constants.A: is a list. Write a text or a number"),
        ("modules_exact: maybe", "modules_exact: is a text. Write true or false"),
        ("constants: {A_KEY: '********'}", "constants.A_KEY: is what stands for a value that is not shown"),
        ("constants: {A: 2026-01-01}", "constants.A: is of another kind. Write a text or a number"),
        ("language: a\n---\nlanguage: b", "found another document"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: [", "is no YAML in line 1"),
        ("language: a\nlanguage: b", "the key 'language' stands there twice"),
        ("[]", "has no entry of 'norte'"),
        ("miclinik_sites: [{name: a}, {name: b}]", "has no entry of 'norte', but of: a, b"),
        ("just a text", "holds no entry of miclinik_sites"),
        ("$ANSIBLE_VAULT;1.1", "is encrypted"),
        ("company: {logo: nowhere.png}", "nowhere.png cannot be read"),
    ],
)
def test_what_is_refused(host: FakeHost, text: str, said: str) -> None:
    ended = host.piped("norte", "apply", put(host, text))
    assert (ended.code, ended.out, [one for one in host.asked() if "batch" in one]) == (2, "", [])
    assert said in " ".join(ended.err.split()), ended.err


def test_what_editors_of_windows_leave(host: FakeHost) -> None:
    host.answer("batch", SAME)
    assert host.piped("norte", "diff", put(host, "\ufefflanguage: es_ES\r\n")).code == 0
    assert orders(host)["company ensure"] == {"language": "es_ES"}


def test_a_file_that_is_not_there(host: FakeHost) -> None:
    ended = host.piped("norte", "apply", "/nowhere.yml")
    assert (ended.code, "/nowhere.yml cannot be read" in ended.err) == (1, True)
    assert host.piped("norte", "apply").code == 2


def test_all_that_the_bridge_refuses_is_told_and_nothing_changed(host: FakeHost, file: str) -> None:
    unknown = failed("unknown_right", "There is no right x.", "Near: y.") | {"failed": 3, "answers": []}
    host.answer(
        "batch", unknown, failed("bad_value", "It is empty.", "Unset it.") | {"failed": 2, "answers": []}, WOULD
    )
    ended = host.piped("norte", "apply", file)
    assert ended.code == 1
    assert "There is no right x. Near: y." in ended.err
    assert "It is empty. Unset it." in ended.err
    assert ended.err.endswith("Nothing was changed.\n")
    assert all("--check" in asked.split() for asked in host.asked() if asked.endswith("batch"))


def test_what_fails_on_the_way_is_told(host: FakeHost, file: str) -> None:
    stopped = failed("database", "It is away.", "Start it.") | {"failed": 2, "answers": [LIMIT]}
    host.answer("batch", WOULD, stopped)
    ended = host.piped("norte", "apply", file)
    assert (ended.code, "It is away. Start it.\nDone before that: constant MY_LIMIT." in ended.err) == (1, True)
    assert "norte: apply: failed: " in host.noted()


def test_what_is_not_so_afterwards_is_told(host: FakeHost, file: str) -> None:
    host.answer("batch", WOULD)
    ended = host.piped("norte", "apply", file)
    assert (ended.code, f"not so when it is read back:\n{LINE}" in ended.err) == (1, True)


def test_no_secret_is_shown(host: FakeHost) -> None:
    host.answer("batch", WOULD, WOULD, SAME)
    ended = host.piped("norte", "apply", put(host, "constants: {MY_PASSWORD: s3cr3t, MY_LIMIT: 50}", mode=0o600))
    assert ended.code == 0
    assert "s3cr3t" not in ended.out + ended.err + host.noted() + "".join(host.asked())


def kinds(specs: dict[str, Any]) -> dict[str, Any]:
    """Return keys and kinds of an argument specification, as ``entry_keys`` has them."""
    return {key: _kind(spec) for key, spec in specs.items()}


def _kind(spec: dict[str, Any]) -> object:
    if "options" in spec:
        return [kinds(spec["options"])] if spec["type"] == "list" else kinds(spec["options"])
    if spec["type"] == "list":
        return ["text"]
    word = {"str": "text", "path": "text", "int": "number", "bool": "flag", "dict": {}}[spec["type"]]
    return f"{word}:{' '.join(spec['choices'])}" if "choices" in spec else word


def same(one: object, other: object) -> bool:
    """Return whether two kinds are the same; a mapping by names says more than an argument specification can."""
    if isinstance(one, dict) and isinstance(other, dict):
        return "*" in one or ({*one} == {*other} and all(same(one[key], other[key]) for key in one))
    if isinstance(one, list) and isinstance(other, list):
        return same(one[0], other[0])
    return one in (other, "any")


def test_keys_are_those_of_an_inventory() -> None:
    specs = kinds(schema.site_options())
    assert {*entry_keys.INSIDE, *entry_keys.OUTSIDE, "name"} == {*specs}
    api = {key: kind for key, kind in specs["api"].items() if key not in entry_keys.API_OUTSIDE}
    assert {*entry_keys.API_OUTSIDE} < {*specs["api"]}
    for key, kind in entry_keys.INSIDE.items():
        assert same(kind, api if key == "api" else specs[key]), (key, json.dumps(specs[key]))
