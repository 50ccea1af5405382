# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The redactor."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.text.redaction import Redactor

SECRET = 'p&"ss wörd/1'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        html.escape(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
    ],
)
def test_every_notation_is_replaced(form: str) -> None:
    assert Redactor([SECRET])(f"a {form} b {form}") == "a *** b ***"


def test_nothing_to_conceal() -> None:
    assert Redactor([None, ""])("text") == "text"


def test_secret_within_another() -> None:
    redact = Redactor(["abc"])
    redact.conceal("abcdef")
    assert redact("abcdef abc") == "*** ***"
