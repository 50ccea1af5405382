# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a mend changes, said with it; and what keeps one from being run while it is in doubt whose data is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.identity import CAUSES

#: What in a mend's words changes what. All that fit are said.
_EFFECTS = tuple(
    (re.compile(expression), words)
    for expression, words in (
        (r"\bsite\.yml", "what on the host is not as the inventory says"),
        (r"roles? (?:of the web server|nginx|apache)", "the web server's configuration, which is loaded anew"),
        (r"role php\b", "PHP's packages, pools and settings, which are loaded anew"),
        (r"(?:role|then) application\b", "the site's conf.php, folders and release"),
        (r"role rest_api\b", "modules, settings, API users, rights and keys in the application"),
        (r"roles? (?:tls|acme)\b", "the site's certificate"),
        (r"role baseline\b", "the host's firewall and base"),
        (r"role database\b", "accounts and rights in the database server, no data"),
        (
            r"\bsystemctl (?:re)?(?:start|load)|systemctl (?:stop|kill|unmask|enable|disable|reset-failed)"
            r"|[Ss]tart (?:the|it|systemd)|then start|restart",
            "which services run",
        ),
        (r"systemctl daemon-reload", "how systemd has units loaded"),
        (r"apt-get install|phpenmod|phpdismod", "packages or extensions that are installed"),
        (r"\b(?:chown|chmod|chgrp|install -[do]|setfacl|ln -s\w* |mv |rm )", "the files that are named"),
        (r"ALTER (?:USER|ROLE)|GRANT|FLUSH HOSTS", "the site's account in the database server, no data"),
        (r"ALTER (?!USER|ROLE)", "what the statement names in the database server"),
        (r"SET GLOBAL|read_only|max_connections", "a setting of the database server"),
        (r"\bKILL\b|pg_terminate_backend|end what hangs", "another connection's work, which is taken back"),
        (r"[Rr]estore|REPAIR TABLE|[Rr]ename it back|rename it\b", "the site's data: make a backup first"),
        (
            r"constant unset|module disable|user disable|dates of validity|card|API_RESTRICT_ON_IP",
            "the application's settings",
        ),
        (r"\bu?mount\b", "what is mounted"),
        (
            r"take the (?:line|name|rule)|[Pp]ut .{0,60}\bback|correct (?:the|that) line|take .{1,60} (?:away|out)",
            "the files that are named",
        ),
        (r"(?:make|enlarge|has the) .{0,20}room|make room", "what you remove or enlarge"),
        (
            r"[Rr]aise|the inventory|api\.users|smoke_\w+|custom_modules|/etc/hosts|DNS record",
            "the configuration that is named",
        ),
    )
)
#: Whose they are is not sure: what writes would write into another's data, or make new what is only not there.
DOUBTS = frozenset(
    {*CAUSES, "secrets-missing", "other-site", "database-lost", "database-unknown", "conf-database", "place-kind"}
)


def changes(mend: str) -> str:
    """Return what the mend changes; nothing where it only says what to look at."""
    found = dict.fromkeys(words for expression, words in _EFFECTS if expression.search(mend))
    return "; ".join(found)


def held_back(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings with no mend that writes beside one that puts in doubt whose data is there."""
    doubt = next((entry for entry in found if entry.id in DOUBTS), None)
    if doubt is None:
        return list(found)
    first = f"nothing before [{doubt.id}] is cleared, since this would write"
    return [
        entry
        if entry.id in DOUBTS or not changes(entry.mend)
        else replace(entry, mend=f"{first}; then {entry.mend}", run=())
        for entry in found
    ]
