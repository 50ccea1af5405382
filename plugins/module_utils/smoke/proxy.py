# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke check of a site behind a proxy: its public URL, called as clients do, leads to the site.

All other checks go to the host itself. Where the controller cannot reach the proxy, the check says that nothing is
proven: there are networks in which it cannot, and that is no fault of the site.
"""

from __future__ import annotations

from http import HTTPStatus

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import API_PATH, RestClient, RestError
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import (
    Check,
    Mismatch,
    Promised,
    Visit,
    decoded,
    member,
)

#: Seconds for a connection: a proxy that is there takes it at once.
PATIENCE = 5.0


def proxy(visit: Visit) -> str:
    """The API refuses a call without a key, and the explorer leads back to the public URL."""
    site = visit.site
    client = RestClient(
        site.base_url,
        verify=site.validate_certs,
        ca_path=site.proxy_ca_path,
        ca_content=site.proxy_ca_content,
        timeout=min(PATIENCE, visit.client.timeout),
    )
    try:
        return _through(site, client)
    except RestError as error:
        if error.kind not in ("connect", "closed", "timeout"):
            mend = "look at the proxy's certificate, or give its authority as smoke_ca_path"
            raise Mismatch(f"an answer at {site.base_url}", str(error), mend, "proxy") from None
        return f"NOT PROVEN: {site.base_url} cannot be reached from here ({error})"
    finally:
        client.close()


def _through(site: Promised, client: RestClient) -> str:
    mend = "let the proxy hand this host name and path to the host as they are, and proxy.port be its public port"
    answer = client.api("GET", "/status")
    if site.api_enabled and (
        answer.status != HTTPStatus.UNAUTHORIZED
        or member(decoded(answer), "error", "code") != HTTPStatus.UNAUTHORIZED.value
    ):
        raise Mismatch(f"401 as JSON at {site.base_url}", answer.describe(), mend, "proxy")
    page = client.page("/")
    if page.status != HTTPStatus.OK or "password" not in page.text:
        raise Mismatch(f"the login page at {site.base_url}", page.describe(), mend, "proxy")
    if site.api_enabled and site.explorer:
        wanted = site.base_url + API_PATH + "/explorer/"
        redirect = client.api("GET", "/explorer")
        if redirect.headers.get("location") != wanted:
            raise Mismatch(f"302 to {wanted}", redirect.describe(), mend, "proxy")
    return f"the site answers at {site.base_url}"


def checks(site: Promised) -> list[Check]:
    """The check, for a site behind a proxy."""
    return [Check("proxy", "the public URL leads to the site through the proxy", proxy)] if site.proxied else []
