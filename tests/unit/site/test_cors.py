# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import cors


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://app.example.org", "https://app.example.org"),
        ("HTTPS://App.Example.org:443", "https://app.example.org"),
        ("http://localhost:5173", "http://localhost:5173"),
        ("https://straße.example.org", "https://xn--strae-oqa.example.org"),
        ("http://192.0.2.7:8080", "http://192.0.2.7:8080"),
        ("http://[2001:DB8:0::5]:80", "http://[2001:db8::5]"),
        ("capacitor://localhost", "capacitor://localhost"),
        ("chrome-extension://abcdefgh", "chrome-extension://abcdefgh"),
    ],
)
def test_an_origin_as_browsers_send_it(written: str, sent: str) -> None:
    assert cors.canonical(written) == sent
    assert list(cors.check({"origins": [written]})) == []


@pytest.mark.parametrize(
    ("given", "key", "seen", "mend"),
    [
        ({"origins": ["*", "https://a.example"]}, "origins", "names * beside others", "alone"),
        ({"origins": ["https://a.example", "null"]}, "origins[1]", "is 'null'", "an address of its own"),
        ({"origins": ["https://*.example.org"]}, "origins[0]", "a pattern", "Name each origin"),
        ({"origins": ["https://a.example/"]}, "origins[0]", "is 'https://a.example/'", "and no path"),
        ({"origins": ["https://a.example/app"]}, "origins[0]", "is 'https://a.example/app'", "and no path"),
        ({"origins": ["a.example"]}, "origins[0]", "is 'a.example'", "as in https://app.example.org"),
        ({"origins": ["https://a.example https://b.example"]}, "origins[0]", "is 'https://a.exam", "and no path"),
        ({"origins": ["https://a_b.example"]}, "origins[0]", "an underscore", "Use - in its place"),
        ({"origins": ["ext://a'b"]}, "origins[0]", 'is "ext://a\'b"', "and no path"),
        ({"origins": ["https://a.example:70000"]}, "origins[0]", "with a port", "between 1 and 65535"),
        ({"origins": [], "headers": ["X Y"]}, "headers[0]", "is 'X Y'", "the name of a header"),
        ({"origins": [], "headers": ["*"]}, "headers[0]", "is '*'", "the name of a header"),
        ({"origins": [], "max_age": -1}, "max_age", "is -1", "a number of seconds"),
        ({"max_age": 60}, "max_age", "leaves it to the application", "Name the origins"),
        ({"origins": ["*"], "headers": ["X-A"]}, "headers", "leaves it to the application", "Name the origins"),
    ],
)
def test_what_is_refused(given: dict[str, Any], key: str, seen: str, mend: str) -> None:
    ((where, told, remedy),) = cors.check(given)
    assert where == f"api.cors.{key}"
    assert seen in told
    assert mend in remedy


@pytest.mark.parametrize(("origins", "ruled"), [(["*"], False), ([], True), (["https://a.example"], True)])
def test_who_decides(origins: list[str], ruled: bool) -> None:
    assert cors.ruled({"origins": origins}) is ruled
    assert list(cors.check({"origins": origins})) == []
