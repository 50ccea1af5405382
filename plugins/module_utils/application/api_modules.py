# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which paths of the API each application module brings.

Read from swagger.json of Dolibarr 16.0.3 and 22.0.4 with every module switched on, and for others of 15 to 24 from the
files that api/index.php looks through. A module is named as its class is, without `mod` and in lower case:
modSupplierProposal is `supplierproposal`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions

#: First path segments of which a module brings some; one of them shows that it is on. The classes behind them are found
#: in one folder by one switch: none appears without the others, save that a name changed from release to release and
#: that the sandbox knows fewer. `versions.API_SINCE` says from when on.
MODULES: dict[str, tuple[str, ...]] = {
    "accounting": ("accountancy",),
    "adherent": ("members", "memberstypes", "subscriptions"),
    "agenda": ("agendaevents",),
    "api": ("login", "status", "setup"),
    "banque": ("bankaccounts",),
    "bom": ("boms",),
    "categorie": ("categories",),
    "commande": ("orders",),
    "contrat": ("contracts",),
    "don": ("donations",),
    "eventorganization": ("eventattendees",),
    "expedition": ("shipments",),
    "expensereport": ("expensereports",),
    "facture": ("invoices",),
    "ficheinter": ("interventions",),
    "fournisseur": ("supplierinvoices", "supplierorders"),
    "holiday": ("holidays",),
    "knowledgemanagement": ("knowledgemanagement",),
    "mailing": ("mailings",),
    "mrp": ("mos",),
    "multicurrency": ("multicurrencies",),
    "partnership": ("partnerships",),
    "product": ("products",),
    "projet": ("projects", "tasks"),
    "propale": ("proposals",),
    "reception": ("receptions",),
    "recruitment": ("recruitments", "recruitment"),
    "salaries": ("salaries",),
    "service": ("products",),
    "societe": ("thirdparties", "contacts"),
    "stock": ("stockmovements", "warehouses"),
    "supplierproposal": ("supplierproposals",),
    "ticket": ("tickets",),
    "user": ("users",),
    "webhook": ("webhook",),
    "workstation": ("workstations",),
    "zapier": ("zapier", "zapierapi"),
}

#: Names that the application itself uses elsewhere for the same modules.
ALIASES = {"propal": "propale", "supplier_proposal": "supplierproposal", "intervention": "ficheinter"}

#: What a class has before the module's name, which begins with a capital.
_CLASS = re.compile(r"^mod(?=[A-Z])")


def canonical(module: str) -> str:
    """`modSociete`, `Societe` and `societe` are the same module; `modulebuilder` is no class `modUlebuilder`."""
    name = _CLASS.sub("", module.strip()).lower()
    return ALIASES.get(name, name)


def endpoints(module: str, version: str) -> tuple[str, ...]:
    """First path segments that `module` may bring in `version`; empty when it is not known to bring any."""
    name = canonical(module)
    # A release whose version is not known is asked for nothing that a newer one has brought.
    return MODULES.get(name, ()) if versions.number(version) >= versions.API_SINCE.get(name, 0) else ()


def first_segments(paths: Iterable[str]) -> dict[str, int]:
    """How many of the paths (`/orders/{id}`) lie under each first segment (`orders`)."""
    counts: dict[str, int] = {}
    for path in paths:
        segment = path.lstrip("/").partition("/")[0].lower()
        counts[segment] = counts.get(segment, 0) + 1
    return counts
