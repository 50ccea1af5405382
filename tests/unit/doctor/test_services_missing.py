# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services whose packages somebody removed, and what a journal says for whom."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_host, probe_services, window
from ansible_collections.miclinik.hosting.plugins.module_utils.host import dpkg_status
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from .cases import case, failed, here, host, promised, stroke

OTHER = "[26-Nov-2026 18:38:10] WARNING: [pool sur-web] child 77 exited on signal 9"
OWN = "[26-Nov-2026 18:38:11] WARNING: [pool norte-api] seems busy"


def _with(role: str, **changes: Any) -> Case:  # noqa: ANN401
    seen, own = host(), here()
    (own if role == "php" else seen)["units"][role] |= {"active": False, "state": "inactive (dead)"} | changes
    return Case(promised(), (), seen, own, {})


@pytest.mark.parametrize(
    ("role", "package", "name", "cause"),
    [
        ("web", "nginx", "web-server-missing", "The web server is not installed"),
        ("php", "php8.2-fpm", "php-missing", "PHP-FPM is not installed"),
        ("database", "mariadb-server", "database-missing", "The database server is not installed"),
    ],
)
def test_a_package_that_is_gone(role: str, package: str, name: str, cause: str) -> None:
    found = doctor_verdicts.diagnose(_with(role, lacking=package))
    assert [(one.id, one.cause, one.evidence, one.mend) for one in found] == [
        (name, cause, (f"the package {package} is not installed",), "run playbooks/site.yml, which installs it")
    ]


def test_a_package_that_a_service_needs_is_gone() -> None:
    down = _with("web", lacking="", unmet="nginx-common", result="exit-code", name="nginx")
    (found,) = doctor_verdicts.diagnose(down)
    assert (found.id, found.cause) == (
        "web-server-missing",
        "The web server lacks a package that it needs: nginx-common",
    )
    assert found.evidence[0] == "the package nginx-common is not installed"
    assert found.run[-2].endswith("--force-confold --fix-broken nginx-common")
    assert found.run[-1] == "systemctl reset-failed nginx; systemctl start nginx"


def test_of_php_that_is_gone_no_configuration_is_broken() -> None:
    case = _with("php", lacking="php8.2-fpm")
    case.here["php"].update(pools={}, settings={}, extensions=[], problem="php-fpm is not there, or gave no answer")
    assert [one.id for one in doctor_verdicts.diagnose(case)] == ["php-missing"]


def test_what_a_sites_own_php_said_last_is_evidence() -> None:
    (found,) = doctor_verdicts.diagnose(_with("php", lacking="", log=[OWN]))
    assert found.evidence[1:] == (OWN,)


@pytest.mark.parametrize("role", ["web", "api"])
def test_a_pool_whose_socket_systemd_holds_for_nobody(role: str) -> None:
    case = Case(promised(), (), host(), here(), {})
    del case.here["php"]["pools"][f"norte-{role}"]
    (found,) = doctor_verdicts.diagnose(case)
    assert (found.id, found.evidence, found.mend) == (
        f"{role}-pool-down",
        (f"/etc/miclinik-php/norte/{role}.conf is not there, or has no pool norte-{role}",),
        "run the role php, or: systemctl restart miclinik-php@norte.socket miclinik-php@norte.service",
    )


def test_a_socket_that_another_program_has_taken() -> None:
    case = Case(promised(), (), host(), here() | {"strangers": {"quarantine": "python3 (process 77)"}}, {})
    (found,) = doctor_verdicts.diagnose(case)
    path, again = "/run/miclinik-php/norte/quarantine.sock", "systemctl restart miclinik-php@norte.socket"
    assert (found.id, found.layer, found.evidence) == ("socket-foreign", "socket", (f"{path}: python3 (process 77)",))
    assert found.run == (f"{again} miclinik-php@norte.service",)


def test_a_journal_says_each_thing_once_and_the_last_things() -> None:
    again = OTHER.replace("18:38:10", "18:39:59")
    lines = [f"2026/11/26 18:00:0{at} [warn] thing {at}" for at in range(5)] + [OTHER, OWN, again]
    assert probe_host.distinct(lines) == [*lines[3:5], OWN, again]


