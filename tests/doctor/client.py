# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client that knows nothing of the doctor: what people and programs do with a site all day, by real requests."""

from __future__ import annotations

import html
import http.client
import json
import re
import socket
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

API = "/api/index.php"
#: Seconds that a client waits for an answer, and after which it complains of one.
PATIENCE, SLOW = 10.0, 6.0
#: A document of a clinic's in a request, and a header as a browser with many cookies sends it.
BODY, HEADER = 1_500_000, 6_000


class _Tls(http.client.HTTPConnection):
    """To an address, under the site's name."""

    def __init__(self, address: str, domain: str, encrypted: bool, port: int) -> None:
        super().__init__(address, port, timeout=PATIENCE)
        self._domain, self._encrypted = domain, encrypted

    def connect(self) -> None:
        self.sock = socket.create_connection((self.host, self.port), self.timeout)
        if self._encrypted:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=self._domain)


@dataclass
class Client:
    """Somebody who uses one site."""

    address: str
    domain: str
    encrypted: bool
    login: str
    password: str
    key: str
    port: int = 443
    steps: dict[str, str] = field(default_factory=dict)

    def use(self) -> dict[str, str]:
        """By step of a client's day, empty where it went well, or what was wrong."""
        self.steps, late = {}, 0
        for name, step in self._all().items():
            started = time.monotonic()
            try:
                step()
                took = time.monotonic() - started
                self.steps[name] = f"took {took:.0f} s" if took > SLOW else ""
            except (OSError, http.client.HTTPException, AssertionError, ValueError, KeyError, TypeError) as error:
                self.steps[name] = f"{type(error).__name__}: {error}"[:160] or "failed"
                late += isinstance(error, TimeoutError)
                if late > 1 or (isinstance(error, OSError) and name == "page"):
                    # Nothing arrives: the others would say the same.
                    break
        return self.steps

    def _all(self) -> dict[str, Callable[[], None]]:
        return {
            "page": self._page,
            "style": self._style,
            "status": self._status,
            "list": self._list,
            "log in by API": self._login,
            "write": self._write,
            "large body": self._large,
            "long header": self._header,
            "log in by form": self._form,
        }

    def _call(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, Mapping[str, str]]:
        connection = _Tls(self.address, self.domain, self.encrypted, self.port)
        try:
            shown = {"Host": self.domain, "User-Agent": "clinic/1.0"} | {
                name.replace("_", "-"): value for name, value in headers.items()
            }
            connection.request(method, path, body.encode() if body is not None else None, shown)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            return (
                answer.status,
                text,
                {name.lower(): value for name, value in answer.getheaders()}
                | {"cookies": "; ".join(value.split(";")[0] for value in answer.msg.get_all("Set-Cookie") or [])},
            )
        finally:
            connection.close()

    def _api(self, method: str, path: str, body: str | None = None, **headers: str) -> Any:  # noqa: ANN401 (JSON)
        more = {"Content_Type": "application/json"} if body is not None else {}
        status, text, _ = self._call(method, API + path, body, DOLAPIKEY=self.key, **more, **headers)
        assert status == 200, f"{method} {path}: {status} {text[:80]}"
        return json.loads(text)

    def _page(self) -> None:
        status, text, _ = self._call("GET", "/")
        assert status == 200 and 'name="password"' in text, f"GET /: {status} {text[:60]!r}"

    def _style(self) -> None:
        _, text, _ = self._call("GET", "/")
        found = re.search(r'<link[^>]*href="(/[^"]+\.css[^"]*)"', text)
        if found:
            status, _, _ = self._call("GET", html.unescape(found[1]))
            assert status == 200, f"GET {found[1]}: {status}"

    def _status(self) -> None:
        assert self._api("GET", "/status")["success"]["code"] == 200, "status"

    def _list(self) -> None:
        try:
            assert isinstance(self._api("GET", "/products?limit=3"), list), "no list"
        except AssertionError as error:
            # What 16 and older say of an empty one.
            if "No product found" not in str(error):
                raise

    def _login(self) -> None:
        sent = json.dumps({"login": self.login, "password": self.password})
        assert self._api("POST", "/login", sent)["success"]["token"], "no token"

    def _write(self) -> None:
        ref = f"drawn-{uuid.uuid4().hex[:10]}"
        number = self._api("POST", "/products", json.dumps({"ref": ref, "label": ref}))
        assert self._api("GET", f"/products/{int(number)}")["ref"] == ref, "another product"
        self._api("PUT", f"/products/{int(number)}", json.dumps({"label": "other"}))
        self._api("DELETE", f"/products/{int(number)}")

    def _large(self) -> None:
        sent = json.dumps({"login": self.login, "password": self.password}) + " " * BODY
        assert self._api("POST", "/login", sent)["success"]["token"], "no token"

    def _header(self) -> None:
        assert self._api("GET", "/status", Cookie=f"long={'x' * HEADER}")["success"]["code"] == 200

    def _form(self) -> None:
        _, page, first = self._call("GET", "/")
        fields = {
            name: html.unescape(value)
            for tag in re.findall(r"<input[^>]*hidden[^>]*>", page)
            for name, value in re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', tag)
        }
        fields |= {"username": self.login, "password": self.password}
        kind = "application/x-www-form-urlencoded"
        status, text, second = self._call("POST", "/", urlencode(fields), Cookie=first["cookies"], Content_Type=kind)
        if status in (302, 303):
            cookies = second["cookies"] or first["cookies"]
            status, text, _ = self._call("GET", second["location"], Cookie=cookies)
        assert status == 200 and 'name="password"' not in text, f"POST /: {status}, no session"
