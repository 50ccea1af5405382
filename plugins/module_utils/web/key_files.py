# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a web server's files say of a site's API keys: those it knows, and those it puts another one in place of.

The application has one key for a user. While a new one takes over, the old one goes on for a while: the web server
knows it, and hands PHP the new key in its place.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry, host_token

#: What can stand in the files of both servers as it is. Whoever has another key is served with the unknown ones.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/=-]*")
#: Words of Nginx's own in a map: https://nginx.org/en/docs/http/ngx_http_map_module.html
_WORDS = frozenset({"default", "hostnames", "include", "volatile"})
#: What is longer does not fit into Nginx's tables of words as they are (map_hash_bucket_size 64), and has to be an
#: expression there, which is in none. To make them larger is up to whoever else the server works for.
_LONGEST = 46


def _quoted(key: str) -> str:
    return re.sub("[^A-Za-z0-9_-]", lambda found: f"\\x{ord(found[0]):02x}", key)


def fits(key: str) -> bool:
    """Return whether the files of a web server can hold ``key``."""
    return bool(_PLAIN.fullmatch(key)) and key not in _WORDS


def known(record: Mapping[str, Any]) -> list[str]:
    """Return the keys of the users of ``record``, a site's secrets."""
    keys = {str(user.get("key") or "") for user in record.get("users", {}).values() if not expiry.is_over(user)}
    return sorted(key for key in keys if fits(key))


def former(record: Mapping[str, Any], now: float | None = None) -> dict[str, str]:
    """Return the former keys that are still good, each with the key that PHP is given in its place."""
    now = time.time() if now is None else now
    current = known(record)
    return {
        entry["key"]: user["key"]
        for _, user in sorted(record.get("users", {}).items())
        for entry in user.get("former") or []
        if entry["until"] > now and fits(entry["key"]) and entry["key"] not in current and user.get("key") in current
    }


def drop_ended(record: Mapping[str, Any], now: float | None = None) -> list[str]:
    """Take former keys whose time is over out of ``record``; return the logins that had one."""
    now = time.time() if now is None else now
    ended = []
    for login, user in sorted(record.get("users", {}).items()):
        kept = [entry for entry in user.get("former") or [] if entry["until"] > now]
        if len(kept) < len(user.get("former") or []):
            ended.append(login)
            user["former"] = kept
        if user.get("former") == []:
            del user["former"]
    return ended


def nginx_pools(record: Mapping[str, Any], pool: str, held: str = "") -> str:
    """Return the lines of a map from a key to the socket that gets its calls; ``held`` is for those of former keys."""
    lines = [(key, pool) for key in known(record)] + [(key, held or pool) for key in former(record)]
    return "".join(f'"{_word(key)}" unix:{socket};\n' for key, socket in lines)


def nginx_former(record: Mapping[str, Any], site: str) -> str:
    """Return the lines of a map from the name of ``site`` and a former key to the one that PHP is given."""
    return "".join(f'"{_word(f"{site} {key}")}" "{new}";\n' for key, new in former(record).items())


def nginx_token(record: Mapping[str, Any]) -> str:
    """Return the line of a map from the address and token of a caller by which root on the host itself gets through."""
    token = str(record.get(host_token.NAME) or "")
    return f'"{_word(f"{host_token.LOOPBACK} {token}", always=True)}" "";\n' if token else ""


def _word(text: str, *, always: bool = False) -> str:
    """Return ``text`` as Nginx's maps look for it; as an expression where it is long, or ``always``."""
    return f"~^{_quoted(text)}$" if always or len(text) > _LONGEST else text


def apache(record: Mapping[str, Any], *, held: bool = False) -> str:
    """Return directives that set MICLINIK_KEY for known keys, and MICLINIK_FORMER to the key that PHP is given.

    MICLINIK_HOST is set for root on the host itself.
    """
    return "".join(f"{line}\n" for line in _apache(record, held=held))


def _apache(record: Mapping[str, Any], *, held: bool) -> Iterator[str]:
    if token := record.get(host_token.NAME):
        yield f'SetEnvIf {host_token.HEADER} "^{_quoted(token)}$" MICLINIK_HOST=1'
    keys = "|".join(_quoted(key) for key in known(record))
    if keys:
        yield f'SetEnvIf DOLAPIKEY "^(?:{keys})$" MICLINIK_KEY=1'
        yield f'SetEnvIf Authorization "^[Bb][Ee][Aa][Rr][Ee][Rr] +(?:{keys})$" MICLINIK_KEY=1'
        yield f'SetEnvIfExpr "%{{QUERY_STRING}} =~ m#(?:^|&)(?:DOLAPIKEY|api_key)=(?:{keys})(?:&|$)#" MICLINIK_KEY=1'
    for key, new in former(record).items():
        old, then = _quoted(key), f"MICLINIK_KEY={'held' if held else '1'} MICLINIK_FORMER={new}"
        no_header = "-z %{HTTP:DOLAPIKEY}"
        yield f'SetEnvIf DOLAPIKEY "^{old}$" {then}'
        # In the order in which the application looks: a good header is not to be replaced for the sake of a query.
        yield f'SetEnvIfExpr "{no_header} && %{{QUERY_STRING}} =~ m#(?:^|&)(?:DOLAPIKEY|api_key)={old}(?:&|$)#" {then}'
        yield (
            f'SetEnvIfExpr "{no_header} && !(%{{QUERY_STRING}} =~ m#(?:^|&)(?:DOLAPIKEY|api_key)=.#)'
            f' && %{{HTTP:Authorization}} =~ m#^[Bb][Ee][Aa][Rr][Ee][Rr] +{old}$#" {then}'
        )
