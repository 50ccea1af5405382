# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The checks of the smoke test. Each reads only, asserts on content, returns what it saw and raises Mismatch.

Status codes alone prove nothing here: measured on Dolibarr 16.0.3 and 22.0.4, an API that is off, an explorer without
PATH_INFO and a vhost that falls back to index.php all answer 200.
"""

from __future__ import annotations

import re
import secrets
from http import HTTPStatus

from ansible_collections.miclinik.hosting.plugins.module_utils.application import api_modules, versions
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import access as smoke_access
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import cors as smoke_cors
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import entities as smoke_entities
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import proxy as smoke_proxy
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import tls as smoke_tls
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import API_PATH, Answer
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.symptoms import recognise
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import (
    Check,
    Mismatch,
    Promised,
    Visit,
    decoded,
    member,
    wrong,
)

JSON = "application/json"
HTML = "text/html"
_VERSION = re.compile(r"\d[\w.+-]*")
_STATIC = re.compile(r"""<(?:link|script)\b[^>]*\b(?:href|src)=["']([^"'?]+\.(?:css|js|png|ico|svg))[?"']""", re.I)
_SCRIPT = re.compile(r"""<script\b[^>]*\bsrc=["']([^"']+\.js)["']""", re.I)
_HIDDEN = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def _refused(answer: Answer) -> bool:
    return (
        answer.status == HTTPStatus.UNAUTHORIZED
        and member(decoded(answer), "error", "code") == HTTPStatus.UNAUTHORIZED.value
    )


def login_page(visit: Visit) -> str:
    """The application's own login form, and one static file that the page links."""
    page = visit.client.page("/")
    expected = "200 text/html with the application's login form"
    if page.status != HTTPStatus.OK or page.mime != HTML or not re.search(r"<input\b[^>]*name=.password.", page.text):
        raise wrong(expected, page, "is this the vhost of the site, and does it run PHP?")
    linked = next((path for path in _STATIC.findall(page.text) if "://" not in path and path[:2] != "//"), None)
    if linked is None:
        raise Mismatch("a login page that links its style sheets", page.describe(), "is this the application's page?")
    # Links on the page are absolute paths with the base path in them.
    path = linked.removeprefix(visit.client.base_path) if linked.startswith("/") else "/" + linked
    static = visit.client.page(path)
    if static.status != HTTPStatus.OK or static.mime in (HTML, JSON, "") or not static.body:
        raise wrong(f"the static file {path}", static, "the vhost has to serve files from the application's folder")
    smoke_access.session(visit, page)
    smoke_tls.everywhere(visit)
    return f"login form, {path} as {static.mime}"


def no_fallback(visit: Visit) -> str:
    """What does not exist is 404, with and without an extension."""
    name = "smoke-" + secrets.token_hex(8)
    for path in (f"/{name}", f"/{name}.css", f"/{name}/{name}.php"):
        answer = visit.client.page(path)
        if answer.status != HTTPStatus.NOT_FOUND:
            raise wrong(
                "404 for a path that does not exist",
                answer,
                "the vhost must not answer with index.php what it does not find: end its try_files in =404",
                "not-found-answered",
            )
    return "404 for what does not exist"


def api_answers(visit: Visit) -> str:
    """Module on, routes found, a call without a key refused."""
    answer = visit.client.api("GET", "/status")
    if not _refused(answer):
        mend = "is the API module on, and does PATH_INFO reach the application?"
        refused = "forbidden" if answer.status == HTTPStatus.FORBIDDEN and answer.mime == HTML else ""
        raise wrong("401 as JSON for /status without a key", answer, mend, refused)
    return "401 as JSON without a key"


def api_off(visit: Visit) -> str:
    """The API does not answer, not even with the key."""
    answer = visit.client.api("GET", "/status", key=visit.site.key)
    symptom = recognise(answer)
    off = symptom is not None and symptom.name == "api-off"
    if not off and not (answer.status in _HIDDEN and answer.mime != JSON):
        raise Mismatch(
            "an API that is off: the sentence that the module must be enabled, or 403 or 404 of the web server",
            answer.describe(),
            "switch the API module off, or say that this site has an API (api.enabled: true)",
        )
    return f"off, {answer.status}"


def wrong_key(visit: Visit) -> str:
    """A key that nobody has is refused."""
    answer = visit.client.api("GET", "/status", key=secrets.token_hex(16))
    if not _refused(answer):
        raise wrong("401 as JSON for a wrong key", answer, "something before the application adds a key to the call")
    return "401 as JSON for a wrong key"


