# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of what runs: units, PHP's extensions, packages, ports and sockets, and what limits programs."""

from __future__ import annotations

import random

from .draws import AGAIN, Draw, database_unit, kind, lines, named, php_unit, web_unit
from .lab import Lab


def _units(lab: Lab) -> list[str]:
    site = lab.bench.site
    return [f"{web_unit(lab)}.service", site["fpm_unit"], site["fpm_sockets"], _database(lab)]


def _database(lab: Lab) -> str:
    wanted = database_unit(lab)
    return (
        "mariadb.service"
        if wanted == "mariadb"
        else lines(lab, f"systemctl list-units --plain --no-legend '{wanted}' | cut -d' ' -f1")[0]
    )


@kind("unit")
def unit(lab: Lab, chance: random.Random) -> Draw | None:
    """A unit stopped, masked, disabled, or told to run something else."""
    name = chance.choice(_units(lab))
    ways = {
        "stopped": f"systemctl stop {name}",
        "stopped and masked": f"systemctl mask --now {name}",
        "stopped and disabled": f"systemctl disable --now {name}; systemctl stop {name}",
        "frozen": f"systemctl kill -s STOP --kill-whom=all {name}",
        "told to run what is not there": f"mkdir -p /etc/systemd/system/{name}.d; printf '[Service]\\nExecStart=\\nExecStart=/usr/bin/zz\\n'"
        f" > /etc/systemd/system/{name}.d/drawn.conf; systemctl daemon-reload; systemctl restart {name}",
        "as nobody": f"mkdir -p /etc/systemd/system/{name}.d; printf '[Service]\\nUser=nobody\\n'"
        f" > /etc/systemd/system/{name}.d/drawn.conf; systemctl daemon-reload; systemctl restart {name}",
        "with a folder that it may not enter": f"mkdir -p /etc/systemd/system/{name}.d; printf '[Service]\\nInaccessiblePaths=/srv /var/lib\\n'"
        f" > /etc/systemd/system/{name}.d/drawn.conf; systemctl daemon-reload; systemctl restart {name}",
    }
    way = chance.choice(sorted(ways))
    if "masked" in way and lab.shell(f"ls /etc/systemd/system/{name} 2>/dev/null"):
        # systemd masks no unit that is written there.
        return None
    if name.endswith((".target", ".socket")) and ("drawn.conf" in ways[way] or way == "frozen"):
        return None
    short = name.removesuffix(".service")
    ids = {f"{web_unit(lab)}.service": ("web-server-down",), "mariadb.service": ("database-down",)}.get(
        name, ("php-down", "database-down") if "php" not in name else ("php-down",)
    )
    script = f"{ways[way]}; true"
    return Draw("unit", f"{name} {way}", script, named(short), ids if "stopped" in way else ())


@kind("extension")
def extension(lab: Lab, chance: random.Random) -> Draw | None:
    """An extension of PHP taken out of what FPM loads."""
    path = chance.choice(lines(lab, "ls /etc/php/*/fpm/conf.d/*.ini"))
    name = path.rpartition("-")[2].removesuffix(".ini")
    script = f"rm {path}; {AGAIN}anew '{php_unit(lab)}'"
    return Draw("extension", f"extension {name} off", script, (rf"\b{name}\b", name))


@kind("package")
def package(lab: Lab, chance: random.Random) -> Draw | None:
    """A package removed, whatever needs it."""
    found = lines(
        lab,
        "dpkg-query -W -f '${Package} ${db:Status-Abbrev}\\n' 'php*' 'nginx*' 'apache2*' 'libapache2*' 'mariadb-server*' 'mariadb-client*'"
        " 'postgresql-1*' 'fail2ban' 'nftables' 2>/dev/null | grep ' ii' | cut -d' ' -f1",
    )
    name = chance.choice(found)
    script = f"dpkg --force-depends --force-remove-essential -r {name} >/dev/null 2>&1; {AGAIN}again {web_unit(lab)} '{php_unit(lab)}' '{database_unit(lab)}'"
    short = name.partition("-")[2] or name
    return Draw("package", f"package {name} removed", script, named(name), (f"php-extension-{short}",))


