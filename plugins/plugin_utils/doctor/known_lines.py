# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of logs that say what is wrong, each with the layer of a request's way that it speaks of, and its mend."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import LIKELY, POSSIBLE
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.known_starts import STARTS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.witness import Witness

OWNED = (
    "run playbooks/site.yml, which sets owners and modes of what it writes, and see with --check --diff what differs"
)
SPACE = "see which file system it is (df -h, df -i on the path that is named), and make room there"
_ROLE_PHP = "run the role php, which writes the pools' settings anew; was it the inventory's, change it there"
_CODE = (
    "put the file back as the release has it (playbooks/site.yml names what differs); was it"
    " changed for good, correct the line; then systemctl reload 'miclinik-php@*.service'"
)

#: In each group the narrower before the wider.
KNOWN = (
    *STARTS,
    Witness(
        "oom-kill",
        "pool",
        ("(?:Out of memory|oom-kill|[Mm]emory cgroup out of memory|oom_reaper|result 'oom-kill')"),
        ("The kernel has ended a process for want of memory"),
        ("give the host or the site more memory (php.memory_max), or let it run fewer workers (php.*_max_children)"),
    ),
    Witness(
        "seccomp",
        "pool",
        (r"(?:SECCOMP|type=1326|\(SIGSYS|code=dumped, status=31/SYS)"),
        ("A system call that PHP needs is refused by its unit's sandbox"),
        (
            "see the drop-ins of the unit (systemctl cat 'miclinik-php@*.service') for a"
            " SystemCallFilter that is too tight, and take it out; then systemctl daemon-reload and"
            " restart the unit"
        ),
    ),
    Witness(
        "apparmor",
        "pool",
        (r"apparmor=\"DENIED\".*profile=\"(?P<what>[^\"]+)\""),
        ("AppArmor refuses something to {what}"),
        ("see the profile {what} (aa-status), and allow what the line names"),
    ),
    Witness(
        "disk-errors",
        "answer",
        ("(?:Remounting filesystem read-only|EXT4-fs error|I/O error)"),
        ("The kernel reports errors of a disk"),
        ("save a copy of the data first; then see the disk and its file system"),
    ),
    Witness(
        "port-taken",
        "port",
        (
            r"bind\(\) to (?P<what>\S+) failed \(98|Address already in use: AH\d+|"
            r"could not bind to address (?P<other>\S+)"
        ),
        ("Another program has the web server's port"),
        ("see who listens (ss -ltnp), stop that program, then start the web server"),
    ),
    Witness(
        "socket-taken",
        "pool",
        r"unable to bind listening socket for address '(?P<what>[^']+)'.*Address already in use",
        "Somebody else listens at PHP's socket {what}",
        "see who listens (ss -lxp), stop that program, then start the site's sockets: run the role php",
    ),
    Witness(
        "database-port-taken",
        "db-login",
        r"(?:Can't start server: Bind on|could not bind .*address).*Address already in use",
        "Another program has the database server's port or socket",
        "see who listens (ss -lntxp), stop that program, then start the database server",
    ),
    Witness(
        "body-limit",
        "vhost",
        ("client intended to send too large (?:chunked )?body|AH01587|Requested content-length of"),
        ("The web server refuses the body of a request as too large"),
        ("run the role of the web server, which writes its limit from php.upload_max_filesize"),
    ),
    Witness(
        "header-limit",
        "vhost",
        (
            "client sent too long (?:header line|URI)|size of a request header field exceeds|"
            "too long request|request header or cookie too large"
        ),
        ("The web server refuses the header of a request as too long"),
        (
            "take out what limits headers (large_client_header_buffers, LimitRequestFieldSize), or run"
            " the role of the web server"
        ),
    ),
    Witness(
        "header-answer",
        "socket",
        ("upstream sent too big header"),
        ("The web server refuses the header of PHP's answer as too large"),
        ("enlarge fastcgi_buffer_size in the vhost, or run the role nginx"),
    ),
    Witness(
        "forbidden-rule",
        "auth",
        ("access forbidden by rule|AH01630|AH01797|client denied by server configuration"),
        ("A rule of the web server refuses the request"),
        (
            "see the web server's configuration for a deny that is not ours (Require, deny), take it"
            " out; or run the role of the web server"
        ),
    ),
    Witness(
        "redirect-cycle",
        "rewrite",
        ("rewrite or internal redirection cycle|AH00124"),
        ("The web server sends the request round in a circle"),
        ("take out the rewrite that is not ours, or run the role of the web server"),
    ),
    Witness(
        "web-connections",
        "port",
        (
            "worker_connections are not enough|server reached MaxRequestWorkers|AH03490|"
            r"\(24: Too many open files\)"
        ),
        ("The web server has no room for another connection"),
        ("raise worker_connections, MaxRequestWorkers or LimitNOFILE; see who holds the connections (ss -tn)"),
    ),
    Witness(
        "web-configuration",
        "vhost",
        (r"AH00526|Syntax error on line|\[emerg\]"),
        ("The web server cannot load its configuration"),
        ("correct the line that is named, or run the role of the web server"),
    ),
    Witness(
        "socket-refused",
        "socket",
        (
            r"connect\(\) to unix:(?P<what>\S+?):? failed \(13|"
            r"\(13\)Permission denied: AH\d+:.* (?P<other>/\S+sock)"
        ),
        ("The web server may not open PHP's socket"),
        ("run the role php, which sets owner and mode of the sockets and of the folder above"),
    ),
    Witness(
        "socket-missing",
        "socket",
        (
            r"connect\(\) to unix:(?P<what>\S+?):? failed \((?:2|111)|\((?:2|"
            r"111)\)[\w ]+: AH\d+:.* (?P<other>/\S+sock)"
        ),
        ("Nobody listens at PHP's socket"),
        ("run the role php, which starts what holds the sockets"),
    ),
    Witness(
        "socket-busy",
        "pool",
        (r"connect\(\) to unix:(?P<what>\S+?):? failed \(11"),
        ("PHP's socket takes no more calls: all workers are busy and the queue is full"),
        ("see what the workers are at; raise php.*_max_children if they work"),
    ),
    Witness(
        "search-refused",
        "vhost",
        ("AH00035|AH00037|search permissions are missing|Symbolic link not allowed"),
        ("The web server may not enter a folder of the site"),
        (OWNED),
    ),
    Witness(
        "web-file-refused",
        "vhost",
        (r"(?:open|stat|lstat|realpath)\(\).*failed \(13"),
        ("The web server may not read a file of the site"),
        (OWNED),
    ),
    Witness(
        "database-table-missing",
        "schema",
        r"(?:column|relation) (?P<what>\S+) does not exist|Unknown column '(?P<other>[^']+)'",
        "A table, or a column of it, is not there: {what}{other}",
        "was it renamed? Rename it back; else restore the database from a backup. Nothing is written into it meanwhile",
    ),
    Witness(
        "php-parse",
        "php",
        (r"PHP Parse error:\s*(?P<text>.*?) in (?P<file>/\S+?)(?: on line |:)(?P<at>\d+)"),
        ("A file of PHP has an error of syntax: {file}, line {at}"),
        (_CODE),
    ),
    Witness(
        "php-prepend",
        "php",
        ("(?:Failed opening required|auto_prepend|auto_append).*?'(?P<file>[^']*)'"),
        ("PHP is told to load a file that is not there or cannot be read: {file}"),
        (
            "take out the setting that names it (auto_prepend_file), or bring the file back: run the"
            " role php; where it is the application's, see playbooks/doctor.yml for what the release"
            " lacks"
        ),
    ),
    Witness(
        "php-memory",
        "php",
        (r"Allowed memory size of (?P<bytes>\d+) bytes exhausted"),
        ("A request needs more memory than PHP gives it ({bytes} bytes)"),
        ("raise php.memory_limit of the site in the inventory; was it changed on the host, run the role php"),
    ),
    Witness(
        "php-time",
        "php",
        (r"Maximum execution time of (?P<seconds>\d+) seconds? exceeded"),
        ("A request takes longer than PHP gives it ({seconds} s)"),
        ("raise php.max_execution_time of the site in the inventory; was it changed on the host, run the role php"),
    ),
    Witness(
        "php-terminated",
        "pool",
        (r"execution timed out \((?P<seconds>[\d.]+) sec\), terminating"),
        ("PHP-FPM has ended a request that took {seconds} s"),
        ("see what it waited for: the database, a name server, another host"),
    ),
    Witness(
        "php-function",
        "php",
        (r"Call to undefined function (?P<name>[\w\\]+)\(\)"),
        ("PHP lacks the function {name}: it is disabled, or its extension is not loaded"),
        ("see disable_functions in PHP's files and the extension that has {name}; run the role php"),
    ),
    Witness(
        "php-class",
        "php",
        (r"Class \"(?P<name>[\w\\]+)\" not found"),
        ("PHP lacks the class {name}: a file of the application or an extension is not there"),
        ("run the role php for extensions; compare the release's files (playbooks/doctor.yml names what differs)"),
    ),
    Witness(
        "opcache-api",
        "php",
        (r"restricted by \"?opcache\.restrict_api|Zend OPcache API is restricted"),
        ("opcache refuses its functions to the application (opcache.restrict_api)"),
        ("take opcache.restrict_api out of PHP's files: run the role php"),
    ),
    Witness(
        "php-body",
        "php",
        (r"POST Content-Length of (?P<bytes>\d+) bytes exceeds the limit"),
        ("PHP refuses the body of a request as too large"),
        ("raise php.upload_max_filesize of the site in the inventory; was it changed on the host, run the role php"),
    ),
    Witness(
        "php-session",
        "php",
        (r"session_\w+\(\).*(?:Permission denied|No space|quota exceeded|[Ff]ailed)"),
        ("PHP cannot keep its sessions"),
        ("see owner, mode and room of the site's folder sessions; run the role application"),
    ),
    Witness(
        "php-open-basedir",
        "php",
        (r"open_basedir restriction in effect\. File\((?P<file>[^)]+)\)"),
        ("PHP may not open {file} (open_basedir)"),
        (_ROLE_PHP),
    ),
    Witness(
        "php-ini",
        "php",
        (r"PHP:\s+syntax error, unexpected .* in (?P<file>/\S+) on line (?P<at>\d+)"),
        ("A configuration file of PHP is broken: {file}, line {at}"),
        ("correct that line, or run the role php; then systemctl reload 'miclinik-php@*.service'"),
    ),
    Witness(
        "php-extension",
        "php",
        (r"Unable to load dynamic library '?(?P<name>\w+)"),
        ("PHP cannot load its extension {name}"),
        ("run the role php, which installs it; apt-get install --reinstall where the file itself is broken"),
    ),
    Witness(
        "php-no-space",
        "answer",
        ("(?:PHP|AH01071|php).*No space left on device"),
        ("PHP cannot write: no space is left"),
        (SPACE),
    ),
    Witness(
        "php-refused",
        "answer",
        (
            "(?:PHP (?:Warning|"
            r"Fatal error)).*?\((?P<file>/[^)]*)\): [Ff]ailed to open stream: (?P<why>[\w -]+)"
        ),
        ("PHP cannot open {file}: {why}"),
        (OWNED),
    ),
    Witness(
        "php-fatal",
        "bootstrap",
        (
            r"PHP Fatal error:\s*(?P<text>.{0,120}?)(?: in (?P<file>/\S+?)(?: on line |"
            r":)(?P<at>\d+))?(?:$|\s|\\n)"
        ),
        ("PHP stops with an error: {text}"),
        ("see the file and line that are named; compare the release (playbooks/doctor.yml names files that differ)"),
    ),
    Witness(
        "worker-killed",
        "pool",
        (r"child \d+ exited on signal (?P<number>\d+) \((?P<signal>SIG\w+)"),
        ("Workers of PHP are ended by the signal {signal} while they are at a request"),
        (
            "SIGKILL: memory (php.memory_max); SIGSYS: the unit's sandbox; SIGSEGV: an extension (see"
            " what apt changed last, /var/log/apt/history.log)"
        ),
    ),
    Witness(
        "pool-full",
        "pool",
        (r"server reached (?:pm\.)?max_children setting"),
        ("A pool of PHP has no worker left"),
        ("see what the workers wait for; raise php.*_max_children of the site where the host has the memory"),
    ),
    Witness(
        "fpm-limits",
        "pool",
        (r"fork\(\) failed: Resource temporarily unavailable|setrlimit|Cannot allocate memory"),
        ("PHP-FPM can start no worker: the unit's limit on tasks or memory is reached"),
        (
            "see TasksMax and MemoryMax of the unit (systemctl cat 'miclinik-php@*.service'); take"
            " drop-ins that are not ours away, or raise php.tasks_max"
        ),
    ),
    Witness(
        "unit-namespace",
        "pool",
        ("Failed to set up mount namespacing|status=226/NAMESPACE"),
        ("The unit's sandbox cannot be made: a folder that it names is not there"),
        ("bring the folder back that is named; run playbooks/site.yml"),
    ),
    Witness(
        "unit-exec",
        "pool",
        (r"status=203/EXEC|Failed to locate executable (?P<what>\S+)"),
        ("The program of the unit is not there, or may not be run"),
        ("apt-get install --reinstall the package that has it, or run playbooks/site.yml"),
    ),
    Witness(
        "database-full",
        "db-login",
        ("Disk (?:is )?full|(?:InnoDB|could not (?:write|extend|create)).*No space left"),
        ("The database cannot write: no space is left"),
        (SPACE),
    ),
    Witness(
        "database-table-broken",
        "schema",
        (
            "marked as crashed|is crashed|[Tt]ablespace.*(?:missing|not found)|Cannot open datafile|"
            "doesn't exist in engine"
        ),
        ("A table of the database is broken"),
        (
            "back up the database's folder first; then CHECK TABLE, and restore the database from a"
            " backup where that cannot mend it"
        ),
    ),
    Witness(
        "no-space",
        "answer",
        ("No space left on device|Disk quota exceeded"),
        ("No space is left"),
        (SPACE),
    ),
    Witness(
        "read-only",
        "answer",
        ("Read-only file system"),
        ("A file system takes no writes"),
        ("see why it is read-only (mount, the kernel's log), then mount it again"),
    ),
    Witness(
        "refused",
        "answer",
        ("Permission denied"),
        ("A program may not do what it has to"),
        (OWNED),
        LIKELY,
    ),
    Witness(
        "upstream-timeout",
        "php",
        ("upstream timed out|AH01075|timeout specified has expired"),
        ("PHP gives no answer in time"),
        ("see what its workers wait for: the database, a name server, another host"),
        POSSIBLE,
    ),
)
