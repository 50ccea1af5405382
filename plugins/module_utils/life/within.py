# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the application on a copy of a site, at the very paths of the one that is served.

In a name space of its own, which systemd makes: there the copy's documents, release and conf.php lie where the site's
are, so that nothing of the application has to be told of the copy, and nothing of it can reach what is served.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

_DATABASE = re.compile(r"^(\$dolibarr_main_db_name = ').*(';)$", re.MULTILINE)


def unit(site: str) -> str:
    """Return systemd's name of what runs in the name space; a recovery ends it."""
    return f"miclinik-within@{site}.service"


def end(site: str) -> None:
    """End what an operation that was killed has left running there."""
    systemd_unit.order("stop", unit(site), quiet=True)
    systemd_unit.order("reset-failed", unit(site), quiet=True)


@dataclass(frozen=True)
class Within:
    """The name space of the copy ``part``, with the code of ``release``."""

    stage: Stage
    part: str
    release: str

    @property
    def bridge(self) -> Bridge:
        """The bridge to the copy."""
        return Bridge(self.stage.places.site, runner=self.run)

    def run(self, words: Sequence[str], text: str) -> tuple[int, str, str]:
        """Run ``words`` as root with ``text`` on standard input; return exit code and both outputs."""
        return self._run(words, text)

    def script(self, name: str, *arguments: str) -> tuple[int, str, str]:
        """Run a script of the application's installer as the site's user, from its folder, as it expects it."""
        usual = self.stage.places.usual
        properties = [f"User={usual['user']}", f"Group={usual['group']}", "UMask=0027"]
        properties.append(f"WorkingDirectory={usual['root']}/install")
        return self._run([self._php(), name, *arguments], "", properties)

    def _run(self, words: Sequence[str], text: str, properties: Sequence[str] = ()) -> tuple[int, str, str]:
        return client.run([*self._prefix(properties), *words], text)

    def _prefix(self, properties: Sequence[str]) -> list[str]:
        places = self.stage.places
        binds = [f"BindPaths={places.documents(self.part)}:{places.usual['documents']}"]
        binds.append(f"BindReadOnlyPaths={self._conf()}:{places.usual['conf']}")
        binds.append(f"BindReadOnlyPaths={self._facts()}:{places.usual['facts_file']}")
        if self.release != self.stage.served():
            served = places.releases / self.stage.served()
            binds.append(f"BindReadOnlyPaths={places.releases / self.release}:{served}")
        # The installer writes every statement into a file in /tmp.
        binds.append("PrivateTmp=yes")
        if self.stage.engine.login.local:
            binds.append("PrivateNetwork=yes")
        words = ["systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--unit={unit(places.site)}"]
        return [*words, *(f"--property={value}" for value in [*binds, *properties]), "--"]

    def _conf(self) -> Path:
        """Write the copy's conf.php and return where."""
        conf = self.stage.places.conf
        text = conf.read_text(encoding="utf-8")
        fresh, found = _DATABASE.subn(lambda line: line[1] + self.stage.database(self.part) + line[2], text)
        if found != 1:
            raise StageError(f"{conf} does not name its database as it was written: run site.yml")
        return self._beside(conf, fresh)

    def _facts(self) -> Path:
        """Write the copy's site.json, by which the bridge knows where it is, and return where."""
        file = self.stage.places.facts
        facts = json.loads(file.read_text(encoding="utf-8"))
        facts["database"]["name"] = self.stage.database(self.part)
        return self._beside(file, json.dumps(facts))

    def _beside(self, file: Path, text: str) -> Path:
        """Write ``text`` for those who may read ``file``; return where."""
        copy = self.stage.places.work / f"{self.part}-{file.name}"
        copy.unlink(missing_ok=True)
        handle = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
        with os.fdopen(handle, "w", encoding="utf-8") as target:
            target.write(text)
        kept = file.stat()
        os.chown(copy, kept.st_uid, kept.st_gid)
        shutil.copymode(file, copy)
        return copy

    def _php(self) -> str:
        return str(Bridge(self.stage.places.site).php)
