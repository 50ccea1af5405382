# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of an inventory cannot be evaluated, by Ansible itself, is named without a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext
from ansible.template import Templar
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import inventory_values

SECRET = "Zq-secret-in-between"
VAULT = [("default", VaultSecret(b"the password of the vault"))]
NOWHERE = "cannot be evaluated: 'nowhere' is undefined. Define it, or write the value itself."
LOCKED = (
    "is encrypted by Ansible Vault, and no password was given that opens it. "
    "Give the vault's password, with --vault-password-file, --vault-id or --ask-vault-pass."
)
BEFORE = f"""
miclinik_sites:
  - database: {{password: {SECRET}}}
    name: norte
    domain: norte.example.org
"""


@pytest.fixture(autouse=True)
def vault(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the passwords of the vault that Ansible has been given: none, until a test adds one."""
    given: list[Any] = []
    monkeypatch.setattr(VaultSecretsContext, "_current", VaultSecretsContext(given))
    return given


def _said(tmp_path: Path, text: str) -> list[str]:
    file = tmp_path / "vars.yml"
    file.write_text(text, encoding="utf-8")
    loader = DataLoader()
    variables = loader.load_from_file(str(file), trusted_as_template=True)
    templar = Templar(loader=loader, variables=variables)
    said = [str(problem) for problem in inventory_values.unreadable(variables, templar.template)]
    assert not any(SECRET in words for words in said)
    return said


def _encrypted(indent: int) -> str:
    text = VaultLib(VAULT).encrypt(SECRET).decode()
    return "!vault |\n" + "\n".join(" " * indent + line for line in text.splitlines())


def test_what_can_be_evaluated(tmp_path: Path) -> None:
    more = f"""    admin: {{password: "{{{{ of_it }}}}"}}
of_it: {SECRET}
php_opcache_mb: "{{{{ ansible_facts.miclinik_host.memory_mb }}}}"
something_of_others: "{{{{ 'x' | from_json }}}}"
"""
    assert _said(tmp_path, BEFORE + more) == []
    assert _said(tmp_path, f"miclinik_sites: '{{{{ of_it }}}}'\nof_it:\n  - name: {SECRET}\n") == []
    assert _said(tmp_path, "other: 1\n") == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{ nowhere }}", NOWHERE),
        (
            "{{ of_it | from_json }}",
            "cannot be evaluated: its filter ansible.builtin.from_json fails. Mend the expression, or what it reads.",
        ),
        (
            "{{ lookup('ansible.builtin.pipe', 'false ' ~ of_it) }}",
            "cannot be evaluated: its lookup ansible.builtin.pipe fails. Mend the expression, or what it reads.",
        ),
        ("{{ of_it", "is no expression that Ansible understands. Mend it, or write !unsafe before a text that holds"),
    ],
)
def test_one_value_that_cannot(tmp_path: Path, value: str, expected: str) -> None:
    (said,) = _said(tmp_path, f'{BEFORE}    admin: {{password: "{value}"}}\nof_it: {SECRET}\n')
    assert said.startswith(f"site 'norte': admin.password: {expected}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    (said,) = _said(tmp_path, f"{BEFORE}    language: \"{{{{ lookup('ansible.builtin.file', '/nowhere/pw') }}}}\"\n")
    assert said.startswith("site 'norte': language: cannot be evaluated: The lookup plugin 'ansible.builtin.file'")
    assert "/nowhere/pw" in said
    assert said.endswith("Mend what it reads.")


def test_values_of_the_vault(tmp_path: Path, vault: list[Any]) -> None:
    text = f"{BEFORE}    admin:\n      password: {_encrypted(8)}\n"
    refused = [f"site 'norte': admin.password: {LOCKED}"]
    assert _said(tmp_path, text) == refused
    vault.append(("default", VaultSecret(b"another one")))
    assert _said(tmp_path, text) == refused
    vault.append(VAULT[0])
    assert _said(tmp_path, text) == []


def test_variables_of_roles(tmp_path: Path) -> None:
    text = f"database_admin_password: {_encrypted(2)}\nmiclinik_web_server: \"{{{{ 'x' | from_json }}}}\"\n"
    assert _said(tmp_path, BEFORE + text) == [
        f"inventory: database_admin_password: {LOCKED}",
        "inventory: miclinik_web_server: cannot be evaluated: its filter ansible.builtin.from_json fails. Mend the "
        "expression, or what it reads.",
    ]


def test_sites_that_an_expression_makes(tmp_path: Path) -> None:
    text = f"""
miclinik_sites: "{{{{ ours + [] }}}}"
ours:
  - name: norte
    domain: norte.example.org
    admin: {{password: "{{{{ nowhere }}}}"}}
    database: {{password: {SECRET}}}
"""
    assert _said(tmp_path, text) == [f"site 'norte': admin.password: {NOWHERE}"]


def test_sites_without_a_name_and_no_sites_at_all(tmp_path: Path) -> None:
    assert _said(tmp_path, 'miclinik_sites: ["{{ nowhere }}", {domain: "{{ nowhere }}"}]\n') == [
        f"inventory: miclinik_sites[0]: {NOWHERE}",
        f"miclinik_sites[1]: domain: {NOWHERE}",
    ]
    assert _said(tmp_path, 'miclinik_sites: "{{ nowhere }}"\n') == [f"inventory: miclinik_sites: {NOWHERE}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("miclinik_sites: {norte: {domain: norte.org}}", ["inventory: miclinik_sites: is a mapping"]),
        ("miclinik_sites: norte", ["inventory: miclinik_sites: is a text"]),
        (
            "miclinik_sites: [norte, {name: sur}, 7]",
            [f"inventory: miclinik_sites[{at}]: is {a}" for at, a in ((0, "a text"), (2, "a whole number"))],
        ),
        ("all: {norte: {}}\nmiclinik_sites: '{{ all }}'", ["inventory: miclinik_sites: is a mapping"]),
        ("one: {name: norte}\nmiclinik_sites: ['{{ one }}']", []),
        ("miclinik_sites:", []),
        ("miclinik_sites: []", []),
    ],
)
def test_sites_that_are_no_list_of_mappings(tmp_path: Path, text: str, said: list[str]) -> None:
    mend = ". Write a list, whose entries begin with `- name: …`."
    assert _said(tmp_path, text) == [words + mend for words in said]
