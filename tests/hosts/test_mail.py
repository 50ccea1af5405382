# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mail of the application arrives at the server that the inventory names, which molecule/prepare.yml has started."""

from __future__ import annotations

import email
import secrets

from testinfra.host import Host

from .conftest import HostedSite

MAILS = "/run/mails"


def test_a_mail_arrives(host: Host, site: HostedSite) -> None:
    to = f"{secrets.token_hex(6)}@example.net"
    said = host.run("miclinikctl %s mail test %s", site.name, to)
    assert said.rc == 0, said.stderr
    (file,) = host.check_output("grep -rl %s %s", to, MAILS).splitlines()
    got = email.message_from_string(host.file(file).content_string)
    assert site.settings["mail"]["from"] in got["From"]
    assert to in got["To"]
