# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The API of one site, as Python.

with Client("https://norte.example.org", key) as client:
    for product in client.rows("products", sortfield="t.ref"):
        print(product["id"], product["ref"])
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import blake2b
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import quote, urlsplit

from . import values
from .errors import ApiError, BadAnswerError, NotFoundError, RefusedError, UsageError
from .filters import Filter
from .transport import Answer, Limits, Transport

Row = dict[str, Any]
Param = str | int | bool | None

_METHOD = re.compile(r"GET|HEAD|POST|PUT|DELETE")
#: Signs that would make another path of it, or end it; quote() has seen to all others.
_PATH = re.compile(r"(/[A-Za-z0-9\-._~!$&'()*+,;=:@%]+)+", re.ASCII)
#: An empty list, told from an unknown path ("Not Found" alone) and from a record that is missing.
_EMPTY = re.compile(r"Not Found: (No \S.* found|\S.*s not found)\s*", re.IGNORECASE)
_NO_MORE = re.compile(r"Not Found: \S")
#: From here on redirects, from there on errors.
_REDIRECTS, _ERRORS = 300, 400


def path_of(*parts: str | int) -> str:
    """Return a path of its parts, each of which may hold any letters: `path_of("products", "ref", "A B")`.

    :raises UsageError: a part is empty, or holds a slash: the application cannot be asked for such a one.
    """
    texts = [str(part) for part in parts]
    for text in texts:
        if not text or text in (".", "..") or re.search(r"[/\\\x00-\x1f]", text):
            raise UsageError(f"{text!r} cannot be a part of a path; look for it with a filter")
    return "".join("/" + quote(text, safe="") for text in texts)


