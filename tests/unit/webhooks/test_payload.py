# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What of an object of the application's goes to nobody."""

from __future__ import annotations

import json

from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import payload


def test_it_is_sent_as_it_is() -> None:
    body = b'{"triggercode": "BILL_VALIDATE", "object": {"total": 1.10, "name": "Cl\\u00ednica", "big": 123456789012}}'
    assert payload.cleaned(body) == ("BILL_VALIDATE", body)


def test_no_connection_and_no_password() -> None:
    line = {"id": 2, "db": {"lastquery": "SELECT"}}
    user = {"login": "ana", "api_key": "k", "pass_crypted": "$2y$", "oldcopy": {"pass_indatabase": "x", "id": 1}}
    told = {"triggercode": "USER_MODIFY", "object": user | {"db": None, "lines": [line], "name": "Clínica"}}
    code, sent = payload.cleaned(json.dumps(told).encode())
    assert code == "USER_MODIFY"
    assert json.loads(sent)["object"] == {"login": "ana", "oldcopy": {"id": 1}, "lines": [{"id": 2}], "name": "Clínica"}


def test_what_is_no_json_is_sent_all_the_same() -> None:
    for body in (b'{"triggercode":"BILL_VALIDATE","object":}', b"", b"[" * 100_000, b'"text"', b"\xff"):
        assert payload.cleaned(body) == ("?", body)
