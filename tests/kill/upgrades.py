# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An upgrade of the sandbox to a version of the next day, on a host that a story has kept."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from tests.kill.runs import Run
from tests.kill.story import Story, inside

ROOT = Path(__file__).parents[2]
SITE, NEWER = "norte", "22.0.5"
PROGRAM = "/root/killed_upgrade.py"


def newer(folder: Path) -> dict[str, str]:
    """Return a source that holds the sandbox as the version ``NEWER``."""
    tree = folder / NEWER
    shutil.copytree(ROOT / "sandbox", tree)
    file = tree / "htdocs/filefunc.inc.php"
    text, found = re.subn(
        r"define\('DOL_VERSION', '[^']*'\)", f"define('DOL_VERSION', '{NEWER}')", file.read_text("utf-8")
    )
    assert found == 1
    file.write_text(text, encoding="utf-8")
    # The application has one for each major version; the sandbox has one schema, so that it is empty.
    script = tree / "htdocs/install/mysql/migration/21.0.0-22.0.0.sql"
    script.parent.mkdir(parents=True)
    script.write_text("-- nothing\n", encoding="utf-8")
    return {"type": "directory", "path": str(tree)}


class Upgrade:
    """One host with a site of the version before."""

    def __init__(self, story: Story) -> None:
        self.host = story.host
        self.playbook = story.playbook(False, story.kept["change"])
        # A folder of a lower layer cannot be renamed on overlayfs, on which these hosts are, without redirect_dir:
        # https://docs.kernel.org/filesystems/overlayfs.html
        inside(self.host, f"cd /srv/miclinik/{SITE} && cp -a documents new && rm -r documents && mv new documents")
        self.before = inside(self.host, f"readlink /srv/miclinik/{SITE}/current").strip()
        story.want(self.playbook, {"source": newer(story.folder)})

    def run(self, name: str, *more: str) -> Run:
        """Run a playbook to its end."""
        return self.playbook.whole(f"playbooks/{name}.yml", *more)[0]

    def served(self) -> str:
        """Return the release that is served."""
        return inside(self.host, f"readlink /srv/miclinik/{SITE}/current").strip()

    def kill(self, count: int, seed: int) -> list[dict[str, object]]:
        """Kill upgrades at so many records of theirs, 0 for all; return of each point what was wrong afterwards."""
        release = inside(self.host, f"ls /srv/miclinik/{SITE}/releases | grep ^{NEWER}-").strip()
        program = Path(__file__).with_name("killed_upgrade.py").read_text(encoding="utf-8")
        inside(self.host, f"cat > {PROGRAM} <<'END-OF-PROGRAM'\n{program}\nEND-OF-PROGRAM\n")
        said = inside(self.host, f"python3 -I {PROGRAM} {SITE} {release} {count} {seed} || true")
        return [json.loads(line) for line in said.splitlines()]
