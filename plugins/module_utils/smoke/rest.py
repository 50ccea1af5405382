# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one way this collection speaks HTTP to a site: strict, timed, and unable to print a secret.

Needs requests, 2.28 (Debian 12) or newer; `REQUESTS_MISSING` holds the import error where there is none, so that a
caller can report it the way Ansible does.
"""

from __future__ import annotations

import io
import json
import re
import ssl
import tempfile
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, TypedDict, Unpack, cast
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.text.redaction import Redactor

if TYPE_CHECKING:
    from requests.adapters import _HostParams, _PoolKwargs

REQUESTS_MISSING: str | None = None
try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # the caller reports it with missing_required_lib
    REQUESTS_MISSING = traceback.format_exc()
    if not TYPE_CHECKING:
        requests = urllib3 = None
        HTTPAdapter = object

#: What the API lives under, relative to the site's base URL.
API_PATH = "/api/index.php"
#: Bytes read of one answer; the description of all 22.0.4 operations has 1.2 MB.
BODY_LIMIT = 16 * 1024 * 1024
_SNIPPET = 160
_NOISE = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_OBJECT = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>:?\s*")


class RestError(Exception):
    """No usable HTTP answer; the text holds no secret.

    `kind` is one of timeout, tls, connect, closed, size, url, other; `closed`: somebody took the connection, and ended
    it without an answer, which no firewall on the way does.
    """

    def __init__(self, kind: str, message: str, ms: float = 0.0) -> None:
        super().__init__(message)
        self.kind = kind
        self.ms = ms


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: `mime` is the content type in lower case without parameters, `ms` the milliseconds it took."""

    method: str
    url: str
    status: int
    mime: str
    headers: Mapping[str, str]
    body: bytes
    ms: float
    redact: Redactor

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 are replaced."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> object:
        """The decoded body.

        :raises ValueError: it is not JSON, or the server did not call it JSON.
        """
        if self.mime != "application/json":
            raise ValueError(f"the content type is {self.mime or 'missing'}, not application/json")
        decoded: object = json.loads(self.body)
        return decoded

    def describe(self) -> str:
        """Status, type and the beginning of the visible text, on one line, without secrets."""
        words = self.redact(" ".join(_NOISE.sub(" ", self.text).split()))
        shown = words[:_SNIPPET] + ("..." if len(words) > _SNIPPET else "")
        parts = [str(self.status), self.mime or "no content type"]
        if "location" in self.headers:
            parts.append("Location: " + self.redact(self.headers["location"]))
        parts.append(f'"{shown}"' if shown else "an empty body" if not self.body else f"{len(self.body)} bytes")
        return ", ".join(parts)


