# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A scheduled job as the bridge tells of one that is well."""

from __future__ import annotations

from typing import Any

JOB: dict[str, Any] = {
    "id": 3,
    "label": "Recurring invoices",
    "enabled": True,
    "running": False,
    "failed": False,
    "due": False,
    "began": 80000,
    "ended": 80001,
    "next": 91000,
    "runs": 7,
    "result": "0",
    "output": "",
}
