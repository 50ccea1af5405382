# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A session number that somebody else knows is worth nothing after the log-in, asked from the controller."""

from __future__ import annotations

import json
import re
from urllib.parse import urlencode

import requests
from testinfra.host import Host

from . import calls
from .conftest import HostedSite

CHOSEN = "c" * 26
FORM = 'name="password"'


def _ask(host: Host, site: HostedSite, jar: dict[str, str], form: dict[str, str] | None = None) -> requests.Response:
    """Ask for the front page with these cookies, which take up what is set."""
    url = f"{calls.base_url(host, site)}/index.php"
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()), "Referer": url}
    if form is None:
        answer = calls.send(host, url, "GET", headers)
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = calls.send(host, url, "POST", headers, iter([urlencode(form).encode()]))
    # By hand: a library would judge domains and Secure, which is not what this is about.
    cookies = [value.partition(";")[0].partition("=") for value in answer.raw.headers.getlist("Set-Cookie")]
    jar |= {name: value for name, _, value in cookies}
    return answer


def test_a_number_that_somebody_else_knows_is_nobody_after_the_log_in(host: Host, site: HostedSite) -> None:
    jar: dict[str, str] = {}
    page = _ask(host, site, jar)
    (name,) = [name for name in jar if name.startswith("DOLSESSID_")]
    # One that was made up is none.
    made_up = {name: CHOSEN}
    _ask(host, site, made_up)
    assert made_up[name] not in {CHOSEN, jar[name]}
    planted = jar[name]
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    secrets = json.loads(host.file(f"{site.state}/secrets.json").content_string)
    # The administrator's password on record is the first one, and may be another by now; a user's of the API is stored.
    admin = site.settings.get("admin", {}).get("login", "admin")
    users = {login: user["password"] for login, user in secrets["users"].items()}
    login, password = next(iter((users or {admin: secrets["admin_password"]}).items()))
    form = {"actionlogin": "login", "loginfunction": "loginfunction", "username": login, "password": password}
    form |= {"token": token[1]} if token else {}
    _ask(host, site, jar, form)
    assert jar[name] != planted
    assert FORM not in _ask(host, site, dict(jar)).text
    assert FORM in _ask(host, site, {name: planted}).text
