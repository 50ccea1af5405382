# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of the application: modules, settings, users, keys, rights, its configuration and folders."""

from __future__ import annotations

import json

from .bench import Bench
from .fault import Fault, Script

_UNDO_CONF = 'back "$CONF"; reload_php'
_RECORD = (
    'python3 -c \'import json, sys; user = json.load(open(f"/etc/miclinik/{sys.argv[1]}/secrets.json"))["users"]'
    '[sys.argv[2]]; print(json.dumps({"enabled": True, "key": user["key"]}))\' "$SITE" "$LOGIN"'
)
_UNDO_USER = f'{_RECORD} | ctl --stdin user ensure "$LOGIN"'


def _constant(name: str, value: str, before: str = "") -> tuple[str, str]:
    """Scripts that set a constant, and set it back."""
    undo = f"ctl constant set {name} '{before}'" if before else f"ctl constant unset {name}"
    return f"ctl constant set {name} '{value}'", undo


def _rights(without: str) -> Script:
    def script(bench: Bench) -> str:
        wanted = [
            right for right in bench.site["api"]["users"][0]["rights"] if not without or not right.startswith(without)
        ]
        return f"ctl --stdin rights ensure \"$LOGIN\" <<'END'\n{json.dumps({'rights': wanted})}\nEND"

    return script


SETTINGS = [
    Fault(
        "api-module-off",
        "API module off",
        "200 with a sentence of the application for every call",
        ("api", "login", "status", "explorer", "operations"),
        "api-module-off",
        "ctl module disable api",
        # The real application forgets the module's own settings with it.
        "ctl module enable api; ctl constant set API_PRODUCTION_MODE 1;"
        " ctl constant set API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE 1; routes",
    ),
    Fault(
        "module-off",
        "a module that was asked for is off",
        "401 or 403 for its endpoints, and none of them in the explorer",
        ("reads", "operations"),
        "module-off",
        "ctl module disable facture; routes",
        "ctl module enable facture; routes",
    ),
    Fault(
        "explorer-off",
        "explorer switched off",
        "200 with a sentence of the application",
        ("explorer", "operations"),
        "explorer-off",
        *_constant("API_EXPLORER_DISABLED", "1", "0"),
    ),
    Fault(
        "login-off",
        "login endpoint switched off",
        "403 for every login",
        ("login",),
        "login-off",
        # The first up to version 23, the second from 24 on; each ignores the other.
        "ctl constant set API_DISABLE_LOGIN_API 1; ctl constant set API_ENABLE_LOGIN_API 0",
        "ctl constant set API_DISABLE_LOGIN_API 0; ctl constant set API_ENABLE_LOGIN_API 1",
    ),
    Fault(
        "endpoint-rules",
        "endpoint rules that hide what was asked for",
        "501 for endpoints that the explorer lists",
        ("reads",),
        "endpoint-rules",
        *_constant("API_ENDPOINT_RULES", "login:1,status:1,products:1"),
    ),
    Fault(
        "addresses-application",
        "addresses allowed by the application exclude the caller",
        "503 with a sentence of the application",
        ("api", "login", "status"),
        "address-rule",
        *_constant("API_RESTRICT_ON_IP", "192.0.2.1"),
    ),
    Fault(
        "production-off",
        "production mode of the API off",
        "errors that show the application's inner workings, and a slower API",
        ("inside",),
        "production-off",
        "ctl constant unset API_PRODUCTION_MODE",
        "ctl constant set API_PRODUCTION_MODE 1; routes",
    ),
    Fault(
        "entity-switch",
        "a switch of the API that holds for one entity only",
        "errors that show the application's inner workings to callers who name another entity",
        ("entities",),
        "entity-switch",
        "ctl --entity 0 constant unset API_PRODUCTION_MODE",
        "ctl constant set API_PRODUCTION_MODE 1; routes",
    ),
    Fault(
        "maintenance",
        "maintenance mode",
        "the login page refuses everybody but one; the API goes on",
        ("status",),
        "maintenance",
        *_constant("MAIN_ONLY_LOGIN_ALLOWED", "admin"),
    ),
]

