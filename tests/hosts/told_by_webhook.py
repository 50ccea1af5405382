# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs on a host: validates an invoice while nobody takes webhooks, and takes them then. Prints what was seen, in JSON.

``told_by_webhook.py SITE PORT``: the receiver's port, on the loopback. Secrets are read here, and are in no output.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

site, port = sys.argv[1], int(sys.argv[2])
state = Path("/etc/miclinik") / site
secrets = json.loads((state / "secrets.json").read_text(encoding="utf-8"))
base = urlsplit(json.loads((state / "site.json").read_text(encoding="utf-8"))["base_url"])
(hook,) = json.loads((state / "webhooks.json").read_text(encoding="utf-8"))
got: list[dict[str, Any]] = []


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        content = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
        wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        path = urlsplit(hook["url"])._replace(scheme="", netloc="").geturl()
        known = self.path == path and self.headers["webhook-signature"] == wanted
        got.append(json.loads(body) | {"known": known, "age": time.time() - int(self.headers["webhook-timestamp"])})
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def call(method: str, path: str, told: object = None) -> Any:  # noqa: ANN401 (JSON)
    """Return what the site's API says."""
    key = next(iter(secrets["users"].values()))["key"]
    headers = {"Host": base.netloc, "DOLAPIKEY": key, "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", base.port or 80, timeout=60)
    connection.request(
        method, f"{base.path}/api/index.php{path}", json.dumps(told) if told is not None else None, headers
    )
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        raise SystemExit(f"{method} {path}: {answer.status} {text}")
    return json.loads(text)


customer = call("POST", "/thirdparties", {"name": "Webhooks", "client": 1, "code_client": "-1"})
line = {"desc": "x", "qty": 1, "subprice": 10, "tva_tx": 0, "product_type": 1}
invoice = int(call("POST", "/invoices", {"socid": customer, "lines": [line]}))
began = time.monotonic()
call("POST", f"/invoices/{invoice}/validate", {})
took = time.monotonic() - began
receiver = HTTPServer(("127.0.0.1", port), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
subprocess.run(["miclinikctl", site, "webhook", "resend", hook["name"]], check=True, stdout=subprocess.DEVNULL)
until = time.monotonic() + 30
mine: list[dict[str, Any]] = []
while not mine and time.monotonic() < until:
    time.sleep(0.1)
    mine = [one for one in got if one["triggercode"] == "BILL_VALIDATE" and int(one["object"]["id"]) == invoice]
tested = subprocess.run(
    ["miclinikctl", site, "webhook", "test", hook["name"]], capture_output=True, text=True, check=False
)
print(
    json.dumps(
        {
            "took": took,
            "known": bool(mine) and mine[0]["known"],
            "age": mine[0]["age"] if mine else None,
            "tested": tested.stdout + tested.stderr,
            "codes": sorted({one["triggercode"] for one in got}),
        }
    )
)
