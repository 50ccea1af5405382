# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why services do not start, by the words that they end with: to start them again mends none of these."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.putting_back import ASIDE
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.witness import Witness

_FIRST = "copy the database's folder first"

#: In each group the narrower before the wider.
STARTS = (
    Witness(
        "address-gone",
        "port",
        r"bind\(\) to (?P<what>\S+) failed \(99|Cannot assign requested address: AH\d+:.* address (?P<other>\S+)",
        "The web server is to listen at an address that the host has not: {what}{other}",
        "give the host its address back (ip address), or take it out of the vhost that names it; then start the"
        " web server",
    ),
    Witness(
        "database-address-gone",
        "db-login",
        r"Can't start server: Bind on.*Cannot assign requested|could not bind \w+ address.*Cannot assign requested",
        "The database server is to listen at an address that the host has not",
        "give the host its address back (ip address), or correct bind-address (MariaDB) or listen_addresses"
        " (PostgreSQL)",
    ),
    Witness(
        "certificate-unusable",
        "tls",
        r"key values mismatch|(?:ee|ca) key too small|(?:ca|ee) md too weak|cannot load certificate"
        r"|AH025(?:61|62|64|65|72|77|79)",
        "The web server cannot use a certificate or its key",
        "see which vhost's files are named: certificate and key have to belong together, and be strong enough for this"
        " host's OpenSSL; a site's own are put right by the role tls",
    ),
    Witness(
        "web-names",
        "vhost",
        r"could not build (?:the )?(?P<what>\w+_hash)",
        "A name is too long for Nginx's table {what}, or there are too many",
        "raise what the line names in /etc/nginx/conf.d (server_names_hash_bucket_size and the like), or take the vhost"
        " with the long name away; then start the web server",
    ),
    Witness(
        "web-module",
        "vhost",
        r"is not binary compatible|module \S+ version \d+ instead of|Cannot load \S+ into server|API module structure",
        "A module of the web server is of another version than it, or is not there",
        "install what is named in the version of the web server (apt-get install --reinstall), or switch the"
        " module off",
    ),
    Witness(
        "database-log-broken",
        "db-login",
        r"Bad magic header in tc log|Can't init tc log",
        "MariaDB's log of transactions between engines (tc.log) is broken, and it does not start for that",
        f"{_FIRST}; then move tc.log away and start the server, which makes another: InnoDB recovers by a log of"
        f" its own",
        run=(
            f"mkdir -p {ASIDE} && mv -n /var/lib/mysql/tc.log {ASIDE}/",
            "systemctl reset-failed mariadb; systemctl start mariadb",
        ),
    ),
    Witness(
        "database-version",
        "db-login",
        r"Upgrade after a crash is not supported|redo log was created with|database files are incompatible with server"
        r"|was initialized by PostgreSQL version|Downgrade is not supported",
        "The database's files are of another version of the server than the one that is installed",
        f"{_FIRST}; then install the version that has written them, let it start and end properly, and upgrade"
        f" after that",
    ),
    Witness(
        "database-two-servers",
        "db-login",
        r"Unable to lock \./\S+ error: 11|Can't lock aria control file|lock file \"postmaster\.pid\" already exists"
        r"|Cluster is already running|New main PID \d+ does not belong to service",
        "Another process works with the database's files already",
        "see which (ps -C mariadbd,postgres -f), and end that one (its unit, or its number); then start the server",
    ),
    Witness(
        "database-option",
        "db-login",
        r"unknown (?:variable|option) '(?P<what>[^']+)'|unrecognized configuration parameter \"(?P<other>[^\"]+)\""
        r"|(?:invalid value|syntax error).* parameter \"(?P<third>[^\"]+)\"",
        "The database server does not take a setting: {what}{other}{third}",
        "take it out of /etc/mysql or /etc/postgresql, or correct it; then start the server",
    ),
    Witness(
        "database-corrupt",
        "db-login",
        r"Database page corruption|Data structure corruption|could not locate a valid checkpoint record"
        r"|invalid page in block",
        "The database's files are damaged",
        f"{_FIRST}, and see the disk; then restore the database from a backup. innodb_force_recovery and"
        f" pg_resetwal lose"
        " data, and are for saving what no backup has",
    ),
    Witness(
        "php-shared-memory",
        "php",
        r"Unable to allocate shared memory segment|cannot allocate buffer for interned strings"
        r"|Insufficient shared memory",
        "PHP's opcache is told to take more memory than there is",
        "take opcache.* that is not ours out of PHP's files (/etc/php), or set php_opcache_mb lower: run the role php",
    ),
    Witness(
        "database-memory",
        "db-login",
        r"could not (?:map anonymous|create) shared memory|InnoDB: Cannot allocate memory for the buffer pool",
        "The database server is told to take more memory than the host has",
        "set shared_buffers (PostgreSQL) or innodb_buffer_pool_size (MariaDB) lower in the file that has it; then start"
        " the server",
    ),
    Witness(
        "connections-tracked",
        "firewall",
        r"nf_conntrack: (?:nf_conntrack: )?table full",
        "The kernel drops packets: its table of connections is full",
        "see who opens them (conntrack -S, ss -s); raise net.netfilter.nf_conntrack_max (sysctl)",
    ),
)
