# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of PHP-FPM, the database, disks, the clock and what is deployed."""

from __future__ import annotations

from .fault import Fault

_POOLS = " ".join(f'"/etc/miclinik-php/$SITE/{pool}.conf"' for pool in ("api", "web", "quarantine"))
_LOGGED_IN = '"/etc/miclinik-php/$SITE/web.conf"'
_UNDO_POOLS = f"back {_POOLS}; reload_php"


def _pool_setting(expression: str) -> str:
    return f"keep {_POOLS}; sed -i {expression} {_POOLS}; reload_php"


def _tmpfs(folder: str, stop: str, megabytes: int) -> str:
    """Put a small file system under a folder, with what is in it, and fill it to the last byte."""
    return f"""{stop}
copy=$(mktemp -d /run/miclinik-faults/full.XXXX)
mount -t tmpfs -o size=$(($(du -sm "{folder}" | cut -f1) + {megabytes}))M t "$copy"
cp -a "{folder}/." "$copy/"
chown --reference="{folder}" "$copy"; chmod --reference="{folder}" "$copy"
mount --bind "$copy" "{folder}"; umount "$copy"; rmdir "$copy" """


PHP = [
    Fault(
        "fix-pathinfo",
        "`cgi.fix_pathinfo=0`",
        "the explorer opens; endpoints are 404, or with a warm table of routes 500 and empty",
        ("login", "status", "reads"),
        "php-fix-pathinfo",
        _pool_setting("'s/cgi.fix_pathinfo. = 1/cgi.fix_pathinfo] = 0/'"),
        _UNDO_POOLS,
    ),
    Fault(
        "output-buffering",
        "`output_buffering=0`",
        "errors of the API come as status 200",
        ("unknown-endpoint",),
        "php-output-buffering",
        _pool_setting("'s/output_buffering. = 4096/output_buffering] = 0/'"),
        _UNDO_POOLS,
    ),
    Fault(
        "api-pool-down",
        "API pool down",
        "pages work, calls with a key wait for an answer that does not come",
        ("status", "operations"),
        "api-pool-down",
        'away "/etc/miclinik-php/$SITE/api.conf"; reload_php',
        'back "/etc/miclinik-php/$SITE/api.conf"; reload_php',
    ),
    Fault(
        "web-pool-down",
        "web pool down",
        "the API works, pages of people who have logged in wait for an answer that does not come",
        ("inside",),
        "web-pool-down",
        'away "/etc/miclinik-php/$SITE/web.conf"; reload_php',
        'back "/etc/miclinik-php/$SITE/web.conf"; reload_php',
    ),
    Fault(
        "web-pool-broken",
        "a setting of the web pool that ends every page",
        "the API works, people log in and get an error",
        ("inside",),
        "web-pool-broken",
        f"""keep {_LOGGED_IN}
        sed -i "/^php_admin_value.auto_prepend_file/s|= .*|= /nowhere.php|" {_LOGGED_IN}; reload_php""",
        f"back {_LOGGED_IN}; reload_php",
    ),
    Fault(
        "socket-foreign",
        "another program has the socket of unknown callers",
        "the log-in page and calls without a key wait, or get 502",
        ("web", "api", "login"),
        "socket-foreign",
        """p=/run/miclinik-php/$SITE/quarantine.sock; rm "$p"
        systemd-run --quiet --collect --unit=taker python3 -c "
import socket, os, time
s = socket.socket(socket.AF_UNIX); s.bind('$p'); os.chmod('$p', 0o666); s.listen(5); time.sleep(999)"
        for i in $(seq 50); do [ -S "$p" ] && break; sleep 0.1; done""",
        'systemctl stop taker; systemctl restart "miclinik-php@$SITE.socket" "miclinik-php@$SITE.service"',
    ),
    Fault(
        "quarantine-pool-down",
        "pool of unknown callers down",
        "the log-in page and calls without a key wait for an answer that does not come",
        ("web", "api", "login"),
        "quarantine-pool-down",
        'away "/etc/miclinik-php/$SITE/quarantine.conf"; reload_php',
        'back "/etc/miclinik-php/$SITE/quarantine.conf"; reload_php',
    ),
    Fault(
        "php-down",
        "PHP-FPM down",
        "static files work, everything else is 502 (Nginx) or 503 (Apache)",
        ("web", "api", "login", "status", "operations"),
        "php-down",
        'systemctl stop "miclinik-php@$SITE.socket" "miclinik-php@$SITE.service"',
        'start "miclinik-php@$SITE.socket" "miclinik-php@$SITE.service"',
    ),
    Fault(
        "extension-database",
        "PHP extension of the database missing in FPM",
        "202 Accepted with a page of the application (20 and 22), 500 (15 and 16)",
        ("web", "api", "login", "status"),
        "php-extension",
        "phpdismod -s fpm mysqli pdo_mysql; reload_php",
        "phpenmod -s fpm mysqli pdo_mysql; reload_php",
        engines=("mariadb",),
    ),
    Fault(
        "extension-intl",
        "another PHP extension missing in FPM",
        "nothing at once: single pages fail",
        ("inside",),
        "php-extension",
        "phpdismod -s fpm intl; reload_php",
        "phpenmod -s fpm intl; reload_php",
    ),
    Fault(
        "open-basedir",
        "`open_basedir` too tight",
        "the explorer lists nothing",
        ("inside",),
        "open-basedir",
        f"keep {_POOLS}; for file in {_POOLS}; do"
        ' echo "php_admin_value[open_basedir] = $(readlink -f "$HOMEDIR/current"):$HOMEDIR/conf.php" >> "$file"; done;'
        " reload_php",
        _UNDO_POOLS,
    ),
    Fault(
        "stale-code",
        "stale opcache after a deployment",
        "the old version, or a mixture, though the new one is in place",
        ("inside",),
        "stale-code",
        'keep "$ROOT/filefunc.inc.php"; touch "$ROOT/filefunc.inc.php"',
        'back "$ROOT/filefunc.inc.php"; reload_php',
    ),
]

