# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Leaves in the journal who has done what on the host: ``journalctl -t miclinikctl``."""

from __future__ import annotations

import os
import pwd
import syslog
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain


def note(text: str) -> None:
    """Leave in the journal who did what."""
    who: Any = os.environ.get("SUDO_USER")
    if not who:
        try:
            who = pwd.getpwuid(os.getuid()).pw_name
        except KeyError:
            who = os.getuid()
    syslog.openlog("miclinikctl", facility=syslog.LOG_AUTH)
    syslog.syslog(syslog.LOG_NOTICE, plain.plain(f"{text} (by {who})"))