@kind("port")
def port(lab: Lab, chance: random.Random) -> Draw | None:
    """A port or a socket that somebody else listens at."""
    web, data = web_unit(lab), _database(lab)
    pool = chance.choice(["web", "api", "quarantine"])
    number = 3306 if lab.engine == "mariadb" else 5432
    path = lab.bench.site["sockets"][pool]
    listen = "import socket,time,os\n{}\ns.listen(5)\ntime.sleep(9999)"
    ways = {
        "80": (web, listen.format("s=socket.create_server(('',80))"), named(":80", "80")),
        "443": (web, listen.format("s=socket.create_server(('',443))"), named(":443", "443")),
        str(number): (data, listen.format(f"s=socket.create_server(('127.0.0.1',{number}))"), named(str(number))),
        path: (
            lab.bench.site["fpm_sockets"],
            listen.format(
                f"s=socket.socket(socket.AF_UNIX)\np={path!r}\nos.path.exists(p) and os.unlink(p)\ns.bind(p)\nos.chmod(p,0o666)"
            ),
            named(path),
        ),
    }
    where = chance.choice(sorted(ways))
    owner, code, names = ways[where]
    # systemd takes a socket's path back when it starts it, so the other program has to come later.
    stop, start = ("true", "true") if "sock" in where else (f"systemctl stop {owner}", f"systemctl start {owner}")
    script = f"""cat > /root/listener.py <<'END'\n{code}\nEND
    {stop}; systemd-run --quiet --unit=drawn-listener python3 /root/listener.py; sleep 1
    {start}; true"""
    return Draw(
        "port",
        f"{where} taken by another program",
        script,
        (*names, "drawn-listener"),
        ("port-taken", "socket-taken", "database-port-taken"),
    )


@kind("resource")
def resource(lab: Lab, chance: random.Random) -> Draw | None:
    """A limit on what a program may take."""
    name = chance.choice([f"{web_unit(lab)}.service", php_unit(lab), _database(lab)])
    limit = chance.choice(
        [
            "MemoryMax=12M",
            "MemoryMax=40M",
            "TasksMax=2",
            "TasksMax=6",
            "LimitNOFILE=12",
            "LimitNPROC=1",
            "LimitFSIZE=1K",
            "CPUQuota=1%",
            "LimitAS=60M",
            "IPAddressDeny=any",
            "ReadOnlyPaths=/",
        ]
    )
    script = f"""mkdir -p /etc/systemd/system/{name}.d; printf '[Service]\\n{limit.replace("%", "%%")}\\n' > /etc/systemd/system/{name}.d/drawn.conf
    {AGAIN}anew {name}"""
    return Draw("resource", f"{name} with {limit}", script, (limit.partition("=")[0], "drawn.conf"))


@kind("pool's limit")
def pool_limit(lab: Lab, chance: random.Random) -> Draw | None:
    """A setting of a pool that starves it."""
    path = chance.choice(lines(lab, "grep -l 'pm.max_children' /etc/miclinik-php/norte/*"))
    setting = chance.choice(
        [
            "php_admin_value[memory_limit] = 2M",
            "php_admin_value[max_execution_time] = 1",
            "php_admin_value[post_max_size] = 1K",
            "php_admin_value[disable_functions] = json_encode",
            "php_admin_value[open_basedir] = /tmp",
            "request_terminate_timeout = 1s",
            "rlimit_files = 12",
            "php_admin_value[auto_prepend_file] = /etc/zz.php",
            "php_admin_value[session.save_path] = /zz",
            "php_admin_value[max_input_vars] = 2",
            "security.limit_extensions = .html",
            "php_admin_flag[file_uploads] = off",
            "php_admin_value[upload_tmp_dir] = /zz",
        ]
    )
    # The first of two values is PHP-FPM's.
    key = setting.split(" = ")[0].replace("[", "\\[").replace("]", "\\]")
    script = f"sed -i '/^{key} =/d' {path}; printf '\\n{setting}\\n' >> {path}; {AGAIN}again '{php_unit(lab)}'"
    word = setting.split(" = ")[0].replace("php_admin_value[", "").replace("php_admin_flag[", "").rstrip("]")
    return Draw("pool's limit", f"{path}: {setting}", script, (*named(path), word))
