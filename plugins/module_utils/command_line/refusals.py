# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why the API has refused a call: its user, the key on record, the module that would have the endpoint, rights."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import api_modules
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, words
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host

#: An endpoint of a module that is off is 401 up to 16, 403 from 17 on, and 404 or 501 where the API knows none of it.
_UNKNOWN_KEY, _FORBIDDEN, _NOT_FOUND, _NO_ENDPOINT = 401, 403, 404, 501
#: What the API itself has, whatever is on.
_ITS_OWN = ("explorer",)


def first_of(host: Host, site: str, logins: Sequence[str]) -> tuple[str, list[str]]:
    """Return the first of these users who may log in, empty where nobody may, and why others may not.

    Where the site cannot be asked it is the first one: the API says what is wrong.
    """
    told = calls.ask(host, site, ["user", "list"]).data
    if not told.get("ok"):
        return next(iter(logins), ""), []
    users = {one["login"]: one for one in told["users"]}
    reasons = {login: _kept_out(site, login, users.get(login)) for login in logins}
    return next((login for login, why in reasons.items() if not why), ""), [why for why in reasons.values() if why]


def _kept_out(site: str, login: str, user: Mapping[str, Any] | None) -> str:
    if user is None:
        return f"there is no user {login} any more: miclinikctl {site} user list"
    if not user["enabled"]:
        return f"{login} is disabled: miclinikctl {site} user enable {login}, then key rotate {login}"
    if user.get("outside"):
        return f"{login} is let in {user['outside']} alone, as its card in the application says"
    if user.get("key", "") is None:
        return f"{login} has no key in the application: miclinikctl {site} key rotate {login}"
    return ""


def why(host: Host, site: str, login: str, key: str, path: str, status: int) -> list[str]:  # noqa: PLR0917 (one call)
    """Return why a call has got ``status``, as far as the site says: a sentence each, with what to do."""
    if status not in (_UNKNOWN_KEY, _FORBIDDEN, _NOT_FOUND, _NO_ENDPOINT):
        return []
    if status == _UNKNOWN_KEY and (told := _key(host, site, login, key)):
        return [told]
    return _endpoint(host, site, login, path, status)


def _key(host: Host, site: str, login: str, key: str) -> str:
    seen = calls.ask(host, site, ["user", "show", login]).data
    if not seen.get("ok"):
        return ""
    if told := _kept_out(site, login, seen["user"]):
        return told
    shown = calls.ask(host, site, ["key", "show", login, "--reveal"]).data
    if shown.get("ok") and shown["key"] != key:
        return f"the application has another key of {login} than the record: miclinikctl {site} key adopt {login}"
    return ""


def _endpoint(host: Host, site: str, login: str, path: str, status: int) -> list[str]:
    segment = urllib.parse.urlsplit(path).path.strip("/").partition("/")[0].lower()
    modules = calls.ask(host, site, ["module", "list"]).data
    if not modules.get("ok") or segment in _ITS_OWN:
        return []
    there = {name: api_modules.MODULES[name] for name in modules["available"] if name in api_modules.MODULES}
    owners = [name for name, segments in there.items() if segment in segments]
    if not owners:
        known = [one for segments in there.values() for one in segments]
        near = words.meant(segment, known)
        # A module of somebody's own may have endpoints that nobody here knows.
        return [f"no module of this version is known to have /{segment}.{near}"] if near or status != _NOT_FOUND else []
    if not {*owners} & {*modules["enabled"]}:
        name = " or ".join(owners)
        return [f"/{segment} is of the module {name}, which is off: miclinikctl {site} module enable {owners[0]}"]
    if status in (_UNKNOWN_KEY, _FORBIDDEN):
        return [f"the module of /{segment} is on; what {login} may do says: miclinikctl {site} right list {login}"]
    if status == _NO_ENDPOINT:
        return [f"the module of /{segment} is on, and the API does not let it be called: const get API_ENDPOINT_RULES"]
    return []
