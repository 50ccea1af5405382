# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What PHP-FPM would load now: its pools, their settings, its extensions. Runs on the host and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Settings on which the application depends, and one that it suffers from.
SETTINGS = ("cgi.fix_pathinfo", "output_buffering", "open_basedir", "memory_limit", "auto_prepend_file")
#: As it writes into a file, or with a log that is syslog's.
_NOTICE = re.compile(r"^(?:\[\d[^\]]*\] )?\[?(?P<level>NOTICE|WARNING|ERROR|ALERT)[\]:] ?\s*(?P<text>.*)$")
_INI = re.compile(r"^php_(?:admin_)?(?:value|flag)\[(?P<name>[\w.]+)\] = (?P<value>.*)$")


def look(version: str, sites: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """By site: ``pools`` by name (``user``, ``listen``, ``ini``), ``settings`` of php.ini, ``extensions``, ``problem``.

    The last is what PHP-FPM says against its configuration.
    """
    program = ("env", f"PHP_INI_SCAN_DIR=:{layout.PHP_SETTINGS}", f"php-fpm{version}")
    common = {"settings": parse_settings(run(*program, "-i")), "extensions": parse_extensions(run(*program, "-m"))}
    found = {}
    for site in sites:
        pools, problem = parse_pools(run(*program, "-tt", "-y", site["fpm_config"]))
        found[site["name"]] = {"pools": pools, "problem": problem} | common
    return found


def parse_pools(text: str) -> tuple[dict[str, dict[str, Any]], str]:
    """Pools that ``php-fpm -tt`` lists, and what it complains of; it lists none when the configuration is broken."""
    pools: dict[str, dict[str, Any]] = {}
    current: dict[str, Any] = {}
    problem = "" if text else "php-fpm is not there, or gave no answer"
    for line in text.splitlines():
        found = _NOTICE.match(line)
        words = found["text"].strip() if found else ""
        if found and found["level"] in ("ERROR", "ALERT"):
            problem = problem or words
        elif words.startswith("[") and words.endswith("]"):
            current = {"ini": {}}
            if words != "[global]":
                pools[words[1:-1]] = current
        elif ini := _INI.match(words):
            current["ini"][ini["name"]] = ini["value"].strip('"')
        elif words.startswith(("user = ", "listen = ")):
            name, _, value = words.partition(" = ")
            current[name] = value
    return pools, problem


def parse_settings(text: str) -> dict[str, str]:
    """Values of SETTINGS as ``php-fpm -i`` prints them: name => local => master."""
    found = {}
    for line in text.splitlines():
        name, arrow, rest = line.partition(" => ")
        if arrow and name in SETTINGS:
            value = rest.partition(" => ")[0]
            found[name] = "" if value == "no value" else value
    return found


def parse_extensions(text: str) -> list[str]:
    """Names, in lower case, that ``php-fpm -m`` lists."""
    return sorted({line.strip().lower() for line in text.splitlines() if line.strip() and not line.startswith("[")})


def effective(php: dict[str, Any], pool: str, name: str) -> str | None:
    """The value that a pool has for a setting: its own, else php.ini's; None when neither is known."""
    own = php["pools"].get(pool, {}).get("ini", {})
    value = own.get(name, php["settings"].get(name))
    return None if value is None else {"on": "1", "off": "0"}.get(str(value).lower(), str(value))
