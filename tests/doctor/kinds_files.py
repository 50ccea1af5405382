# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of files: a line, an owner, a mode, a link, and folders that are emptied, full, shut for writing or another's."""

from __future__ import annotations

import random
import shlex

from .draws import AGAIN, Draw, kind, lines, loads, named, php_unit, web_unit
from .lab import Lab

#: What this collection has rendered on the host, wherever it is.
RENDERED = (
    "grep -rlIi miclinik /etc/nginx /etc/apache2 /etc/php /etc/miclinik-php /etc/systemd/system /etc/mysql"
    " /etc/postgresql /etc/nftables* /etc/tmpfiles.d /etc/sysctl.d 2>/dev/null | grep -v -e '/miclinik-smoke' -e exporter;"
    " ls /srv/miclinik/norte/conf.php /usr/local/lib/miclinik/*.php; find /etc/miclinik-php -type f"
)
#: What packages brought, and requests pass through.
DEBIANS = (
    "ls /etc/nginx/nginx.conf /etc/nginx/fastcgi.conf /etc/nginx/fastcgi_params /etc/nginx/mime.types"
    " /etc/apache2/apache2.conf /etc/apache2/ports.conf /etc/apache2/mods-enabled/*.conf /etc/php/*/fpm/php.ini"
    " /etc/php/*/fpm/conf.d/*.ini /etc/mysql/mariadb.cnf /etc/mysql/mariadb.conf.d/*.cnf"
    " /etc/postgresql/*/main/*.conf 2>/dev/null"
)


def _changed(lab: Lab, chance: random.Random, kind_: str, files: list[str]) -> Draw | None:
    path = chance.choice(files)
    text = lab.shell(f"cat {shlex.quote(path)}").splitlines()
    told = [
        number
        for number, line in enumerate(text, 1)
        if line.strip() and not line.strip().startswith(("#", ";", "//", "*", "/*"))
    ]
    if not told:
        return None
    number = chance.choice(told)
    line = text[number - 1]
    ways = {"taken out": f"{number}d", "cut short": f"{number}s/.\\{{5\\}}$//"}
    if any(char.isdigit() for char in line):
        ways["with another number"] = f"{number}s/[0-9][0-9]*/1/"
        ways["with a larger number"] = f"{number}s/\\([0-9]\\)\\([^0-9]*\\)$/\\199999\\2/"
    if "/" in line:
        ways["with another path"] = f"{number}s#/\\([a-z]\\)#/zz\\1#"
    way = chance.choice(sorted(ways))
    script = f"cp -a {path} /root/before; sed -i '{ways[way]}' {path}; cmp -s {path} /root/before && exit 3; {loads(lab, path)}"
    return Draw(kind_, f"{path}: line {number} {way}: {line.strip()[:90]}", script, named(path))


@kind("rendered line")
def rendered_line(lab: Lab, chance: random.Random) -> Draw | None:
    """A line of a file that this collection wrote."""
    return _changed(lab, chance, "rendered line", lines(lab, RENDERED))


@kind("package's line")
def debians_line(lab: Lab, chance: random.Random) -> Draw | None:
    """A line of a file that a package brought."""
    return _changed(lab, chance, "package's line", lines(lab, DEBIANS))


def _on_the_way(lab: Lab) -> list[str]:
    """Files, folders and sockets that a request meets, and those above them."""
    site = lab.bench.site
    root, home = site["root"], site["home"]
    script = f"""
    {{ {RENDERED}; find {site["documents"]} -maxdepth 2 -type d; ls -d {home} {home}/* {site["sessions"]} {root} {root}/*.php
    find -L {root}/api {root}/core {root}/theme {root}/includes -maxdepth 1 2>/dev/null | head -150
    ls -d /srv /srv/miclinik /run/miclinik* /run/miclinik*/* /run/miclinik*/*/* /run/mysqld /run/postgresql /run/php
    ls -d /var/lib/mysql /var/lib/mysql/{site["database"]["name"]} /etc/miclinik /etc/miclinik/* /etc/miclinik/norte/tls
    ls -d /etc/miclinik/norte/* /etc/miclinik/norte/tls/* /var/lib/nginx /var/lib/nginx/* /var/log/nginx /var/log/apache2 /tmp
    ls -d /etc /etc/nginx /etc/php /usr/sbin/nginx /usr/sbin/php-fpm* /usr/sbin/mariadbd /etc/ssl /dev/null
    ls -d /usr/lib/php/2*/mysqli.so /usr/lib/php/2*/curl.so /usr/lib/php/2*/opcache.so /usr/local/lib/miclinik; }} 2>/dev/null
    """
    return [path for path in lines(lab, script) if "sur" not in path]


def _noticed(lab: Lab) -> str:
    """What is open is still open: an upgrade, a boot, a reload come sooner or later."""
    return f"{AGAIN}again {web_unit(lab)} '{php_unit(lab)}'"


@kind("owner")
def owner(lab: Lab, chance: random.Random) -> Draw | None:
    """Anything on the way given to somebody else."""
    path = chance.choice(_on_the_way(lab))
    user = chance.choice(["root", "nobody", "sur", "www-data", "mysql"])
    had = lab.shell(f"stat -Lc %U {shlex.quote(path)}").strip()
    if user == had:
        return None
    script = f"chown {user}:{'nogroup' if user == 'nobody' else user} {shlex.quote(path)}; {_noticed(lab)}"
    return Draw("owner", f"{path} given to {user}, was {had}'s", script, named(path))


