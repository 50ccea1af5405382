# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What can go wrong. No text here holds the key, nor the values of a query."""

from __future__ import annotations

from collections.abc import Mapping


class ClientError(Exception):
    """The base of all that this package raises."""


class UsageError(ClientError, ValueError):
    """The call makes no sense, or is not safe; nothing was sent."""


class FilterError(UsageError):
    """The application's `sqlfilters` cannot express this value; nothing was sent."""


class CallError(ClientError):
    """A call failed: `method` and `path` say which, the path without its query."""

    def __init__(self, method: str, path: str, text: str) -> None:
        super().__init__(f"{method} {path}: {text}")
        self.method = method
        self.path = path


class NoAnswerError(CallError):
    """No whole answer came. `sent` is False when the server cannot have got the request."""

    def __init__(self, method: str, path: str, text: str, *, sent: bool) -> None:
        note = "" if method in ("GET", "HEAD") or not sent else "; the server may have carried it out all the same"
        super().__init__(method, path, text + note)
        self.sent = sent


class UntrustedError(NoAnswerError):
    """The server's certificate is not to be trusted; nothing was sent, and it is not tried again."""


class BadAnswerError(CallError):
    """Something answered, and not as the API does: a page of HTML, broken JSON, a redirect, too much."""

    def __init__(self, method: str, path: str, text: str, status: int) -> None:
        super().__init__(method, path, text)
        self.status = status


class ApiError(CallError):
    """The application's own error.

    `status` is that of HTTP, `code` and `message` are those of the body, `details` is what else stands there (such as
    `{"0": "ErrorProductAlreadyExists"}`), `retry_after` the seconds that the server asks to wait for, or None.
    """

    def __init__(
        self,
        method: str,
        path: str,
        *,
        status: int,
        code: int,
        message: str,
        details: Mapping[str, str],
        retry_after: float | None = None,
    ) -> None:
        more = ", ".join(details.values())
        super().__init__(method, path, f"{code} {message}" + (f" ({more})" if more else ""))
        self.status = status
        self.code = code
        self.message = message
        self.details = dict(details)
        self.retry_after = retry_after


class NotFoundError(ApiError):
    """404: no such record."""


class RefusedError(ApiError):
    """401 or 403: the key is wrong, or its user may not do this."""
