# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a wrong answer of the application or of the web server means, and what mends it.

Each line was measured on Dolibarr 16.0.3 and 22.0.4 behind Nginx, and holds on 23 and 24; many of these answers have
status 200 or 202.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, RestError


@dataclass(frozen=True)
class Symptom:
    """A recognised wrong answer: `name` for programs, `mend` for people."""

    name: str
    seen_in: Callable[[Answer], bool]
    mend: str


def _says(*words: str) -> Callable[[Answer], bool]:
    return lambda answer: answer.mime != "application/json" and any(word in answer.text for word in words)


def _decoded(answer: Answer) -> object:
    try:
        return answer.json()
    except ValueError:
        return None


def _message(answer: Answer) -> str:
    content = _decoded(answer)
    error = content.get("error") if isinstance(content, dict) else None
    return str(error.get("message")) if isinstance(error, dict) else ""


def _error_says(words: str) -> Callable[[Answer], bool]:
    return lambda answer: words in _message(answer)


def _success_as_failure(answer: Answer) -> bool:
    content = _decoded(answer)
    return answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and isinstance(content, dict) and "error" not in content


SYMPTOMS = (
    Symptom(
        "database",
        _says("DolibarrHasDetectedError"),
        "the application cannot work with its database: is the server up, are name, user and password in conf.php"
        " right, is PHP's mysqli or pgsql extension loaded?",
    ),
    Symptom(
        "api-off",
        _says("must be enabled"),
        "switch the API module on (role rest_api, or: miclinikctl SITE module enable api)",
    ),
    Symptom(
        "explorer-off",
        _says("API explorer has been disabled"),
        "unset API_EXPLORER_DISABLED, or say that this site has no explorer (api.explorer: false)",
    ),
    Symptom(
        "api-temp",
        _says("api/temp"),
        "make documents/api/temp writable for the site's user, and look for a full disk",
    ),
    Symptom(
        "address",
        _says("APIs are not allowed from the IP"),
        "add the address of the controller to API_RESTRICT_ON_IP, or better restrict in the web server",
    ),
    Symptom(
        "conf",
        _says("config file content seems to be not correctly defined"),
        "conf.php is empty or incomplete: render it again with the role application",
    ),
    Symptom(
        "waf",
        _says("analyseVarsForSqlAndScriptsInjection"),
        "the application's own filter refused the request: is the body JSON and is it sent as application/json?",
    ),
    Symptom(
        "install",
        lambda answer: (
            answer.status in (HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND)
            and "install/" in answer.headers.get("location", "")
        ),
        "the application wants to be installed or upgraded: conf.php is missing or unreadable for the site's user,"
        " or the database's version is older than the code's",
    ),
    Symptom(
        "gateway",
        lambda answer: (
            answer.status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT) and answer.mime == "text/html"
        ),
        "the web server does not reach PHP-FPM: is the pool running, is the socket the one the vhost names?",
    ),
    Symptom(
        "limited",
        lambda answer: answer.status == HTTPStatus.TOO_MANY_REQUESTS,
        "the web server's request limit stopped the check: wait, or raise it for the controller's address",
    ),
    Symptom(
        "api-temp-production",
        _success_as_failure,
        "with API_PRODUCTION_MODE a documents/api/temp that is not writable turns right answers into status 500:"
        " make it writable for the site's user",
    ),
    Symptom(
        "login-off",
        _error_says("disabled"),
        f"set {versions.login_setting('', on=True)}, as the role rest_api does, or say that this site has no login"
        " endpoint (api.login: false)",
    ),
    Symptom(
        "token-table",
        _error_says("Error when fetching user api_key"),
        "the API cannot look for keys in its table (version 23 cannot at all), or finds one twice: unset"
        " API_IN_TOKEN_TABLE (miclinikctl SITE constant unset API_IN_TOKEN_TABLE)",
    ),
    Symptom(
        "instance-id",
        _error_says("API token of this user"),
        "the stored key cannot be read: conf.php needs the instance_unique_id that it was stored with; when that is"
        " lost, declare new keys (api.users[].key)",
    ),
    Symptom(
        "php",
        lambda answer: answer.status == HTTPStatus.INTERNAL_SERVER_ERROR and not answer.body,
        "PHP stopped without a word: see the pool's error log (a parse error in conf.php, a truncated"
        " documents/api/temp/routes.php)",
    ),
    Symptom(
        "path-info",
        lambda answer: (
            answer.status == HTTPStatus.NOT_FOUND
            and answer.mime == "application/json"
            and "/api/index.php/status" in answer.url
        ),
        "PATH_INFO does not reach the application: the vhost needs fastcgi_split_path_info and"
        " fastcgi_param PATH_INFO, php.ini cgi.fix_pathinfo=1",
    ),
    Symptom(
        "route-cache",
        lambda answer: answer.status == HTTPStatus.NOT_FOUND and _message(answer) == "Not Found",
        "if /status works, the route cache does not know this endpoint (API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE):"
        " call explorer/swagger.json once, which fills it",
    ),
    Symptom(
        "api-route",
        lambda answer: (
            answer.status == HTTPStatus.NOT_FOUND and answer.mime == "text/html" and "/api/index.php/" in answer.url
        ),
        "the vhost's PHP location does not match /api/index.php/...: it has to be ~ [^/]\\.php(/|$), and no try_files"
        " or static location may come before it",
    ),
    Symptom(
        "fallback",
        lambda answer: (
            answer.status == HTTPStatus.OK
            and answer.mime == "text/html"
            and "/api/index.php/" in answer.url
            and 'name="password"' in answer.text
        ),
        "the vhost answers what it does not find with the login page: end try_files in =404, not in /index.php,"
        " and let the PHP location match ~ [^/]\\.php(/|$)",
    ),
)


def named(mend: str, site: str) -> str:
    """Return a mend with the site's name in its commands."""
    return mend.replace("miclinikctl SITE ", f"miclinikctl {site} ")


def recognise(answer: Answer) -> Symptom | None:
    """The first symptom that this answer shows."""
    return next((symptom for symptom in SYMPTOMS if symptom.seen_in(answer)), None)


def mend_for(answer: Answer, otherwise: str) -> str:
    """What to do about a wrong answer; `otherwise` when it shows none of the known symptoms."""
    symptom = recognise(answer)
    return symptom.mend if symptom else otherwise


def mend_unreachable(error: RestError) -> str:
    """What to do when there was no answer at all."""
    return {
        "timeout": "is the host overloaded, or does a firewall drop packets? Raise timeout for a slow host",
        "tls": "give the certificate's authority as ca_path, or look at the names and dates of the certificate",
        "connect": "is the web server running, does the name resolve (else set connect_to), does a firewall refuse?",
        "closed": "does the web server have a vhost for the site's name, or do its rules close connections (444)?"
        " See its error log, and what stands between",
        "url": "correct base_url or connect_to",
    }.get(error.kind, "see the web server's error log")
