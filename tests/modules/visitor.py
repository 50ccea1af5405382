# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Somebody who looks at a site: its pages as the administrator, its explorer, and what PHP logged meanwhile."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestClient

from tests.faults.bench import Bench

TIMEOUT = 60
#: What a page that could not be made says.
_BROKEN = re.compile(
    r"Fatal error|Uncaught \w*(?:Error|Exception)|DolibarrHasDetectedError|dolibarr has detected a technical error"
    r"|You have an error in your SQL|Access denied\.|ErrorForbidden",
    re.IGNORECASE,
)
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_LINK = re.compile(r'href="(/[^"#]*\.php[^"]*)"')
_ENDS = re.compile(r"logout|action=|/document\.php|/theme/|/core/|token=|optioncss|\.js\.php|\.css\.php")
_LOGGED = re.compile(r"PHP (?:Fatal error|Parse error|Recoverable fatal error|Warning|Deprecated|Notice)")


@dataclass
class Visitor:
    """One browser of one site."""

    bench: Bench
    session: requests.Session = field(init=False)
    client: RestClient = field(init=False)
    base: str = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        """Log in as the administrator."""
        site = self.bench.site
        self.base = site["url"]
        secrets = json.loads(self.bench.shell(f"cat {site['secrets_file']}"))
        self.key = secrets["users"]["integration"]["key"]
        self.client = RestClient(self.base, connect_to=f"{self.bench.address}:{site['listen']}", verify=False)
        self.session = requests.Session()
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, self.client.session.get_adapter(f"{scheme}x"))
        page = self.session.get(f"{self.base}/index.php", timeout=TIMEOUT)
        form = {"actionlogin": "login", "loginfunction": "loginfunction", "username": "admin"}
        token = _TOKEN.search(page.text)
        form |= {"password": secrets["admin_password"], "token": token[1] if token else ""}
        self.session.headers["Referer"] = f"{self.base}/index.php"
        answer = self.session.post(f"{self.base}/index.php?mainmenu=home", data=form, timeout=TIMEOUT)
        assert 'name="password"' not in answer.text, "the administrator could not log in"

    def links(self) -> list[str]:
        """Return the pages that the menus of the front page lead to."""
        answer = self.session.get(f"{self.base}/index.php?mainmenu=home", timeout=TIMEOUT)
        return [link for link in map(html.unescape, _LINK.findall(answer.text)) if not _ENDS.search(link)]

    def page(self, path: str) -> str:
        """Return what is wrong with a page; nothing where it is well."""
        try:
            answer = self.session.get(urljoin(f"{self.base}/", path), timeout=TIMEOUT)
        except requests.RequestException as error:
            return f"{path}: {error}"
        broken = _BROKEN.search(answer.text)
        if answer.status_code != 200 or broken:
            return f"{urlsplit(path).path}: {answer.status_code} {broken[0] if broken else answer.text[:80]!r}"
        return "" if 'name="password"' not in answer.text or "loginfunction" not in answer.text else f"{path}: log-in"

    def explorer(self) -> tuple[set[str], str]:
        """Return the first segments of the paths that the explorer lists, and what is wrong with it."""
        answer = self.session.get(
            f"{self.base}/api/index.php/explorer/swagger.json", headers={"DOLAPIKEY": self.key}, timeout=TIMEOUT
        )
        try:
            described = answer.json()
        except ValueError:
            return set(), f"swagger.json: {answer.status_code} {answer.text[:120]!r}"
        return {path.split("/")[1] for path in described["paths"]}, ""

    def call(self, method: str, path: str, **body: Any) -> requests.Response:  # noqa: ANN401 (any JSON)
        """Call the API."""
        url = f"{self.base}/api/index.php{path}"
        return self.session.request(
            method, url, json=body or None, headers={"DOLAPIKEY": self.key}, timeout=TIMEOUT * 3
        )

    def logged(self, since: str) -> list[str]:
        """Return what PHP logged of the site since a moment of the host's."""
        names = " ".join(f"-t {pool['ident']}" for pool in self.bench.site["pools"])
        text = self.bench.shell(f"journalctl -q -o cat {names} --since '@{since}' || true")
        return [line for line in text.splitlines() if _LOGGED.search(line)]

    def now(self) -> str:
        """Return the host's time."""
        return self.bench.shell("date +%s.%N").strip()
