# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The example of a receiver takes what the relay sends, once, and nothing else."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import signing

from .conftest import SECRET, Host, free_port, until

PROGRAM = Path(__file__).parents[3] / "examples/webhooks/receiver.py"
BODY = b'{"triggercode": "X_Y", "object": {}}'


@pytest.fixture
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("webhook_receiver", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_takes_what_is_signed(example: ModuleType) -> None:
    headers = signing.headers([SECRET], "msg_1", 1000, BODY)
    assert example.verify(SECRET, headers, BODY, 1299) == "msg_1"
    several = headers | {"webhook-signature": f"v1a,xx v1,é {headers['webhook-signature']}"}
    assert example.verify(SECRET, several, BODY, 1000) == "msg_1"


@pytest.mark.parametrize(
    ("change", "body", "now"),
    [
        ({"webhook-id": "msg_2"}, BODY, 1000),
        ({"webhook-timestamp": "1001"}, BODY, 1000),
        ({"webhook-signature": "v1,é"}, BODY, 1000),
        ({"webhook-signature": ""}, BODY, 1000),
        ({"webhook-timestamp": ""}, BODY, 1000),
        ({}, BODY + b" ", 1000),
        ({}, BODY, 1301),
        ({}, BODY, 600),
    ],
)
def test_it_takes_nothing_else(example: ModuleType, change: dict[str, str], body: bytes, now: float) -> None:
    with pytest.raises(ValueError, match=r"not signed|too old"):
        example.verify(SECRET, signing.headers([SECRET], "msg_1", 1000, BODY) | change, body, now)


def test_it_runs(host: Host, tmp_path: Path) -> None:
    port = free_port()
    host.declare("norte", {"name": "erp", "url": f"http://127.0.0.1:{port}/"})
    host.start()
    host.post({"triggercode": "BILL_VALIDATE", "object": {"id": 7, "ref": "FA2611-0007"}})
    with (tmp_path / "out").open("w") as out:
        words = [sys.executable, str(PROGRAM), str(port)]
        process = subprocess.Popen(words, env=os.environ | {"WEBHOOK_SECRET": SECRET}, stdout=out, stderr=out)
    try:
        until(lambda: "BILL_VALIDATE 7 FA2611-0007\n" in (tmp_path / "out").read_text())
    finally:
        process.kill()
        process.wait()
