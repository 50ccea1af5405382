# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A converged host to break: commands on it, and the smoke test and the doctor run on it as the playbooks would.

The examination is the actions' own code. Only the way to the host is shorter than Ansible's, one SSH call: a playbook
takes five seconds for each of the hundreds of looks that the matrix needs.
"""

from __future__ import annotations

import base64
import io
import json
import shlex
import subprocess
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import examination
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.examination import Examination
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

PACKAGE = "ansible_collections/miclinik/hosting/plugins/module_utils"
PLACE = "/run/miclinik-faults"
UTILITIES = Path(__file__).parents[2] / "plugins" / "module_utils"
#: Changes what the inventory promises of a site, for faults that are a promise not kept.
Promise = Callable[[dict[str, Any]], None]

_RUN = f"""
import json, sys
sys.path.insert(0, {PLACE!r})
from {PACKAGE.replace("/", ".")}.doctor import probe, probe_application
from {PACKAGE.replace("/", ".")}.facts import host as host_facts
order = json.load(sys.stdin)
if order["what"] == "facts":
    answer = host_facts.read() | {{"secrets": {{name: probe_application.recorded(f"/etc/miclinik/{{name}}")
                                            for name in order["sites"]}}}}
else:
    host = order["host"]
    answer = probe.collect(host["sites"], php_version=host["php_version"], web_server=host["web_server"],
                           engine=host["database_engine"], writes=host["writes"])
json.dump(answer, sys.stdout)
"""

#: Shell functions that faults are written in; each keeps what it changes, so that `undo` brings it back.
PRELUDE = r"""
set -euo pipefail
kept=/run/miclinik-faults/kept
mkdir -p "$kept"
ctl() { /usr/local/sbin/miclinikctl --site "$SITE" "$@"; }
keep() { for path; do mkdir -p "$kept$(dirname "$path")"; [ -e "$kept$path" ] || cp -a "$path" "$kept$path"; done; }
away() { for path; do mkdir -p "$kept$(dirname "$path")"; mv "$path" "$kept$path"; done; }
back() { for path; do [ -e "$kept$path" ] || continue
  if [ -d "$kept$path" ]; then rm -rf "$path"; mv "$kept$path" "$path"
  else cp -a "$kept$path" "$path"; rm -f "$kept$path"; fi; done; }
start() { systemctl reset-failed "$@"; systemctl start "$@"; }
reload_php() { systemctl reload "miclinik-php@$SITE.service"; sleep 0.3; }
reload_web() { systemctl reload "$WEB_UNIT"; sleep 0.5; }
routes() { python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); from _PACKAGE_.application import route_cache
site = route_cache.Routed(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5] == "True", sys.argv[6], sys.argv[7])
site.table.unlink(missing_ok=True); route_cache.ensure(site, False)' \
  _PLACE_ "$SITE" "$DOMAIN" "$PORT" "$ENCRYPTED" "$PREFIX" "$DOCUMENTS"
  # The table that was loaded before stays in opcache otherwise.
  reload_php; }
