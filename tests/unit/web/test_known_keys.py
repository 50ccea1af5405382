# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys that a web server knows callers by."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import known_keys


def test_keys_on_record() -> None:
    users = {
        "b": {"key": "b" * 40, "password": "p"},
        "a": {"key": "A1.b_c-d"},
        "without": {"password": "p"},
        "empty": {"key": ""},
        # What a file of Nginx or Apache would take for something else.
        "variable": {"key": "a$b"},
        "expression": {"key": "~a"},
        "word": {"key": "default"},
        "line": {"key": "a\nb"},
        "quote": {"key": 'a"b'},
    }
    assert known_keys.of_sites({"norte": {"users": users, "admin_password": "x"}, "sur": {}}) == {
        "norte": ["A1.b_c-d", "b" * 40],
        "sur": [],
    }
