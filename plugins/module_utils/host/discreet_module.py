# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module whose parameters appear nowhere: not in the host's journal, not in its answer."""

from __future__ import annotations

from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule

_NOTHING: dict[str, dict[str, str]] = {"module_args": {}}


class DiscreetModule(HostModule):
    """For parameters with secrets anywhere in them: contents of files, sites, constants.

    Marking such a parameter ``no_log`` would also blank every word of it, ``root`` and ``0644`` among them, in diffs
    and messages; and the argument of that name of AnsibleModule is overruled by the task's own. Authors see to it that
    results and messages hold no secret.
    """

    def _log_invocation(self) -> None:
        """Write nothing to the journal."""

    def exit_json(self, **kwargs: Any) -> None:  # noqa: ANN401 (AnsibleModule takes anything)
        """End with success, without the parameters, which the connection prints at -vvv."""
        super().exit_json(**({"invocation": _NOTHING} | kwargs))

    def fail_json(self, msg: str, **kwargs: Any) -> None:  # noqa: ANN401 (AnsibleModule takes anything)
        """End with failure, likewise."""
        super().fail_json(msg, **({"invocation": _NOTHING} | kwargs))
