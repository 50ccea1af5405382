# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From evidence to causes: one stroke gives one cause, two give two, none gives none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    Case,
    Finding,
)

from .cases import HOME, SETTINGS, case, failed, promised, stroke


def named(case: Case) -> list[tuple[str, str]]:
    return [(entry.id, entry.confidence) for entry in doctor_verdicts.diagnose(case)]


def test_healthy_site_has_no_finding() -> None:
    assert named(case()) == []


def test_an_extension_that_a_module_needs() -> None:
    ill = case(site=promised(modules=["societe", "product", "ldap", "emailcollector"]))
    ill.here["application"]["status"]["modules"] += ["ldap", "emailcollector"]
    found = [entry for entry in doctor_verdicts.diagnose(ill) if entry.id == "php-extension"]
    assert [entry.cause for entry in found] == ["PHP-FPM lacks extensions: imap, ldap"]
    assert not doctor_verdicts.inside(ill, 7).ok
    ill.here["php"]["extensions"] += ["imap", "ldap"]
    assert named(ill) == []


#: What is changed in the evidence, and the cause.
STROKES: dict[str, tuple[str, object, str]] = {
    "web server": ("host:units.web.active", False, "web-server-down"),
    "fpm": ("here:units.php.active", False, "php-down"),
    "api pool": ("here:sockets.api", "there is no such socket", "api-pool-down"),
    "web pool": ("here:sockets.web", "Connection refused", "web-pool-down"),
    "mariadb": ("host:units.database.active", False, "database-down"),
    "pooler": (
        "host:units.pooler",
        {
            "name": "pgbouncer",
            "active": False,
            "state": "inactive (dead)",
            "result": "success",
            "log": [],
            "loaded": 0.0,
        },
        "pooler-down",
    ),
    "far database": ("here:application.status.database.problem", "error 2002: no route", "database-down"),
    "password": ("here:application.status.database.problem", "error 1045: Access denied", "database-password"),
    "password, pgsql": (
        "here:application.status.database.problem",
        "FATAL: password authentication failed",
        "database-password",
    ),
    "read-only": ("here:application.status.database.read_only", "read_only is on", "database-read-only"),
    "loopback": ("host:loopback_up", False, "loopback-down"),
    "full": ("here:disk.free_mb", 3, "disk-full"),
    "inodes": ("here:disk.free_inodes", 3, "disk-full"),
    "full database": ("host:database_disk.free_mb", 0, "database-full"),
    "read-only mount": ("here:disk.read_only", True, "disk-mount-read-only"),
    "fpm configuration": ("here:php.problem", "unknown entry 'x'", "php-configuration"),
    "fix_pathinfo": ("here:php.pools.norte-api.ini.cgi\\.fix_pathinfo", "0", "php-fix-pathinfo"),
    "output_buffering": ("here:php.pools.norte-api.ini.output_buffering", "off", "php-output-buffering"),
    "open_basedir": ("here:php.settings.open_basedir", f"{HOME}/current:/tmp", "open-basedir"),
    "extension": ("here:php.extensions", ["curl", "gd", "intl", "mbstring", "xml", "zip"], "php-extension"),
    "stale": ("here:newest_code.time", 1000.5, "stale-code"),
    "url root": ("here:url_root", "http://norte.example.org", "url-root"),
    "conf unreadable": ("here:files.conf.usable", False, "conf-unreadable"),
    "conf broken": ("here:application.status.conf.problem", "no database name", "conf-broken"),
    "api/temp": ("here:files.api_temp.usable", False, "api-temp"),
    "sessions": ("here:files.sessions.usable", False, "sessions-folder"),
    "lock": ("here:files.install_lock.there", False, "install-lock"),
    "instance id": ("here:application.status.instance_unique_id", False, "instance-id"),
    "database of another": ("here:application.status.identity", "other", "other-site"),
    "no secrets": ("here:identity.secrets", "missing", "secrets-missing"),
    "half secrets": ("here:identity.secrets", "partial", "secrets-missing"),
    **{
        name: ("here:identity.losses", [{"id": name, "key": "name", "seen": "x is seen", "mend": "do it"}], name)
        for name in (
            "secrets-broken",
            "instance-id-differs",
            "instance-id-lost",
            "documents-other",
            "documents-lost",
        )
    },
    "upgrade": ("here:application.status.upgrade_pending", True, "upgrade-pending"),
    "api off": ("here:application.status.modules", ["product", "societe"], "api-module-off"),
    "module off": ("here:application.status.modules", ["api", "societe"], "module-off"),
    "explorer": ("here:application.constants.API_EXPLORER_DISABLED", "1", "explorer-off"),
    "login": ("here:application.constants.API_DISABLE_LOGIN_API", "1", "login-off"),
    "production": ("here:application.constants.API_PRODUCTION_MODE", None, "production-off"),
    "rules": ("here:application.constants.API_ENDPOINT_RULES", "status:1", "endpoint-rules"),
    "addresses": ("here:application.constants.API_RESTRICT_ON_IP", "192.0.2.1", "address-rule"),
    "maintenance": ("here:application.constants.MAIN_ONLY_LOGIN_ALLOWED", "admin", "maintenance"),
    "no user": ("here:application.users.integration", {"there": False}, "user-missing"),
    "renamed": ("here:application.users.integration", {"there": False, "holder": "API-neu"}, "user-renamed"),
    "foreign": ("here:application.users.integration.foreign", True, "user-foreign"),
    "administrator": ("here:application.users.integration.admin", True, "user-admin"),
    "external": ("here:application.users.integration.third_party", 4, "user-external"),
    "of another entity": ("here:application.users.integration.entity", 2, "user-entity"),
    "not valid": ("here:application.users.integration.outside", "until 2020-02-03", "user-expired"),
    "disabled": ("here:application.users.integration.enabled", False, "user-disabled"),
    "other key": ("here:application.users.integration.differs", ["key"], "key-revoked"),
    "no key": ("here:application.users.integration.key", False, "key-revoked"),
    "other password": ("here:application.users.integration.differs", ["password"], "password-changed"),
    "right": ("here:application.users.integration.rights", ["societe.lire"], "right-missing"),
    "routes": ("here:routes.missing", ["products"], "route-cache"),
    "hosts file": ("here:hosts_file", ["192.0.2.77"], "hosts-file"),
    "expired": ("here:certificate.days_left", -1, "certificate-expired"),
    "name": ("here:certificate.names", ["other.example.org"], "certificate-name"),
}


