# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""HTTP to one API: timed, bounded, retried where that is safe, and with the key in one header and nowhere else."""

from __future__ import annotations

import random
import re
import ssl
import threading
import traceback
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from time import monotonic, sleep, time
from typing import TYPE_CHECKING, Any

from .address import api_url
from .errors import BadAnswerError, NoAnswerError, UntrustedError, UsageError

REQUESTS_MISSING: str | None = None
try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
except ImportError:  # Ansible's module reports it with missing_required_lib
    REQUESTS_MISSING = traceback.format_exc()
    if not TYPE_CHECKING:
        requests = urllib3 = HTTPAdapter = None

SAFE = ("GET", "HEAD")
#: An answer that may be another one in a moment; 503 only where the application did not say why.
_BUSY = (502, 503, 504)
_TOO_MANY, _ACCEPTED = 429, 202
#: Most letters that are printed of what a server says.
_SHOWN = 500
_CHUNK = 16 * 1024
_POOL = 16


@dataclass(frozen=True)
class Limits:
    """How long is waited, and how much is read.

    :ivar connect: seconds for the connection.
    :ivar read: seconds between two packets of an answer.
    :ivar total: seconds for one answer, from the first packet to the last.
    :ivar retries: how many more times GET is tried; any method where the connection was refused.
    :ivar wait: most seconds between two tries. A server that asks for more by Retry-After is not asked again.
    :ivar size: most bytes of an answer, unpacked.
    """

    connect: float = 5.0
    read: float = 30.0
    total: float = 120.0
    retries: int = 2
    wait: float = 30.0
    size: int = 64 * 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """A whole answer: `kind` is the content type in lower case without parameters."""

    status: int
    kind: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """The seconds that the server asks to wait for."""
        asked = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}", asked, re.ASCII):
            return float(asked)
        try:
            return max(0.0, parsedate_to_datetime(asked).timestamp() - time())
        except (TypeError, ValueError):
            return None


