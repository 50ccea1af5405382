# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packages that are not whole: files that were changed or are gone, and upgrades that were ended in the middle."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_packages
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN, LIKELY, Case
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import case, failed, stroke

SO = "/usr/lib/php/20240924/intl.so"
VERIFY = f"""??5??????   {SO}
??5?????? c /etc/nginx/nginx.conf
missing     /usr/share/doc/nginx/copyright
missing   c /etc/php/8.4/mods-available/x.ini
missing     /usr/share/nginx/modules-available/x.conf
?????????   /usr/sbin/nginx
"""


def test_what_dpkg_says() -> None:
    assert probe_packages.parse(VERIFY) == [
        {"path": SO, "what": "changed"},
        {"path": "/usr/share/nginx/modules-available/x.conf", "what": "missing"},
    ]
    text = f"php8.4-intl:amd64: {SO}\ndiversion by x from: /a\nlibc6:amd64, libc6:i386: /lib/x\ndpkg-query: no path\n"
    assert probe_packages.owned(text) == {SO: "php8.4-intl", "/lib/x": "libc6"}


def _with(ill: Case, files: list[dict[str, str]] | None = None, half: dict[str, str] | None = None) -> Case:
    return stroke(ill, "host:packages", {"files": files or [], "half": half or {}})


BROKEN = [{"path": SO, "what": "changed", "package": "php8.4-intl"}]


def test_an_extension_that_is_damaged_wants_its_package_anew() -> None:
    ill = stroke(_with(case(), BROKEN), "here:php.extensions", ["curl", "gd", "mbstring", "mysqli", "xml", "zip"])
    first = diagnose(ill)[0]
    assert (first.id, first.confidence) == ("php-extension", CERTAIN)
    assert first.cause.endswith(f"{SO} of the package php8.4-intl is changed")
    assert first.run[1].endswith("--reinstall php8.4-intl")


@pytest.mark.parametrize(
    ("told", "name"),
    [({"files": BROKEN}, "package-files"), ({"half": {"nginx": "unpacked"}}, "packages-half")],
)
def test_a_package_that_is_not_whole_may_be_why(told: dict[str, Any], name: str) -> None:
    first = diagnose(_with(case(failed("api", "php")), **told))[0]
    assert (first.id, first.confidence) == (name, LIKELY)
    assert first.run[-1].endswith(("restart nginx", "systemctl start nginx"))
    assert diagnose(_with(case(), **told)) == []


def test_an_upgrade_that_was_ended_in_the_middle_is_told() -> None:
    (line,) = [entry.line() for entry in yellow.of([_with(case(), half={"nginx": "unpacked"})])]
    assert line.startswith(
        "an upgrade of packages was ended in the middle: nginx; to do: dpkg --force-confold --configure"
    )
    assert yellow.of([_with(case(), BROKEN)]) == []


@pytest.mark.parametrize(
    ("role", "package"), [("web", "nginx-core"), ("php", "php8.4-fpm"), ("database", "mariadb-server")]
)
def test_what_an_upgrade_left_down_is_set_up_before_it_is_started(role: str, package: str) -> None:
    down = _with(case(failed("api", "timeout")), half={package: "unpacked", "libpq5": "unpacked"})
    place = "here" if role == "php" else "host"
    for what, value in {"active": False, "state": "inactive (dead)"}.items():
        down = stroke(down, f"{place}:units.{role}.{what}", value)
    first = diagnose(down)[0]
    name = {"web": "web-server", "php": "php", "database": "database"}[role]
    assert (first.id, first.confidence) == (f"{name}-half", CERTAIN)
    assert f"is down: {package} (unpacked)" in first.cause
    assert "--configure -a" in first.run[0]


@pytest.mark.parametrize(
    ("package", "run"),
    [
        ("libapache2-mod-security2", "|.*/\\([^/]*\\)\\.load$|\\1|p' | xargs -r a2dismod -q -f"),
        ("php8.4-snuffleupagus", "|.*/\\([^/]*\\)\\.ini$|\\1|p' | xargs -r phpdismod"),
        ("nginx-extras", ""),
    ],
)
def test_what_a_new_package_has_loaded_is_switched_off(package: str, run: str) -> None:
    new = {"section": "packages", "subject": package, "what": "", "was": "", "is": "install ok installed"}
    change = new | {"site": "", "own": False, "kept": False, "since": 0.0}
    first = diagnose(stroke(case(failed("api", "php")), "host:changes", [change]))[0]
    assert first.cause.startswith(f"package {package} is new")
    assert first.mend.startswith(f"see what it brought and changed (`dpkg -L {package}`")
    assert "".join(first.run[:1]).endswith(run)
    assert bool(first.run) == bool(run)
