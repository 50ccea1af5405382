# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has programs of a host found as an administrator's login finds them.

`su` and `doas` may keep the PATH of the user who becomes root, which on Debian lacks the folders of php-fpm, nginx and
apachectl; sudo has a path of its own.
"""

from __future__ import annotations

import os
import shutil

FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


def environment() -> dict[str, str]:
    """Return this process's environment with a PATH that has the administrator's folders as well, behind its own."""
    own = [folder for folder in os.environ.get("PATH", "").split(":") if folder]
    return {**os.environ, "PATH": ":".join([*own, *(folder for folder in FOLDERS if folder not in own)])}


def there(name: str) -> bool:
    """Return whether the host has the program ``name`` where everybody's programs are."""
    return shutil.which(name, path=":".join(FOLDERS)) is not None