def _signer(key: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Return what adds the key to a request at the last moment, so that it is in no object and prints as nothing."""

    def sign(request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["DOLAPIKEY"] = key
        return request

    return sign


class Transport:
    """Sends requests to one API; several threads may do so at once."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        limits: Limits,
        allow_http: bool = False,
        ca: str | bool = True,
        proxy: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        if REQUESTS_MISSING is not None:
            raise UsageError("the Python library requests is missing: pip install requests")
        self.url = api_url(url, allow_http=allow_http)
        # An exception of requests would print a header that cannot be sent.
        if not isinstance(key, str) or not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
            raise UsageError("the key has to be letters, digits and signs of ASCII, without spaces and line ends")
        if isinstance(ca, str) and not Path(ca).exists():
            raise UsageError(f"there is no file of authorities {ca}")
        self.limits = limits
        self._sign = _signer(key)
        self.redact = _redactor(key)
        # The connections of requests without its Session, which keeps cookies, asks .netrc and the environment, reads
        # the body of a redirect whatever its length, and is not made for threads.
        self._connections = HTTPAdapter(max_retries=0, pool_maxsize=_POOL)
        self._ca = ca
        self._proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "miclinik-client"}
        self._headers.update(headers or {})
        self._closed = threading.Event()

    def close(self) -> None:
        """Close the connections; no call can be made any more."""
        self._closed.set()
        self._connections.close()

    def send(self, method: str, path: str, params: Mapping[str, str], body: bytes | None) -> Answer:
        """Send a request, again where that is safe, and return the last answer.

        :raises NoAnswerError: there was none.
        :raises BadAnswerError: it was too long, or packed in another way than asked for.
        """
        for left in range(self.limits.retries, -1, -1):
            answer: Answer | None = None
            try:
                answer = self._once(method, path, params, body)
            except UntrustedError:
                raise
            except NoAnswerError as error:
                if not left or (error.sent and method not in SAFE):
                    raise
            if answer is not None and not (left and method in SAFE and _is_busy(answer)):
                return answer
            pause = self._pause(self.limits.retries - left, answer)
            if pause is None:
                assert answer is not None
                return answer
            sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _pause(self, tried: int, answer: Answer | None) -> float | None:
        """Return how long to wait for the next try; None: longer than allowed."""
        asked = answer.retry_after if answer else None
        if asked is not None:
            return asked if asked <= self.limits.wait else None
        # Clients that failed together shall not come back together.
        return float(min(self.limits.wait, 2**tried * random.uniform(0.25, 0.75)))  # noqa: S311 (no secret)

    def _once(self, method: str, path: str, params: Mapping[str, str], body: bytes | None) -> Answer:
        if self._closed.is_set():
            raise UsageError("the client is closed")
        request = requests.Request(
            method,
            self.url + path,
            params=dict(params),
            data=body,
            headers=self._headers | ({"Content-Type": "application/json"} if body is not None else {}),
            auth=self._sign,
        )
        failure: NoAnswerError | None = None
        try:
            # It follows no redirect, which would carry the key to wherever that points.
            with self._connections.send(
                request.prepare(),
                stream=True,
                timeout=(self.limits.connect, self.limits.read),
                verify=self._ca,
                proxies=self._proxies,
            ) as response:
                return self._whole(method, path, response)
        except (requests.RequestException, urllib3.exceptions.HTTPError, HTTPException, OSError) as error:
            failure = self._failure(method, path, error)
        # Not within the block: an exception would bring the one above along, which holds the request with its headers.
        raise failure

    def _whole(self, method: str, path: str, response: requests.Response) -> Answer:
        headers = {name.lower(): value for name, value in response.headers.items()}
        status = response.status_code
        packed = headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("identity", "gzip", ""):
            raise BadAnswerError(method, path, f"the answer is packed as {packed[:40]!r}, not as asked for", status)
        end = monotonic() + self.limits.total
        content = bytearray()
        # read1 gives what has come, where read would wait for a whole chunk; in the urllib3 of Debian 12 it is below.
        raw: Any = response.raw
        read = partial(raw.read1, decode_content=False) if hasattr(raw, "read1") else raw._fp.read1
        while chunk := read(_CHUNK):
            content += chunk
            if len(content) > self.limits.size:
                raise BadAnswerError(method, path, f"the answer is longer than {self.limits.size} bytes", status)
            if monotonic() > end:
                raise NoAnswerError(method, path, f"the answer took longer than {self.limits.total:g} s", sent=True)
        length = headers.get("content-length", "")
        # A bare id cut short is an id all the same, of something else; urllib3 1 does not look.
        if method != "HEAD" and length.isdecimal() and len(content) < int(length) and status not in (204, 304):
            raise NoAnswerError(method, path, "the answer was cut short", sent=True)
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        body = bytes(content)
        if packed == "gzip" and body:
            body = self._unpacked(method, path, body, status)
        return Answer(status, kind, headers, body)

    def _unpacked(self, method: str, path: str, packed: bytes, status: int) -> bytes:
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            body = unpacker.decompress(packed, self.limits.size + 1)
        except zlib.error:
            # When PHP dies the header has gone out, and its words come as they are.
            return packed
        if len(body) > self.limits.size:
            raise BadAnswerError(method, path, f"the answer is longer than {self.limits.size} bytes", status)
        if not unpacker.eof:
            raise NoAnswerError(method, path, "the answer was cut short", sent=True)
        return body

    def _failure(self, method: str, path: str, error: Exception) -> NoAnswerError:
        cause = _innermost(error)
        early = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
        refused = isinstance(error, requests.ConnectTimeout) or any(isinstance(each, early) for each in _chain(error))
        if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
            seconds = self.limits.connect if refused else self.limits.read
            text = f"nobody took the connection within {seconds:g} s" if refused else f"nothing came for {seconds:g} s"
        elif isinstance(cause, ssl.SSLCertVerificationError):
            return UntrustedError(method, path, self.redact(f"no TLS connection: {_reason(cause)}"), sent=False)
        elif refused:
            text = f"no connection: {_reason(cause)}"
        else:
            text = f"the connection broke: {_reason(cause)}"
        return NoAnswerError(method, path, self.redact(text), sent=not refused)


def _is_busy(answer: Answer) -> bool:
    # With its database down the application answers 202 and a page; its own 503 as JSON is a faulty call.
    json = answer.kind == "application/json"
    return (
        answer.status == _TOO_MANY
        or (answer.status in _BUSY and (not json or answer.retry_after is not None))
        or (answer.status == _ACCEPTED and not json)
    )


def _redactor(key: str) -> Callable[[str], str]:
    """Return what makes text of strangers fit to be printed: without the key, on one line, and not long."""

    def redact(text: str) -> str:
        plain = re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]+", " ", text.replace(key, "***"))
        return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "..."

    return redact


def _chain(error: BaseException) -> list[BaseException]:
    """Return an error and what the libraries have wrapped in it."""
    found: list[BaseException] = []
    current: Any = error
    while isinstance(current, BaseException) and current not in found:
        found.append(current)
        inner = getattr(current, "reason", None)
        wrapped = next((arg for arg in current.args if isinstance(arg, BaseException)), None)
        current = inner if isinstance(inner, BaseException) else wrapped
    return found


def _innermost(error: BaseException) -> BaseException:
    return _chain(error)[-1]


def _reason(cause: BaseException) -> str:
    # Texts of the libraries repeat the address with its query.
    text = re.sub(r"<[\w.]+ object at 0x[0-9a-f]+>:?\s*|\b[\w.]+\(host=[^)]*\):?\s*", "", str(cause))
    return re.sub(r"\(Caused by.*", "", text).strip() or type(cause).__name__
