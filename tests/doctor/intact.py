# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody may lose by a mend: rows, documents, keys. Read on the host, as its administrator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .lab import Lab

_LOOK = r"""
import hashlib, json, os, subprocess, sys
name, engine, documents, state = sys.argv[1:5]
def ask(query):
    words = (["mariadb", "--no-defaults", "-BN", "-e", query, name] if engine == "mariadb" else
             ["runuser", "-u", "postgres", "--", "psql", "-X", "-At", "-F", "\t", "-d", name, "-c", query])
    done = subprocess.run(words, capture_output=True, text=True, timeout=15)
    return done.stdout if done.returncode == 0 else None
def rows():
    schema = "database()" if engine == "mariadb" else "'public'"
    tables = ask("SELECT table_name FROM information_schema.tables WHERE table_type='BASE TABLE' AND table_schema=" + schema)
    if not tables: return None
    quote = "`" if engine == "mariadb" else '"'
    text = ask(" UNION ALL ".join(f"SELECT '{t}', COUNT(*) FROM {quote}{t}{quote}" for t in tables.split()))
    return {t: int(n) for t, n in (line.split("\t") for line in (text or "").splitlines())} or None
def keys():
    text = ask("SELECT login, api_key, pass_crypted, entity FROM llx_user ORDER BY login")
    return None if text is None else {line.split("\t")[0]: hashlib.sha256(line.encode()).hexdigest() for line in text.splitlines()}
def files(top, inside=lambda path: True):
    found = {}
    for folder, below, names in os.walk(top):
        for file in names:
            path = os.path.join(folder, file)
            if inside(path) and os.path.isfile(path):
                found[os.path.relpath(path, top)] = hashlib.sha256(open(path, "rb").read()).hexdigest()
    return found
def guarded(ask):
    try: return ask()
    except Exception: return None
moving = ("/temp/", ".log", "/api/temp", "route")
json.dump({"rows": guarded(rows), "keys": guarded(keys),
  "documents": guarded(lambda: files(documents, lambda path: not any(word in path for word in moving))),
  "secrets": guarded(lambda: files(state, lambda path: path.endswith(("secrets.json", ".pem"))))}, sys.stdout)
"""

#: By part and name, a count or a digest; a part that could not be read is None.
Kept = Mapping[str, Any]
_NAMED = {"rows": "rows of {}", "keys": "account {}", "documents": "document {}", "secrets": "secret {}"}


def look(lab: Lab) -> Kept:
    """What there is now."""
    site = lab.bench.site
    words = f"python3 - {site['database']['name']} {lab.engine} {site['documents']} {site['state']}"
    text = lab.run_inside(words, _LOOK, 60.0).stdout
    found: Kept = json.loads(text) if text else dict.fromkeys(_NAMED)
    return found


def lost(before: Kept, after: Kept) -> list[str]:
    """What was there before and is less, gone, or another after; nothing of a part that could not be read."""
    found = []
    for part, label in _NAMED.items():
        was, now = before[part], after[part]
        if was is None or now is None:
            continue
        for name, value in was.items():
            less = now.get(name, 0) < value if part == "rows" else now.get(name) != value
            if less and not (part == "rows" and name.startswith("llx_sess")):
                found.append(label.format(name))
    return found