@pytest.mark.parametrize(
    ("state_", "installed"), [("installed", True), ("half-configured", True), ("config-files", False)]
)
def test_the_probe_asks_dpkg_of_a_service_that_is_down(
    monkeypatch: pytest.MonkeyPatch, state_: str, *, installed: bool
) -> None:
    state = {"there": True, "active": False, "state": "inactive (dead)", "result": "success", "loaded": 0.0}
    monkeypatch.setattr(probe_host, "units", lambda names: {name: dict(state) for name in names if "*" not in name})
    monkeypatch.setattr(probe_host, "journal", lambda name, changed: [f"a line of {name}"])
    packages = ["nginx", "php8.2-fpm", "postgresql"]
    monkeypatch.setattr(dpkg_status, "states", lambda: dict.fromkeys(packages, state_))
    host, own = probe_services.look([promised()], "8.2", "nginx", "postgresql")
    units = host["units"] | own["norte"]
    lacking = ["", "", ""] if installed else packages
    assert [units[role]["lacking"] for role in ("web", "php", "database")] == lacking
    assert [bool(units[role]["log"]) for role in ("web", "php", "database")] == [installed] * 3


def test_a_site_may_be_called_as_a_role_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_host, "units", lambda names: {})
    monkeypatch.setattr(dpkg_status, "states", lambda: {})
    host, own = probe_services.look(
        [{**promised(), "name": "web", "fpm_unit": "miclinik-php@web.service"}], "8.2", "nginx", "postgresql"
    )
    assert (host["units"]["web"]["name"], own["web"]["php"]["name"]) == ("nginx", "miclinik-php@web")


def test_of_several_clusters_the_first_is_named_by_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "of_cluster", lambda since: [f"FATAL:  why ({since:.0f})"])
    monkeypatch.setattr(probe_host, "kernel", lambda name, changed: [])
    monkeypatch.setattr(probe_host, "journal", lambda name, changed: [f"a line of {name}"])
    states = {"postgresql@17-main": {"active": False, "state": "failed", "result": "protocol", "loaded": 1000.0}}
    found = probe_services._unit(states, "postgresql@*", "postgresql", {"postgresql"})
    assert (found["name"], found["log"]) == (
        "postgresql@17-main",
        ["FATAL:  why (985)", "a line of postgresql@17-main"],
    )
    assert probe_services._unit({}, "postgresql@*", "postgresql", set())["name"] == "postgresql@*"


def test_of_apache_the_logs_of_its_vhosts_are_read_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "of_apache", lambda logs, since: [f"[ssl:emerg] AH02565: {logs} ({since:.0f})"])
    monkeypatch.setattr(probe_host, "kernel", lambda name, changed: [])
    monkeypatch.setattr(probe_host, "journal", lambda name, changed: [f"a line of {name}"])
    states = {"apache2": {"active": False, "state": "failed", "result": "exit-code", "loaded": 1000.0}}
    found = probe_services._unit(states, "apache2", "apache2", {"apache2"})
    assert found["log"] == ["[ssl:emerg] AH02565: /var/log/apache2 (985)", "a line of apache2"]


def test_a_database_server_that_answers_in_anothers_place() -> None:
    ill = case(failed("api", "php"))
    ill = stroke(ill, "host:units.database.name", "postgresql@17-other")
    change: dict[str, Any] = {
        "section": "units",
        "subject": "postgresql@17-main.service",
        "what": "ActiveState",
        "was": "active",
    }
    change |= {"is": "inactive", "site": "", "own": False, "kept": False, "since": 0.0}
    first = doctor_verdicts.diagnose(stroke(ill, "host:changes", [change]))[0]
    assert first.id == "database-other-server"
    assert first.run == ("systemctl stop postgresql@17-other; systemctl start postgresql@17-main",)
    same = change | {"subject": "postgresql@17-other.service"}
    assert doctor_verdicts.diagnose(stroke(ill, "host:changes", [same]))[0].id != "database-other-server"
