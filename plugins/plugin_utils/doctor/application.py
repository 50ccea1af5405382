# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with the application: its files, configuration, modules and settings; users have their own file."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import entities as smoke_entities
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import putting_back
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import users as doctor_users
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    LIKELY,
    Case,
    Finding,
    Rule,
    quote,
)

_MEND_API = doctor_users.MEND


def configuration(case: Case) -> Iterator[Finding]:
    """conf.php is missing, cannot be read, is broken, or states another URL."""
    files = case.here.get("files")
    if not files:
        return
    conf, linked = files["conf"], files["linked_conf"]
    mend = "run the role application, which writes conf.php from the inventory and the secrets on record"
    failed = case.failed()
    if not conf["there"]:
        yield Finding(
            "conf-missing", "conf.php is missing", (f"{conf['path']}: {conf['problem']}", *quote(failed, 1)), mend
        )
    elif conf["usable"] is False:
        seen = (
            f"{conf['path']} is {conf['owner']}:{conf['group']} {conf['mode']}, and {case.site['user']} cannot read it"
        )
        yield Finding("conf-unreadable", "The application cannot read conf.php", (seen, *quote(failed, 1)), mend)
    elif not linked["there"]:
        seen = f"{linked['path']}: {linked['kind'] or linked['problem']}"
        yield Finding("conf-missing", "conf.php is not where the application looks", (seen, *quote(failed, 1)), mend)
    elif problem := (case.status.get("conf") or {}).get("problem"):
        yield Finding("conf-broken", "conf.php is incomplete or broken", (str(problem), *quote(failed, 1)), mend)
    root = case.here.get("url_root")
    if conf["there"] and root is not None and root != case.site["url"]:
        seen = f"conf.php says $dolibarr_main_url_root = {root}, the site is {case.site['url']}"
        checks = case.failed("explorer", "operations", "web")
        yield Finding("url-root", "The URL of the site in conf.php is wrong", (seen, *quote(checks, 1)), mend)


def _code_missing(case: Case, seen: str) -> Finding:
    cause, before = "The application's code is not there", str(case.here.get("recorded_release", ""))
    if not before or before.rpartition("/")[2] == case.here.get("release"):
        return Finding("code-missing", cause, (seen,), "run the role application")
    link = f"ln -sfn {shlex.quote('releases/' + before.rpartition('/')[2])} {shlex.quote(case.site['current'])}"
    back = (link, *putting_back.again(str(case.unit("php").get("name") or "")))
    now = str(case.here.get("release") or "nothing")
    led = f"{case.site['current']} leads to {now}, and led to {before} when all was well"
    return Finding("code-missing", cause, (seen, led), "; ".join(back), run=back)


def folders(case: Case) -> Iterator[Finding]:
    """Folders that the application has to write to, the code, and the installer's lock."""
    files = case.here.get("files")
    if not files:
        return
    user = case.site["user"]
    if not files["code"]["there"]:
        seen = f"{files['code']['path']}: {files['code']['kind'] or files['code']['problem']}"
        yield _code_missing(case, seen)
    temp = files["api_temp"]
    # A mount that takes no file is known by the trial: making the folder again would not mend it.
    tried = [fault["text"] for fault in case.here.get("writes", []) if fault["place"].startswith(temp["path"])]
    mount = any(word in text for text in tried for word in ("Read-only", "No space", "quota"))
    needed = files["documents"]["there"] and case.site["api_enabled"] and _module_on(case, "api")
    if needed and not temp["usable"] and not mount:
        seen = _shut(temp, user)
        mend = f"install -d -o {user} -g {user} -m 0700 {temp['path']}"
        yield Finding("api-temp", "The API cannot write its temporary folder", (seen, *quote(case.failed(), 1)), mend)
    for role in ("documents", "sessions"):
        entry = files[role]
        if not entry["there"] or entry["usable"] is False:
            seen = _shut(entry, user)
            yield Finding(
                f"{role}-folder",
                f"The folder of the site's {role} is missing or shut",
                (seen,),
                "run the role php, then application",
            )
    # In another folder than the site's own a lock would only hide that.
    elsewhere = any(loss["id"].startswith("documents-") for loss in case.here.get("identity", {}).get("losses", []))
    locked = files["install_lock"]["there"] or elsewhere
    if not locked and files["documents"]["there"] and files["code"]["there"]:
        yield Finding(
            "install-lock",
            "The installer is not locked: only the web server's rule keeps people from reinstalling the site",
            (f"{files['install_lock']['path']} is missing",),
            f"install -o {user} -g {user} -m 0440 /dev/null {files['install_lock']['path']}",
        )


