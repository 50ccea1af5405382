# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All verbs: what each is for, and the file that makes it, which is imported when somebody asks for it.

A new one is a file beside this one, a function here, and a row in the table.
"""

from __future__ import annotations

# ruff: noqa: PLC0415 (a file is imported when its verb is asked for: completion has a tenth of a second)
import click

from ..grammar import Group, Loaders


def _api() -> click.Command:
    from .api import group

    return group


def _apply() -> click.Command:
    from .entry import apply

    return apply


def _backup() -> click.Command:
    from .backup import group

    return group


def _const() -> click.Command:
    from .const import group

    return group


def _cron() -> click.Command:
    from .cron import group

    return group


def _dict() -> click.Command:
    from .dictionary import group

    return group


def _diff() -> click.Command:
    from .entry import diff

    return diff


def _doctor() -> click.Command:
    from .doctor import doctor

    return doctor


def _field() -> click.Command:
    from .field import group

    return group


def _group() -> click.Command:
    from .group import group

    return group


def _key() -> click.Command:
    from .key import group

    return group


def _logs() -> click.Command:
    from .logs import logs_

    return logs_


def _mail() -> click.Command:
    from .mail import group

    return group


def _module() -> click.Command:
    from .module import group

    return group


def _number() -> click.Command:
    from .number import group

    return group


def _open() -> click.Command:
    from .places import open_

    return open_


def _right() -> click.Command:
    from .right import group

    return group


def _smoke() -> click.Command:
    from .smoke import smoke_

    return smoke_


def _status() -> click.Command:
    from .status import status

    return status


def _urls() -> click.Command:
    from .places import urls

    return urls


def _user() -> click.Command:
    from .user import group

    return group


def _webhook() -> click.Command:
    from .webhook import group

    return group


def _whole(name: str) -> click.Command:
    from .whole import VERBS

    return VERBS[name]


VERBS: Loaders = {
    "status": ("what there is: version, database, modules, the last backup", _status),
    "doctor": ("a quick look at everything, and what to do", _doctor),
    "smoke": ("the smoke test from this host", _smoke),
    "urls": ("where it is reached, and where its secrets are", _urls),
    "logs": ("what was logged; -f goes on", _logs),
    "module": ("modules: list, enable, disable", _module),
    "const": ("constants: get, set, unset, list, diff", _const),
    "dict": ("dictionaries: list, changed, show, set", _dict),
    "field": ("extra fields: list, show, set, delete", _field),
    "number": ("numbering: list, show, set", _number),
    "user": ("users: list, show, create, enable, disable, password", _user),
    "group": ("groups of users: list, show, set, delete, join, leave", _group),
    "right": ("rights: list, grant, revoke", _right),
    "key": ("API keys: list, who, show, rotate, adopt, revoke", _key),
    "api": ("the REST API: call, spec", _api),
    "cron": ("scheduled jobs: list, run", _cron),
    "mail": ("mail: test", _mail),
    "webhook": ("webhooks: list, test, resend, secret", _webhook),
    "backup": ("snapshots: run, list, check, test, state, last", _backup),
    "restore": ("bring it back to what a snapshot holds", lambda: _whole("restore")),
    "upgrade": ("bring it to a release that is unpacked", lambda: _whole("upgrade")),
    "rollback": ("bring it back to what it was before its last upgrade", lambda: _whole("rollback")),
    "clone": ("give it the data of another site, made harmless", lambda: _whole("clone")),
    "rename": ("have it take the place of what it was called", lambda: _whole("rename")),
    "adopt": ("take over an installation that others have made, or go back to it", lambda: _whole("adopt")),
    "export": ("what it is, as an inventory without secrets", lambda: _whole("export")),
    "diff": ("what a file that `export` writes would change", _diff),
    "apply": ("have it be what such a file says", _apply),
    "remove": ("take it off this host, after a last snapshot", lambda: _whole("remove")),
    "close": ("let nobody in, over reboots as well", lambda: _whole("close")),
    "open": ("end that, and say where it is reached", _open),
    "database-password": ("give it another password of its database", lambda: _whole("database-password")),
    "journal": ("what was done with the whole of it last", lambda: _whole("journal")),
    "recover": ("take back what was killed", lambda: _whole("recover")),
}
NAMES = tuple(VERBS)
#: Words of the bridge that are said in its way: for programs.
OF_BRIDGE = {
    *(("user", "ensure"), ("key", "set"), ("key", "remove"), ("key", "holder"), ("module", "try"), ("cron", "job")),
    ("webhook", "ensure"),
    *(("group", "ensure"), ("group", "remove"), ("user", "remove")),
}


def tree() -> Group:
    """Return all verbs of a site."""
    return Group(
        "miclinikctl",
        loaders=VERBS,
        help="Looks after a site of this host. The site's name may be left out where there is one."
        "\n\n\b\nEnds with 0 done, 1 failed, 2 wrong usage, 3 something would change (--check)."
        "\nIn a pipe, and with --json, it answers in JSON. `miclinikctl help VERB` has more."
        "\n`miclinik-bridge help` is the manual of what programs call.",
        examples=[
            ("status", "what there is"),
            ("module enable stock --check", "what would change if stock was switched on"),
            ("user password admin", "give the administrator another password"),
            ("right list shop", "what the user shop may do"),
            ("logs api -f", "watch the calls of the API come in"),
        ],
        context_settings={"help_option_names": ["-h", "--help"]},
    )
