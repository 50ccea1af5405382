# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The application's pages as a person uses them: logs in, fills in forms and clicks on links, over HTTP."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

from .servers import free_port
from .sites import ADMIN_PASSWORD, PHP, USER, BridgedSite

Fields = list[tuple[str, str]]
_START_SECONDS, _ANSWER_SECONDS = 10, 60
#: Of inputs those that a browser sends only when they are clicked on.
_BUTTONS = ("submit", "button", "image", "reset", "file")


@contextlib.contextmanager
def served(site: BridgedSite) -> Iterator[str]:
    """Serve the site by PHP's own web server, as its user; yield its address."""
    port = free_port()
    become = ["setpriv", "--reuid", USER, "--regid=nogroup", "--clear-groups"] if USER else []
    settings = ["-d", "display_errors=0", "-d", f"session.save_path={site.temporary}", "-d", "max_input_vars=5000"]
    words = [*become, PHP, *settings, "-S", f"127.0.0.1:{port}", "-t", str(site.htdocs)]
    with open(os.devnull, "wb") as out:  # noqa: PTH123 (no file)
        process = subprocess.Popen(words, cwd=site.htdocs, stdout=out, stderr=out, env=site.environment)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


class Page(HTMLParser):
    """What a person can use of a page: its forms, filled in as they are shown, and its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.forms: list[tuple[str, Fields]] = []
        self.links: list[str] = []
        self.token = ""
        self._open: str | None = None
        self._select: list[tuple[str, bool]] | None = None
        self._area: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
            # Pages without a form have it in their links alone.
            self.token = self.token or given["href"].partition("token=")[2].partition("&")[0]
        elif tag == "meta" and given.get("name") == "anti-csrf-newtoken":
            self.token = given.get("content", "")
        elif tag == "form":
            self.forms.append((given.get("action", ""), []))
        elif tag == "input":
            self._input(given)
        elif tag == "select":
            self._open, self._select = given.get("name", ""), []
        elif tag == "option" and self._select is not None:
            self._select.append((given.get("value", ""), "selected" in given))
        elif tag == "textarea":
            self._open, self._area = given.get("name", ""), []

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select is not None:
            chosen = [value for value, selected in self._select if selected] or [v for v, _ in self._select][:1]
            for value in chosen:
                self._field(self._open or "", value)
            self._select = None
        elif tag == "textarea" and self._area is not None:
            self._field(self._open or "", "".join(self._area))
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.append(data)

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower()
        if kind in _BUTTONS or (kind in ("checkbox", "radio") and "checked" not in given):
            return
        self._field(given.get("name", ""), given.get("value", "on" if kind == "checkbox" else ""))

    def _field(self, name: str, value: str) -> None:
        if name and self.forms:
            self.forms[-1][1].append((name, value))
        if name == "token" and value:
            self.token = value


class Pages:
    """A person who is logged in."""

    def __init__(self, address: str, login: str = "admin", password: str = ADMIN_PASSWORD) -> None:
        self.address = self.url = address
        self.session = requests.Session()
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.open("index.php")
                break
            except requests.ConnectionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)
        self.submit("password", username=login, password=password)
        assert "password" not in self.fields, "not logged in"

    @property
    def fields(self) -> set[str]:
        """The names of all fields of the page."""
        return {name for _, fields in self.page.forms for name, _ in fields}

    def open(self, path: str, **query: str) -> Page:
        """Go to a page."""
        return self._ask("GET", f"{self.address}/{path}", params=query)

    def click(self, *parts: str) -> Page:
        """Follow the link that has all of ``parts`` in its query, as ``action=set``."""
        for link in self.page.links:
            query = {f"{name}={value}" for name, values in parse_qs(urlsplit(link).query).items() for value in values}
            if {*parts} <= query:
                return self._ask("GET", urljoin(self.url, link))
        raise AssertionError(f"no link with {parts} on {self.url}: {sorted(set(self.page.links))}")

    def submit(self, having: str, *button: str, **changes: str) -> Page:
        """Send the form that has all the fields ``having``, a blank between them, with ``changes``."""
        wanted = {*having.split()}
        found = [form for form in self.page.forms if wanted <= {name for name, _ in form[1]}]
        assert found, f"no form with {having} on {self.url}: {self.page.forms}"
        action, fields = found[0]
        sent = [(name, value) for name, value in fields if name not in changes] + list(changes.items())
        return self._ask("POST", urljoin(self.url, action), data=[*sent, *((name, "x") for name in button)])

    def send(self, path: str, **fields: str) -> Page:
        """Answer "yes" to a question of the page's script: a request with the page's token."""
        return self.open(path, token=self.page.token, **fields)

    def _ask(self, method: str, url: str, **how: Any) -> Page:  # noqa: ANN401 (as requests takes it)
        answer = self.session.request(method, url, timeout=_ANSWER_SECONDS, headers={"Referer": self.url}, **how)
        assert answer.status_code == 200, f"{method} {url}: {answer.status_code} {answer.text[:600]}"
        self.url, self.page = answer.url, Page(answer.text)
        return self.page
