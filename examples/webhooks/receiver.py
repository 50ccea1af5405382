"""Take webhooks of a site, and print those that are its own: `receiver.py PORT`, secret in WEBHOOK_SECRET.

With Python alone, for whoever wants to see how it is done; `pip install standardwebhooks` does the same. Behind a web
server that speaks TLS.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

TOLERANCE = 300  # seconds by which a clock may be wrong, and for which a copy of a request could be sent again


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """Return the id of an event that is the site's own; raise ValueError for any other. `body` is as it came."""
    ident, moment, signatures = (headers.get(f"webhook-{name}") or "" for name in ("id", "timestamp", "signature"))
    if not moment.isdecimal() or abs(now - int(moment)) > TOLERANCE:
        raise ValueError("too old, or not signed")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = b"v1," + base64.b64encode(hmac.new(key, f"{ident}.{moment}.".encode() + body, hashlib.sha256).digest())
    # Several where the secret is being changed.
    if not any(hmac.compare_digest(wanted, signature.encode()) for signature in signatures.split()):
        raise ValueError("not signed with this secret")
    return ident


class Receiver(BaseHTTPRequestHandler):
    """Answers at once, and does what is new once: a program of yours keeps the ids where they outlive it."""

    seen: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            ident = verify(os.environ["WEBHOOK_SECRET"], self.headers, body, time.time())
        except ValueError as error:
            self.send_error(401, str(error))
            return
        if ident not in self.seen:
            self.seen.add(ident)
            event = json.loads(body)
            print(event["triggercode"], event["object"].get("id"), event["object"].get("ref"), flush=True)
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