def login(visit: Visit) -> str:
    """POST /login gives the user's key."""
    site = visit.site
    answer = visit.client.api("POST", "/login", body={"login": site.login, "password": site.password})
    content = decoded(answer)
    token = member(content, "success", "token")
    if isinstance(token, str):
        visit.client.redact.conceal(token)
    if (
        answer.status != HTTPStatus.OK
        or member(content, "success", "code") != HTTPStatus.OK.value
        or not isinstance(token, str)
        or not token
    ):
        mend = "is the password the one on record, is the user active, has it a key, is the login endpoint on?"
        raise wrong(f"200 as JSON with a key for {site.login}", answer, mend)
    if site.key and token != site.key:
        raise Mismatch(
            f"the key on record for {site.login}",
            "200 as JSON, another key",
            "the key was changed in the application: set it again (role rest_api), or declare a new one",
        )
    return f"{site.login} got the key on record" if site.key else f"{site.login} got a key"


def login_off(visit: Visit) -> str:
    """POST /login answers 403 and no key, whoever asks."""
    body = {"login": visit.site.login or "smoke", "password": visit.site.password or secrets.token_hex(8)}
    answer = visit.client.api("POST", "/login", body=body)
    token = member(decoded(answer), "success", "token")
    if isinstance(token, str):
        visit.client.redact.conceal(token)
    by_application = answer.status == HTTPStatus.FORBIDDEN and "disabled" in str(
        member(decoded(answer), "error", "message")
    )
    by_web_server = answer.status in _HIDDEN and answer.mime != JSON
    if not by_application and not by_web_server:
        setting = versions.login_setting(visit.version or visit.site.expected_version or "", on=False)
        mend = f"set {setting}, or say that the endpoint is wanted (api.login: true)"
        raise Mismatch("a login endpoint that is off: 403", answer.describe(), mend)
    return f"off, {answer.status}"


def status(visit: Visit) -> str:
    """With the key, /status names the version."""
    answer = visit.client.api("GET", "/status", key=visit.site.key)
    content = decoded(answer)
    version = member(content, "success", "dolibarr_version")
    if (
        answer.status != HTTPStatus.OK
        or member(content, "success", "code") != HTTPStatus.OK.value
        or not isinstance(version, str)
        or not _VERSION.fullmatch(version)
    ):
        mend = "is the key the user's, is the user active, is instance_unique_id the one the key was stored with?"
        unseen = "key-unseen" if _refused(answer) else ""
        raise wrong("200 as JSON with the version for /status with the key", answer, mend, unseen)
    wanted = visit.site.expected_version
    if wanted and version != wanted:
        mend = "does `current` point at the release, and were the pools reloaded after the switch?"
        raise Mismatch(f"version {wanted}", f"version {version}", mend, "version")
    visit.version = visit.facts["version"] = version
    smoke_access.uncached(visit)
    locked = member(content, "success", "access_locked")
    only = "" if locked in ("0", 0, None) else str(locked)
    if only != visit.site.maintenance:
        mend = "end the maintenance: miclinikctl SITE constant unset MAIN_ONLY_LOGIN_ALLOWED"
        expected = f"pages open for {visit.site.maintenance or 'everybody'}"
        raise Mismatch(expected, f"version {version}, pages locked for all but {only or 'nobody'}", mend, "maintenance")
    return f"version {version}" + (f", pages locked for all but {only}" if only else "")


def explorer(visit: Visit) -> str:
    """The redirect stays on the site, the page is Swagger UI, its first script is served."""
    target = visit.client.base_url + API_PATH + "/explorer/"
    redirect = visit.client.api("GET", "/explorer")
    if redirect.status != HTTPStatus.FOUND or redirect.headers.get("location") != target:
        mend = "url_root in conf.php has to be the site's URL, without a slash at the end"
        raise wrong(f"302 to {target}", redirect, mend, "url-root")
    page = visit.client.api("GET", "/explorer/")
    marks = ("<title>Swagger UI</title>", "swagger-ui", "swagger.json")
    if page.status != HTTPStatus.OK or page.mime != HTML or any(mark not in page.text for mark in marks):
        raise wrong("200 text/html with Swagger UI", page, "does /api/ reach the application?")
    script = _SCRIPT.search(page.text)
    if script is None:
        raise Mismatch("an explorer page with scripts", page.describe(), "is the application's api folder complete?")
    asset = visit.client.api("GET", "/explorer/" + script[1].removeprefix("./"))
    if asset.status != HTTPStatus.OK or "javascript" not in asset.mime:
        mend = "no location for static files may come before the PHP location: /api/index.php/explorer/*.js is PHP's"
        raise wrong(f"JavaScript as explorer/{script[1]}", asset, mend)
    return "Swagger UI and its script"


