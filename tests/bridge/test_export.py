# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site is, as an inventory: applied to an empty site it makes one whose inventory is the same to the byte."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import export, settings
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import (
    calls,
    entry_apply,
    entry_file,
    entry_orders,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life import export_commands
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, logos, rules, sites

from .sites import BridgedSite, quote
from .test_declared import COMPANY, DICTIONARIES, EXTRA_FIELDS, logo

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


#: What the sandbox has no files of, in the form of the application's own.
SHIPPED = """
insert into llx_c_payment_term(rowid, code, sortorder, active, libelle, libelle_facture, type_cdr, nbjour) \
values (1,'RECEP',1,1, 'Due upon receipt','Due upon receipt',0,1);
insert into llx_c_payment_term(rowid, code, sortorder, active, libelle, libelle_facture, type_cdr, nbjour) \
values (2,'30D',2,1, '30 days','Due in 30 days',0,30);
INSERT INTO llx_c_paiement (id,code,libelle,type,active) values (4, 'LIQ', 'Cash', 2,1);
INSERT INTO llx_c_paiement (id,code,libelle,type,active) values (7, 'CHQ', 'Cheque', 2,1);
insert into llx_c_tva(fk_pays,taux,note,active,entity) values (4,'21','Standard',1,__ENTITY__);
INSERT INTO llx_c_units (code, sortorder, scale, label, short_label, unit_type, active) \
VALUES ('P',10,'1','piece','p','qty',1);
"""


@pytest.fixture
def site(bare: BridgedSite) -> Iterator[BridgedSite]:
    """Return an installed site whose code has the installer's rows of dictionaries."""
    bare.install()
    folder = bare.htdocs / "install/mysql/data"
    made = not folder.is_dir()
    if made:
        folder.mkdir()
        lines = []
        for row in bare.ok("dictionary", "list")["dictionaries"]["countries"]:
            numbers = f"{row['favorite']}, {row['eec']}, {row['sepa']}, {int(row.get('active', True))}"
            values = f"{quote(row.get('code', ''))}, {quote(row['label'])}, {numbers}"
            lines.append(f"INSERT INTO llx_c_country (code, label, favorite, eec, sepa, active) VALUES ({values});")  # noqa: S608 - a file for a test
        currencies = bare.ok("dictionary", "list")["dictionaries"]["currencies"]
        rows = [f"({quote(row['code'])}, {quote(row['label'])})" for row in currencies]
        lines += [f"INSERT INTO llx_c_currencies (code_iso, label) VALUES {row};" for row in rows]  # noqa: S608
        (folder / "llx_c.sql").write_text("\n".join([SHIPPED, *lines]))
    yield bare
    if made:
        shutil.rmtree(folder)


def exported(site: BridgedSite, folder: Path | None = None) -> str:
    """Return what `miclinikctl norte export` prints, with `--files` as well."""
    answers = site.ok("batch", given=export.ORDERS)["answers"]
    files = export_commands.put_beside(export.logos(answers), site.documents, folder) if folder else {}
    entry, lost = export.entry("norte", "http://norte.example.org/erp", site.version(), "admin", answers, files)
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
    (planned,) = promises.settings(sites.plan(entries), secrets)
    wanted = logos.with_content(planned, Path("/"))
    site.ok("batch", given=settings.orders(wanted))


def told(text: str) -> str:
    """Return what is carried: what is not, the other site need not have."""
    return text.partition("# not carried:")[0]


def fill(site: BridgedSite) -> None:
    """Make something of everything, as people do."""
    site.batch(
        ("module enable", {"names": ["societe", "product", "commande", "facture", "api"]}),
        ("company ensure", COMPANY | logo()),
        ("dictionary ensure", {"dictionaries": DICTIONARIES}),
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


def test_a_site_as_it_is_shipped_has_no_rows_of_its_own(site: BridgedSite) -> None:
    site.ok("module", "enable", "societe", "product", "commande", "facture")
    assert site.ok("dictionary", "changed")["dictionaries"] == {}


def test_exported_and_applied_it_is_the_same_to_the_byte(site: BridgedSite, tmp_path: Path) -> None:
    fill(site)
    before = exported(site, tmp_path)
    assert f"logo: {json.dumps(str(tmp_path / 'norte.png'))}" in before
    assert all(words in before for words in ('code: "30D"', 'label: "Bizum"', "rate: 7.5"))
    site.reset()
    site.install()
    apply(site, before)
    after = exported(site, tmp_path)
    assert told(after) == told(before)
    # And once more nothing changes.
    apply(site, after)
    assert exported(site, tmp_path) == after


def test_applied_by_the_command_line_it_is_the_same_but_for_keys(site: BridgedSite, tmp_path: Path) -> None:
    fill(site)
    before = exported(site, tmp_path)
    file = tmp_path / "norte.yml"
    file.write_text(before)
    known = {"vault_norte_constant_main_mail_smtps_pw": "of the server"}

    def ask(orders: Sequence[Answer], check: bool) -> calls.Said:
        answer = site.ctl(*(["--check"] if check else []), "batch", given=list(orders))
        return calls.Said("", 0, answer)

    wanted = entry_orders.of(entry_file.entry(str(file), "norte"), tmp_path, known, ["api"])
    # It is what it says of itself, whichever entity the application has its own constants in; the API's switches are
    # those that each site of ours has.
    site.ok("batch", given=[order for order in wanted.orders if order["args"].get("everywhere")])
    assert entry_apply.differences(ask, wanted.orders) == []
    site.reset()
    site.install()
    site.ok("module", "enable", "api")
    would = entry_apply.differences(ask, wanted.orders)
    assert any(line.startswith("extra field ") for line in would)
    assert "dictionary payment modes BIZ: made" in would
    assert any(line.startswith("module facture would be switched on") for line in would)
    assert exported(site, tmp_path) != before
    entry_apply.change(ask, wanted.orders)
    assert entry_apply.differences(ask, wanted.orders) == []
    site.ok("key", "rotate", "robot")
    assert told(exported(site, tmp_path)) == told(before)


def test_no_secret_is_in_it_and_what_is_lost_is_told(site: BridgedSite) -> None:
    fill(site)
    text = exported(site)
    assert "# - company.logo (norte.png): a file" in text
    for secret in (KEY, "of the server", "********", "dolcrypt:"):
        assert secret not in text
    assert 'MAIN_MAIL_SMTPS_PW: "{{ vault_norte_constant_main_mail_smtps_pw }}"' in text
    assert "# not carried:\n# - what is not in the application" in text
    assert json.dumps("Clínica Norte", ensure_ascii=False) in text
    assert "!unsafe" in text
    assert "# - user luis, who is disabled" in text
