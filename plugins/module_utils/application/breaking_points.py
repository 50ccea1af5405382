# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What each major version of the application changes for hosting, clients of the API and custom modules.

From the application's own ChangeLog of 15 to 23, and what was measured here of 20 to 24. What concerns people at their
pages alone is not in it, and neither are the oldest versions of PHP (7.2 in 24): no host that this collection knows has
one as old.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions

API, MODULES, HOSTING = "clients of the API", "custom modules", "hosting"

#: By the major version that brings it: whom it concerns, and what is other than before.
POINTS: Mapping[int, Sequence[tuple[str, str]]] = {
    15: ((MODULES, "forms without the security token are refused, and commands of the shell go through executeCLI()"),),
    16: (
        (MODULES, "links with a sensitive action want the security token too (MAIN_SECURITY_CSRF_WITH_TOKEN is 2)"),
        (MODULES, "triggers XXX_UPDATE are called XXX_MODIFY, and fetch_all() of resources fetchAll()"),
    ),
    17: (
        (MODULES, "the right propale is called propal in PHP, and llx_prelevement_facture llx_prelevement"),
        (MODULES, "a descriptor's $url_last_version has to be public"),
    ),
    18: (
        (HOSTING, "keys are encrypted with the instance's id: a database without it has dead keys"),
        (MODULES, "hooks add and replace by default; escapeunderscore() is gone"),
        (API, "the SOAP web services are on their way out"),
    ),
    19: (
        (MODULES, "properties ->brouillon, ->date_livraison, ->statuts and ->user_creat are gone"),
        (MODULES, "the hook changeHelpURL is gone; conditions of extra fields have no $soc and no $right"),
    ),
    20: (
        (API, "some answers are 403 that were 401; empty lists of some endpoints are 200 that were 404"),
        (API, "a wrong key takes a second to be refused"),
        (API, "/thirdparties/gateways is called /thirdparties/accounts"),
        (MODULES, "filters of fetchAll() and of extra fields are universal search filters, no SQL"),
        (MODULES, "commande_fournisseur_dispatch is called receptiondet_batch, and ->delete() wants $user first"),
        (HOSTING, "tables of optional modules come when the module is switched on"),
    ),
    21: (
        (MODULES, "triggers XXX_INSERT give way to XXX_CREATE, CATEGORY_LINK to CATEGORY_MODIFY; dol_bc() is gone"),
        (MODULES, "the SOAP client's module (WebserviceClient) is gone"),
    ),
    22: (
        (
            API,
            "website accounts of third parties are made by POST and changed by PUT; interventions are read as others",
        ),
        (MODULES, "$trigger_name, ->fk_departement and ->price_ht of lines are gone; dol_eval() allows no GETPOST"),
        (HOSTING, "STOCK_ALLOW_NEGATIVE_TRANSFER became STOCK_DISALLOW_NEGATIVE_TRANSFER, which means the opposite"),
    ),
    23: (
        (API, "/proposals/{id}/contact takes no source, /interventions/{id}/reopen is settodraft"),
        (API, "stock movements are read under the names that they are written with"),
        (API, "an order with a product that is not on sale is not validated (500)"),
        (MODULES, "run_trigger() and img_pdf() are gone, ->cancel() of orders and shipments wants $user"),
        (MODULES, "templates of documents count below the module's own folder in custom/ only"),
    ),
    24: ((API, "/login is off until API_ENABLE_LOGIN_API is 1 (api.login sees to it)"),),
}


def told(present: str, target: str) -> list[str]:
    """Return what changes on the way from one version to another, a sentence for each major version."""
    found = []
    for major in range(versions.number(present) + 1, versions.number(target) + 1):
        for whom in (HOSTING, API, MODULES):
            if points := [words for concerned, words in POINTS.get(major, ()) if concerned == whom]:
                found.append(f"{major} changes for {whom}: {'; '.join(points)}")
    return found