def _shut(entry: Mapping[str, Any], user: str) -> str:
    """Why a user cannot write to a folder."""
    if not entry["there"]:
        return f"{entry['path']} is missing"
    return f"{entry['path']} is {entry['owner']}:{entry['group']} {entry['mode']}, and {user} cannot write there"


def _module_on(case: Case, name: str) -> bool:
    return not case.database_answers or name in case.status.get("modules", [])


def modules(case: Case) -> Iterator[Finding]:
    """Modules that were asked for and are off, and a database that is not at the code's version."""
    if not case.database_answers:
        return
    schema = case.status["schema"]
    if schema["state"] != "installed":
        reasons = [str(reason) for reason in schema["reasons"]] or [f"state {schema['state']}"]
        # The lock has a cause of its own.
        telling = [reason for reason in reasons if "lock" not in reason]
        lost = schema["state"] == "none" and case.here.get("identity", {}).get("recorded")
        if telling and not lost:
            mend = "run the role application, which installs what is not there yet"
            yield Finding("not-installed", "The application is not installed completely", tuple(telling[:3]), mend)
    elif case.status.get("upgrade_pending"):
        seen = f"the code is {case.status['version']}, the database was last brought to {schema['version']}"
        mend = "name the release as `source` that the database is of: no playbook brings a database to another version"
        yield Finding("upgrade-pending", "Code and database are of different versions", (seen,), mend)
    if schema["state"] == "none":
        return
    gone = case.application.get("folders", [])
    # Those of the API have a cause of their own, and so have documents that are another folder, or are shut: what lies
    # in a folder that is shut looks as if it were not there.
    losses = [*case.here.get("identity", {}).get("losses", []), *case.here.get("places", [])]
    elsewhere = any(loss["id"].startswith("documents-") for loss in losses)
    if not elsewhere and (lost_folders := [name for name in gone if name != "api/temp"]):
        yield Finding(
            "module-folders",
            "Folders that modules have made are gone from the documents, and what was in them with them",
            (f"in {case.site['documents']} there is no {', '.join(lost_folders)}",),
            f"restore them from a backup. Where there was nothing in them: {_MEND_API}, and their folders too",
        )
    on = case.status["modules"]
    listed = f"on are: {', '.join(on)}"
    if case.site["api_enabled"] and "api" not in on:
        shown = (listed, *quote(case.failed("api"), 1))
        yield Finding("api-module-off", "The module API/Web services is off", shown, _MEND_API)
    off = [name for name in case.site["modules"] if name not in on]
    if off:
        shown = (listed, *quote(case.failed("operations", "reads"), 1))
        plural = "Modules that were asked for are" if len(off) > 1 else "A module that was asked for is"
        yield Finding("module-off", f"{plural} off: {', '.join(off)}", shown, _MEND_API)


def settings(case: Case) -> Iterator[Finding]:
    """Settings that shut a door which the inventory wants open."""
    site = case.site
    if not site["api_enabled"]:
        return
    if site["explorer"] and case.constant("API_EXPLORER_DISABLED"):
        seen = ("API_EXPLORER_DISABLED = 1", *quote(case.failed("explorer", "operations"), 1))
        yield Finding("explorer-off", "The explorer is switched off in the application", seen, _MEND_API)
    yield from _login(case)
    if shown := case.shown("token-table"):
        cause = "The API cannot read the table in which it looks for keys"
        seen = (f"API_IN_TOKEN_TABLE = {case.constant('API_IN_TOKEN_TABLE') or '0'}", *quote(shown, 1))
        yield Finding("token-table", cause, seen, f"miclinikctl {site['name']} constant unset API_IN_TOKEN_TABLE")
    known = "API_PRODUCTION_MODE" in case.application.get("constants", {})
    if site["production"] and known and not case.constant("API_PRODUCTION_MODE") and _module_on(case, "api"):
        cause = "The API is not in production mode: its errors show the application's inner workings"
        yield Finding("production-off", cause, ("API_PRODUCTION_MODE is not set",), _MEND_API)
    elif case.shown(smoke_entities.SYMPTOM) and not case.failed("login-off", "explorer-off"):
        cause = "A switch of the API holds for one entity only: a caller who names another gets round it"
        yield Finding("entity-switch", cause, quote(case.shown(smoke_entities.SYMPTOM), 1), _MEND_API)
    rules = case.constant("API_ENDPOINT_RULES")
    if rules and rules != site["endpoint_rules"]:
        mend = f"miclinikctl {site['name']} constant unset API_ENDPOINT_RULES, or add what is missing"
        seen = (f"API_ENDPOINT_RULES = {rules}", *quote(case.failed("reads"), 1))
        yield Finding("endpoint-rules", "A rule of the application hides endpoints", seen, mend)
    only = case.constant("MAIN_ONLY_LOGIN_ALLOWED")
    if only and only != site["maintenance"]:
        mend = f"end the maintenance: miclinikctl {site['name']} constant unset MAIN_ONLY_LOGIN_ALLOWED"
        seen = (f"MAIN_ONLY_LOGIN_ALLOWED = {only}", *quote(case.failed("status"), 1))
        yield Finding("maintenance", f"The site is in maintenance: only {only} may log in", seen, mend)