USERS = [
    Fault(
        "key-revoked",
        "key revoked",
        "401 with a key that was right",
        ("login", "status", "reads", "operations"),
        "key-revoked",
        'miclinik-bridge --site "$SITE" key rotate "$LOGIN"',
        _UNDO_USER,
    ),
    Fault(
        "user-disabled",
        "user disabled",
        "403 for the login; 401 with the key (20 and 22), 200 (15 and 16)",
        ("login",),
        "user-disabled",
        'echo \'{"enabled": false}\' | ctl --stdin user ensure "$LOGIN"',
        _UNDO_USER,
    ),
    Fault(
        "right-missing",
        "right missing",
        "403 (22) or 401 (16) for some endpoints",
        ("reads",),
        "right-missing",
        _rights("produit."),
        _rights(""),
    ),
]

FILES = [
    Fault(
        "api-temp-missing",
        "`documents/api/temp` missing",
        "the explorer lists nothing; with API_PRODUCTION_MODE right answers come as 500",
        ("inside",),
        "api-temp",
        # The application makes it again where it can, and where it can there is no fault.
        'away "$DOCUMENTS/api/temp"; chown root:root "$DOCUMENTS/api"; chmod 0755 "$DOCUMENTS/api"',
        'back "$DOCUMENTS/api/temp"; chown "$SITE:$SITE" "$DOCUMENTS/api"; chmod 0700 "$DOCUMENTS/api"',
    ),
    Fault(
        "api-temp-shut",
        "`documents/api/temp` not writable",
        "the explorer lists nothing; with API_PRODUCTION_MODE right answers come as 500",
        ("inside",),
        "api-temp",
        'chown root:root "$DOCUMENTS/api/temp"; chmod 0755 "$DOCUMENTS/api/temp"',
        'chown "$SITE:$SITE" "$DOCUMENTS/api/temp"; chmod 0700 "$DOCUMENTS/api/temp"',
    ),
    Fault(
        "route-cache",
        "stale route cache",
        "404 for endpoints of a module that is on, until somebody opens the explorer",
        ("reads",),
        "route-cache",
        'sed -i "s/\'products/\'gone-products/g" "$DOCUMENTS/api/temp/routes.php"; reload_php',
        'rm -f "$DOCUMENTS/api/temp/routes.php"; reload_php; routes',
        heals=True,
    ),
    Fault(
        "conf-missing",
        "`conf.php` missing",
        "a redirect to the installer, then 404",
        ("web", "api", "login", "status"),
        "conf-missing",
        'away "$CONF"; reload_php',
        _UNDO_CONF,
    ),
    Fault(
        "conf-unreadable",
        "`conf.php` unreadable",
        "a redirect to the installer, then 404",
        ("web", "api", "login", "status"),
        "conf-unreadable",
        'keep "$CONF"; chown root:root "$CONF"; reload_php',
        _UNDO_CONF,
    ),
    *(
        Fault(
            f"url-root-{name}",
            f"wrong URL root: {what}",
            "the explorer leads elsewhere, or calls nothing",
            red,
            "url-root",
            f'keep "$CONF"; sed -i "s|^\\(.dolibarr_main_url_root = \\).*|\\1\'{value}\';|" "$CONF"; reload_php',
            _UNDO_CONF,
        )
        for name, what, value, red in (
            ("scheme", "no scheme", "$DOMAIN", ("explorer",)),
            ("host", "wrong host", "https://other.example.org", ("explorer", "operations")),
            ("path", "wrong path", "$URL/erp", ("web|explorer",)),
        )
    ),
    Fault(
        "install-lock",
        "`install.lock` missing (installer reachable)",
        "nothing; whoever reaches the installer can take the site over",
        ("inside",),
        "install-lock",
        'away "$DOCUMENTS/install.lock"',
        'back "$DOCUMENTS/install.lock"',
    ),
]

FAULTS = [*SETTINGS, *USERS, *FILES]
