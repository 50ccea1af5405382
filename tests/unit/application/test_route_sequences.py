# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""After any sequence of changes, calls and runs that died, file and pools agree after the next whole run.

The application, its pools' opcache and the order of the role's steps are played as measured on Dolibarr 22.0.4; calls
of clients fall between the steps. The number in the test's name is the seed: `pytest -k '[17]'` repeats one sequence.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import route_cache
from ansible_collections.miclinik.hosting.plugins.module_utils.application.route_cache import Routed

MODULES = ("products", "orders", "thirdparties", "warehouses")


class Dead(Exception):
    """The run was killed."""


class Application:
    """Table on disk, what the pools hold of it, and the settings of which both are made."""

    def __init__(self, documents: Path, chance: random.Random) -> None:
        self.table = documents / "api/temp/routes.php"
        self.table.parent.mkdir(parents=True)
        self.documents, self.chance = documents, chance
        self.explorer, self.modules = True, {"products", "orders"}
        self.held: str | None = None

    def endpoint(self, path: str) -> int:
        """Answer a call of ``path`` without a key."""
        name = path.rpartition("/")[2]
        if name == "swagger.json":
            if self.explorer:
                self.write(sorted(self.modules))
            return 200
        if not self.explorer:
            self.write([name])  # API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE is off with it
            return 401
        if self.held is None and self.table.is_file():
            self.held = self.table.read_text()
        if self.held is None:
            self.write([name])
            return 401
        return 401 if f"v1 {name} " in self.held else 404

    def write(self, names: list[str]) -> None:
        """Write the table in place. Opcache is not told."""
        self.table.write_text("<?php\n" + "".join(f"//==== v1 {name} ====\n 'GET' =>\n" for name in names))

    def clients(self) -> None:
        """Be called by clients, or not."""
        for _ in range(self.chance.choice([0, 0, 1, 3])):
            self.endpoint(f"/{self.chance.choice(sorted(self.modules))}")

    def run(self, explorer: bool, modules: set[str], monkeypatch: pytest.MonkeyPatch, dies: int = 99) -> bool:
        """Do the steps of a run, ``dies`` of them; return whether any changed something."""
        monkeypatch.setattr(route_cache, "_call", lambda _site, _timeout: str(self.endpoint("/swagger.json")))
        monkeypatch.setattr(route_cache, "_status", lambda _site, path, _timeout: self.endpoint(path))
        changed, left = False, dies

        def step() -> None:
            nonlocal left
            self.clients()
            if not left:
                raise Dead
            left -= 1

        step()
        if modules != self.modules:
            self.modules, changed = set(modules), True
            self.table.unlink(missing_ok=True)  # the bridge drops it
        step()
        changed |= explorer != self.explorer
        self.explorer = explorer
        if not explorer:
            return changed
        step()
        site = Routed("norte", "n.example.org", 80, False, "", str(self.documents), "", sorted(self.modules))
        changed |= route_cache.ensure(site, False, settle=0, records=self.documents / "state/routes")
        step()
        if route_cache.unknown(site):
            self.held, changed = None, True  # the reload
            step()
            assert route_cache.unknown(site) == []
        return changed


@pytest.mark.parametrize("seed", range(200))
def test_file_and_pools_agree_after_the_next_whole_run(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)  # noqa: S311 (a story, no secret)
    application = Application(tmp_path, chance)
    wanted = {"products", "orders"}
    explorer = True
    for _ in range(chance.randint(1, 8)):
        explorer = chance.choice([True, False])
        wanted = set(chance.sample(MODULES, chance.randint(1, len(MODULES))))
        try:
            application.run(explorer, wanted, monkeypatch, chance.choice([1, 2, 3, 4, 5, 99]))
        except Dead:
            application.clients()
        if chance.random() < 0.2:
            application.held = None  # a reload by somebody
    application.run(explorer, wanted, monkeypatch)
    assert [application.endpoint(f"/{name}") for name in sorted(wanted)] == [401] * len(wanted)
    assert not application.run(explorer, wanted, monkeypatch)
