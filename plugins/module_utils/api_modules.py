# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which paths of the API each application module brings.

Read from swagger.json of Dolibarr 16.0.3 and 22.0.4 with every module switched on. A module is named as its class is,
without `mod` and in lower case: modSupplierProposal is `supplierproposal`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Endpoints:
    """First path segments of which a module brings some; one of them shows that it is on.

    The classes behind them are found in one folder by one switch: none appears without the others, save that a name
    changed from release to release and that the sandbox knows fewer.

    `since` is the first major release in which the module was seen with an API. Releases between 16 and 22 were not
    looked at: what 16 lacks and 22 has is only asked for from 22 on.
    """

    segments: tuple[str, ...]
    since: int = 15


def _always(*segments: str) -> Endpoints:
    return Endpoints(segments)


MODULES: dict[str, Endpoints] = {
    "accounting": Endpoints(("accountancy",), since=22),
    "adherent": _always("members", "memberstypes", "subscriptions"),
    "agenda": _always("agendaevents"),
    "api": _always("login", "status", "setup"),
    "banque": _always("bankaccounts"),
    "bom": _always("boms"),
    "categorie": _always("categories"),
    "commande": _always("orders"),
    "contrat": _always("contracts"),
    "don": _always("donations"),
    "eventorganization": Endpoints(("eventattendees",), since=22),
    "expedition": _always("shipments"),
    "expensereport": _always("expensereports"),
    "facture": _always("invoices"),
    "ficheinter": _always("interventions"),
    "fournisseur": _always("supplierinvoices", "supplierorders"),
    "knowledgemanagement": Endpoints(("knowledgemanagement",), since=16),
    "mrp": _always("mos"),
    "multicurrency": Endpoints(("multicurrencies",), since=22),
    "partnership": Endpoints(("partnerships",), since=22),
    "product": _always("products"),
    "projet": _always("projects", "tasks"),
    "propale": _always("proposals"),
    "reception": Endpoints(("receptions",), since=16),
    "recruitment": Endpoints(("recruitments", "recruitment"), since=16),
    "salaries": Endpoints(("salaries",), since=22),
    "service": Endpoints(("products",), since=22),
    "societe": _always("thirdparties", "contacts"),
    "stock": _always("stockmovements", "warehouses"),
    "supplierproposal": _always("supplierproposals"),
    "ticket": _always("tickets"),
    "user": _always("users"),
    "webhook": Endpoints(("webhook",), since=22),
    "workstation": Endpoints(("workstations",), since=22),
    "zapier": Endpoints(("zapier", "zapierapi")),
}

#: Names that the application itself uses elsewhere for the same modules.
ALIASES = {"propal": "propale", "supplier_proposal": "supplierproposal", "intervention": "ficheinter"}


def canonical(module: str) -> str:
    """`modSociete`, `Societe` and `societe` are the same module."""
    name = module.strip().lower().removeprefix("mod")
    return ALIASES.get(name, name)


def endpoints(module: str, major: int) -> tuple[str, ...]:
    """First path segments that `module` may bring in release `major`; empty when it is not known to bring any."""
    found = MODULES.get(canonical(module))
    return found.segments if found and major >= found.since else ()


def first_segments(paths: Iterable[str]) -> dict[str, int]:
    """How many of the paths (`/orders/{id}`) lie under each first segment (`orders`)."""
    counts: dict[str, int] = {}
    for path in paths:
        segment = path.lstrip("/").partition("/")[0].lower()
        counts[segment] = counts.get(segment, 0) + 1
    return counts
