# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the parts of a site are called while something is done with the whole of it, and where they are.

The parts are those of ``layout.PARTS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout


@dataclass(frozen=True)
class Places:
    """Where the parts of one site are."""

    site: str
    root: Path = Path("/")

    @property
    def usual(self) -> layout.Layout:
        """What the things of the site are called."""
        return layout.of(self.site)

    @property
    def work(self) -> Path:
        """The folder of its operations."""
        return layout.below(self.root, f"{layout.WORK}/{self.site}")

    @property
    def journal(self) -> Path:
        """What is under way, and what was done."""
        return self.work / "journal.json"

    @property
    def order(self) -> Path:
        """What the unit is to do next."""
        return self.work / "order.json"

    @property
    def home(self) -> Path:
        """The folder of the site."""
        return layout.below(self.root, self.usual["home"])

    @property
    def conf(self) -> Path:
        """The application's configuration."""
        return layout.below(self.root, self.usual["conf"])

    @property
    def state(self) -> Path:
        """The folder of its secrets."""
        return layout.below(self.root, self.usual["state"])

    @property
    def facts(self) -> Path:
        """What the bridge has to know of it."""
        return layout.below(self.root, self.usual["facts_file"])

    @property
    def current(self) -> Path:
        """The link to the release that is served."""
        return layout.below(self.root, self.usual["current"])

    @property
    def releases(self) -> Path:
        """The folder of its releases."""
        return layout.below(self.root, self.usual["releases"])

    @property
    def closed(self) -> Path:
        """The file for which the web server looks: where it is, nobody is let in."""
        return layout.below(self.root, self.usual["closed_file"])

    @property
    def shut(self) -> Path:
        """Where it is, somebody has closed the site until it is opened by name: see closing.py."""
        return self.work / "shut.json"

    def documents(self, part: str) -> Path:
        """Return the documents of ``part``: beside those that are served, wherever a link leads to."""
        live = layout.below(self.root, self.usual["documents"])
        live = live.resolve() if live.is_symlink() else live
        return live if part == layout.LIVE else live.with_name(f"{live.name}.{part}")
