# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module whose files and folders have the modes that it sets, whatever the host's umask is."""

from __future__ import annotations

import os
from typing import Any

from ansible.module_utils.basic import AnsibleModule

#: What the kernel may take from a mode that was asked for: writing by others, which nothing of ours asks for.
UMASK = 0o022


class HostModule(AnsibleModule):  # type: ignore[misc]
    """The base of every module of this collection.

    Hardened hosts give root a umask of 027 or 077 (login.defs, pam_umask, sudoers), which takes from every folder that
    a module makes on its way, and goes on to the programs that it starts.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (AnsibleModule takes anything)
        os.umask(UMASK)
        super().__init__(*args, **kwargs)
