# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that quote a value for the language of the file it goes into."""

from __future__ import annotations

from collections.abc import Callable

from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.plugin_utils.text import quoting


def _filter(quote: Callable[[object], str]) -> Callable[[object], str]:
    def apply(value: object) -> str:
        try:
            return quote(value)
        except ValueError as error:
            # The value may be a secret: name what is wrong with it, never the value.
            raise AnsibleFilterError(f"a value {error}") from error

    return apply


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[[object], str]]:
        """Return them by name."""
        return {
            f"{name}_quote": _filter(quote)
            for name, quote in (
                ("php", quoting.php),
                ("nginx", quoting.nginx),
                ("nginx_regex", quoting.nginx_regex),
                ("apache", quoting.apache),
                ("apache_regex", quoting.apache_regex),
                ("ini", quoting.ini),
            )
        }
