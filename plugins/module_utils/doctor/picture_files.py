# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files and folders as they are, for the picture of a host. Runs on the host and changes nothing.

Nothing here knows a fault: whatever lies under the folders that matter is on record, and every folder on the way to it.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: Folders whose whole content is on record, beside those of web server and PHP, and single files.
FOLDERS = (
    layout.PHP,
    "/etc/mysql",
    "/etc/postgresql",
    "/etc/systemd/system",
    "/etc/fail2ban",
    "/etc/sysctl.d",
    "/etc/security/limits.d",
    "/etc/tmpfiles.d",
    "/etc/apparmor.d/local",
    "/etc/nftables.d",
    "/usr/local/lib/miclinik",
)
FILES = (
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/host.conf",
    "/etc/gai.conf",
    "/etc/nftables.conf",
    "/etc/sysctl.conf",
    "/etc/security/limits.conf",
    "/etc/environment",
    "/etc/localtime",
)
#: What is on record without its content: it is data, or what runs, or what commands of ours write too.
PLACES = (
    "/dev/null",
    "/dev/urandom",
    "/dev/shm",  # noqa: S108 - looked at, and not used
    "/tmp",  # noqa: S108 - looked at, and not used
    "/var/tmp",  # noqa: S108 - looked at, and not used
    "/run/mysqld",
    "/run/postgresql",
    "/var/lib/mysql",
    "/var/lib/postgresql",
    "/var/lib/nginx/body",
    "/var/lib/nginx/fastcgi",
    "/var/lib/nginx/proxy",
    "/usr/sbin/mariadbd",
    "/usr/bin/php",
)
#: What has no secret although others may not read it: a site's configuration of PHP, and these.
_OPEN_ANYWAY = ("pg_hba.conf", "pg_ident.conf", "postgresql.conf")
#: Of one larger than this the digest alone is kept.
_TEXT = 40_000
_LARGE = 4_000_000
_MOST = 6000


def look(
    sites: Sequence[Mapping[str, Any]], php_version: str, web_server: str, root: Path = Path("/")
) -> dict[str, Any]:
    """By path, ``kind``, ``owner``, ``group``, ``mode``, and where it applies ``to``, ``digest``, ``text``, ``acl``."""
    server = SERVERS[web_server]
    folders = [server.folder, f"/etc/php/{php_version}", *FOLDERS]
    places = [
        *PLACES,
        f"/usr/sbin/php-fpm{php_version}",
        f"/usr/sbin/{server.package}",
        server.logs,
        f"{layout.STATES}",
        *(str(path) for path in _clusters(root)),
    ]
    content = [*FILES]
    for site in sites:
        content.append(site["conf"])
        places += _of_site(site, root)
    found: dict[str, Any] = {}
    for path in _all(folders, root):
        found[path] = describe(layout.below(root, path), content=True)
    for path in content:
        found[path] = describe(layout.below(root, path), content=True)
    for path in places:
        found.setdefault(path, describe(layout.below(root, path), content=False))
    above = {str(folder) for path in found for folder in Path(path).parents}
    for path in above:
        found.setdefault(path, describe(layout.below(root, path), content=False))
    return {path: entry for path, entry in found.items() if entry}


def _clusters(root: Path) -> Iterator[Path]:
    """The folders of PostgreSQL's data: it starts with no other owner and no other mode of these."""
    top = Path("/var/lib/postgresql")
    for version in _entries(layout.below(root, str(top))):
        for cluster in _entries(Path(version.path)) if version.is_dir(follow_symlinks=False) else ():
            yield top / version.name / cluster.name


def _of_site(site: Mapping[str, Any], root: Path) -> list[str]:
    """Where a request for a site comes along. What it is called by goes on through a release that is replaced."""
    home = str(Path(site["current"]).parent)
    pages = site["root"]
    paths = [home, site["current"], site["documents"], site["sessions"], f"{home}/signed-in", site["state"]]
    paths += [pool["socket"] for pool in site["pools"]]
    paths += [f"{site['state']}/{name}" for name in ("secrets.json", "site.json", "tls/certificate.pem", "tls/key.pem")]
    paths += [f"/var/lib/mysql/{site['database_name']}"] if site["database_local"] else []
    for top in (pages, site["documents"], f"{pages}/custom", f"{pages}/core", f"{pages}/includes", f"{pages}/api"):
        place = layout.below(root, top)
        paths += [f"{top}/{entry.name}" for entry in _entries(place) if entry.is_dir(follow_symlinks=False)]
    php = ("index.php", "main.inc.php", "master.inc.php", "filefunc.inc.php", "api/index.php", "user/index.php")
    return [*paths, pages, f"{pages}/conf/conf.php", *(f"{pages}/{name}" for name in php)]


def _entries(place: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def _all(folders: Iterable[str], root: Path) -> Iterator[str]:
    """Every path under these folders, and they; links are not followed."""
    waiting, seen = list(folders), 0
    while waiting and seen < _MOST:
        path = waiting.pop()
        seen += 1
        yield path
        place = layout.below(root, path)
        if place.is_symlink():
            continue
        for entry in _entries(place):
            if entry.name == "__pycache__":
                continue
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{path}/{entry.name}")
            elif not entry.name.startswith(".") and not entry.name.endswith(("~", ".swp")):
                seen += 1
                yield f"{path}/{entry.name}"


_KINDS = (
    (stat.S_ISLNK, "link"),
    (stat.S_ISDIR, "folder"),
    (stat.S_ISREG, "file"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
)


def describe(place: Path, *, content: bool) -> dict[str, Any]:
    """What is there; nothing where nothing is. A file that others may not read gives no text: it may be a secret."""
    try:
        seen = place.lstat()
        kind = next((name for test, name in _KINDS if test(seen.st_mode)), "other")
        entry: dict[str, Any] = {"kind": kind}
        if kind == "link":
            # Which release is served is told elsewhere, and changed by several playbooks.
            return entry | ({"to": str(place.readlink())} if place.name != "current" else {})
        entry |= permissions.owners(seen)
        if any(name.startswith("system.posix_acl") for name in os.listxattr(place)):
            entry["acl"] = _digest(b"".join(os.getxattr(place, name) for name in sorted(os.listxattr(place))))
        if kind == "file" and content and seen.st_size < _LARGE:
            raw = place.read_bytes()
            entry["digest"] = _digest(raw)
            if len(raw) < _TEXT and (seen.st_mode & stat.S_IROTH or _has_no_secret(place)):
                entry["text"] = raw.decode("utf-8", "replace")
    except OSError:
        return {}
    return entry


def _has_no_secret(place: Path) -> bool:
    return place.name in _OPEN_ANYWAY or layout.PHP in place.as_posix()


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:24]


def since(path: str) -> float:
    """When a file or folder, or failing that what it is in, was changed last, by its own clock."""
    for place in (Path(path), Path(path).parent):
        try:
            return round(place.lstat().st_ctime, 1)
        except OSError:
            continue
    return 0.0
