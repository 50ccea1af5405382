# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All faults, and pairs of them that have to give two causes."""

from __future__ import annotations

from . import faults_application, faults_host, faults_identity, faults_vhosts, faults_web
from .bench import Bench
from .fault import Fault

#: What a web server has a share in: tried on each.
WEB = [*faults_vhosts.FAULTS, *faults_web.FAULTS]
#: What lies behind it is the same for both, so that each kind is tried on one of them.
HOST = faults_host.FAULTS
APPLICATION = [*faults_application.FAULTS, *faults_identity.FAULTS]
FAULTS = [*WEB, *HOST, *APPLICATION]
PARTS = {
    "all": FAULTS,
    "host": [*WEB, *HOST],
    "application": [*WEB, *APPLICATION],
    "tls": faults_web.TRUST,
}
PAIRS = [
    ("certificate-expired", "hosts-file"),
    ("web-server-down", "hosts-file"),
    ("module-off", "api-temp-shut"),
    ("explorer-off", "login-off"),
    ("key-revoked", "install-lock"),
    ("output-buffering", "right-missing"),
    ("web-pool-down", "api-module-off"),
    ("disk-full", "database-read-only"),
]


def fitting(part: str, bench: Bench) -> dict[str, Fault]:
    """The faults of a part that there can be on this host, by their names: two servers have some of one name."""
    return {fault.name: fault for fault in PARTS[part] if fault.fits(bench)}
