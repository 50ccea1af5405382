# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By what a web server knows root on the host itself: who has it, who asks for it, and where it is sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token


def test_it_is_read_from_the_secrets(tmp_path: Path) -> None:
    assert host_token.headers("norte", str(tmp_path)) == {}
    (tmp_path / "norte").mkdir()
    for text, found in (
        (json.dumps({"host_token": "abc"}), {"X-Miclinik-Token": "abc"}),
        (json.dumps({"users": {}}), {}),
        ("[]", {}),
        ("broken", {}),
    ):
        (tmp_path / "norte" / "secrets.json").write_text(text)
        assert host_token.headers("norte", str(tmp_path)) == found


@pytest.mark.parametrize(
    ("allowed", "asked"),
    [
        ([], False),
        (["192.0.2.7"], True),
        (["2001:db8::/32", "10.0.0.0/8"], True),
        (["192.0.2.7", "127.0.0.1"], False),
        (["127.0.0.0/8"], False),
        (["0.0.0.0/0"], False),
    ],
)
def test_who_asks_for_it(allowed: list[str], asked: bool) -> None:
    assert host_token.is_asked_for(allowed) is asked


@pytest.mark.parametrize(
    ("address", "here"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:8443", True),
        ("localhost:80", True),
        ("[::1]:443", True),
        ("10.0.0.1:80", False),
        ("127.example.org.:80", False),
        ("", False),
        (None, False),
    ],
)
def test_where_it_is_sent(address: str | None, here: bool) -> None:
    assert host_token.leads_here(address) is here
