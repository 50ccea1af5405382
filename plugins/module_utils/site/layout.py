# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the things of a site are called on its host, and where they are. No other file makes such a name.

Everything follows from the site's name, so that code on a host finds a site of which it knows nothing else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypedDict

#: Raised whenever a newer release of the collection puts a site's things elsewhere, or gives them to others. Each site
#: has on record by which it was laid; one that has none is older than the first.
VERSION = 1
#: One folder for each site: its code, its documents.
HOMES = "/srv/miclinik"
#: One folder for each site: its secrets and certificate, and what the host has to know of it.
STATES = "/etc/miclinik"
#: The file of a site's secrets, in its folder of those.
SECRETS = "secrets.json"
#: The pools of a site's PHP, and what each is for. Another one is another line here.
POOLS = {
    "web": "the pages",
    "api": "the REST API",
    "quarantine": "callers whose key, and people whose session, the web server does not know",
}
#: Where several hosts serve a site, one more: it tells the balancers how the host is, and no flood takes it from them.
ALIVE = "alive"
#: What tells them, below the site's base path, and the program that does.
ALIVE_PATH, ALIVE_PROGRAM = "/miclinik-alive", "/usr/local/lib/miclinik/alive.php"
#: Where it is, the balancers send the host nobody who was not there before.
DRAINED = "/var/lib/miclinik/drained"
#: What a pool is asked for at its ``status``.
STATUS_PATH = "/miclinik-fpm-status"
#: One folder for each site: the configuration of its PHP-FPM. Beside them settings of PHP for all of them.
PHP = "/etc/miclinik-php"
PHP_SETTINGS = f"{PHP}/conf.d"
#: What a site's database and documents are at a time: served, made to take their place, replaced by an upgrade,
#: replaced by a roll-back, or only looked at.
LIVE, NEXT, BEFORE, UNDONE, SCRATCH = "live", "next", "before", "undone", "scratch"
PARTS = (LIVE, NEXT, BEFORE, UNDONE, SCRATCH)
#: One folder for each site, which only root may enter: what is under way with the whole of it.
WORK = "/var/lib/miclinik-sites"
#: Of all sites together: how their backups are reached, and what is kept about that. No site's name makes one of these.
BACKUP, BACKUP_WORK, BACKUP_CACHE = "/etc/miclinik-backup", "/var/lib/miclinik-backup", "/var/cache/miclinik-backup"
#: What PHP runs before the pages of every site.
PHP_PREPENDED = "/usr/local/lib/miclinik/*.php"
#: The files of PHP-FPM's pools, below the root: as they are, and as an earlier layout had them in Debian's own.
POOL_FILES = ("etc/miclinik-php/*/*.conf", "etc/php/*/fpm/pool.d/*.conf")
#: A site's name begins with a letter, and nothing else of ours there does.
_OLD_POOL_FILE = re.compile(r"([a-z].*)-[a-z]+\.conf")


class Pool(TypedDict):
    """One of PHP's pools: ``name`` is PHP-FPM's for it, ``file`` where it is written, ``ident`` in the journal.

    At ``status`` PHP-FPM tells how the pool is, by a process of its own: it answers while all of the pool's workers are
    taken.
    """

    role: str
    about: str
    name: str
    file: str
    socket: str
    status: str
    ident: str


class Logs(TypedDict):
    """Names of a web server's logs: ``access`` is that of the pages, the API's calls have one of their own."""

    access: str
    api: str
    error: str


class Layout(TypedDict):
    """All that follows from a site's name alone."""

    #: VERSION, for the site's record.
    layout: int
    user: str
    group: str
    #: The site's and the web server's users, who may enter its folder.
    web_group: str
    home: str
    releases: str
    current: str
    #: The document root.
    root: str
    conf: str
    documents: str
    sessions: str
    #: A file for each session of somebody who has logged in, by which the web server knows it.
    signed_in: str
    #: Where it is, the web server lets nobody in: something is under way with the whole site.
    closed_file: str
    state: str
    secrets_file: str
    #: What the bridge has to know of the site.
    facts_file: str
    #: The authorities that may vouch for its database server, where it names some.
    ca_file: str
    certificate: str
    private_key: str
    #: The site's own PHP-FPM: the units of systemd that run it and hold its sockets, and its configuration.
    fpm_unit: str
    fpm_sockets: str
    fpm_folder: str
    fpm_config: str
    #: Settings of PHP outside of PHP-FPM: scheduled jobs, miclinikctl.
    cli_settings: str
    #: The web server's, in its own folder of them.
    logs: Logs
    pools: list[Pool]
    #: The same sockets, by the role of the pool.
    sockets: dict[str, str]
    #: Where calls with a former key wait while the new one takes over; nobody listens there at other times.
    held_socket: str


