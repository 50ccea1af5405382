# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a site can write where it has to: a file is made and removed in each place. Runs on the host.

As the site's user and in the view of the disks that its PHP-FPM has, since a unit's sandbox refuses what a shell may.
Asked by the doctor alone: a reading playbook, the smoke test and check mode make no file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

#: Folders of the documents that are tried; those of modules are alike.
_MOST = 30
_SCRIPT = """
umask 077
for place; do
  file=$(mktemp "$place/.miclinik-doctor-XXXXXX" 2>&1) || { echo "$place	$file"; continue; }
  said=$(head -c 8192 /dev/zero 2>&1 > "$file") || echo "$place	$said"
  rm -f "$file" || echo "$place	a file that was made cannot be removed"
done
"""


def look(site: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the places that take no file: ``place`` and what the system said, ``text``."""
    documents = Path(site["documents"])
    try:
        below = [str(entry) for entry in sorted(documents.iterdir()) if entry.is_dir() and not entry.is_symlink()]
    except OSError:
        below = []
    places = [str(documents), f"{documents}/api/temp", *islice(below, _MOST), site["sessions"], "/tmp"]  # noqa: S108
    shown = run("systemctl", "show", "--property=MainPID", "--value", str(site["fpm_unit"])).strip()
    inside = ["nsenter", f"--target={shown}", "--mount", "--"] if shown.isdecimal() and int(shown) else []
    user = str(site["user"])
    words = [*inside, "setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "sh", "-c", _SCRIPT, "sh"]
    said = run(*words, *(place for place in places if os.path.lexists(place)))
    pairs = (line.partition("\t") for line in said.splitlines() if "\t" in line)
    return [{"place": place, "text": text.strip()[:240]} for place, _, text in pairs]
