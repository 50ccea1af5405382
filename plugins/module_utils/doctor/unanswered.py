# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the doctor takes for the answer to a question that got none in time."""

from __future__ import annotations

from typing import Any

#: What is taken for the answer to a question that got none: nothing that a rule would read as a fault.
ANSWER: dict[str, Any] = {
    "sockets": {},
    "strangers": {},
    "pages": "",
    "disk": None,
    "newest_code": None,
    "hosts_file": [],
    "resolved": [],
    "identity": {},
    "release_files": {},
    "missing_programs": [],
    "absent_programs": [],
    "stopped_units": [],
    "certificate": {},
    "routes": {"there": False, "missing": [], "path": ""},
    "backup": {},
    "change": {},
    "application": {"status": None, "constants": {}, "users": {}, "left": {}, "problem": ""},
    "loopback": "no answer",
    "database": {"engine": "", "faults": []},
    "counters": [],
    "php_offset": None,
    "owners": [],
    "usage": {},
    "writes": [],
    "mail": {},
    "timer": {},
    "jobs": [],
    "webhooks": {},
    "targets": [],
}

#: The same of its files, which are looked at first.
FILES: dict[str, Any] = {
    "files": {},
    "recorded_release": "",
    "places": [],
    "hollow": [],
    "url_root": None,
    "user": True,
    "release": "",
    "version": "",
}
