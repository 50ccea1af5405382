# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mail through the application's own class arrives, signed where it is to be, or the server's words are told."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, mail, sites

from tests.smtp_sink import PASSWORD, Sink

from .sites import BridgedSite

TO, FROM = "somebody@example.net", "clinic@example.org"


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run a mail server."""
    with Sink() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def site(installed: BridgedSite) -> BridgedSite:
    """Return a site."""
    return installed


def _set(site: BridgedSite, sink: Sink, **more: Any) -> None:  # noqa: ANN401 (any setting)
    """Give the application what the inventory would."""
    given = {"server": "localhost", "port": sink.server_address[1], "encryption": "none", "from": FROM, "user": "norte"}
    entry = {"name": "norte", "domain": "a.example.org", "source": {"type": "sandbox"}}
    entry["mail"] = given | {"password": PASSWORD} | more
    told, secrets = sites.plan([entry])[0], declared.part(entry).stored
    orders: list[tuple[str, dict[str, Any]]] = [
        ("constant unset", {"name": name}) if value is None else ("constant set", {"name": name, "value": value})
        for name, value in mail.constants(told, secrets).items()
    ]
    site.batch(*orders)
    assert not site.batch(*orders)["changed"]


def test_it_arrives(site: BridgedSite, sink: Sink) -> None:
    _set(site, sink)
    assert site.ok("--check", "mail", "test", TO)["way"] == f"smtps to localhost:{sink.server_address[1]}"
    assert sink.mails == []
    site.ok("mail", "test", TO)
    (got,) = sink.mails
    assert TO in got["To"]
    assert FROM in got["From"]
    assert "DKIM-Signature" not in got
    assert sink.greeted == "a.example.org"


def test_it_is_signed(site: BridgedSite, sink: Sink) -> None:
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    _set(site, sink, dkim={"domain": "example.org", "selector": "norte", "key": key})
    site.ok("mail", "test", TO)
    (got,) = sink.mails
    signature = "".join(got["DKIM-Signature"].split())
    assert "d=example.org;" in signature
    assert "s=norte;" in signature


def test_the_server_s_own_words_are_told(site: BridgedSite, sink: Sink) -> None:
    _set(site, sink, password="another-one-1")
    said = site.error("mail", "test", TO)["message"]
    assert "535 5.7.8 the sink does not know you" in said
    assert "another-one-1" not in said
    _set(site, sink)
    sink.refuses = "550 5.1.1 nobody of that name"
    assert "550 5.1.1 nobody of that name" in site.error("mail", "test", TO)["message"]
    sink.shutdown()
    sink.server_close()
    assert "Connection refused" in site.error("mail", "test", TO)["message"]


def test_from_a_copy_nothing_leaves(site: BridgedSite, sink: Sink) -> None:
    _set(site, sink)
    site.ok("constant", "set", "MAIN_DISABLE_ALL_MAILS", "1")
    try:
        assert site.error("mail", "test", TO)["code"] == "mail_off"
    finally:
        site.ok("constant", "unset", "MAIN_DISABLE_ALL_MAILS")
    assert sink.mails == []


def test_an_address_is_wanted(site: BridgedSite) -> None:
    assert site.error("mail", "test", "nobody")["code"] == "usage"
