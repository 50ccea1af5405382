# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a vhost has to do for one site; that the templates write it down, tests/templates/test_web_served.py asks."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import vhost
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import vhosts

from tests.application_tree import entry

ROOT = Path(__file__).parents[3]


def _vhost(**more: Any) -> vhosts.Vhost:  # noqa: ANN401 (whatever an operator may write)
    return vhosts.of(sites.plan([entry(**more)])[0])


@pytest.mark.parametrize(
    ("tls", "value"),
    [
        ({"mode": "acme", "email": "a@example.org"}, "max-age=15768000"),
        ({"mode": "acme", "email": "a@example.org", "hsts": 60}, "max-age=60"),
        ({"mode": "acme", "email": "a@example.org", "hsts": 0}, None),
        ({"mode": "selfsigned"}, None),
        ({"mode": "none"}, None),
    ],
)
def test_headers(tls: dict[str, Any], value: str | None) -> None:
    headers = _vhost(tls=tls)["headers"]
    assert {header["name"]: header["value"] for header in headers if header["twice"]} == vhost.HEADERS
    assert [header["value"] for header in headers if not header["twice"]] == ([value] if value else [])
    quoted = [header["name"] for header in headers if not header["word"]]
    assert quoted == ["Permissions-Policy", *([vhost.HSTS] if value else [])]


@pytest.mark.parametrize(("modules", "refused"), [([], ["DOLAPIENTITY"]), (["MultiCompany"], [])])
def test_what_one_site_refuses_beside_all(modules: list[str], refused: list[str]) -> None:
    found = _vhost(modules=modules)["refused"]
    assert [header["name"] for group in found for header in group["headers"]] == refused


def test_what_all_sites_refuse() -> None:
    headers = [header for group in vhosts.refused_headers([]) for header in group["headers"]]
    assert headers == [
        {"name": "X-Forwarded-For", "cgi": "HTTP_X_FORWARDED_FOR"},
        {"name": "Client-IP", "cgi": "HTTP_CLIENT_IP"},
        {"name": "CF-Connecting-IP", "cgi": "HTTP_CF_CONNECTING_IP"},
        {"name": "X-Real-IP", "cgi": "HTTP_X_REAL_IP"},
        {"name": "Forwarded", "cgi": "HTTP_FORWARDED"},
        {"name": "X-Miclinik-Token", "cgi": "HTTP_X_MICLINIK_TOKEN"},
        {"name": "Proxy", "cgi": "HTTP_PROXY"},
    ]


def test_limits_are_in_step_with_php() -> None:
    found = _vhost(php={"upload_max_filesize": "100M", "max_execution_time": 600})
    # A file of 100 MiB as text, and some more.
    assert (found["body_bytes"] // 1024, found["timeout"]) == (137558, 610)


def test_no_template_has_words_of_the_table() -> None:
    """So that what is added to the table is in the vhosts of every server."""
    refused = [name for table in (vhost.REFUSED, vhost.ENTITY) for names in table.values() for name in names]
    words = [*vhost.HEADERS, vhost.HSTS, *(name for name in refused if "-" in name)]
    words += [vhost.STATIC[0] + "|", vhost.DENIED[0] + "|", vhost.NOTES[0] + "|", vhost.COMPRESSED[0]]
    # Named where a trusted proxy is believed; the block `frame_options` has its name from the other.
    allowed = {"X-Forwarded-For": r"real_ip_header|RemoteIPHeader", "X-Frame-Options": r"block|if header\.name"}
    found = [
        (file.name, word, line)
        for folder in ("nginx", "apache")
        for file in sorted((ROOT / "templates" / folder).glob("*.j2"))
        for line in file.read_text(encoding="utf-8").splitlines()
        for word in words
        if re.search(rf"(?<![\w-]){re.escape(word)}", line) and not re.search(allowed.get(word, "(?!)"), line)
    ]
    assert found == []
