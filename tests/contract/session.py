# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the contract tests speak to the site."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any, Unpack

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, RestClient, Sent

from .versions import Features


@dataclass(frozen=True)
class Access:
    """A site and its API user."""

    base_url: str
    login: str
    password: str = field(repr=False)
    key: str = field(repr=False)
    connect_to: str | None
    ca: str | None
    timezone: tzinfo
    database: str
    modules: frozenset[str]


class Api:
    """Calls with the user's key, unless `key` says otherwise (None: none)."""

    def __init__(self, access: Access) -> None:
        self.key = access.key
        self._access = access
        self.client = RestClient(
            access.base_url,
            connect_to=access.connect_to,
            ca_path=access.ca,
            timeout=60,  # as tests/hosts/calls.py: how fast a busy host answers is not what is asked
            secrets=(access.password, access.key),
        )

    @cached_property
    def features(self) -> Features:
        """What the version at hand does."""
        content: Any = self.get("/status").json()
        return Features(content["success"]["dolibarr_version"], self._access.database, self._access.modules)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def call(self, method: str, path: str, **sent: Unpack[Sent]) -> Answer:
        """Call a path below /api/index.php."""
        sent.setdefault("key", self.key)
        return self.client.api(method, path, **sent)

    def get(self, path: str, **sent: Unpack[Sent]) -> Answer:
        """GET."""
        return self.call("GET", path, **sent)

    def post(self, path: str, **sent: Unpack[Sent]) -> Answer:
        """POST."""
        return self.call("POST", path, **sent)

    def create(self, path: str, body: object) -> int:
        """POST that creates: the body of the answer is the bare id."""
        return self.created(self.post(path, body=body))

    def created(self, answer: Answer) -> int:
        """The id in the answer to a POST that creates."""
        assert answer.status == 200, answer.describe()
        identity: Any = answer.json()
        document = answer.url.endswith(("/orders", "/invoices"))
        kind = self.features["created_document_id" if document else "created_id"]
        assert type(identity) is kind, answer.describe()
        assert int(identity) > 0
        return int(identity)

    def found(self, path: str, **params: str | int) -> list[Any]:
        """GET that lists."""
        answer = self.get(path, params=params)
        assert answer.status == 200, answer.describe()
        entries = answer.json()
        assert isinstance(entries, list)
        return entries

    def one(self, path: str) -> dict[str, Any]:
        """GET of one object."""
        answer = self.get(path)
        assert answer.status == 200, answer.describe()
        entry = answer.json()
        assert isinstance(entry, dict)
        return entry


class Trash:
    """Objects to delete. What the version at hand cannot delete is left, as `versions.TABLE` says."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._paths: list[str] = []

    def add(self, path: str) -> None:
        """Delete this path at the end."""
        self._paths.append(path)

    def drop(self, path: str) -> None:
        """It is gone already."""
        self._paths.remove(path)

    def empty(self) -> None:
        """Delete all, the youngest first; complain about what should have gone and did not."""
        left = []
        for path in reversed(self._paths):
            answer = self._api.call("DELETE", path)
            expected = self._api.features["delete_product_status"] if path.startswith("/products/") else 200
            if answer.status != expected:
                left.append(f"{path}: {answer.describe()}")
        self._paths.clear()
        assert not left, left


def unique(prefix: str = "CT") -> str:
    """A reference that nobody has used."""
    return f"{prefix}-{secrets.token_hex(6)}"


def assert_error(answer: Answer, status: int, message: str, members: set[str]) -> None:
    """The answer is an error as JSON, with this status inside and out, and with this in its message."""
    assert answer.status == status, answer.describe()
    content: Any = answer.json()
    assert set(content) == members, answer.describe()
    assert content["error"]["code"] == status
    assert message in content["error"]["message"], answer.describe()


def midnight(timezone: tzinfo, year: int, month: int, day: int) -> int:
    """The beginning of a day in the site's time zone, in seconds since 1970: how the API gives dates."""
    return int(datetime(year, month, day, tzinfo=timezone).timestamp())
