# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of what belongs to a site, and may be another's or gone: its id, its documents, its database."""

from __future__ import annotations

from .fault import Fault

FAULTS = [
    Fault(
        "instance-id",
        "instance id in `conf.php` replaced",
        "401 for every key (20 and newer), nothing (older); no run goes on",
        ("inside",),
        "instance-id-differs",
        'keep "$CONF"; sed -i "s/^\\(.dolibarr_main_instance_unique_id = \'\\).*/\\1another\';/" "$CONF"; reload_php',
        'back "$CONF"; reload_php',
    ),
    Fault(
        "documents-lost",
        "documents replaced by an empty mount",
        "documents are gone; the application goes on in the empty folder",
        ("inside",),
        "documents-lost",
        'mount -t tmpfs -o size=8M t "$DOCUMENTS"; chown "$SITE:$SITE" "$DOCUMENTS"',
        'umount -l "$DOCUMENTS"',
    ),
    Fault(
        "documents-shut",
        "documents given to another user (`chown -R`)",
        "pages open; what people save is lost",
        ("inside",),
        "documents-shut",
        'chown -R root:root "$DOCUMENTS/societe"',
        'chown -R "$SITE:$SITE" "$DOCUMENTS/societe"',
    ),
    Fault(
        "release-changed",
        "code of the site changed by hand",
        "nothing, until the next release comes without the change",
        ("inside",),
        "release-changed",
        'keep "$ROOT/index.php"; echo "// by hand" >> "$ROOT/index.php"; reload_php',
        'back "$ROOT/index.php"; reload_php',
    ),
    Fault(
        "database-of-another",
        "database of another site",
        "another site's data",
        ("inside",),
        "other-site",
        "mariadb \"${SITE//-/_}\" -e \"UPDATE llx_const SET value = 'another' WHERE name = 'MICLINIK_SITE_SIGN'\"",
        "ctl identity replace",
        engines=("mariadb",),
    ),
]
