# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site on a throw-away server, laid out as on a managed host, and the bridge to it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .servers import Server

ROOT = Path(__file__).parents[2]
TREE = Path(os.environ.get("MICLINIK_TREE") or ROOT / "sandbox" / "htdocs")
BRIDGE = ROOT / "templates" / "bridge" / "miclinik-bridge"
PHP = os.environ.get("MICLINIK_PHP") or "php"
#: Quotes, a dollar and a backslash are what configuration files and command lines get wrong.
DATABASE_PASSWORD = "db'\"$x\\y z"
ADMIN_PASSWORD = "Adm1n'\"$x\\y z"
#: Root must drop to somebody; anybody else stays who he is.
USER = "nobody" if os.geteuid() == 0 else None

Answer = dict[str, Any]


def quote(value: str) -> str:
    """Return ``value`` as a PHP string."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


class BridgedSite:
    """One site. ``ctl`` runs the bridge on it."""

    def __init__(self, folder: Path, server: Server, name: str) -> None:
        self.name = name
        self.server = server
        self.home = folder / name
        self.htdocs = self.home / "htdocs"
        self.documents = self.home / "documents"
        self.conf = self.home / "conf.php"
        self.temporary = self.home / "tmp"
        self.environment = os.environ | {"TMPDIR": str(self.temporary)}
        self.home.mkdir(mode=0o755)
        self.temporary.mkdir()
        self.temporary.chmod(0o1777)
        shutil.copytree(TREE, self.htdocs, symlinks=True, copy_function=_link_or_copy)
        (self.htdocs / "conf" / "conf.php").unlink(missing_ok=True)
        (self.htdocs / "conf" / "conf.php").symlink_to(self.conf)
        self.reset()

    def reset(self) -> None:
        """Make everything but the code anew: empty database, empty documents, fresh conf.php."""
        self.server.make_database(self.name, DATABASE_PASSWORD)
        shutil.rmtree(self.documents, ignore_errors=True)
        self.documents.mkdir(mode=0o750)
        self.write_conf()
        if USER:
            shutil.chown(self.documents, USER, "nogroup")

    def write_conf(self, **other: str) -> None:
        """Write conf.php, with ``other`` values by their names without ``dolibarr_main_``."""
        mysql = self.server.engine == "mysqli"
        values = {
            "url_root": "http://localhost",
            "document_root": str(self.htdocs),
            "url_root_alt": "/custom",
            "document_root_alt": str(self.htdocs / "custom"),
            "data_root": str(self.documents),
            "db_host": "127.0.0.1",
            "db_port": str(self.server.port),
            "db_name": self.name,
            "db_prefix": "llx_",
            "db_user": self.name,
            "db_pass": DATABASE_PASSWORD,
            "db_type": self.server.engine,
            "db_character_set": "utf8mb4" if mysql else "utf8",
            "db_collation": "utf8mb4_unicode_ci" if mysql else "utf8_unicode_ci",
            "authentication": "dolibarr",
            "prod": "1",
            "force_https": "0",
            "instance_unique_id": "0123456789abcdef" * 4,
        } | other
        lines = [f"$dolibarr_main_{name} = {quote(value)};\n" for name, value in values.items()]
        self.conf.unlink(missing_ok=True)
        self.conf.write_text("<?php\n" + "".join(lines))
        self.conf.chmod(0o440)
        if USER:
            shutil.chown(self.conf, "root", "nogroup")

    def hand_over(self) -> None:
        """Give all documents to the site's user, whoever made them."""
        for path in [self.documents, *self.documents.rglob("*")] if USER else []:
            shutil.chown(path, USER, "nogroup")

    def words(self, *words: str, stdin: bool = False) -> list[str]:
        """Return the command line of the bridge."""
        user = ["--user", USER] if USER else []
        return [PHP, str(BRIDGE), "--root", str(self.htdocs), *user, *(["--stdin"] if stdin else []), *words]

    def run(self, *words: str, given: object = None) -> subprocess.CompletedProcess[str]:
        """Run the bridge; ``given`` goes to its standard input as JSON."""
        return subprocess.run(
            self.words(*words, stdin=given is not None and "batch" not in words),
            input="" if given is None else json.dumps(given),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def ctl(self, *words: str, given: object = None) -> Answer:
        """Run the bridge and return its answer; what it printed must be that one document, whatever it is."""
        done = self.run(*words, given=given)
        answer: Answer = json.loads(done.stdout)
        assert done.stderr == ""
        assert done.returncode == (0 if answer["ok"] else 1)
        return answer

    def ok(self, *words: str, given: object = None) -> Answer:
        """Run the bridge, which has to succeed."""
        answer = self.ctl(*words, given=given)
        assert answer["ok"], answer
        return answer

    def error(self, *words: str, given: object = None) -> Answer:
        """Run the bridge, which has to fail; return the error."""
        answer = self.ctl(*words, given=given)
        assert not answer["ok"], answer
        error: Answer = answer["error"]
        assert error["mend"]
        return error

    def install(self, **more: str) -> Answer:
        """Install the site."""
        return self.ok("install", given={"login": "admin", "password": ADMIN_PASSWORD} | more)

    def batch(self, *orders: tuple[str, Answer], check: bool = False) -> Answer:
        """Run a batch, which has to succeed."""
        given = [{"command": command, "args": args} for command, args in orders]
        return self.ok(*(["--check"] if check else []), "batch", given=given)

    def sql(self, statement: str) -> list[str]:
        """Run a statement as the server's superuser."""
        return self.server.sql(self.name, statement)

    def version(self) -> str:
        """Return the version of the code."""
        version: str = self.ok("status")["version"]
        return version

    def major(self) -> int:
        """Return the major version of the code."""
        return int(self.version().split(".")[0])


def processes() -> Sequence[str]:
    """Return the command lines of all processes."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(entry.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
        except OSError:
            continue
    return lines