def split_address(value: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `::1` or `[::1]:port` as host and port.

    :raises RestError: kind `url`, it is none of these.
    """
    found = re.fullmatch(
        r"\[(?P<six>[0-9A-Fa-f:.]+(?:%[\w.-]+)?)\](?::(?P<p6>\d+))?|(?P<host>[^\s:/\[\]]+)(?::(?P<p4>\d+))?", value
    )
    if found:
        port = found["p6"] or found["p4"]
        return found["six"] or found["host"], int(port) if port else None
    if re.fullmatch(r"[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.-]+)?", value):
        return value, None
    raise RestError("url", f"{value!r} is not an address to connect to; write host, host:port or [IPv6]:port")


class _ConnectTo(HTTPAdapter):
    """Opens the connection to a given address while name, SNI and certificate check stay the URL's."""

    def __init__(self, host: str, port: int | None, plain: bool) -> None:
        self._host = host
        self._port = port
        self._plain = plain
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: bool | str,
        cert: str | tuple[str, str] | None = None,
    ) -> tuple[_HostParams, _PoolKwargs]:
        where, tls = super().build_connection_pool_key_attributes(request, verify, cert)
        if self._plain:
            where["scheme"] = "http"
        elif where["scheme"] == "https":
            # Known to urllib3, missing in the published types of requests.
            names = cast("dict[str, object]", tls)
            names["server_hostname"] = where["host"]
            names["assert_hostname"] = where["host"] if verify else False
        where["port"] = self._port or where["port"] or (443 if where["scheme"] == "https" else 80)
        where["host"] = self._host
        return where, tls

    def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> urllib3.HTTPConnectionPool:
        """The same for requests older than 2.32, as Debian 12 has it; newer ones do not call this."""
        parts = urlsplit(url if isinstance(url, str) else url.decode())
        scheme = "http" if self._plain else parts.scheme
        port = self._port or parts.port or (443 if scheme == "https" else 80)
        names = {"server_hostname": parts.hostname, "assert_hostname": parts.hostname} if scheme == "https" else {}
        pool: urllib3.HTTPConnectionPool = self.poolmanager.connection_from_host(self._host, port, scheme, names)
        return pool

    def send(  # noqa: PLR0917 - the signature is that of requests
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> requests.Response:
        # http.client would name the address it connects to.
        request.headers["Host"] = urlsplit(request.url or "").netloc
        return super().send(request, stream, timeout, verify, cert, proxies)


def public_authorities() -> str:
    """Path of the bundle that certificates are checked with when no other is named."""
    return str(requests.utils.DEFAULT_CA_BUNDLE_PATH)


class Sent(TypedDict, total=False):
    """What a request carries: `key` goes into DOLAPIKEY, `body` is sent as JSON, `data` as it is or as a form."""

    key: str | None
    headers: Mapping[str, str]
    params: Mapping[str, str | int]
    body: object
    data: bytes | io.BytesIO | Mapping[str, str]


class RestClient:
    """HTTP to one site. Redirects are not followed, cookies not kept, proxies and the environment not asked.

    :param base_url: scheme, domain and base path of the site; `API_PATH` lies under it.
    :param connect_to: address (`host` or `host:port`) to reach the domain at, whatever DNS says.
    :param verify: check the certificate.
    :param ca_path: bundle to check it with, instead of the public authorities.
    :param ca_content: certificates in PEM form to check it with, instead of these two.
    :param plain: speak plain HTTP with `connect_to` although the URL is an https:// one.
    :param timeout: seconds for the connection, between two packets, and for the whole answer.
    :param secrets: what must not appear in any text that comes out of here.
    :param headers: what every request has.
    :raises RestError: kind `url` for a bad base URL or address, `other` without the requests library.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_to: str | None = None,
        verify: bool = True,
        ca_path: str | None = None,
        ca_content: str | None = None,
        plain: bool = False,
        timeout: float = 10.0,
        secrets: Iterable[str | None] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if REQUESTS_MISSING is not None:
            raise RestError("other", "the Python library requests is missing")
        parts = urlsplit(base_url)
        if (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.query
            or parts.fragment
            or parts.username
        ):
            raise RestError(
                "url", "the base URL has to be http(s)://domain[:port][/path] without login, query or fragment"
            )
        self.base_url = base_url.rstrip("/")
        self.base_path = parts.path.rstrip("/")
        self.netloc = parts.netloc
        self.timeout = timeout
        self.redact = Redactor(secrets)
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self.session.headers["User-Agent"] = "miclinik.hosting"
        self.session.headers.update(headers or {})
        # requests wants a file; it goes with this object.
        self._authorities = None
        if ca_content:
            self._authorities = tempfile.NamedTemporaryFile(mode="w", suffix=".pem", encoding="ascii")  # noqa: SIM115
            self._authorities.write(ca_content)
            self._authorities.flush()
            ca_path = self._authorities.name
        self.session.verify = (ca_path or True) if verify else False
        if not verify:
            # The operator has decided; a warning a request would only hide the report.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        if connect_to:
            self.session.mount(f"{parts.scheme}://", _ConnectTo(*split_address(connect_to), plain))

    def close(self) -> None:
        """Close the connections."""
        self.session.close()
        if self._authorities is not None:
            self._authorities.close()

    def page(self, path: str, **sent: Unpack[Sent]) -> Answer:
        """GET a path below the site's base URL."""
        return self.request("GET", self.base_url + path, **sent)

    def api(self, method: str, path: str, **sent: Unpack[Sent]) -> Answer:
        """Call a path below the API, such as `/status`."""
        return self.request(method, self.base_url + API_PATH + path, **sent)

    def request(self, method: str, url: str, **sent: Unpack[Sent]) -> Answer:
        """One request to an absolute URL.

        :raises RestError: there was no answer, or none within the time and size allowed.
        """
        key = sent.get("key")
        self.redact.conceal(key)
        headers = dict(sent.get("headers", {}))
        if key is not None:
            headers["DOLAPIKEY"] = key
        start = time.monotonic()
        try:
            with self.session.request(
                method,
                url,
                headers=headers,
                params=sent.get("params"),
                json=sent.get("body"),
                data=sent.get("data"),
                timeout=(self.timeout, self.timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                content = self._read(response, start)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._failure(error, _elapsed(start)) from None
        mime = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        shown = response.url.partition("?")[0]
        return Answer(
            method, shown, response.status_code, mime, response.headers, content, _elapsed(start), self.redact
        )

    def _read(self, response: requests.Response, start: float) -> bytes:
        content = bytearray()
        # read1 gives what has arrived; iter_content would wait until its chunk is full, for ever on a trickle. The
        # urllib3 of Debian 12 has no read1; there the timer's own time limit ends such a wait.
        read = getattr(response.raw, "read1", response.raw.read)
        while chunk := read(65536, decode_content=True):
            content += chunk
            if len(content) > BODY_LIMIT:
                raise RestError("size", f"the answer is longer than {BODY_LIMIT} bytes", _elapsed(start))
            if time.monotonic() - start > self.timeout:
                raise RestError("timeout", f"the answer was not complete after {self.timeout:g} s", _elapsed(start))
        return bytes(content)

    def _failure(self, error: Exception, ms: float) -> RestError:
        if isinstance(error, requests.ConnectTimeout | urllib3.exceptions.ConnectTimeoutError):
            return RestError("connect", f"the connection failed: nobody took it within {self.timeout:g} s", ms)
        if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
            return RestError("timeout", f"no answer within {self.timeout:g} s", ms)
        cause = _innermost(error)
        reason = self.redact(_OBJECT.sub("", str(cause) or type(cause).__name__))
        aborted = bool(error.args) and isinstance(error.args[0], urllib3.exceptions.ProtocolError)
        if isinstance(cause, ssl.SSLEOFError) or (isinstance(error, requests.ConnectionError) and aborted):
            return RestError("closed", f"the connection was taken, and closed without an answer: {reason}", ms)
        if isinstance(error, requests.exceptions.SSLError):
            return RestError("tls", f"the TLS connection failed: {reason}", ms)
        if isinstance(error, requests.ConnectionError):
            return RestError("connect", f"the connection failed: {reason}", ms)
        return RestError("other", f"the request failed: {reason}", ms)


def _elapsed(start: float) -> float:
    return (time.monotonic() - start) * 1000


def _innermost(error: BaseException) -> BaseException:
    """The cause below the libraries' wrappers: their texts repeat URLs and object addresses."""
    current = error
    for _ in range(10):
        inner = getattr(current, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        if inner is None:
            break
        current = inner
    return current