@pytest.mark.parametrize("name", STROKES)
def test_one_stroke_gives_one_cause(name: str) -> None:
    path, value, cause = STROKES[name]
    assert named(stroke(case(), path, value)) == [(cause, CERTAIN)]


@pytest.mark.parametrize(("one", "other"), [("api pool", "lock"), ("full", "other key"), ("explorer", "login")])
def test_two_strokes_give_two_causes(one: str, other: str) -> None:
    ill = case()
    for name in (one, other):
        stroke(ill, *STROKES[name][:2])
    assert {cause for cause, _ in named(ill)} == {STROKES[one][2], STROKES[other][2]}


@pytest.mark.parametrize(
    ("version", "constants", "on"),
    [
        ("15.0.3", {}, True),
        ("19.0.2", {"MAIN_MODULE_API_LOGIN_DISABLED": "1"}, False),
        ("20.0.0", {"MAIN_MODULE_API_LOGIN_DISABLED": "1"}, True),
        ("16.0.3", {"API_DISABLE_LOGIN_API": "1"}, False),
        ("23.1.0", {"API_DISABLE_LOGIN_API": "1"}, False),
        ("23.1.0", {"API_ENABLE_LOGIN_API": "0"}, True),
        ("24.0.0-beta", {"API_DISABLE_LOGIN_API": "1"}, True),
        ("24.0.0-beta", {"API_ENABLE_LOGIN_API": "0"}, False),
        ("24.0.0", {"API_ENABLE_LOGIN_API": None}, False),
        ("25.0.0", {"API_ENABLE_LOGIN_API": None}, False),
    ],
)
def test_login_endpoint_of_every_version(version: str, constants: dict[str, str | None], on: bool) -> None:
    for wanted in (True, False):
        ill = case(site=promised(api={"login": wanted, "users": SETTINGS["api"]["users"]}))
        stroke(ill, "here:application.status.version", version)
        ill.here["application"]["constants"] |= constants
        cause = {(True, False): "login-off", (False, True): "login-on"}.get((wanted, on))
        assert named(ill) == ([(cause, CERTAIN)] if cause else [])


def test_keys_in_a_table_that_cannot_be_read() -> None:
    ill = case(failed("status", "token-table"), failed("wrong-key", "token-table"))
    stroke(ill, "here:application.constants.API_IN_TOKEN_TABLE", "1")
    assert named(ill) == [("token-table", CERTAIN)]


def test_what_was_asked_for_is_no_fault() -> None:
    meant = promised(
        constants={"MAIN_ONLY_LOGIN_ALLOWED": "admin", "API_ENDPOINT_RULES": "status:1"},
        api={"explorer": False, "login": False, "users": [{"login": "integration", "rights": []}]},
    )
    ill = case(site=meant)
    constants = ill.here["application"]["constants"]
    constants |= {"MAIN_ONLY_LOGIN_ALLOWED": "admin", "API_ENDPOINT_RULES": "status:1"}
    constants |= {"API_EXPLORER_DISABLED": "1", "API_DISABLE_LOGIN_API": "1"}
    assert named(ill) == []


