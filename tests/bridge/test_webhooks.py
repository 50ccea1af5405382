# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Targets of the module webhook: those of the relay are as declared, those of people are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .sites import BridgedSite

RELAY = "http://127.0.0.1:9480/"
ERP = {"name": "erp", "token": "t0ken", "events": ["BILL_VALIDATE", "ORDER_VALIDATE"]}
CRM = {"name": "crm", "token": "0ther", "events": ["COMPANY_CREATE"]}


def _rows(site: BridgedSite) -> list[tuple[str, ...]]:
    """Return the targets."""
    rows = site.sql(
        "SELECT CONCAT(label, '|', url, '|', trigger_codes, '|', status) FROM llx_webhook_target ORDER BY rowid"
    )
    return [tuple(row.split("|")) for row in rows]


def _add(site: BridgedSite, label: str, url: str) -> None:
    """Make a target as somebody would in the application's pages."""
    names = "ref, label, url, trigger_codes, status, date_creation, fk_user_creat"
    values = f"'x', '{label}', '{url}', 'BILL_VALIDATE', 1, '2026-11-27 12:00:00', 1"
    site.sql(f"INSERT INTO llx_webhook_target ({names}) VALUES ({values})")  # noqa: S608 (of this test's own)


@pytest.fixture
def site(installed: BridgedSite) -> Iterator[BridgedSite]:
    """Return a site that tells nobody."""
    if not (installed.htdocs / "webhook/class/target.class.php").is_file():
        assert installed.major() < 16
        pytest.skip("this version has no webhooks")
    installed.ok("module", "enable", "webhook")
    yield installed
    installed.ok("module", "enable", "webhook")
    installed.sql("DELETE FROM llx_webhook_target")


def _ensure(site: BridgedSite, *targets: dict[str, Any], check: bool = False) -> dict[str, Any]:
    words = ["--check"] if check else []
    answer: dict[str, Any] = site.ok(*words, "webhook", "ensure", given={"targets": list(targets)})
    assert "t0ken" not in str(answer)
    return answer


def test_they_come_and_go_as_declared(site: BridgedSite) -> None:
    assert _ensure(site, ERP, check=True)["changes"] == ["erp: made"]
    assert _ensure(site, check=True)["changed"] is False
    made = _ensure(site, ERP, CRM)
    assert made["changes"] == ["erp: made", "crm: made"]
    assert made["diff"]["after"]["erp"] == {"trigger_codes": "BILL_VALIDATE,ORDER_VALIDATE", "status": 1, "type": 1}
    assert _rows(site) == [
        ("miclinik.hosting: erp", f"{RELAY}t0ken", "BILL_VALIDATE,ORDER_VALIDATE", "1"),
        ("miclinik.hosting: crm", f"{RELAY}0ther", "COMPANY_CREATE", "1"),
    ]
    assert _ensure(site, ERP, CRM)["changed"] is False
    assert _ensure(site, ERP | {"events": ["BILL_PAYED"]})["changes"] == ["erp: changed", "crm: taken away"]
    assert _rows(site) == [("miclinik.hosting: erp", f"{RELAY}t0ken", "BILL_PAYED", "1")]


def test_those_of_people_are_left_alone(site: BridgedSite) -> None:
    _add(site, "mine", "https://example.org/")
    _ensure(site, ERP)
    assert _ensure(site)["changes"] == ["erp: taken away"]
    assert [row[0] for row in _rows(site)] == ["mine"]


def test_what_somebody_has_changed_is_taken_back(site: BridgedSite) -> None:
    _ensure(site, ERP)
    site.sql("UPDATE llx_webhook_target SET status = 0, trigger_codes = 'X_Y'")
    _add(site, "miclinik.hosting: erp", f"{RELAY}t0ken")
    _add(site, "", f"{RELAY}former")
    assert "erp: changed" in _ensure(site, ERP)["changes"]
    assert _rows(site) == [("miclinik.hosting: erp", f"{RELAY}t0ken", "BILL_VALIDATE,ORDER_VALIDATE", "1")]
    assert _ensure(site, ERP)["changed"] is False


def test_without_the_module(site: BridgedSite) -> None:
    site.ok("module", "disable", "webhook")
    assert _ensure(site, ERP, check=True)["changes"] == ["erp: made"]
    assert _ensure(site)["changed"] is False
    assert "Add webhook to `modules`" in site.error("webhook", "ensure", given={"targets": [ERP]})["mend"]
