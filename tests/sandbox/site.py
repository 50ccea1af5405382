# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A copy of the sandbox with a configuration, a database, PHP-FPM and nginx."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import requests

from .databases import Database
from .programs import Server, account, answers, find, free_port, newest

ADMIN_PASSWORD = "Administrator-1"
SOURCE = Path(__file__).parents[2] / "sandbox" / "htdocs"

# The vhost that works, in the shape of the toolkit's own
GOOD = """
    location / { try_files $uri $uri/ =404; }
    location ~ [^/]\\.php(/|$) {
        fastcgi_split_path_info ^(.+?\\.php)(/.*)$;
        if (!-f $document_root$fastcgi_script_name) { return 404; }
        include @params@;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_param PATH_INFO $fastcgi_path_info;
        fastcgi_pass unix:@socket@;
    }
"""


@dataclass
class Run:
    """What a command of the application did."""

    code: int
    output: str


@dataclass
class SandboxSite:
    """One installation. Everything of it lives below ``folder``."""

    folder: Path
    database: Database
    name: str
    user: str | None = field(default_factory=lambda: account("www-data"))
    port: int = field(default_factory=free_port)
    conf: dict[str, str] = field(default_factory=dict)
    version: str = ""

    def __post_init__(self) -> None:
        self.root = self.folder / "htdocs"
        self.documents = self.folder / "documents"
        self.socket = self.folder / "fpm.sock"
        self.base_url = f"http://127.0.0.1:{self.port}"
        shutil.copytree(SOURCE, self.root, ignore=shutil.ignore_patterns("conf.php"))
        if self.version:
            self.state(self.version)
        for folder in (self.documents, self.root / "conf", self.folder):
            folder.mkdir(exist_ok=True)
            self.own(folder)
        self._fpm: Server | None = None
        self._nginx: Server | None = None
        self.configure()

    def state(self, version: str) -> None:
        """Have the code be of another version, and say so as 24 does."""
        marker = self.root / "filefunc.inc.php"
        own = "if (!defined('DOL_VERSION')) {\n\tdefine('DOL_VERSION', '22.0.4');\n}\n"
        text = marker.read_text()
        assert own in text
        marker.write_text(text.replace(own, "require_once __DIR__.'/version.inc.php';\n"))
        major, _, minor = version.partition(".")
        (self.root / "version.inc.php").write_text(
            f"<?php\ndefine('DOL_MAJOR_VERSION', '{major}');\ndefine('DOL_MINOR_VERSION', '{minor}');\n"
            "define('DOL_VERSION', constant('DOL_MAJOR_VERSION').'.'.constant('DOL_MINOR_VERSION'));\n"
        )

    def own(self, path: Path) -> None:
        if self.user is not None:
            shutil.chown(path, self.user, self.user)

    def configure(self, **changes: str) -> Path:
        """Write conf.php; ``changes`` are names without ``dolibarr_main_``."""
        values = {
            "url_root": self.base_url,
            "document_root": str(self.root),
            "data_root": str(self.documents),
            "db_host": "127.0.0.1",
            "db_port": str(self.database.port),
            "db_name": self.name,
            "db_user": self.database.user,
            "db_pass": self.database.password,
            "db_type": self.database.type,
            "db_prefix": "llx_",
            "db_character_set": "utf8mb4",
            "db_collation": "utf8mb4_unicode_ci",
            "instance_unique_id": "0123456789abcdef0123456789abcdef",
        }
        self.conf = {**values, **changes}
        path = self.root / "conf" / "conf.php"
        path.unlink(missing_ok=True)
        lines = [f"$dolibarr_main_{name} = '{value}';" for name, value in self.conf.items()]
        path.write_text("<?php\n" + "\n".join(lines) + "\n")
        path.chmod(0o600)
        self.own(path)
        return path

    def php(self, *arguments: str, cwd: Path | None = None, code: str | None = None) -> Run:
        """Run PHP as the site's user; the output has both streams."""
        drop = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups"] if self.user else []
        command = [*drop, find("php", "php-cli"), *(["-r", code] if code is not None else []), *arguments]
        done = subprocess.run(
            command,
            cwd=cwd or self.root,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )
        return Run(done.returncode, done.stdout)

    def step(self, script: str, *arguments: str) -> Run:
        return self.php(script, *arguments, cwd=self.root / "install")

    def install(self) -> None:
        for run in (self.step("step2.php", "set", "en_US"), self.finish()):
            assert (run.code, 'class="error"' in run.output) == (0, False), run.output

    def finish(self, password: str = ADMIN_PASSWORD, login: str = "admin", mode: str = "440") -> Run:
        return self.step("step5.php", "0", "0", "en_US", "set", login, password, password, mode)

    def bootstrap(self, code: str) -> Run:
        """Run code after the application's own bootstrap, with the administrator as $user."""
        start = (
            "define('NOSESSION', '1'); require './master.inc.php';"
            " require_once DOL_DOCUMENT_ROOT.'/core/lib/admin.lib.php';"
            " $user->fetch(0, 'admin'); $user->loadRights(); "
        )
        run = self.php(code=start + code)
        assert run.code == 0, run.output
        return run

    def constant(self, name: str, value: str, entity: int = 1) -> None:
        assert (
            self.bootstrap(f"echo dolibarr_set_const($db, '{name}', '{value}', 'chaine', 0, '', {entity});").output
            == "1"
        )

    def rows(self, sql: str) -> list[list[str]]:
        return self.database.rows(self.name, sql)

    def serve(self, vhost: str = GOOD, ini: dict[str, str] | None = None, root: Path | None = None) -> None:
        """(Re)start PHP-FPM and nginx with this inside of the server block."""
        self.halt()
        self._start_fpm(ini or {})
        params = Path("/etc/nginx/fastcgi_params")
        text = (
            vhost.replace("@params@", str(params))
            .replace("@socket@", str(self.socket))
            .replace("@root@", str(self.root))
        )
        config = self.folder / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {self.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config.write_text(
            (f"user {self.user};\n" if self.user else "")
            + f"daemon off;\nworker_processes 1;\npid {self.folder}/nginx.pid;\nerror_log {self.folder}/nginx.log;\n"
            + "events { worker_connections 64; }\nhttp {\ninclude /etc/nginx/mime.types;\naccess_log off;\n"
            + f"{temporary}server {{\nlisten 127.0.0.1:{self.port};\nserver_name localhost;\n"
            + f"root {root or self.root};\nindex index.php;\n{text}\n}}\n}}\n"
        )
        self._nginx = Server([find("nginx", "nginx"), "-c", str(config)], self.folder / "nginx.out")
        self._nginx.start(lambda: answers(self.port))

    def _start_fpm(self, ini: dict[str, str]) -> None:
        config = self.folder / "fpm.conf"
        owner = f"user = {self.user}\ngroup = {self.user}\nlisten.owner = {self.user}\n" if self.user else ""
        config.write_text(
            f"[global]\nerror_log = {self.folder}/fpm.log\n[site]\n{owner}listen = {self.socket}\n"
            "pm = static\npm.max_children = 3\nphp_admin_value[opcache.revalidate_freq] = 0\n"
            "php_admin_value[error_log] = " + str(self.folder / "php.log") + "\n"
            f"php_admin_value[session.save_path] = {self.folder}\n"
        )
        options = [part for name, value in ini.items() for part in ("-d", f"{name}={value}")]
        command = [newest("/usr/sbin", "php-fpm*", "php-fpm"), "-F", "-y", str(config), *options]
        self._fpm = Server(
            [*command, *(["-R"] if not self.user and os.geteuid() == 0 else [])], self.folder / "fpm.out"
        )
        self.socket.unlink(missing_ok=True)
        self._fpm.start(self.socket.exists)

    def halt(self) -> None:
        for server in (self._nginx, self._fpm):
            if server is not None:
                server.stop()

    def call(
        self,
        method: str,
        path: str,
        key: str | None = None,
        prefix: str = "/api/index.php",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        data: str | Mapping[str, str] | None = None,
    ) -> requests.Response:
        """One request, below ``prefix``, without following redirections."""
        return requests.request(
            method,
            self.base_url + prefix + path,
            headers={"Accept": "*/*", **({"DOLAPIKEY": key} if key else {}), **(headers or {})},
            params=params,
            json=json,
            data=data,
            timeout=20,
            allow_redirects=False,
        )

    def get(
        self,
        path: str,
        key: str | None = None,
        prefix: str = "/api/index.php",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | int] | None = None,
    ) -> requests.Response:
        return self.call("GET", path, key, prefix, headers, params)
