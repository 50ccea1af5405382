# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Something is under way with the whole of a site, or was ended in the middle: nobody is let in meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule


def change(case: Case) -> Iterator[Finding]:
    """An upgrade, a restore or the like has not come to its end."""
    known = case.here.get("change") or {}
    if not known:
        return
    name = case.site["name"]
    if known.get("shut"):
        yield Finding(
            "closed-by-name",
            "Somebody has closed the site until it is opened by name, as for a move to another host",
            (f"/var/lib/miclinik-sites/{name}/shut.json is there",),
            f"miclinikctl {name} open, if it is this host that is to serve it",
        )
        return
    operation = known["operation"]
    units = f"journalctl -u miclinik-change@{name} -u miclinik-recover@{name}"
    tried = f"{known['tries']} times it was begun to be taken back: {known['obstacle'] or 'that was killed as well'}"
    seen = (f"{operation} is at '{known['step']}'", *((tried,) if known["tries"] else ()))
    if known["busy"] and not known["tries"]:
        yield Finding(
            "change-under-way",
            f"Something is under way with the whole site: {operation}",
            seen,
            f"wait for its end: miclinikctl {name} journal; {units}",
        )
    elif known["busy"]:
        yield Finding(
            "change-taken-back",
            f"What failed or was killed is being taken back: {operation}",
            seen,
            f"it is tried again every few seconds; mend what is in the way: {units}",
        )
    else:
        yield Finding(
            "change-not-taken-back",
            f"What was ended in the middle is not taken back: {operation}",
            seen,
            f"mend what is in the way, then: miclinikctl {name} recover; {units}",
        )


RULES: tuple[Rule, ...] = (change,)
