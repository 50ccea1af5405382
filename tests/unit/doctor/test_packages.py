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
