# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a browser is told of pages of elsewhere, by the application behind the real web server."""

from __future__ import annotations

from http import HTTPStatus

from testinfra.host import Host

from .calls import base_url, call
from .conftest import HostedSite

ALLOWED = "Access-Control-Allow-Origin"
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dolapikey"}
STRANGER = "https://elsewhere.example.net"


def _origins(site: HostedSite) -> list[str]:
    found: list[str] = (site.settings.get("api") or {}).get("cors", {}).get("origins", ["*"])
    return found


def test_pages_may_call_where_they_are_named(host: Host, site: HostedSite) -> None:
    url, origins = f"{base_url(host, site)}/api/index.php/status", _origins(site)
    for origin in [one for one in origins if one != "*"]:
        first = call(host, url, "OPTIONS", Origin=origin, **ASKED)
        assert (first.status_code, first.headers.get(ALLOWED)) == (HTTPStatus.NO_CONTENT, origin)
        assert "DOLAPIKEY" in first.headers["Access-Control-Allow-Headers"]
        # Once, and of an error as well: of two a client makes one with a comma.
        answer = call(host, url, Origin=origin)
        assert (answer.status_code, answer.headers.get(ALLOWED)) == (HTTPStatus.UNAUTHORIZED, origin)


def test_other_pages_may_where_the_application_decides(host: Host, site: HostedSite) -> None:
    url = f"{base_url(host, site)}/api/index.php/status"
    told = "*" if "*" in _origins(site) else None
    for method, more in (("GET", {}), ("OPTIONS", ASKED)):
        answer = call(host, url, method, Origin=STRANGER, **more)
        assert answer.headers.get(ALLOWED) == told
