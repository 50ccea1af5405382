# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An upgrade of the sandbox to a version of the next day, on a host that a story has kept."""

from __future__ import annotations

from tests.kill.newer import NEWER, newer
from tests.kill.runs import Run
from tests.kill.story import Story, inside
from tests.kill.strikes import Target

SITE = "norte"


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

    @property
    def target(self) -> Target:
        """What upgrades of it are killed on."""
        release = inside(self.host, f"ls /srv/miclinik/{SITE}/releases | grep ^{NEWER}-").strip()
        return Target(self.host, SITE, release)
