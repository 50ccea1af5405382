# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the sites of an inventory are and how to log in, read from the hosts.

``python -m demo.access -i INVENTORY`` prints URL, logins, passwords and keys of every site: for demos and tests. The
values come over Ansible's own connection from the files that the playbook left on the host (readable by root only).
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GROUP = "miclinik"
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class SiteAccess:
    """One site.

    `connect_to` is the address that Ansible reaches its host at; `database` is the engine; `users` maps an API user's
    login to `password` and `key`; `secrets` are all secret values of the site. `certificate` is what the site shows,
    with its chain, and empty when it speaks no TLS.
    """

    host: str
    name: str
    base_url: str
    connect_to: str
    database: str
    admin_login: str
    admin_password: str = field(repr=False)
    users: dict[str, dict[str, str]] = field(repr=False)
    secrets: list[str] = field(repr=False)
    certificate: str = field(repr=False)


def _ansible(program: str, inventories: Sequence[str], *arguments: str) -> dict[str, Any]:
    """Run one of Ansible's programs and return its JSON answer; stop with its message when it fails."""
    sources = [word for source in inventories for word in ("--inventory", source)]
    settings = {"ANSIBLE_LOAD_CALLBACK_PLUGINS": "1", "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json"}
    done = subprocess.run(
        [str(BIN / program), *sources, *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **settings, "ANSIBLE_FORCE_COLOR": "0"},
    )
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"{program} should answer in JSON; it ended with {done.returncode}: {done.stderr}") from None
    return answer


def _read(inventories: Sequence[str], host: str, path: str) -> dict[str, Any]:
    """Return the JSON object in a file of the host."""
    content: dict[str, Any] = json.loads(_text(inventories, host, path))
    return content


def _text(inventories: Sequence[str], host: str, path: str) -> str:
    """Return the content of a file of the host."""
    answer = _ansible(
        "ansible", inventories, host, "--become", "-m", "ansible.builtin.slurp", "-a", json.dumps({"src": path})
    )
    result = answer["plays"][0]["tasks"][0]["hosts"][host]
    if "content" not in result:
        raise SystemExit(
            f"{host}:{path} should be readable by root: {result.get('msg')}. Run playbooks/site.yml first."
        )
    return base64.b64decode(result["content"]).decode()


def sites(inventories: Sequence[str]) -> list[SiteAccess]:
    """Return the access of every site of the group `miclinik` in the inventories. Stops when a host has none."""
    listing = _ansible("ansible-inventory", inventories, "--list")
    found = []
    for host in _members(listing, GROUP):
        variables = listing["_meta"]["hostvars"].get(host, {})
        for site in variables["miclinik_sites"]:
            state = f"/etc/miclinik/{site['name']}"
            secret = _read(inventories, host, f"{state}/secrets.json")
            found.append(
                SiteAccess(
                    host=host,
                    name=site["name"],
                    base_url=_read(inventories, host, f"{state}/site.json")["base_url"],
                    connect_to=variables.get("ansible_host", host),
                    database=variables.get("miclinik_database_engine", "mariadb"),
                    admin_login=site.get("admin", {}).get("login", "admin"),
                    admin_password=secret["admin_password"],
                    users=secret["users"],
                    secrets=_leaves(secret),
                    certificate=_text(inventories, host, f"{state}/tls/certificate.pem") if _encrypted(site) else "",
                )
            )
    return found


def _encrypted(site: dict[str, Any]) -> bool:
    return bool(site.get("tls", {}).get("mode", "none") != "none")


def _leaves(value: object) -> list[str]:
    """Return all texts inside a JSON value."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    return [value] if isinstance(value, str) else []


def _members(listing: dict[str, Any], group: str) -> list[str]:
    """Return the hosts of a group and of its children, each once."""
    entry = listing.get(group, {})
    hosts = list(entry.get("hosts", []))
    for child in entry.get("children", []):
        hosts += [host for host in _members(listing, child) if host not in hosts]
    return hosts


def main(arguments: Sequence[str]) -> int:
    """Print the access of every site."""
    parser = argparse.ArgumentParser(prog="python -m demo.access", description="URL, logins and keys of hosted sites")
    parser.add_argument("-i", "--inventory", action="append", required=True)
    for site in sites(parser.parse_args(arguments).inventory):
        print(f"site        {site.name} on {site.host}")
        print(f"URL         {site.base_url}")
        print(f"explorer    {site.base_url.rstrip('/')}/api/index.php/explorer/")
        print(f"login       {site.admin_login}")
        print(f"password    {site.admin_password}")
        for login, user in site.users.items():
            print(f"API user    {login}")
            print(f"  password  {user['password']}")
            print(f"  key       {user['key']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
