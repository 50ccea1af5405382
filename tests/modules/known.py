# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of the application's own that trying its modules has shown, and that no host mends: what is seen, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable

FAULTS = {
    r'Class "Product" not found in \S+/admin/bom\.php': "the page admin/bom.php ends in the middle: it does not load"
    " the class Product, which it uses",
    r"count\(\): Argument #1 \S+ must be of type \S+ null given in \S+/admin/oauth\.php": "the page"
    " admin/oauth.php ends in the middle: it counts what is not there, which PHP 8 does not take",
}


def told(wrong: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return what is wrong, and in the words of the table what is the application's own fault."""
    rest: list[str] = []
    known: list[str] = []
    for text in wrong:
        why = next((why for pattern, why in FAULTS.items() if re.search(pattern, text)), "")
        (known if why else rest).append(why or text)
    return rest, sorted(set(known))
