# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an operator should know of a site although nothing is wrong: said once a run, and no check fails of it."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import reach
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case


def of(cases: Sequence[Case]) -> list[str]:
    """Return the notes on all sites, a line each."""
    return [f"site '{case.site['name']}': {note}" for case in cases for note in _site(case)]


def _site(case: Case) -> list[str]:
    """What left the inventory and goes on in the application, and what people gave: nobody takes it away unasked."""
    left, ctl = case.application.get("left") or {}, f"miclinikctl --site {case.site['name']}"
    notes = []
    if users := left.get("users"):
        notes.append(
            f"API users that are not in the inventory any more, and still have a key: {', '.join(users)}. "
            f"To disable one and take its key: {ctl} user disable {users[0]}"
        )
    if modules := left.get("modules"):
        notes.append(
            f"modules that are not in the inventory any more, and stay on: {', '.join(modules)}. "
            f"To switch one off: {ctl} module disable {modules[0]}"
        )
    notes += [dead for user in case.site.get("users", []) if (dead := expiry.told(user["login"], user))]
    declared = {user["login"]: user.get("groups") or [] for user in case.site.get("users", [])}
    for login, user in case.application.get("users", {}).items():
        if groups := [name for name in user.get("groups") or [] if name not in declared.get(login, [])]:
            notes.append(
                f"the API user {login} is in groups and has their rights besides its own: {', '.join(groups)}. "
                "To leave it exactly those of the inventory, take it out of them in the application's pages"
            )
    astray = reach.note(case)
    return [*notes, *([astray] if astray else [])]
