# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""webhooks/site.json.j2, webhooks/socket.j2 and webhooks/service.j2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import programs
from .rendering import Rendered, entry, render

UNITS = "/etc/systemd/system"
SOCKET, SERVICE = f"{UNITS}/miclinik-webhooks.socket", f"{UNITS}/miclinik-webhooks.service"
HOOK = {"name": "erp", "endpoint": "https://hooks.example.org/key", "events": ["BILL_VALIDATE"]}
KNOWN = {"endpoint": HOOK["endpoint"], "token": "t0ken", "secret": "whsec_x"}
FILE = "/etc/miclinik/norte/webhooks.json"


def _rendered(**more: Any) -> dict[str, Rendered]:  # noqa: ANN401 (any variable)
    secrets = {"secrets": {"norte": {"webhooks": {"erp": KNOWN}}, "sur": {}}}
    sites = (entry("norte", modules=["webhook"], webhooks=[HOOK]), entry("sur"))
    return render(
        "webhooks",
        *sites,
        common_secrets=secrets,
        webhooks_secrets=secrets["secrets"],
        **({"host": {"webhook_sites": ["sur"]}} | more),
    )


def test_the_relay_alone_may_read_where_events_go() -> None:
    rendered = _rendered()
    found = rendered[FILE]
    assert (found.owner, found.group, found.mode, found.sensitive) == ("root", "miclinik-webhooks", "0640", True)
    assert json.loads(found.content) == [
        {"name": "erp", "url": HOOK["endpoint"], "token": "t0ken", "secret": "whsec_x", "retry_for": 259200}
    ]
    assert rendered["/etc/miclinik/sur/webhooks.json"].kind == "absent"
    assert [dest for dest, item in rendered.items() if "t0ken" in item.content or "org/key" in item.content] == [FILE]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    rendered = _rendered()
    for path in (SOCKET, SERVICE):
        text = rendered[path].content.replace("=miclinik-webhooks\nGroup=miclinik-webhooks", "=daemon\nGroup=daemon")
        text = text.replace("/usr/local/lib/miclinik/webhooks/miclinik-relay", "/bin/true")
        (tmp_path / Path(path).name).write_text(text)
    for path in (SOCKET, SERVICE):
        assert programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / Path(path).name]) == ""
    assert "ListenStream=127.0.0.1:9480" in rendered[SOCKET].content.splitlines()


def test_it_outlives_what_hands_in_events_when_the_host_goes_down() -> None:
    lines = _rendered()[SERVICE].content.splitlines()
    assert [line for line in lines if line.startswith("Before=")] == [
        "Before=miclinik-php@norte.service miclinik-cron@norte.service"
    ]


def test_it_may_do_no_more_than_it_has_to() -> None:
    lines = set(_rendered()[SERVICE].content.splitlines())
    assert {"User=miclinik-webhooks", "ProtectSystem=strict", "CapabilityBoundingSet=", "NoNewPrivileges=yes"} <= lines