def test_database_that_is_down_says_nothing_of_modules_and_users() -> None:
    ill = stroke(case(failed("api", "database")), "host:units.database.active", False)
    ill.here["application"].update(constants={}, users={})
    ill.here["application"]["status"].update(
        modules=[], database={"reachable": False, "problem": "error 2002"}, schema={"state": "unknown", "reasons": []}
    )
    assert named(ill) == [("database-down", CERTAIN)]


def test_rights_and_routes_that_are_gone_with_their_module_are_no_causes_of_their_own() -> None:
    ill = stroke(case(failed("reads", "route-cache")), "here:application.status.modules", ["api", "societe"])
    stroke(ill, "here:application.users.integration.rights", ["societe.lire"])
    stroke(ill, "here:routes.missing", ["products"])
    assert named(ill) == [("module-off", CERTAIN)]


def test_clock() -> None:
    assert named(case(offset=31.0)) == [("clock", CERTAIN)]
    assert named(case(offset=-7200.0)) == [("clock", CERTAIN)]
    assert named(case(offset=29.0)) == []
    assert named(case(failed("clock", "clock", "7200 s behind"))) == [("clock", LIKELY)]
    assert named(stroke(case(), "here:php_offset", -7200.0)) == [("php-clock", CERTAIN)]
    assert named(stroke(case(), "here:php_offset", 29.0)) == []


VHOSTS = ["path-info", "path-info-reset", "php-location", "try-files", "fallback", "no-vhost", "broken"]


@pytest.mark.parametrize("name", VHOSTS)
def test_vhost_is_named_when_the_api_is_broken_only(name: str) -> None:
    problems = [{"id": name, "detail": "location ~ x"}]
    assert named(stroke(case(), "here:vhost.problems", problems)) == []
    ill = stroke(case(failed("status", "path-info")), "here:vhost.problems", problems)
    # Files that could not be loaded are not what a web server that runs has loaded.
    assert named(ill) == [(f"vhost-{name}", POSSIBLE if name == "broken" else CERTAIN)]


def test_a_web_server_that_is_down_could_not_load_its_files() -> None:
    ill = stroke(case(failed("web", "connect")), "here:vhost.problems", [{"id": "broken", "detail": "[emerg] x"}])
    stroke(ill, "host:units.web.active", False)
    assert named(ill) == [("web-server-down", CERTAIN), ("vhost-broken", CERTAIN)]


def test_files_that_could_not_be_loaded_are_not_why_the_database_is_down() -> None:
    ill = stroke(case(failed("web", "database")), "here:vhost.problems", [{"id": "broken", "detail": "[emerg] x"}])
    stroke(ill, "host:units.database.active", False)
    assert named(ill)[0] == ("database-down", CERTAIN)


@pytest.mark.parametrize(("name", "check"), [("key-stripped", "status"), ("bearer-stripped", "bearer")])
def test_header_that_is_taken_away_here(name: str, check: str) -> None:
    problems = [{"id": name, "detail": "location ~ x empties it"}]
    assert named(stroke(case(), "here:vhost.problems", problems)) == []
    assert named(stroke(case(failed(check)), "here:vhost.problems", problems)) == [(name, CERTAIN)]


def test_header_that_is_lost_on_the_way() -> None:
    assert named(case(failed("status", "key-unseen"))) == [("key-stripped", LIKELY)]
    here_too = stroke(case(failed("status", "key-unseen")), "here:loopback", "401 application/json")
    assert named(here_too) == [("key-stripped", LIKELY)]
    (found,) = doctor_verdicts.diagnose(here_too)
    assert found.cause == "The header DOLAPIKEY does not arrive at the application"


def test_addresses_of_the_web_server() -> None:
    ill = stroke(case(failed("api", "forbidden")), "here:vhost.allow", ["192.0.2.1"])
    assert named(ill) == [("address-refused", CERTAIN)]
    (foreign,) = doctor_verdicts.diagnose(ill)
    assert foreign.mend.startswith("run the role of the web server, which takes 192.0.2.1 out")
    (declared,) = doctor_verdicts.diagnose(replace(ill, site={**ill.site, "allowed_ips": ["192.0.2.1"]}))
    assert declared.mend.startswith("add the controller's address to api.allowed_ips")
    assert named(stroke(case(), "here:vhost.allow", ["192.0.2.1"])) == []


def test_table_of_routes_that_the_smoke_test_itself_has_mended() -> None:
    assert named(case(failed("reads", "route-cache"))) == [("route-cache", CERTAIN)]
    assert named(case(failed("reads", "route-cache"), failed("status", "path-info"))) == []


