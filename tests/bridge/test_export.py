# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site is, as an inventory: applied to an empty site it makes one whose inventory is the same to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import export, settings
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import (
    calls,
    entry_apply,
    entry_file,
    entry_orders,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, rules, sites

from .sites import BridgedSite
from .test_declared import COMPANY, EXTRA_FIELDS

Answer = dict[str, Any]
KEY = "0a1b2c3d" * 5
ROBOT = {
    "login": "robot",
    "lastname": "Robot",
    "email": "robot@example.org",
    "key": KEY,
    "rights": ["societe.lire", "societe.client.voir"],
    "groups": ["Caja"],
    "exact": True,
}
NUMBERING = {"invoice": {"model": "mercure", "masks": {"invoice": "FA{yyyy}-{00000@1}"}}}


class Loader(yaml.SafeLoader):
    """Reads what Ansible reads."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[arg-type]


def exported(site: BridgedSite) -> str:
    """Return what `miclinikctl norte export` prints."""
    answers = site.ok("batch", given=export.ORDERS)["answers"]
    entry, lost = export.entry("norte", "http://norte.example.org/erp", site.version(), "admin", answers)
    return export.text(entry, lost, site.version())


def apply(site: BridgedSite, text: str) -> None:
    """Have the site be what the inventory says, by the way of the role ``rest_api``."""
    for name in set(re.findall(r"\{\{ (vault_\w+) \}\}", text)):
        value = KEY if name.endswith("_key") else f"of the vault: {name}"
        text = text.replace(f"{{{{ {name} }}}}", value)
    entries = yaml.load(text, Loader)["miclinik_sites"]  # noqa: S506 - a safe one
    assert [str(problem) for problem in rules.check(entries)] == []
    secrets: dict[str, Any] = {
        "norte": {"users": {}, "constants": {}} | dict(declared.secrets(entries)["norte"]["stored"])
    }
    (wanted,) = promises.settings(sites.plan(entries), secrets)
    site.ok("batch", given=settings.orders(wanted))


def told(text: str) -> str:
    """Return what is carried: what is not, the other site need not have."""
    return text.partition("# not carried:")[0]


def fill(site: BridgedSite) -> None:
    """Make something of everything, as people do."""
    site.batch(
        ("module enable", {"names": ["societe", "product", "commande", "facture", "api"]}),
        ("company ensure", COMPANY),
        ("constant set", {"name": "MAIN_SIZE_LISTE_LIMIT", "value": "50"}),
        ("constant set", {"name": "MAIN_MAIL_SMTPS_PW", "value": "of the server"}),
        ("constant set", {"name": "NORTE_TEXT", "value": 'a "quote", {{ braces }} and # more: ñ'}),
        ("extrafield ensure", {"extra_fields": EXTRA_FIELDS}),
        ("numbering ensure", {"numbering": NUMBERING}),
        ("group ensure", {"name": "Caja", "note": "who takes money", "rights": ["facture.lire"], "exact": True}),
        ("user ensure", ROBOT),
        ("user ensure", {"login": "ana", "lastname": "Ana", "groups": ["Caja"], "rights": ["societe.lire"]}),
        ("user ensure", {"login": "luis", "firstname": "Luis", "email": "luis@example.org", "language": "es_ES"}),
        ("user disable", {"login": "luis"}),
    )


def test_exported_and_applied_it_is_the_same_to_the_byte(bare: BridgedSite) -> None:
    bare.install()
    fill(bare)
    before = exported(bare)
    bare.reset()
    bare.install()
    apply(bare, before)
    after = exported(bare)
    assert told(after) == told(before)
    # And once more nothing changes.
    apply(bare, after)
    assert exported(bare) == after


def test_applied_by_the_command_line_it_is_the_same_but_for_keys(bare: BridgedSite, tmp_path: Path) -> None:
    bare.install()
    fill(bare)
    before = exported(bare)
    bare.reset()
    bare.install()
    bare.ok("module", "enable", "api")
    file = tmp_path / "norte.yml"
    file.write_text(before)
    known = {"vault_norte_constant_main_mail_smtps_pw": "of the server"}

    def ask(orders: Sequence[Answer], check: bool) -> calls.Said:
        answer = bare.ctl(*(["--check"] if check else []), "batch", given=list(orders))
        return calls.Said("", 0, answer)

    wanted = entry_orders.of(entry_file.entry(str(file), "norte"), tmp_path, known, ["api"])
    would = entry_apply.differences(ask, wanted.orders)
    assert "extra field thirdparty insurer: made" in would or any("extra field" in line for line in would)
    assert any(line.startswith("module facture would be switched on") for line in would)
    assert exported(bare) != before
    entry_apply.change(ask, wanted.orders)
    assert entry_apply.differences(ask, wanted.orders) == []
    bare.ok("key", "rotate", "robot")
    assert told(exported(bare)) == told(before)


def test_no_secret_is_in_it_and_what_is_lost_is_told(bare: BridgedSite) -> None:
    bare.install()
    fill(bare)
    text = exported(bare)
    for secret in (KEY, "of the server", "********", "dolcrypt:"):
        assert secret not in text
    assert 'MAIN_MAIL_SMTPS_PW: "{{ vault_norte_constant_main_mail_smtps_pw }}"' in text
    assert "# not carried:\n# - what is not in the application" in text
    assert json.dumps("Clínica Norte", ensure_ascii=False) in text
    assert "!unsafe" in text
    assert "# - user luis, who is disabled" in text