DATABASE = [
    Fault(
        "database-down",
        "database down",
        "202 Accepted with a page of the application (20 and 22), 500 (15 and 16)",
        ("web", "api", "login", "status"),
        "database-down",
        "systemctl stop mariadb",
        "start mariadb",
        engines=("mariadb",),
    ),
    Fault(
        "pooler-down",
        "PgBouncer down, PostgreSQL runs",
        "202 Accepted with a page of the application (20 and 22), 500 (15 and 16)",
        ("web", "api", "login", "status"),
        "pooler-down",
        "systemctl stop pgbouncer",
        "start pgbouncer",
        engines=("postgresql",),
        pooler=True,
    ),
    Fault(
        "database-password",
        "database password wrong",
        "202 Accepted with a page of the application (20 and 22), 500 (15 and 16)",
        ("web", "api", "login", "status"),
        "database-password",
        'keep "$CONF"; sed -i "s/^\\(.dolibarr_main_db_pass = \'\\)/\\1wrong/" "$CONF"; reload_php',
        'back "$CONF"; reload_php',
    ),
    Fault(
        "database-read-only",
        "database read-only",
        "everything can be read, nothing is saved",
        ("inside",),
        "database-read-only",
        'mariadb -e "SET GLOBAL read_only = 1"',
        'mariadb -e "SET GLOBAL read_only = 0"',
        engines=("mariadb",),
    ),
    Fault(
        "database-full",
        "database full",
        "everything can be read, nothing is saved",
        ("inside",),
        "database-full",
        _tmpfs("/var/lib/mysql", "systemctl stop mariadb", 25)
        + "\nstart mariadb; fallocate -l $(($(stat -f -c '%a * %S' /var/lib/mysql) - 1000000)) /var/lib/mysql/filler",
        "systemctl stop mariadb; umount -l /var/lib/mysql; start mariadb",
        engines=("mariadb",),
    ),
]

PLACE = [
    Fault(
        "disk-full",
        "disk full under documents",
        "uploads and documents fail; with API_PRODUCTION_MODE right answers may come as 500",
        ("inside",),
        "disk-full",
        _tmpfs("$DOCUMENTS", "", 2) + '\nfallocate -l $(($(stat -f -c \'%a * %S\' "$DOCUMENTS"))) "$DOCUMENTS/filler"',
        'umount -l "$DOCUMENTS"',
    ),
    Fault(
        "clock",
        "clock far off",
        "nothing at once: dates and signatures are wrong",
        ("clock",),
        "clock",
        # Containers share the kernel's clock: the web server is started with another one of its own.
        """mkdir -p "/run/systemd/system/$WEB_UNIT.service.d"
library=$(find /usr/lib -name 'libfaketime.so.1' | head -1)
printf '[Service]\\nEnvironment=LD_PRELOAD=%s FAKETIME=-2h DONT_FAKE_MONOTONIC=1\\n' "$library" \
  > "/run/systemd/system/$WEB_UNIT.service.d/clock.conf"
systemctl daemon-reload; systemctl reset-failed "$WEB_UNIT"; systemctl restart "$WEB_UNIT"; sleep 0.5""",
        """rm "/run/systemd/system/$WEB_UNIT.service.d/clock.conf"
systemctl daemon-reload; systemctl reset-failed "$WEB_UNIT"; systemctl restart "$WEB_UNIT\"""",
    ),
]

UNITS = [
    Fault(
        "cron-timer",
        "the timer of scheduled jobs stopped",
        "nothing at once: recurring invoices, reminders and mails do not come",
        ("inside",),
        "cron-timer",
        "systemctl disable --now miclinik-cron@$SITE.timer",
        "systemctl enable --now miclinik-cron@$SITE.timer",
        module="cron",
    ),
    Fault(
        "webhook-relay",
        "the relay of webhooks stopped",
        "nothing at once: others hear of nothing, and what happened meanwhile is never told",
        ("inside",),
        "webhook-relay",
        "systemctl stop miclinik-webhooks.socket miclinik-webhooks.service",
        "systemctl start miclinik-webhooks.socket miclinik-webhooks.service",
        module="webhook",
    ),
]

FAULTS = [*PHP, *DATABASE, *PLACE, *UNITS]
