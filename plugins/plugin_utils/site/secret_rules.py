# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The least that a declared secret has to be, and what the application does not survive. No value is ever repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

# Dolibarr 16 and 22 refuse a user with a shorter one, as installed.
MIN_PASSWORD = 12
# What the application's hash looks at (bcrypt).
MAX_PASSWORD_BYTES = 72
# Encrypted, the column holds no longer ones; these characters survive a header, a query string and the API's own
# filters. The bridge takes 16, since it meets keys that others have made.
KEY = re.compile(r"[A-Za-z0-9_.-]{20,64}")
# The application's own are 32 hexadecimal digits or more.
_IDENTITY = re.compile(r"[\x21-\x7e]{16,255}")
# The application would decrypt the rest of it (filefunc.inc.php, 16 to 24).
_ENCRYPTED = re.compile(r"(dol)?crypt(ed)?:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_FEWEST_CHARACTERS = 6

_WELL_KNOWN = """
password passwd passwort contrasena motdepasse clave changeme changeit change letmein welcome secret qwerty qwertyuiop
asdfgh asdfghjkl abc abcdef admin administrator root user login test demo example default dolibarr miclinik erp crm api
apikey key token the please not secure
"""
_SEQUENCES = (
    "01234567890123456789" * 4,
    "98765432109876543210" * 4,
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789abcdef" * 4,
)
_LOOKALIKES = str.maketrans("@4301$5!7", "aaeoissit")
_OTHERWISE = "Leave it out to have one generated, or write"
_ASK_FOR = "Have another one set on the server, and write"
_GUESSED = "is easily guessed"


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the secrets of a site; the types of its keys were checked before."""
    names = [entry["name"], *entry["domain"].split(".")]
    admin = entry.get("admin") or {}
    login = admin.get("login") or "admin"
    yield from _password("admin.password", admin.get("password"), [login, *names])
    yield from _users((entry.get("api") or {}).get("users") or [], names)
    for index, user in enumerate(entry.get("users") or []):
        yield from _password(f"users[{index}].password", user.get("password"), [user["login"], *names])
    yield from _database(entry.get("database") or {}, names)
    identity = entry.get("instance_unique_id")
    if identity is not None and not _IDENTITY.fullmatch(identity):
        seen = "is not of 16 to 255 printable characters without a blank, and every stored key is encrypted with it"
        yield "instance_unique_id", seen, "Leave it out to have one made, or write the one of the site's own conf.php"


def _users(users: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Iterator[Rest]:
    keys: dict[str, str] = {}
    for index, user in enumerate(users):
        path = f"api.users[{index}]"
        own = [user["login"], *names]
        yield from _password(f"{path}.password", user.get("password"), own)
        key = user.get("key")
        if key is None:
            continue
        if not KEY.fullmatch(key):
            yield f"{path}.key", "is not of 20 to 64 letters, digits, _, . and -", f"{_OTHERWISE} such a one"
        elif _is_guessable(key, own):
            yield f"{path}.key", _GUESSED, f"{_OTHERWISE} one made at random"
        # In the column of 15 and 16, where keys lie in clear, upper and lower case are the same.
        if key.lower() in keys:
            yield f"{path}.key", f"is that of {keys[key.lower()]} as well", "Give each user a key of its own"
        keys.setdefault(key.lower(), path)


def _password(key: str, password: str | None, names: Sequence[str]) -> Iterator[Rest]:
    """Yield what is wrong with the password of a user of the application, whose login is the first of ``names``."""
    if password is None:
        return
    if len(password) < MIN_PASSWORD or password == names[0]:
        yield key, f"is shorter than {MIN_PASSWORD} characters or the login itself", f"{_OTHERWISE} a longer one"
    elif len(password.encode(errors="replace")) > MAX_PASSWORD_BYTES:
        yield (
            key,
            f"is longer than {MAX_PASSWORD_BYTES} bytes, and the application looks at no more",
            "Write a shorter one",
        )
    else:
        yield from _text(key, password, names)


def _database(database: Mapping[str, Any], names: Sequence[str]) -> Iterator[Rest]:
    password = database.get("password")
    if password is None:
        return
    key = "database.password"
    own = _is_own(database)
    if not password or (own and len(password) < MIN_PASSWORD):
        least = f"is shorter than {MIN_PASSWORD} characters" if own else "is empty"
        yield key, least, f"{_OTHERWISE if own else _ASK_FOR} a longer one"
    elif _ENCRYPTED.search(password):
        seen = "holds crypted: or dolcrypt:, by which the application knows encrypted ones"
        yield key, seen, f"{_OTHERWISE if own else _ASK_FOR} another"
    else:
        yield from _text(key, password, _around(database, names)) if own else _unfit(key, password)


def _is_own(database: Mapping[str, Any]) -> bool:
    """Return whether we make the database's user; on a server of others somebody else has set the password."""
    return (database.get("host") or "localhost") == "localhost"


def _around(database: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    return [database.get("user") or "", database.get("name") or "", *names]


def weak(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a caution for every weak password that the operator may not be able to choose: the site works with it."""
    found = []
    for entry in entries:
        database = entry.get("database") or {}
        password = database.get("password") or ""
        if not password or _is_own(database):
            continue
        if len(password) < MIN_PASSWORD:
            seen = f"is shorter than {MIN_PASSWORD} characters"
        elif _is_guessable(password, _around(database, [entry["name"], *entry["domain"].split(".")])):
            seen = _GUESSED
        else:
            continue
        found.append(f"site '{entry['name']}': database.password: {seen}. {_ASK_FOR} a better one.")
    return found


def _text(key: str, password: str, names: Sequence[str]) -> Iterator[Rest]:
    unfit = list(_unfit(key, password))
    yield from unfit
    if not unfit and _is_guessable(password, names):
        yield key, _GUESSED, f"{_OTHERWISE} another one"


def _unfit(key: str, password: str) -> Iterator[Rest]:
    """Yield why the application cannot work with ``password``, however strong it is."""
    if password != password.strip():
        yield key, "begins or ends with a blank, which the application cuts off", "Write one without"
    elif _CONTROL.search(password):
        yield key, "holds a line break or another control character", "Write one without"
    elif not _is_utf8(password):
        yield key, "is not UTF-8", "Write another one"


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_guessable(secret: str, names: Sequence[str]) -> bool:
    """Return whether ``secret`` is made of well-known words, of ``names``, or of hardly any characters."""
    plain = secret.lower()
    if len(set(plain)) < _FEWEST_CHARACTERS or any(plain in sequence for sequence in _SEQUENCES):
        return True
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain).translate(_LOOKALIKES)
    words = {re.sub(r"[\W\d_]+", "", word.lower()) for word in (*_WELL_KNOWN.split(), *names)} - {""}
    letters = re.sub(r"[\W\d_]+", "", core)
    longest_first = sorted(words, key=len, reverse=True)
    return bool(letters) and re.fullmatch(f"({'|'.join(map(re.escape, longest_first))})+", letters) is not None


def shared(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a caution for every secret that two sites have: whoever learns it from the one gets into the other."""
    owners: dict[object, tuple[str, str]] = {}
    found = []
    for site, parts in declared.secrets(entries).items():
        for name, value in declared.leaves(
            {key: parts["stored"][key] for key in parts["stored"] if key not in declared.NAMED}
        ):
            if name.startswith("webhooks.") and name.endswith(".endpoint"):
                continue  # one receiver may be told by many
            other = owners.setdefault(value, (site, name))
            if other[0] != site:
                found.append(
                    f"site '{site}': {name} is the {other[1]} of site '{other[0]}' as well: whoever learns it there "
                    "gets in here. Give each site its own."
                )
    return found