def below(root: Path, place: str) -> Path:
    """Return where ``place`` is on a host whose root is ``root``."""
    return root / place.lstrip("/")


def of(name: str, home: str = "") -> Layout:
    """Return what the things of the site ``name`` are called; ``home`` is its folder where that is another one."""
    home, state = home or f"{HOMES}/{name}", f"{STATES}/{name}"
    pools = [_pool(name, role, about) for role, about in POOLS.items()]
    return {
        "layout": VERSION,
        "user": name,
        "group": name,
        "web_group": f"{name}-www",
        "home": home,
        "releases": f"{home}/releases",
        "current": f"{home}/current",
        "root": f"{home}/current/htdocs",
        "conf": f"{home}/conf.php",
        "documents": f"{home}/documents",
        "sessions": f"{home}/sessions",
        "signed_in": f"{home}/signed-in",
        "closed_file": f"{home}/closed",
        "state": state,
        "secrets_file": f"{state}/{SECRETS}",
        "facts_file": f"{state}/site.json",
        "ca_file": f"{state}/database-ca.pem",
        "certificate": f"{state}/tls/certificate.pem",
        "private_key": f"{state}/tls/key.pem",
        "fpm_unit": fpm_unit(name),
        "fpm_sockets": fpm_sockets(name),
        "fpm_folder": f"{PHP}/{name}",
        "fpm_config": f"{PHP}/{name}/php-fpm.conf",
        "cli_settings": cli_settings(name),
        "logs": {"access": f"{name}.access.log", "api": f"{name}.api.log", "error": f"{name}.error.log"},
        "pools": pools,
        "sockets": {pool["role"]: pool["socket"] for pool in pools},
        "held_socket": f"/run/miclinik-php/{name}/held.sock",
    }


def alive_pool(name: str) -> Pool:
    """Return the pool that answers the balancers of a cluster."""
    return _pool(name, ALIVE, "the balancers, who ask whether this host can serve the site")


def _pool(name: str, role: str, about: str) -> Pool:
    return {
        "role": role,
        "about": about,
        "name": f"{name}-{role}",
        "file": f"{PHP}/{name}/{role}.conf",
        "socket": f"/run/miclinik-php/{name}/{role}.sock",
        "status": f"/run/miclinik-php/{name}/{role}-status.sock",
        "ident": f"miclinik-{name}-{role}",
    }


def database(name: str, part: str) -> str:
    """Return what a site's database of ``part`` is called, where the one that is served is ``name``.

    A dollar sign is in no name that follows from a site's, so this cannot be another site's own, and both engines and
    the application take it without quotes.
    """
    return name if part == LIVE else f"{name}${part}"


def site_of_pool_file(path: Path) -> str:
    """Return whose pool the file ``path`` is, of this layout or the one before; empty where it is no site's."""
    if path.parent.name != "pool.d":
        return path.parent.name
    found = _OLD_POOL_FILE.fullmatch(path.name)
    return found[1] if found else ""


def cli_settings(name: str) -> str:
    """Return the folder in which PHP finds the settings of the site ``name`` outside of PHP-FPM."""
    return f"{PHP}/{name}/cli"


def cron_unit(name: str) -> str:
    """Return systemd's name of what runs the scheduled jobs of the site ``name``."""
    return f"miclinik-cron@{name}.service"


def cron_timer(name: str) -> str:
    """Return systemd's name of what starts that again and again."""
    return f"miclinik-cron@{name}.timer"


def fpm_unit(name: str) -> str:
    """Return systemd's name of the PHP-FPM of the site ``name``."""
    return f"miclinik-php@{name}.service"


def fpm_sockets(name: str) -> str:
    """Return systemd's name of what holds the sockets of the PHP-FPM of the site ``name``."""
    return f"miclinik-php@{name}.socket"


def old_sockets(name: str) -> str:
    """Return how the paths of the site's sockets begin in the layout before this one."""
    return f"/run/php/miclinik-{name}-"


def before(name: str, php_version: str) -> dict[str, Any]:
    """Return what the layout before this one called the PHP of the site ``name``: pools in Debian's own PHP-FPM."""
    folder = f"/etc/php/{php_version}/fpm"
    return {
        "fpm_unit": debian_php_unit(php_version),
        "fpm_config": f"{folder}/php-fpm.conf",
        "pools": [
            _pool(name, role, POOLS[role])
            | {"file": f"{folder}/pool.d/{name}-{role}.conf", "socket": f"{old_sockets(name)}{role}.sock"}
            for role in ("web", "api")
        ],
    }


def debian_php_unit(version: str) -> str:
    """Return systemd's name of Debian's own PHP-FPM, which had the sites' pools in an earlier layout."""
    return f"php{version}-fpm"