class Client:
    """The API of one site. Several threads may use one client; `asyncio.to_thread` does for async code.

    :param url: of the site, with or without `/api/index.php`.
    :param key: of the API user; it is sent in the header DOLAPIKEY and found nowhere else.
    :param limits: how long to wait, how often to try, how much to read.
    :param allow_http: send the key without TLS to other hosts than this one.
    :param ca: file of the authorities to check certificates with, instead of the public ones.
    :param entity: for multicompany: the entity to work in.
    :param proxy: URL of a proxy; none is taken from the environment.
    :raises UsageError: the URL or the key is none.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        limits: Limits | None = None,
        allow_http: bool = False,
        ca: str | None = None,
        entity: int | None = None,
        proxy: str | None = None,
    ) -> None:
        headers = {} if entity is None else {"DOLAPIENTITY": str(int(entity))}
        self._http = Transport(
            url, key, limits=limits or Limits(), allow_http=allow_http, ca=ca or True, proxy=proxy, headers=headers
        )

    @classmethod
    def from_environment(cls) -> Self:
        """Return a client of the site in MICLINIK_BASE_URL with the key in MICLINIK_API_KEY.

        MICLINIK_CA names a file of authorities; MICLINIK_ALLOW_HTTP=yes lets the key travel without TLS.
        """
        try:
            url, key = os.environ["MICLINIK_BASE_URL"], os.environ["MICLINIK_API_KEY"]
        except KeyError as error:
            raise UsageError(f"the variable {error.args[0]} is not set") from None
        allow_http = os.environ.get("MICLINIK_ALLOW_HTTP") == "yes"
        return cls(url, key, ca=os.environ.get("MICLINIK_CA") or None, allow_http=allow_http)

    def __repr__(self) -> str:
        return f"Client({self._http.url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def request(self, method: str, path: str, *, params: Mapping[str, Param] | None = None, body: object = None) -> Any:  # noqa: ANN401 (any JSON)
        """Call a path below the API and return what its JSON holds; None for an answer without a body (204, 304).

        :raises UsageError: nothing was sent.
        :raises CallError: the call failed: ApiError, BadAnswerError or NoAnswerError.
        """
        if not _METHOD.fullmatch(method):
            raise UsageError(f"{method!r} is no method of this API")
        path = _rooted(path)
        if not _PATH.fullmatch(path) or re.search(r"/\.\.?(/|$)", path):
            raise UsageError(f"{path!r} is no path of the API: make it with path_of(), and give a query as params")
        query = {name: _param(value) for name, value in (params or {}).items() if value is not None}
        answer = self._http.send(method, path, query, None if body is None else values.encode(body))
        return self._content(method, path, answer)

    def get(self, path: str, **params: Param) -> Any:  # noqa: ANN401 (any JSON)
        """GET."""
        return self.request("GET", path, params=params)

    def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401 (any JSON)
        """POST. It is sent once: after NoAnswerError look whether it was carried out, if `sent` is true."""
        return self.request("POST", path, body=body)

    def put(self, path: str, body: object) -> Any:  # noqa: ANN401 (any JSON)
        """PUT: changes what the body names."""
        return self.request("PUT", path, body=body)

    def delete(self, path: str) -> Any:  # noqa: ANN401 (any JSON)
        """DELETE. Versions 15 and 16 answer 200 and keep a product that is in use: look whether it is gone."""
        return self.request("DELETE", path)

    def create(self, path: str, body: Mapping[str, object]) -> int:
        """POST that creates; return the id of what was created."""
        made = self.post(path, body)
        try:
            return values.identity(made)
        except UsageError:
            raise BadAnswerError("POST", _rooted(path), f"{str(made)[:80]!r} is no id of a new record", 200) from None

    def rows(self, path: str, where: Filter | None = None, *, page_size: int = 100, **params: Param) -> Iterator[Row]:
        """Return what a list holds, one after the other, page by page as they are wanted.

        A record that moves to the next page, since others were added meanwhile, comes once. What others delete
        meanwhile moves those behind it forward, and one may be left out: for such lists filter by
        `Field("t.rowid").gt(last)`.

        :param params: such as sortfield="t.ref", sortorder="DESC", mode=1, properties="id,ref" (from 19 on).
        :raises BadAnswerError: the server gives a page again, or no list.
        """
        if page_size < 1 or {"limit", "page"} & set(params):
            raise UsageError("pages are asked for by page_size, a number above 0; limit and page are not given")
        query = self._query(where, params)
        seen: set[bytes] = set()
        page = 0
        while True:
            found = self._list(path, {**query, "limit": page_size, "page": page})
            fresh = [row for row in found if _mark(row) not in seen]
            if page and found and not fresh:
                raise BadAnswerError(
                    "GET", _rooted(path), f"page {page} holds nothing new: this list has no pages", 200
                )
            seen |= {_mark(row) for row in fresh}
            yield from fresh
            # More than asked for: this list knows no limit, and was given whole.
            if len(found) != page_size:
                return
            page += 1

    def first(self, path: str, where: Filter | None = None, **params: Param) -> Row | None:
        """Return the first record of a list, or None."""
        found = self._list(path, {**self._query(where, params), "limit": 1, "page": 0})
        return found[0] if found else None

    def only(self, path: str, where: Filter | None = None, **params: Param) -> Row | None:
        """Return the one record of a list, or None.

        :raises BadAnswerError: there are several.
        """
        found = self._list(path, {**self._query(where, params), "limit": 2, "page": 0})
        if len(found) > 1:
            raise BadAnswerError("GET", _rooted(path), "there is more than one such record", 200)
        return found[0] if found else None

    @cached_property
    def version(self) -> str:
        """The application's version, as /status says it."""
        status = self.get("status")
        try:
            version = str(status["success"]["dolibarr_version"])
        except (KeyError, TypeError):
            version = ""
        if not re.match(r"\d{1,3}\.", version):
            raise BadAnswerError("GET", "/status", "it does not say a version", 200)
        return version

    @property
    def major(self) -> int:
        """The application's major version."""
        return int(self.version.partition(".")[0])

    def _query(self, where: Filter | None, params: Mapping[str, Param]) -> dict[str, Param]:
        if where is None:
            return dict(params)
        if "sqlfilters" in params:
            raise UsageError("give the filter once: as `where` or as sqlfilters")
        return {**params, "sqlfilters": where.render(lambda: self.major)}

    def _list(self, path: str, params: Mapping[str, Param]) -> list[Row]:
        try:
            found = self.request("GET", path, params=params)
        except NotFoundError as error:
            # Older versions answer so instead of with an empty list; the second only where no record is in the path.
            of_a_record = re.search(r"/\d+(/|$)", error.path)
            if _EMPTY.fullmatch(error.message) or (_NO_MORE.match(error.message) and not of_a_record):
                return []
            raise
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise BadAnswerError("GET", _rooted(path), "the answer is no list of records", 200)
        return found

    def _content(self, method: str, path: str, answer: Answer) -> Any:  # noqa: ANN401 (any JSON)
        if answer.status in (204, 304) or (method == "HEAD" and answer.status < _REDIRECTS):
            return None
        if _REDIRECTS <= answer.status < _ERRORS:
            place = urlsplit(answer.headers.get("location", "")).netloc
            where = f" to {place}" if place else ""
            self._bad(method, path, answer, f"a redirect{where}, which is not followed; is the URL the site's own?")
        if answer.kind != "application/json":
            self._bad(method, path, answer, _page(answer))
        try:
            content = json.loads(answer.body, parse_constant=values.refuse_constant)
        except (ValueError, RecursionError):
            self._bad(method, path, answer, "what calls itself JSON is none")
        error = content.get("error") if isinstance(content, dict) else None
        if isinstance(error, dict) and "code" in error:
            self._error(method, path, answer, error)
        if answer.status not in (200, 201):
            self._bad(method, path, answer, "no error of the application's")
        return content

    def _bad(self, method: str, path: str, answer: Answer, text: str) -> NoReturn:
        raise BadAnswerError(method, path, f"{answer.status}: {self._http.redact(text)}", answer.status)

    def _error(self, method: str, path: str, answer: Answer, error: Mapping[str, object]) -> NoReturn:
        code = error.get("code")
        kinds = {404: NotFoundError, 401: RefusedError, 403: RefusedError}
        raise kinds.get(answer.status, ApiError)(
            method,
            path,
            status=answer.status,
            code=int(code) if isinstance(code, int | str) and re.fullmatch(r"\d{1,4}", str(code)) else answer.status,
            message=self._http.redact(str(error.get("message") or "without a message")),
            details={
                str(name): self._http.redact(value if isinstance(value, str) else json.dumps(value))
                for name, value in error.items()
                if name not in ("code", "message")
            },
            retry_after=answer.retry_after,
        )


def _rooted(path: str) -> str:
    return "/" + path.lstrip("/")


def _param(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mark(row: Mapping[str, object]) -> bytes:
    """Return what tells a row from another one: all of it, since two rows may have one id, as contacts of an order."""
    return blake2b(json.dumps(row, sort_keys=True).encode(), digest_size=16).digest()


def _page(answer: Answer) -> str:
    """Return what a page of HTML means that came instead of JSON."""
    text = " ".join(re.sub(r"<[^>]*>", " ", answer.body[:4096].decode("utf-8", errors="replace")).split())[:160]
    meanings = {
        200: "is the API's module on, and does the web server pass PATH_INFO on?",
        202: "the application does not reach its database",
        403: "its filter of requests refuses this",
        413: "the body is too long",
        501: "no such API",
    }
    meaning = meanings.get(answer.status, "not the API's answer")
    return f"{answer.kind or 'no content type'} instead of JSON ({meaning})" + (f": {text}" if text else "")
