# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A client of a server with a script."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import Client, Limits

from .scripted_server import ScriptedServer, Step

KEY = "key-0123456789-of-the-client"
Served = tuple[Client, ScriptedServer]
Serve = Callable[..., Served]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between tries, which nobody waits for."""
    found: list[float] = []
    target = "ansible_collections.miclinik.hosting.plugins.module_utils.client.transport.sleep"
    monkeypatch.setattr(target, found.append)
    return found


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server that gives these answers, and returns a client of it."""
    with ExitStack() as stack:

        def start(*script: Step, **limits: float) -> Served:
            server = stack.enter_context(ScriptedServer(list(script)))
            wanted = Limits(**{"connect": 2, "read": 2, "retries": 0, **limits})  # type: ignore[arg-type]
            return stack.enter_context(Client(server.url, KEY, limits=wanted)), server

        yield start
