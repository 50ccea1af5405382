# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that turn sites into arguments of the modules ``rest_api``, ``route_cache`` and ``smoke``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import webhooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.smoke import pending as smoke_pending
from ansible_collections.miclinik.hosting.plugins.plugin_utils.timer import watched as timer_watched


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "conf_extra": promises.conf_extra,
            "rest_api_settings": promises.settings,
            "rest_api_routes": promises.routes,
            "smoke_checks": promises.checks,
            "smoke_pending": smoke_pending.reasons,
            "smoke_watched": timer_watched.watched,
            "disk_watched": timer_watched.disk,
            "webhooks_relayed": webhooks.relayed,
        }
