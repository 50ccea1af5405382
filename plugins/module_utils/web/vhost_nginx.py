# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with an Nginx vhost for the application's API: shapes that were measured to break Dolibarr 22.0.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web import nginx_config, vhost
from ansible_collections.miclinik.hosting.plugins.module_utils.web.nginx_config import Directive, Route
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Run

_CALLED = f"{vhost.API}/status"


def shapes(sites: Sequence[Mapping[str, Any]], run: Run) -> dict[str, Any]:
    """Say of each site, by its name, what Nginx does with it: ``run`` has it tell its configuration."""
    dump = run("nginx", "-T")
    try:
        tree = nginx_config.load(dump)
    except ValueError as error:
        return {
            site["name"]: {"found": False, "problems": [{"id": "unreadable", "detail": str(error)}]} for site in sites
        }
    if not tree:
        lines = [line for line in dump.splitlines() if "[emerg]" in line] or ["nginx -T gave no configuration"]
        return {site["name"]: {"found": False, "problems": [{"id": "broken", "detail": lines[0]}]} for site in sites}
    return {site["name"]: shape(tree, site) for site in sites}


def shape(configuration: Sequence[Directive], site: Mapping[str, Any]) -> dict[str, Any]:
    """Say what Nginx does with the API's paths of a site.

    ``found`` is whether there is a vhost for the domain; ``location`` the one chosen; ``socket`` what it passes to;
    ``allow`` the addresses let in, empty for all; ``problems`` a list of ``{id, detail}``, the worst first.
    """
    servers = nginx_config.servers(configuration, site["host"], site["listen"])
    if not servers:
        detail = f"no server block has server_name {site['host']} and port {site['listen']}"
        return _shape(False, "", "", [], [("no-vhost", detail)])
    route = nginx_config.route(servers[0], site["prefix"] + _CALLED)
    place = " > ".join(f"location {path}" for path in route.path) or "no location at all"
    allowed = [words[0] for words in route.all("allow")] if ["all"] in route.all("deny") else []
    socket = "".join(route.last("fastcgi_pass") or route.last("proxy_pass"))
    return _shape(True, place, socket, allowed, _problems(route, place, bool(socket)))


def _shape(
    found: bool, location: str, socket: str, allow: list[str], problems: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    return {
        "found": found,
        "location": location,
        "socket": socket,
        "allow": allow,
        "problems": [{"id": name, "detail": detail} for name, detail in problems],
    }


def _problems(route: Route, place: str, passed: bool) -> list[tuple[str, str]]:
    tried = route.last("try_files")
    if not passed:
        if tried and vhost.INDEX in tried[-1]:
            return [("fallback", f"{place} takes {_CALLED} and ends in try_files {' '.join(tried)}")]
        return [("php-location", f"{place} takes {_CALLED} and hands it to no PHP")]
    return [*_path_info(route, place, tried), *_headers(route, place)]


def _path_info(route: Route, place: str, tried: Sequence[str]) -> list[tuple[str, str]]:
    if tried and tried[0] in ("$uri", "$request_uri", "$document_uri"):
        return [("try-files", f"{place} has try_files {' '.join(tried)}, and no file is called index.php/status")]
    sent = route.parameters().get("PATH_INFO", "")
    if not sent:
        return [("path-info", f"{place} has no fastcgi_param PATH_INFO")]
    if sent == "$fastcgi_path_info":
        if not route.last("fastcgi_split_path_info"):
            return [("path-info", f"{place} sends $fastcgi_path_info without fastcgi_split_path_info: it is empty")]
        if tried and tried[0] == "$fastcgi_script_name":
            return [
                ("path-info-reset", f"{place} has try_files $fastcgi_script_name, which empties $fastcgi_path_info")
            ]
    return []


def _headers(route: Route, place: str) -> list[tuple[str, str]]:
    """Headers of the caller's that do not get through."""
    lost = []
    blanked = {name for name, value in route.parameters().items() if not value}
    dropped = {words[0].lower() for words in route.all("proxy_set_header") if words and words[1:2] in ([], [""])}
    for header, name in vhost.KEYS.items():
        if f"HTTP_{header.upper()}" in blanked or header.lower() in dropped:
            lost.append((name, f"{place} empties the header {header}"))
    return lost
