# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs on a host, in a network of its own: a stranger who calls a site. It prints each answer's status, in JSON.

Its arguments: the address to call from, the one to call, port, `tls` or `plain`, the site's domain, and in JSON what to
do: `[method, path, headers]`, or `["log in", path, password]`. An answer that does not come is `null`. A key that is a
path stands for that of the first user in this file of secrets: arguments are for everybody to see.
"""

from __future__ import annotations

import http.client
import json
import re
import ssl
import sys
import urllib.parse
from pathlib import Path
from socket import create_connection

source, target, port, kind, name, wanted = sys.argv[1:]


def call(method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[http.client.HTTPResponse, str]:
    """Return an answer and its text."""
    if (key := headers.get("DOLAPIKEY", "")).startswith("/"):
        users = json.loads(Path(key).read_text(encoding="utf-8"))["users"]
        headers = headers | {"DOLAPIKEY": next(iter(users.values()))["key"]}
    connection = http.client.HTTPConnection(target, int(port), timeout=15)
    connection.sock = create_connection((target, int(port)), timeout=15, source_address=(source, 0))
    if kind == "tls":
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection.sock = context.wrap_socket(connection.sock, server_hostname=name)
    connection.request(method, path, body, {"Host": name} | headers)
    answer = connection.getresponse()
    return answer, answer.read().decode(errors="replace")


def log_in(path: str, password: str) -> int:
    """Fill in the form as a person does, and return the status of the answer."""
    page, text = call("GET", path, {})
    cookies = [value.partition(";")[0] for value in page.headers.get_all("Set-Cookie") or []]
    token = re.search(r'name="token" value="([^"]+)"', text)
    form = {"actionlogin": "login", "loginfunction": "loginfunction", "username": "admin", "password": password}
    body = urllib.parse.urlencode(form | ({"token": token[1]} if token else {}))
    headers = {"Cookie": "; ".join(cookies), "Content-Type": "application/x-www-form-urlencoded"}
    # 16 reads no form without it.
    headers["Referer"] = f"{'https' if kind == 'tls' else 'http'}://{name}{path}"
    return call("POST", path, headers, body)[0].status


statuses: list[int | None] = []
for step in json.loads(wanted):
    try:
        statuses.append(log_in(*step[1:]) if step[0] == "log in" else call(*step)[0].status)
    except OSError:
        statuses.append(None)
print(json.dumps(statuses))
