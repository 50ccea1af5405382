# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps secrets out of texts that people will read."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from urllib.parse import quote, quote_plus


class Redactor:
    """Replaces the secrets it was told, in every notation they could come back in, by three stars."""

    def __init__(self, secrets: Iterable[str | None] = ()) -> None:
        self._forms: set[str] = set()
        for secret in secrets:
            self.conceal(secret)

    def conceal(self, secret: str | None) -> None:
        """Add a secret; nothing happens for an empty one."""
        if secret:
            self._forms |= {
                secret,
                quote(secret, safe=""),
                quote(secret),
                quote_plus(secret),
                html.escape(secret),
                json.dumps(secret)[1:-1],
                json.dumps(secret, ensure_ascii=False)[1:-1],
            }

    def __call__(self, text: str) -> str:
        # The longest first: one form can be a part of another.
        for form in sorted(self._forms, key=len, reverse=True):
            text = text.replace(form, "***")
        return text
