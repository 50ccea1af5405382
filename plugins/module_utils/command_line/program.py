# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""All that the command line needs on a host, so that it travels there; its verbs import it from where it is."""

# ruff: noqa: F401
from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import (
    api_call,
    audit,
    calls,
    constant_diff,
    entry_apply,
    entry_file,
    entry_keys,
    entry_orders,
    foresee,
    host,
    known,
    log_lines,
    logs,
    looks,
    looks_proven,
    moments,
    passwords,
    places,
    refusals,
    right_sources,
    routes,
    smoke,
    way_back,
    words,
)
