# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with the API's users: who they are, whether they may work, their keys, passwords and rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, quote

MEND = "run the role rest_api, which brings modules, settings, users and rights to what the inventory says"


#: All of them, and the one of a site without the module multicompany.
_ENTITIES = (0, 1)


def users(case: Case) -> Iterator[Finding]:
    """API users that are not as the inventory wants them."""
    if not case.database_answers:
        return
    failed = quote(case.failed("login", "status", "reads", "record"), 1)
    off = set(case.site["modules"]) - set(case.status["modules"])
    for wanted in case.site["users"]:
        user = case.application["users"].get(wanted["login"])
        if user is None:
            continue
        if not user["there"]:
            yield _absent(wanted["login"], user.get("holder", ""), failed)
        elif user.get("foreign"):
            yield _foreign(wanted["login"], user, failed)
        else:
            yield from _kept_out(case, wanted, user, failed)
            yield from _secrets(wanted, user, failed)
            yield from _rights(wanted, user, off, failed)


def _absent(login: str, holder: str, failed: tuple[str, ...]) -> Finding:
    if not holder:
        return Finding("user-missing", f"The API user {login} does not exist", failed, MEND)
    seen = (f"there is no user {login}, and {holder} holds the key on record of {login}", *failed)
    mend = (
        f"give {holder} its login {login} back, on its card in the pages, or write {holder} as the login in api.users"
    )
    return Finding("user-renamed", f"The API user {login} was renamed to {holder}", seen, mend)


def _foreign(login: str, user: Mapping[str, Any], failed: tuple[str, ...]) -> Finding:
    what = "an administrator" if user.get("admin") else "a user"
    seen = (f"{login} is {what} whom somebody else has made, and opens with nothing on record", *failed)
    mend = "choose another login in api.users, or say existing: true beside this one, which is taken over then"
    mend += ", and admin: true, or take that flag away on its card" if user.get("admin") else ""
    return Finding("user-foreign", f"The API user {login} is somebody else's", seen, mend)


def _kept_out(
    case: Case, wanted: Mapping[str, Any], user: Mapping[str, Any], failed: tuple[str, ...]
) -> Iterator[Finding]:
    """Who may not work at all, or sees more or less than its rights say."""
    login = wanted["login"]
    card = f"on the card of {login} in the application's pages"
    if not user["enabled"]:
        yield Finding("user-disabled", f"The API user {login} is disabled", (f"{login}: enabled = no", *failed), MEND)
    if days := user.get("outside"):
        seen = (f"{login} may log in {days}, and today is no such day", *failed)
        yield Finding(
            "user-expired", f"The API user {login} is not valid today", seen, f"mend the dates of validity {card}"
        )
    if party := user.get("third_party"):
        cause = f"The API user {login} is an external user, who sees nothing but what is one third party's"
        seen = (f"{login} belongs to the third party with the id {party}", *failed)
        yield Finding("user-external", cause, seen, f"take the link to third party and contact away {card}")
    if user.get("entity") not in (None, *_ENTITIES) and "multicompany" not in case.site["modules"]:
        cause = f"The API user {login} is of the entity {user['entity']}, which this site has not: nothing there is on"
        yield Finding("user-entity", cause, (f"{login}: entity = {user['entity']}", *failed), MEND)
    if user.get("admin") and not wanted.get("admin"):
        cause = f"The API user {login} is an administrator: its key may do everything"
        seen = (f"{login}: administrator = yes, and the inventory gives it rights only",)
        yield Finding("user-admin", cause, seen, f"{MEND}; where it is meant, say admin: true in api.users")


def _secrets(wanted: Mapping[str, Any], user: Mapping[str, Any], failed: tuple[str, ...]) -> Iterator[Finding]:
    login = wanted["login"]
    if dead := expiry.told(login, wanted):
        # As it is meant (doctor/notes.py), but for the one by whose key the site is looked at.
        if not failed:
            return
        mend = "give it a later day and run playbooks/site.yml; until then the host takes every key of it out"
        yield Finding("key-expired", f"The key of {login} has expired", (dead, *failed), mend)
    elif "key" in user["differs"] or not user["key"]:
        seen = f"{login} has {'another key than the one on record' if user['key'] else 'no key'}"
        mend = f"{MEND}; for a new one declare it first (api.users[].key)"
        yield Finding("key-revoked", f"The key on record of {login} is not valid any more", (seen, *failed), mend)
    if "password" in user["differs"]:
        seen = f"{login} has another password than the one on record"
        cause = f"The password on record of {login} is not valid any more"
        yield Finding("password-changed", cause, (seen, *failed), MEND)


def _rights(
    wanted: Mapping[str, Any], user: Mapping[str, Any], off: Set[str], failed: tuple[str, ...]
) -> Iterator[Finding]:
    missing = [right for right in wanted["rights"] if right not in user["rights"] and not _goes_with(right, off)]
    if missing:
        seen = f"{wanted['login']} has not: {', '.join(missing)}"
        yield Finding("right-missing", f"The API user {wanted['login']} lacks a right", (seen, *failed), MEND)


def _goes_with(right: str, off: Set[str]) -> bool:
    """Whether a right is gone with its module, which is a cause of its own."""
    name = right.partition(".")[0]
    return doctor_sites.READABLE.get(f"{name}.lire", (name, ""))[0] in off
