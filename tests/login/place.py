# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A test host with two sites of one tree: `norte` by OpenID Connect where the version has it, `sur` by slapd."""

from __future__ import annotations

import base64
import json
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree

from testhost import hosts, inventory, network
from tests import certificates
from tests.faults.bench import ssh_command
from tests.login import provider
from tests.played import playbook

_CALLBACK = "core/modules/openid_connect/callback.php"
#: From this version on it is no module.
_NO_MODULE = 23
_LAB = "/root/login"
#: Passwords of the directory. Others have stumbled over each of these characters.
PASSWORDS = {login: f"{login} & b@se ²ß\"'<p>%41+\\" for login in ("ana", "eva", "luis")}
_STAFF = ("ana", "eva")


def _people() -> str:
    """Return whom slapd knows, as LDIF. Their names are not made of their logins."""
    found = ["dn: ou=people,dc=example,dc=org\nobjectClass: organizationalUnit\nou: people\n"]
    for login, password in PASSWORDS.items():
        coded = base64.b64encode(password.encode()).decode()
        kind = "staff" if login in _STAFF else "guest"
        found.append(
            f"dn: cn={login} of {kind},ou=people,dc=example,dc=org\nobjectClass: inetOrgPerson\nsn: {login}\n"
            f"uid: {login}\nemployeeType: {kind}\nmail: {login}@example.org\nuserPassword:: {coded}\n"
        )
    return "\n".join(found)


@dataclass
class Place:
    """The host, by its name; `folder` is for its inventory, certificates and passwords."""

    host: str
    release: str
    source: Path
    web_server: str
    engine: str
    folder: Path
    client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    directory_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    admin_password: str = field(default_factory=lambda: f"Aa1-{secrets.token_urlsafe(12)}", repr=False)
    address: str = ""
    way: list[str] = field(default_factory=list)

    @property
    def version(self) -> str:
        """What the tree says that it is."""
        return str(source_tree.find(self.source).version)

    @property
    def has_openid(self) -> bool:
        """Whether the version has OpenID Connect."""
        return (source_tree.find(self.source).root / _CALLBACK).is_file()

    @property
    def gateway(self) -> str:
        """This machine's address, as the host sees it."""
        return str(network.subnet_of(self.address)[1])

    def sites(self) -> list[dict[str, Any]]:
        """What the inventory says."""
        # Without this right the API's /login has no token for anybody who has none yet.
        people = [
            {"login": login, "lastname": login, "email": f"{login}@example.org", "rights": ["user.self.creer"]}
            for login in ("ana", "luis")
        ]
        common = {
            "source": {"type": "directory", "path": str(self.source)},
            "company": {"name": "Norte", "country": "ES"},
            "admin": {"login": "admin", "password": self.admin_password},
            "tls": {"mode": "selfsigned"},
            "users": people,
            "api": {"users": [{"login": "integration", "rights": ["societe.lire"]}]},
        }
        module = ["openidconnect"] if source_tree.find(self.source).major < _NO_MODULE else []
        openid = {
            "client_id": "norte",
            "client_secret": self.client_secret,
            "authorize_url": f"{provider.URL}/oauth2/authorize",
            "token_url": f"{provider.URL}/oauth2/token",
            "userinfo_url": f"{provider.URL}/userinfo",
        }
        ldap = {
            "servers": ["ldaps://ldap.example.org"],
            "base_dn": "ou=people,dc=example,dc=org",
            "bind_dn": "cn=admin,dc=example,dc=org",
            "password": self.directory_password,
            "filter": "(&(uid=%1%)(employeeType=staff))",
        }
        norte = {"name": "norte", "domain": "norte.example.org", "modules": ["societe", *module], **common}
        sur = {"name": "sur", "domain": "sur.example.org", "modules": ["societe"], **common, "login": {"ldap": ldap}}
        return [norte | {"login": {"openid": openid}}, sur] if self.has_openid else [sur]

    def up(self, *, fresh: bool) -> None:
        """Have the host, with slapd and an authority that it trusts, and the inventory."""
        (self.folder / "group_vars").mkdir(parents=True, exist_ok=True)
        wanted = {
            "miclinik_sites": self.sites(),
            "miclinik_web_server": self.web_server,
            "miclinik_database_engine": self.engine,
        }
        (self.folder / "group_vars/miclinik.json").write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        known = hosts.up(
            self.host, release=self.release, fresh=fresh, inventories=[self.folder / "hosts.json"], groups=["miclinik"]
        )
        self.address = known.ip
        self.way = ssh_command(inventory.variables(known), self.folder / "mux")
        certificates.main(str(self.folder / "lab"), [provider.NAME, "ldap.example.org"])
        (self.folder / "lab/directory-password").write_text(self.directory_password, encoding="utf-8")
        (self.folder / "lab/people.ldif").write_text(_people(), encoding="utf-8")
        script = (Path(__file__).parent / "directory.sh").read_text(encoding="utf-8")
        (self.folder / "lab/directory.sh").write_text(script, encoding="utf-8")
        packed = subprocess.run(["tar", "-C", str(self.folder / "lab"), "-cf-", "."], capture_output=True, check=True)
        subprocess.run([*self.way, f"mkdir -p {_LAB}; tar -xf- -C {_LAB}"], input=packed.stdout, check=True)
        assert self.inside(f"apt-get -qq update; sh {_LAB}/directory.sh").strip() == "3", "slapd has other people"
        self.inside(f"echo {self.gateway} {provider.NAME} >> /etc/hosts")

    def inside(self, script: str) -> str:
        """Run a script as root on the host; return what it prints."""
        done = subprocess.run([*self.way, script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{script}: {done.stdout[-500:]}{done.stderr[-1500:]}"
        return done.stdout

    def converge(self) -> str:
        """Run the playbook; return what it said, which holds none of the secrets. Ends where it fails."""
        done = playbook("-i", str(self.folder / "hosts.json"), "playbooks/site.yml", "--diff", patience=1800)
        said = done.stdout + done.stderr
        assert done.returncode == 0, said[-6000:]
        for secret in (self.client_secret, self.directory_password, self.admin_password):
            assert secret not in said, "a secret is in what the run said"
        return said

    def trusted(self) -> bytes:
        """The certificates that a browser has to take."""
        of_sites = self.inside("cat /etc/miclinik/*/tls/certificate.pem")
        return of_sites.encode() + (self.folder / "lab/certificate.pem").read_bytes()