def test_name_that_leads_elsewhere() -> None:
    refused = failed("tls", "connect", "refused")
    assert named(case(refused, by_name=True, resolved=["203.0.113.9"])) == [("name-wrong", CERTAIN)]
    assert named(case(refused, by_name=True)) == [("name-unknown", CERTAIN)]
    assert named(case(by_name=True, resolved=["203.0.113.9"])) == []


def test_nothing_arrives_though_all_runs() -> None:
    assert named(case(failed("tls", "timeout", "no answer"))) == [("firewall", POSSIBLE)]


def test_programs_that_are_not_there() -> None:
    assert named(stroke(case(), "here:missing_programs", ["soffice"])) == [("program", CERTAIN)]
    assert named(stroke(case(), "here:missing_programs", [])) == []


def test_connections_that_are_closed() -> None:
    closed = failed("web", "closed", "the connection was taken, and closed without an answer")
    assert named(case(closed)) == [("connection-closed", POSSIBLE)]
    problems = [{"id": "no-vhost", "detail": "none"}]
    assert named(stroke(case(closed), "here:vhost.problems", problems)) == [("vhost-no-vhost", CERTAIN)]


@pytest.mark.parametrize("mode", ["selfsigned", "provided"])
def test_certificate_that_nobody_vouches_for(mode: str) -> None:
    site = promised(tls={"mode": mode} | ({} if mode == "selfsigned" else {"certificate": "/c", "key": "/k"}))
    ill = case(failed("tls", "", "self-signed certificate"), site=site)
    assert named(ill) == [("certificate-untrusted", CERTAIN)]


def test_wildcard_certificate_is_for_the_site() -> None:
    assert named(stroke(case(), "here:certificate.names", ["*.example.org"])) == []


def test_what_was_seen_comes_before_what_was_concluded() -> None:
    ill = stroke(case(failed("status", "key-unseen")), "here:application.users.integration.rights", [])
    assert [confidence for _, confidence in named(ill)] == [CERTAIN, LIKELY]


def test_failure_without_a_cause_is_told_honestly() -> None:
    ill = case(failed("web", "", "200, text/html"))
    assert doctor_verdicts.told(ill, doctor_verdicts.diagnose(ill)) == [
        "?. norte: no cause found for: web. Services, configuration, files, disks, database, modules, settings, users,"
        " certificates and names are as they should be. Read the checks' own words above, and the web server's and"
        " PHP-FPM's logs."
    ]
    unseen = Case(promised(), [failed("web")])
    assert "could not be looked at" in doctor_verdicts.told(unseen, [])[0]


def test_inside_is_red_for_what_is_certain_only() -> None:
    assert doctor_verdicts.inside(case(), 7).line() == "ok   norte inside 7 ms: as promised, 5000 MiB free"
    ill = stroke(case(failed("status", "key-unseen")), "here:files.install_lock.there", False)
    result = doctor_verdicts.inside(ill, 7)
    assert (result.ok, result.symptom) == (False, "install-lock")
    assert result.seen.startswith("The installer is not locked")
    assert doctor_verdicts.inside(replace(case(), here={}), 7, "no route to host") == Result(
        "norte",
        "inside",
        "services, files, disks, database, settings and users on the host are as promised",
        False,
        7,
        "no route to host",
        "a look at the host",
        "can the host be reached by SSH, and is PHP there?",
        "unseen",
    )


def test_report_and_lines() -> None:
    finding = Finding("x-down", "X is down", ("it is not there", "nor here"), "start it", LIKELY, "norte")
    assert finding.lines(2) == [
        "2. norte: X is down (likely) [x-down]",
        "   seen: it is not there",
        "   seen: nor here",
        "   to do: start it",
    ]
    report: dict[str, Any] = {
        "id": "x-down",
        "cause": "X is down",
        "evidence": ["it is not there", "nor here"],
        "mend": "start it",
        "confidence": "likely",
        "site": "norte",
        "run": [],
        "layer": "",
        "since": 0.0,
        "follows": "",
    }
    assert finding.report() == report


def test_a_switch_that_an_entity_gets_round() -> None:
    seen = failed("entities", "entity-switch")
    assert named(case(seen)) == [("entity-switch", CERTAIN)]
    assert named(case(seen, failed("explorer-off"))) == []
    off = stroke(case(seen), "here:application.constants.API_PRODUCTION_MODE", None)
    assert named(off) == [("production-off", CERTAIN)]


def test_commands_of_mends_name_the_site() -> None:
    ill = case(failed("status", "token-table"))
    ill.here["application"]["constants"] |= {
        "MAIN_ONLY_LOGIN_ALLOWED": "admin",
        "API_ENDPOINT_RULES": "status:1",
        "API_RESTRICT_ON_IP": "::1",
    }
    commands = [found.mend for found in doctor_verdicts.diagnose(ill) if "miclinikctl" in found.mend]
    assert len(commands) == 4
    assert all("miclinikctl norte constant unset" in words for words in commands)
