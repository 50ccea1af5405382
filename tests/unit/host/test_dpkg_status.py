# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dpkg has on record: states, and what is lacking of what a package needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import dpkg_status

STATUS = """\
Package: nginx
Status: install ok installed
Depends: nginx-common (<< 1.22.1-9.1~), iproute2, mail-agent | sendmail
Pre-Depends: libc6 (>= 2.34), init:any

Package: nginx-common
Status: {common}
Depends: lsb-base (>= 3.0-6)
Description: small web server
 Depends: nothing, this is text

Package: iproute2
Status: install ok half-configured

Package: libc6
Status: install ok installed

Package: systemd-sysv
Status: hold ok installed
Provides: init (= 252)

Package: exim4
Status: {exim}
Provides: mail-agent

Package: lsb-base
Status: {base}
"""


@pytest.mark.parametrize(
    ("changes", "lacking"),
    [
        ({}, ""),
        ({"common": "deinstall ok config-files"}, "nginx-common"),
        ({"base": "purge ok not-installed"}, "lsb-base"),
        ({"exim": "deinstall ok config-files"}, "mail-agent"),
    ],
    ids=["whole", "needed", "needed by a needed one", "neither alternative"],
)
def test_the_first_package_that_is_needed_and_not_there(tmp_path: Path, changes: dict[str, str], lacking: str) -> None:
    there = "install ok installed"
    (tmp_path / "status").write_text(
        STATUS.format(**{"common": there, "exim": there, "base": there} | changes), "utf-8"
    )
    assert dpkg_status.unmet("nginx", tmp_path / "status") == lacking


def test_of_a_package_that_is_not_there_nothing_is_needed(tmp_path: Path) -> None:
    (tmp_path / "status").write_text(STATUS, "utf-8")
    assert dpkg_status.unmet("apache2", tmp_path / "status") == ""
    assert dpkg_status.unmet("apache2", tmp_path / "absent") == ""


def test_this_machine_lacks_nothing() -> None:
    assert dpkg_status.unmet("bash") == ""