def _login(case: Case) -> Iterator[Finding]:
    """The login endpoint is off where it was asked for, or on where it was not."""
    version = str(case.status.get("version") or "")
    if "API_DISABLE_LOGIN_API" not in case.application.get("constants", {}) or not version:
        return
    if versions.has(version, "login_on_request"):
        on = bool(case.constant("API_ENABLE_LOGIN_API"))
        seen = [f"API_ENABLE_LOGIN_API = {case.constant('API_ENABLE_LOGIN_API') or '0'}"]
    else:
        names = ["API_DISABLE_LOGIN_API"]
        names += ["MAIN_MODULE_API_LOGIN_DISABLED"] if versions.has(version, "login_old_switch") else []
        shut = [name for name in names if case.constant(name)]
        on = not shut
        seen = [f"{name} = {case.constant(name) or '0'}" for name in (shut or names)]
    if case.site["login_enabled"] and not on:
        cause = "The login endpoint is switched off in the application"
        yield Finding("login-off", cause, (*seen, *quote(case.failed("login"), 1)), _MEND_API)
    elif on and not case.site["login_enabled"]:
        cause = "The login endpoint gives keys for passwords, and the inventory wants it off"
        yield Finding("login-on", cause, (*seen, *quote(case.failed("login-off"), 1)), _MEND_API)


def routes(case: Case) -> Iterator[Finding]:
    """The API's table of routes does not know a module that is on."""
    seen = case.here.get("routes")
    if not seen or not case.constant("API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE"):
        return
    shown = case.shown("route-cache")
    if set(case.site["modules"]) - set(case.status.get("modules", [])):
        return
    if seen["there"] and seen["missing"]:
        evidence = (f"{seen['path']} does not hold: {', '.join(seen['missing'])}", *quote(shown, 1))
    elif not seen["there"] and shown:
        evidence = (f"{seen['path']} is not there", *quote(shown, 1))
    elif shown and not case.failed("status"):
        # The smoke test's own look at the list of operations comes later, and makes the table anew.
        held = "the explorer was opened since, or PHP still holds an older one (opcache)"
        evidence = (*quote(shown, 1), f"{seen['path']} holds every endpoint now: {held}")
    else:
        return
    yield Finding(
        "route-cache",
        "The API's table of routes is out of date: endpoints of modules that are on answer 404",
        evidence,
        "run the role rest_api, which has the table made anew, has PHP load it, and asks for every endpoint",
    )


def instance(case: Case) -> Iterator[Finding]:
    """The id that keys are encrypted with is gone."""
    if case.database_answers and case.status.get("instance_unique_id") is False:
        seen = ("conf.php has no $dolibarr_main_instance_unique_id",)
        mend = "run the role application: the id on record goes into conf.php"
        yield Finding("instance-id", "The id on which all API keys depend is missing from conf.php", seen, mend)
    elif case.shown("instance-id"):
        mend = "run the role application: the id on record goes into conf.php; lost, set new keys"
        yield Finding(
            "instance-id",
            "Keys cannot be read: the instance's id was changed",
            quote(case.shown("instance-id")),
            mend,
            LIKELY,
        )


RULES: tuple[Rule, ...] = (configuration, folders, instance, modules, settings, doctor_users.users, routes)
