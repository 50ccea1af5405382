# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All faults, and pairs of them that have to give two causes."""

from __future__ import annotations

from . import faults_application, faults_host, faults_identity, faults_vhosts, faults_web

FAULTS = [
    *faults_vhosts.FAULTS,
    *faults_web.FAULTS,
    *faults_host.FAULTS,
    *faults_application.FAULTS,
    *faults_identity.FAULTS,
]
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