@kind("mode")
def mode(lab: Lab, chance: random.Random) -> Draw | None:
    """The mode of anything on the way changed."""
    path = chance.choice(_on_the_way(lab))
    now = chance.choice(["000", "400", "600", "640", "700", "500", "555", "777", "444"])
    if lab.shell(f"stat -Lc %a {shlex.quote(path)}").strip() == now.lstrip("0"):
        return None
    return Draw("mode", f"{path} with mode {now}", f"chmod {now} {shlex.quote(path)}; {_noticed(lab)}", named(path))


@kind("file gone")
def gone(lab: Lab, chance: random.Random) -> Draw | None:
    """A file or link on the way moved away."""
    found = lines(
        lab, RENDERED + "; ls -d /etc/nginx/sites-enabled/* /etc/apache2/*enabled/* /etc/php/*/fpm/conf.d/* 2>/dev/null"
    )
    found += [path for path in _on_the_way(lab) if path.startswith("/srv/miclinik/norte/current/htdocs/")]
    path = chance.choice(found)
    script = f"mkdir -p /root/away; mv {shlex.quote(path)} /root/away/; {loads(lab, path)}"
    return Draw("file gone", f"{path} moved away", script, named(path))


def _folders(lab: Lab) -> list[str]:
    site = lab.bench.site
    return lines(
        lab,
        f"ls -d {site['documents']} {site['documents']}/*/ {site['documents']}/api/temp {site['sessions']} /var/lib/mysql"
        f" /var/lib/postgresql/*/main {site['root']} {site['root']}/*/ /var/log/nginx /var/log/apache2 /tmp /var/lib/nginx/body"
        " /etc/nginx/sites-enabled /etc/miclinik-php/conf.d /etc/miclinik-php/norte /run/miclinik/norte 2>/dev/null | sed 's,/$,,'",
    )


def _written(lab: Lab) -> list[str]:
    """Those that somebody writes to: of the others nobody notices."""
    return [path for path in _folders(lab) if "/htdocs" not in path and not path.startswith("/etc/")]


@kind("folder emptied")
def emptied(lab: Lab, chance: random.Random) -> Draw | None:
    """What is in a folder moved elsewhere."""
    path = chance.choice(_folders(lab))
    script = f"mkdir -p /root/away; shopt -s dotglob; mv {path}/* /root/away/ || exit 3; {loads(lab, path)}"
    return Draw(
        "folder emptied", f"{path} emptied", script, (*named(path), path + "/"), ("documents-lost", "database-lost")
    )


@kind("folder full")
def full(lab: Lab, chance: random.Random) -> Draw | None:
    """A folder on a file system of its own that has no room left."""
    path = chance.choice(_written(lab))
    size = int(lab.shell(f"du -smL {path} | cut -f1").strip() or 0) + 2
    if size > 700:
        return None
    stop = f"systemctl stop '{'mariadb' if 'mysql' in path else 'postgresql*'}'; " if "/lib/" in path else ""
    # What is mounted later the view of the disks that a unit has does not show.
    anew = "" if stop else f"anew '{php_unit(lab)}'"
    script = f"""{stop}mkdir /root/full && cp -aT {path} /root/full && mount -t tmpfs -o size={size}m,mode=$(stat -Lc %a {path}),uid=$(stat -Lc %u {path}),gid=$(stat -Lc %g {path}) tmpfs {path} && cp -aT /root/full {path}
    {"systemctl start mariadb 'postgresql*'; sleep 1" if stop else ""}
    cat /dev/zero > {path}/filler 2>/dev/null; {AGAIN}{anew}"""
    names = (*named(path), r"[Nn]o space|room")
    return Draw(
        "folder full", f"{path} on a full file system", script, names, ("disk-full", "database-full", "no-space")
    )


@kind("folder read-only")
def read_only(lab: Lab, chance: random.Random) -> Draw | None:
    """A folder mounted read-only."""
    path = chance.choice(_written(lab))
    script = f"mount --bind {path} {path} && mount -o remount,bind,ro {path}; {AGAIN}anew '{php_unit(lab)}'"
    return Draw(
        "folder read-only", f"{path} mounted read-only", script, named(path), ("read-only", "database-read-only")
    )


@kind("folder of another site")
def swapped(lab: Lab, chance: random.Random) -> Draw | None:
    """A folder or link of the site swapped with that of the site beside it."""
    pairs = lines(
        lab,
        "for place in documents sessions current conf.php signed-in; do echo /srv/miclinik/norte/$place /srv/miclinik/sur/$place;"
        " done; echo /etc/miclinik/norte /etc/miclinik/sur; echo /etc/miclinik-php/norte /etc/miclinik-php/sur;"
        " echo /etc/miclinik/norte/secrets.json /etc/miclinik/sur/secrets.json",
    )
    one, other = chance.choice(pairs).split()
    script = f"mv -T {one} /root/swap; mv -T {other} {one}; mv -T /root/swap {other}; {_noticed(lab)}"
    ids = ("documents-other", "instance-id-differs", "other-site", "secrets-broken", "conf-other")
    return Draw("folder of another site", f"{one} and {other} swapped", script, named(one), ids)