def explorer_off(visit: Visit) -> str:
    """Neither the page nor the description is given, not even with the key."""
    for path in ("/explorer/", "/explorer/swagger.json"):
        answer = visit.client.api("GET", path, key=visit.site.key)
        symptom = recognise(answer)
        off = symptom is not None and symptom.name == "explorer-off"
        if not off and not (answer.status in _HIDDEN and answer.mime != JSON):
            mend = "set API_EXPLORER_DISABLED=1, or say that the explorer is wanted (api.explorer: true)"
            raise Mismatch("an explorer that is off", answer.describe(), mend)
    return f"off, {answer.status}"


def operations(visit: Visit) -> str:
    """With the key, swagger.json lists operations of every module asked for, under the site's own URL."""
    client = visit.client
    answer = client.api("GET", "/explorer/swagger.json", key=visit.site.key)
    content = decoded(answer)
    paths = member(content, "paths")
    if answer.status != HTTPStatus.OK or member(content, "swagger") != "2.0" or not isinstance(paths, dict):
        raise wrong("200 as JSON with the operations", answer, "does /api/ reach the application?")
    place = f"{member(content, 'host')}{member(content, 'basePath')}"
    if place != client.netloc + client.base_path + API_PATH:
        mend = "url_root in conf.php has to be the site's URL, without a slash at the end"
        raise Mismatch(
            f"operations at {client.netloc}{client.base_path}{API_PATH}", f"operations at {place}", mend, "url-root"
        )
    found = api_modules.first_segments(path for path, methods in paths.items() if isinstance(methods, dict) and methods)
    version = visit.version or visit.site.expected_version or ""
    silent, missing = [], []
    listed: dict[str, int] = {}
    counts: dict[str, int] = {}
    for module in visit.site.modules:
        wanted = api_modules.endpoints(module, version)
        if not wanted:
            silent.append(module)
        there = {name: found[name] for name in wanted if name in found}
        if wanted and not there:
            missing.append(f"/{wanted[0]} of {module}")
        listed |= there
        counts[module] = sum(
            len(methods) for path, methods in paths.items() if path.strip("/").partition("/")[0].lower() in there
        )
    visit.facts["operations"] = counts
    if missing or not found:
        mend = (
            "no operation at all: PATH_INFO does not reach the application, see the vhost's PHP location"
            if not paths
            else "is the key accepted, and is each of these modules on (miclinikctl SITE module list)?"
        )
        seen = f"{len(paths)} paths under " + (", ".join("/" + name for name in sorted(found)) or "nothing")
        raise Mismatch("operations under " + (", ".join(missing) or "any path"), seen, mend)
    text = f"{len(paths)} paths" + (
        "" if not listed else "".join(f", {name} {listed[name]}" for name in sorted(listed))
    )
    return text + (f"; no API of their own, so nothing to ask for: {', '.join(silent)}" if silent else "")


def plan(site: Promised) -> list[Check]:
    """The checks that a site's promises call for, in the order of cause: the first failure explains the next."""
    checks = [
        *([Check("record", "the secrets on record are whole", smoke_access.record)] if site.record else []),
        *smoke_tls.checks(site),
        Check("web", "the web server serves the application's login page and its static files", login_page),
        Check("not-found", "a path that does not exist is 404", no_fallback),
        *smoke_proxy.checks(site),
    ]
    if not site.api_enabled:
        return [*checks, Check("api-off", "the API does not answer", api_off)]
    checks += [
        Check("api", "the API module is on and refuses a call without a key", api_answers),
        Check("clock", "the web server's clock is right", smoke_access.clock),
        Check("wrong-key", "a wrong key is refused", wrong_key),
        *smoke_cors.checks(site),
    ]
    if not site.login_enabled:
        checks.append(Check("login-off", "the login endpoint gives no key", login_off))
    elif site.login and site.password:
        checks.append(Check("login", "login by POST gives the user's key", login))
    if site.key:
        checks += [
            Check("status", "/status with the key gives the version", status),
            Check(
                "bearer", "the key is taken as Authorization: Bearer too, where the version does", smoke_access.bearer
            ),
            Check("unknown-endpoint", "an endpoint that does not exist is an error", smoke_access.unknown_endpoint),
        ]
        if site.reads:
            # Before the list of operations is asked for, since that makes a stale table of routes anew.
            checks.append(Check("reads", "the user reads the lists that were promised", smoke_access.reads))
    if not site.explorer:
        checks.append(Check("explorer-off", "the explorer is not reachable", explorer_off))
    else:
        checks.append(Check("explorer", "the explorer loads under the site's own URL", explorer))
        if site.key:
            checks.append(Check("operations", "swagger.json lists the modules' operations", operations))
    return checks + smoke_entities.checks(site)