""".replace("_PACKAGE_", PACKAGE.replace("/", ".")).replace("_PLACE_", PLACE)


def ssh_command(variables: Mapping[str, Any], socket: Path) -> list[str]:
    """The words that log in to a host of an inventory, with one connection for all calls."""
    key = variables.get("ansible_ssh_private_key_file")
    return [
        "ssh",
        *shlex.split(variables.get("ansible_ssh_common_args", "")),
        *(["-i", key] if key else []),
        *(
            "-o",
            "ControlMaster=auto",
            "-o",
            "ControlPersist=60s",
            "-o",
            f"ControlPath={socket}",
            "-o",
            "LogLevel=ERROR",
        ),
        f"{variables.get('ansible_user', 'root')}@{variables['ansible_host']}",
    ]


@dataclass
class Bench:
    """One site of one host. `settings` is its entry in `miclinik_sites`; `web_server` is nginx or apache.

    `ssh` are the words of a command that runs what follows on the host, as root.
    """

    ssh: list[str]
    address: str
    settings: dict[str, Any]
    web_server: str = "nginx"
    engine: str = "mariadb"
    pooler: str = "none"
    facts: dict[str, Any] = field(default_factory=dict, repr=False)

    def prepare(self) -> None:
        """Put the code that looks at the host there, and read the facts."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path in sorted(UTILITIES.rglob("*.py")):
                archive.add(path, f"{PACKAGE}/{path.relative_to(UTILITIES)}")
        self.shell(
            f"mkdir -p {PLACE} && base64 -d | tar -xzf - -C {PLACE}", base64.b64encode(buffer.getvalue()).decode()
        )
        self.read_facts()

    def read_facts(self) -> None:
        """What the role `facts` would know now."""
        self.facts = self.look({"what": "facts", "sites": [self.settings["name"]]})

    @property
    def site(self) -> Site:
        """The site with every key and name, as roles see it."""
        return sites.plan([self.settings])[0]

    @property
    def version(self) -> str:
        """Version of the application that is served."""
        return str(self.facts["versions"][self.site["name"]])

    def shell(self, script: str, text: str = "") -> str:
        """Run a script as root on the host; fail with what it said."""
        command = self._command(["bash", "-c", script])
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"on the host: {script}\nended with {done.returncode}: {done.stderr}{done.stdout}"
        return done.stdout

    def do(self, script: str) -> str:
        """Run a script of a fault, with the functions of PRELUDE and what it may name."""
        site = self.site
        names = {
            "SITE": site["name"],
            "DOMAIN": site["domain"],
            "PORT": site["listen"],
            "URL": site["url"],
            "ENCRYPTED": site["encrypted"],
            "PREFIX": site["prefix"],
            "HOMEDIR": site["home"],
            "ROOT": site["root"],
            "CONF": site["conf"],
            "DOCUMENTS": site["documents"],
            "STATE": site["state"],
            "PHP": self.facts["php_version"],
            "WEB_UNIT": {"nginx": "nginx", "apache": "apache2"}[self.web_server],
            "VHOST": f"/etc/{'nginx' if self.web_server == 'nginx' else 'apache2'}/sites-available/{site['name']}.conf",
            "LOGIN": site["api"]["users"][0]["login"],
        }
        given = "".join(f"{name}='{value}'\n" for name, value in names.items())
        return self.shell(given + PRELUDE + script)

    def look(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Run the code that looks at the host there."""
        command = self._command(["python3", "-c", _RUN])
        done = subprocess.run(command, input=json.dumps(order), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def _command(self, words: list[str]) -> list[str]:
        return [*self.ssh, shlex.join(words)]

    def files(self) -> set[str]:
        """What there is with its times, owner, mode and size, but for what is written while requests are answered."""
        folders = "/etc /root /usr/local /var/lib/miclinik* /var/cache /var/spool /opt /srv/miclinik"
        apart = " -o ".join(f"-path '{path}'" for path in ("*/documents/*", "*/sessions*", "/root/.ssh*"))
        told = "'%p %y %T@ %C@ %u:%g %m %s %l\\n'"
        shown = self.shell(f"find {folders} -xdev \\( {apart} \\) -prune -o -printf {told} 2>/dev/null || true")
        return set(shown.splitlines())

    def examine(self, promise: Promise | None = None, by_name: bool = False, writes: bool = True) -> Examination:
        """What `playbooks/doctor.yml` would find now, or without `writes` `playbooks/smoke.yml`."""
        self.read_facts()
        settings = json.loads(json.dumps(self.settings))
        if promise:
            promise(settings)
        planned = sites.plan([settings])
        checks = promises.checks(planned, self.facts["secrets"], self.facts, self.address)
        for check in checks:
            check["modules"], check["reads"] = tuple(check["modules"]), tuple(check["reads"])
            if by_name:
                check["connect_to"] = None
        host = {
            "sites": doctor_sites.plan(planned),
            "php_version": self.facts["php_version"],
            "web_server": self.web_server,
            "database_engine": self.engine,
            "writes": writes,
        }

        def probe(given: Mapping[str, Any]) -> Mapping[str, Any]:
            return {"evidence": self.look({"what": "evidence", "host": dict(given)})}

        return examination.examine(
            [Promised(**check) for check in checks], host, probe, timeout=5.0, settle=0.0, limit=7.0
        )
