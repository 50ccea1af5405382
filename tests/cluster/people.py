# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""People who have logged in by the floating address, and the store in which their sessions are."""

from __future__ import annotations

import re
import time

import requests

from tests.cluster.jobs import inside
from tests.cluster.load import Named

#: Where a host keeps how a site reaches its sessions, with a password.
ADDRESS = "/etc/miclinik-cache/norte.address"
_FIELD = re.compile(r'<input[^>]*name="token"[^>]*value="([^"]*)"')
#: What pages show to nobody but who has logged in: the sandbox, the application.
_INSIDE = re.compile(r"Logged in as|user/logout\.php")
#: The store as the site knows it, by HAProxy; the password stands in no argument.
_ASK = f"""
REDISCLI_AUTH=$(sed 's/.*pass]=//' {ADDRESS}); export REDISCLI_AUTH
$(command -v valkey-cli || command -v redis-cli) -p 6380 --user site-norte --no-auth-warning "$@"
"""


class Person:
    """Somebody with a browser."""

    def __init__(self, address: str, domain: str, authorities: str) -> None:
        self.url = f"https://{address}/index.php"
        self.browser = requests.Session()
        self.browser.mount("https://", Named(domain))
        self.browser.headers["Host"] = domain
        # An authority that the environment names would go first.
        self.browser.trust_env = False
        self.browser.verify = authorities

    def log_in(self, password: str) -> None:
        """Send the application's own form."""
        found = _FIELD.search(self.browser.get(self.url, timeout=30).text)
        form = {"actionlogin": "login", "loginfunction": "loginfunction", "username": "admin", "password": password}
        self.browser.post(self.url, data=form | {"token": found[1] if found else ""}, timeout=60)

    def is_inside(self, patience: float = 0) -> tuple[bool, float, str]:
        """Return whether a page knows the person, after how long, and what pages said until one did.

        Where somebody else is asked to log in it is over at once: no session comes back.
        """
        began = time.monotonic()
        words: list[str] = []
        while True:
            try:
                answer = self.browser.get(self.url, timeout=30)
                known = answer.status_code == requests.codes.ok and bool(_INSIDE.search(answer.text))
                words.append(str(answer.status_code))
            except requests.RequestException as error:
                known, answer = False, None
                words.append(type(error).__name__)
            spent = time.monotonic() - began
            if known or spent > patience or (answer is not None and answer.status_code == requests.codes.ok):
                return known, spent, " ".join(words)
            time.sleep(0.5)

    @property
    def host(self) -> str:
        """The application host that serves the person."""
        return str(self.browser.cookies.get("miclinik_host"))

    @property
    def number(self) -> str:
        """The number of the session."""
        return next(str(cookie.value) for cookie in self.browser.cookies if cookie.name.startswith("DOLSESSID_"))


def ask(name: str, *words: str) -> str:
    """Ask the store, as the site on the host ``name`` does."""
    return inside(name, "sh", "-c", _ASK, "ask", *words).strip()


def written_to(voter: str, address: str) -> str:
    """Return the address of the copy that is written to, as the voter on a host says."""
    client = inside(voter, "sh", "-c", "command -v valkey-cli || command -v redis-cli").split()[0]
    words = ("-h", address, "-p", "26379", "sentinel", "get-master-addr-by-name", "miclinik")
    return inside(voter, client, *words).split()[0]
