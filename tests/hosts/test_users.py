# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The API's users are known as ours, and the administrator, whom nothing may be taken from, is not."""

from __future__ import annotations

import json
from typing import Any

from testinfra.host import Host

from .conftest import HostedSite


def _ctl(host: Host, site: HostedSite, words: str, given: str = "") -> Any:  # noqa: ANN401 (JSON)
    stdin = f"echo '{given}' | " if given else ""
    flags = " --check --stdin" if given else ""
    return json.loads(host.run(f"{stdin}miclinikctl --site {site.name}{flags} {words}").stdout)


def test_api_users_are_ours_and_administrators_are_not(host: Host, site: HostedSite) -> None:
    users = site.settings.get("api", {}).get("users") or [{"login": "api"}]
    for login in (user["login"] for user in users):
        user = _ctl(host, site, f"user show {login}")["user"]
        assert (user["ours"], user["admin"], user["third_party"], user["outside"]) == (True, False, None, "")
    administrator = _ctl(host, site, "status")["schema"]["administrators"][0]
    assert _ctl(host, site, f"user show {administrator}")["user"]["ours"] is False
    answer = _ctl(host, site, f"user ensure {administrator}", '{"rights": []}')
    assert (answer["ok"], answer["error"]["code"]) == (False, "administrator")
