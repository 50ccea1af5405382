# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module webhook: within the call, as the application does it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from .conftest import KEY
from .site import SandboxSite

TARGET = "require DOL_DOCUMENT_ROOT.'/webhook/class/target.class.php'; $t = new Target($db);"


class Listener(HTTPServer):
    """Keeps what it is told."""

    told: list[dict[str, Any]]
    status = 202


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = Listener(("127.0.0.1", 0), Handler)
    server.told = []
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def target(site: SandboxSite, listener: Listener) -> Iterator[SandboxSite]:
    """A site that tells the listener of invoices, and blocks where it fails."""
    site.bootstrap("activateModule('modWebhook');")
    url = f"http://127.0.0.1:{listener.server_address[1]}/"
    values = f"$t->ref = 'a'; $t->label = 'a'; $t->url = '{url}'; $t->status = 1; $t->type = 0;"
    site.bootstrap(f"{TARGET} {values} $t->trigger_codes = 'BILL_VALIDATE,X'; echo $t->create($user, 1);")
    yield site
    site.bootstrap(f"{TARGET} foreach ($t->fetchAll() as $one) {{ $one->delete($user); }}")


def _draft(site: SandboxSite) -> int:
    customer = _post(site, "/thirdparties", {"name": "Webhook", "client": 1, "code_client": "-1"}).json()
    invoice: int = _post(site, "/invoices", {"socid": customer}).json()
    return invoice


def _post(site: SandboxSite, path: str, told: dict[str, Any]) -> Any:  # noqa: ANN401 (an answer of requests)
    return site.call("POST", path, KEY, json=told)


def test_who_listens_is_told_within_the_call(target: SandboxSite, listener: Listener) -> None:
    invoice = _draft(target)
    assert listener.told == []
    assert _post(target, f"/invoices/{invoice}/validate", {}).status_code == 200
    (told,) = listener.told
    assert told["triggercode"] == "BILL_VALIDATE"
    assert int(told["object"]["id"]) == invoice
    assert told["object"]["ref"].startswith("IN")


def test_one_that_blocks_undoes_the_call(target: SandboxSite, listener: Listener) -> None:
    listener.status = 500
    invoice = _draft(target)
    assert _post(target, f"/invoices/{invoice}/validate", {}).status_code >= 500
    assert int(target.get(f"/invoices/{invoice}", KEY).json()["statut"]) == 0
    target.bootstrap(f"{TARGET} foreach ($t->fetchAll() as $one) {{ $one->type = 1; echo $one->update($user); }}")
    assert _post(target, f"/invoices/{invoice}/validate", {}).status_code == 200
    assert len(listener.told) == 2
