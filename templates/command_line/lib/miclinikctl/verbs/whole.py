# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done with a whole site."""

from __future__ import annotations

from collections.abc import Sequence

import click

from .. import completion, handed
from ..grammar import Example

_FROM_SITE = click.Option(
    ["--from", "source"], required=True, metavar="SITE", shell_complete=completion.sites, help="Name of that site."
)
_AT = click.Option(
    ["--at"], default="", metavar="TIME", help="As the last snapshot before this time, as 2026-11-27T01:30."
)


def _life(
    name: str,
    about: str,
    *,
    params: Sequence[click.Parameter] = (),
    examples: Sequence[Example],
    changes: bool = True,
) -> handed.Handed:
    """Return a verb of the program ``life``, which ``foresee`` knows by the same name if it changes something."""
    return handed.verb(name, about, "life", [name], params=params, examples=examples, changes=name if changes else "")


_ALL = [
    _life(
        "upgrade",
        "Brings it to a release that is unpacked. What fails is taken back.",
        params=[
            click.Option(
                ["--to"], required=True, metavar="RELEASE", shell_complete=completion.releases, help="As in releases/."
            )
        ],
        examples=[("upgrade --to 22.0.4-1a2b3c4d --check", "whether it is there, and from where it would go")],
    ),
    _life(
        "rollback",
        "Brings it back to what it was before its last upgrade.",
        examples=[("rollback", "what was written since is kept aside")],
    ),
    _life(
        "restore",
        "Brings it back to what a snapshot holds.",
        params=[click.Argument(["snapshot"], required=False, default="latest"), _AT],
        examples=[("restore", "the last one"), ("restore --at 2026-11-27T01:30", "the last one before this time")],
    ),
    _life(
        "clone",
        "Gives it the data of another site, made harmless: no mails, no jobs, other keys.",
        params=[
            _FROM_SITE,
            click.Option(["--snapshot"], default="", help="Not as it is now: as a snapshot holds it, or latest."),
            _AT,
            click.Option(["--repository"], default="", metavar="FILE", help="Another repository of snapshots."),
        ],
        examples=[("clone --from norte", "")],
    ),
    _life(
        "rename",
        "Has it take the place of what it was called: see playbooks/rename.yml.",
        params=[
            _FROM_SITE,
            click.Option(["--prepare"], is_flag=True, help="Gives the new name secrets and certificates, no more."),
            click.Option(["--done"], is_flag=True, help="Says whether that was done before, no more."),
            click.Option(["--finish"], is_flag=True, help="Takes away what is left under the old name, no more."),
        ],
        examples=[("rename --from sur --done", "whether it was done")],
    ),
    _life(
        "remove",
        "Takes it off this host, with all that it has there, after a last snapshot.",
        params=[
            click.Option(
                ["--yes-remove"],
                required=True,
                metavar="SITE",
                shell_complete=completion.sites,
                help="Its name once more.",
            ),
            click.Option(["--without-snapshot"], is_flag=True, help="Keeps nothing of it."),
        ],
        examples=[("remove --yes-remove sur --check", "what would go")],
    ),
    _life(
        "adopt",
        "Takes over an installation that others have made (playbooks/adopt.yml does), or goes back to it.",
        params=[
            click.Option(["--from", "source"], default="", metavar="FOLDER", help="Where it is."),
            click.Option(
                ["--documents"], default="", metavar="FOLDER", help="Its documents, where conf.php names others."
            ),
            click.Option(["--host"], default="", help="Its database's server, where conf.php names another."),
            click.Option(["--port"], default="", help="And its port."),
            click.Option(["--vhost"], multiple=True, metavar="FILE", help="By which it is served; several times."),
            click.Option(["--without-changes"], is_flag=True, help="Lets its own changes to files go."),
            click.Option(["--no-documents"], is_flag=True, help="Keeps no third copy of its documents."),
            click.Option(["--prepare"], is_flag=True, help="Gives the site the instance id of the old one, no more."),
            click.Option(["--undo"], is_flag=True, help="Closes the site, and has the old one served again."),
        ],
        examples=[("adopt --undo", "has what it was before be served again")],
    ),
    _life(
        "export",
        "Prints what it is as an inventory, without secrets: what a run of site.yml makes of an empty site.",
        params=[
            click.Option(
                ["--from", "source"], default="", metavar="FOLDER", help="Of an installation that others have made."
            ),
            click.Option(
                ["--files"], default="", metavar="FOLDER", help="Puts its logos there, and names them; none otherwise."
            ),
        ],
        examples=[
            ("export > norte.yml", "to keep, or to compare: `diff norte.yml`"),
            ("export --files norte > norte.yml", "with the logos, in the folder norte"),
            ("export --from /var/www/html/dolibarr", "of an old site, which is to have this name"),
        ],
        changes=False,
    ),
    _life(
        "close",
        "Lets nobody in, over reboots as well, and has nothing of it run by itself.",
        examples=[("close", "until: open")],
    ),
    _life(
        "database-password",
        "Gives it another password of its database.",
        params=[click.Argument(["what"], type=click.Choice(["rotate"]))],
        examples=[("database-password rotate", "without a call that fails")],
    ),
    _life(
        "journal",
        "What was done with the whole of it last, or is under way, as JSON.",
        examples=[("journal", "")],
        changes=False,
    ),
    _life(
        "recover",
        "Takes back what was killed, where that has not happened by itself.",
        examples=[("recover", "")],
    ),
]
VERBS = {str(verb.name): verb for verb in _ALL}
