# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which server holds a site's database, and who gets in, as its conf.php says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine, EngineError, Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.mariadb import MariaDB
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.postgresql import PostgreSQL

#: What conf.php tells libpq, see the template application/conf.php.j2.
_PUTENV = re.compile(r"^putenv\('(PG\w+)=((?:[^'\\]|\\.)*)'\);", re.MULTILINE)
_ENCRYPTED = "ssl://"


def of(places: Places) -> Engine:
    """Return the server of the site. Raises EngineError where its conf.php does not say which."""
    conf = identity.conf_values(places.conf)
    missing = [name for name in ("db_type", "db_host", "db_name", "db_user") if not conf.get(name)]
    if missing:
        raise EngineError(f"{places.conf} does not say {', '.join(missing)}: run site.yml")
    kind = connections.ENGINES.get(conf["db_type"], "")
    host = conf["db_host"].removeprefix(_ENCRYPTED).strip("[]")
    login = Login(
        database=conf["db_name"],
        user=conf["db_user"],
        host="" if host == "localhost" or host.startswith("/") else host,
        port=conf.get("db_port", ""),
        password=conf.get("db_pass", ""),
        encrypted=conf["db_host"].startswith(_ENCRYPTED),
        environment=dict(_PUTENV.findall(places.conf.read_text(encoding="utf-8"))),
    )
    if not kind:
        raise EngineError(f"{places.conf} says db_type {json.dumps(conf['db_type'])}, which is not known here")
    return at(kind, login, places.work)


def at(kind: str, login: Login, work: Path) -> Engine:
    """Return the server of this ``kind`` that ``login`` leads to; ``work`` is a folder of root's."""
    return MariaDB(login, work) if kind == connections.MARIADB else PostgreSQL(login)
