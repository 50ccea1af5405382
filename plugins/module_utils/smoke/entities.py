# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke check that what is switched off stays off for callers who choose the entity whose constants count.

Measured on Dolibarr 16.0.3 and 22.0.4: the header DOLAPIENTITY does it, and so do `loginfunction` with `entity` or,
on 22.0.4, `switchentity` in a query or a form, where no web server can keep them away. Constants of entity 1
alone do not hold then.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, Sent
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import (
    Check,
    Mismatch,
    Promised,
    Visit,
    decoded,
    member,
)

#: An entity that no site has.
NOBODYS = "987654"
SYMPTOM = "entity-switch"
_MEND = (
    "the switch has to be set in entity 0: run the role rest_api; where callers are not to choose an entity, run the"
    " role of the web server, which keeps the header DOLAPIENTITY away"
)


#: The ways to choose the entity, by what the report calls them. `entity` alone is the login's own parameter.
WAYS: dict[str, Sent] = {
    "with the header DOLAPIENTITY": {"headers": {"DOLAPIENTITY": NOBODYS}},
    "with switchentity in the query": {"params": {"loginfunction": "smoke", "switchentity": NOBODYS}},
    "with entity in the query": {"params": {"loginfunction": "smoke", "entity": NOBODYS}},
}


def entities(visit: Visit) -> str:
    """Each switch holds in each way."""
    site = visit.site
    for way, sent in WAYS.items():
        if site.production:
            answer = visit.client.api("GET", "/status", **sent)
            if member(decoded(answer), "debug") is not None:
                raise _round(f"errors without `debug` {way}", answer)
        if not site.explorer:
            answer = visit.client.api("GET", "/explorer/swagger.json", **sent)
            if member(decoded(answer), "swagger") is not None:
                raise _round(f"an explorer that is off {way}", answer)
        if not site.login_enabled and not _without_key(visit, sent):
            raise Mismatch(f"a login endpoint that is off {way}", "it gave a key", _MEND, SYMPTOM)
    held = [
        *(["production mode"] if site.production else []),
        *([] if site.explorer else ["explorer off"]),
        *([] if site.login_enabled else ["login off"]),
    ]
    return f"{', '.join(held)}, whichever entity is asked for"


def _without_key(visit: Visit, sent: Sent) -> bool:
    """Whether the login endpoint keeps the key to itself, also from the user who has the password on record."""
    body = {"login": visit.site.login or "smoke", "password": visit.site.password or secrets.token_hex(8)}
    answer = visit.client.api("POST", "/login", **(sent | {"body": body}))
    token = member(decoded(answer), "success", "token")
    if isinstance(token, str):
        visit.client.redact.conceal(token)
    return answer.status != HTTPStatus.OK or token is None


def _round(expected: str, answer: Answer) -> Mismatch:
    return Mismatch(expected, answer.describe(), _MEND, SYMPTOM)


def checks(site: Promised) -> list[Check]:
    """The check, where something is off that has to stay off."""
    if not site.production and site.explorer and site.login_enabled:
        return []
    return [Check("entities", "switches hold for callers who name another entity", entities)]
