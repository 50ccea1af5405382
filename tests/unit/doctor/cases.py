# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evidence of a healthy site, to be made ill by single strokes."""

from __future__ import annotations

from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

RIGHTS = ["societe.lire", "produit.lire"]
SETTINGS: dict[str, Any] = {
    "name": "norte",
    "domain": "norte.example.org",
    "source": {"type": "sandbox"},
    "modules": ["societe", "product"],
    "tls": {"mode": "provided", "certificate": "/c.pem", "key": "/k.pem"},
    "api": {"users": [{"login": "integration", "rights": RIGHTS}]},
}
HOME = "/srv/miclinik/norte"


def promised(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (any setting)
    """The site as the doctor is told of it."""
    return doctor_sites.plan(sites.plan([SETTINGS | changes]))[0]


def _file(path: str, **changes: object) -> dict[str, Any]:
    there = {"path": path, "there": True, "kind": "file", "owner": "norte", "group": "norte", "mode": "0700"}
    return there | {"usable": True} | changes


def _unit(name: str) -> dict[str, Any]:
    known = {"there": True, "active": True, "state": "active (running)", "result": "success", "enabled": True}
    return known | {"name": name, "loaded": 1000.0, "log": []}


def _disk(path: str) -> dict[str, Any]:
    return {
        "path": path,
        "free_mb": 5000,
        "size_mb": 9000,
        "free_inodes": 90000,
        "inodes": 99999,
        "read_only": False,
    }


def host() -> dict[str, Any]:
    """The host's part of the evidence."""
    return {
        "time": 2000.0,
        "units": {"web": _unit("nginx"), "database": _unit("mariadb")},
        "addresses": ["192.0.2.10"],
        "loopback_up": True,
        "database_disk": _disk("/var/lib/mysql"),
        "log_disk": _disk("/var/log/nginx"),
    }


def here() -> dict[str, Any]:
    """The site's part of the evidence."""
    ini = {"cgi.fix_pathinfo": "1", "output_buffering": "4096"}
    return {
        "units": {"php": _unit("miclinik-php@norte")},
        "php": {
            "pools": {f"norte-{role}": {"user": "norte", "listen": "", "ini": dict(ini)} for role in layout.POOLS},
            "settings": {"cgi.fix_pathinfo": "On", "open_basedir": ""},
            "extensions": ["curl", "gd", "intl", "mbstring", "mysqli", "xml", "zip"],
            "problem": "",
        },
        "sockets": dict.fromkeys(layout.POOLS, ""),
        "pages": "",
        "strangers": dict.fromkeys(layout.POOLS, ""),
        "disk": _disk(f"{HOME}/documents"),
        "usage": {},
        "newest_code": {"path": f"{HOME}/current", "time": 900.0},
        "hosts_file": [],
        "missing_programs": [],
        "custom": {"there": [], "broken": {}, "missing": []},
        "resolved": [],
        "certificate": {"names": ["norte.example.org"], "days_left": 60, "self_signed": False},
        "routes": {"there": True, "missing": [], "path": f"{HOME}/documents/api/temp/routes.php"},
        "application": {
            "status": {
                "version": "22.0.4",
                "conf": {"problem": None},
                "database": {"reachable": True, "engine": "mysqli", "problem": None, "read_only": None},
                "schema": {"state": "installed", "reasons": [], "version": "22.0.4"},
                "install_lock": "0440",
                "instance_unique_id": True,
                "identity": "ours",
                "modules": ["api", "product", "societe", "user"],
                "upgrade_pending": False,
            },
            "constants": {
                "API_PRODUCTION_MODE": "1",
                "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE": "1",
                "API_EXPLORER_DISABLED": "0",
                "API_DISABLE_LOGIN_API": "0",
                "API_ENABLE_LOGIN_API": "1",
                "MAIN_MODULE_API_LOGIN_DISABLED": None,
            },
            "users": {
                "integration": {"there": True, "enabled": True, "rights": list(RIGHTS), "key": True, "differs": []}
                | {"admin": False, "third_party": None, "outside": "", "groups": [], "entity": 1}
            },
            "left": {"users": [], "modules": []},
            "problem": "",
        },
        "identity": {
            "secrets": "whole",
            "recorded": True,
            "database": {"host": "localhost", "name": "norte"},
            "losses": [],
        },
        "places": [],
        "release": "22.0.4-0123456789ab",
        "release_files": {
            "listed": True,
            "added": [],
            "missing": [],
            "changed": {},
            "loose": [],
            "counts": {"added": 0, "missing": 0, "changed": 0, "loose": 0},
        },
        "loopback": "200 application/json",
        "user": True,
        "files": {
            "conf": _file(f"{HOME}/conf.php"),
            "linked_conf": _file(f"{HOME}/current/htdocs/conf/conf.php"),
            "code": _file(f"{HOME}/current/htdocs/filefunc.inc.php"),
            "documents": _file(f"{HOME}/documents", kind="folder"),
            "api_temp": _file(f"{HOME}/documents/api/temp", kind="folder"),
            "sessions": _file(f"{HOME}/sessions", kind="folder"),
            "install_lock": _file(f"{HOME}/documents/install.lock"),
        },
        "url_root": "https://norte.example.org",
        "version": "22.0.4",
        "vhost": {"found": True, "location": "", "socket": "", "allow": [], "problems": []},
    }


def failed(check: str, symptom: str = "", seen: str = "something else") -> Result:
    """A smoke check that failed."""
    return Result("norte", check, "about", False, 5, seen, "what is right", "do it", symptom)


def case(*results: Result, site: dict[str, Any] | None = None, **controller: Any) -> Case:  # noqa: ANN401
    """A healthy site, but for these results."""
    return Case(
        site or promised(), results, host(), here(), {"offset": 0.0, "by_name": False, "resolved": []} | controller
    )


def stroke(case: Case, path: str, value: object) -> Case:
    """Change one value of the evidence, `host:units.web.active` or `here:url_root`; `\\` before a dot keeps it."""
    part, _, way = path.partition(":")
    names = [name.replace("\0", ".") for name in way.replace("\\.", "\0").split(".")]
    place: Any = case.host if part == "host" else case.here
    for name in names[:-1]:
        place = place[name]
    place[names[-1]] = value
    return case
