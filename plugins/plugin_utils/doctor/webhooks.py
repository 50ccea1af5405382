# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Webhooks: a relay that does not run is a fault of the host's, what a receiver answers is its own matter."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import figures, hooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule

#: Seconds for which events may wait before people are told.
_PATIENCE = 900


def stopped(case: Case) -> Iterator[Finding]:
    """The relay is there and does not run, or not after the next boot, or does nothing."""
    seen = case.here.get("webhooks") or {}
    if not seen or not seen["relay"]["there"]:
        return
    cause = "The relay of the site's webhooks does not run: its events are lost"
    units = f"{hooks.SOCKET} {hooks.UNIT}"
    down = [unit for name, unit in (("socket", hooks.SOCKET), ("relay", hooks.UNIT)) if not seen[name]["active"]]
    if down:
        mend = f"systemctl enable --now {units}; where it does not stay so: journalctl -u {hooks.UNIT}"
        yield Finding("webhook-relay", cause, tuple(f"{unit} does not run" for unit in down), mend)
    elif not all(seen[name]["enabled"] for name in ("socket", "relay")):
        mend = f"systemctl enable {units}"
        yield Finding("webhook-relay", cause, ("it does not start when the host does",), mend)
    elif seen["told"] and case.host.get("time", 0.0) - seen["told"] > 3 * figures.STALE:
        mend = f"systemctl restart {hooks.UNIT}; journalctl -u {hooks.UNIT} says what it was at"
        yield Finding("webhook-relay", cause, (f"it runs, and has said nothing since {_moment(seen['told'])}",), mend)


def ahead(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what people have to see to, with the mend: it turns nothing red."""
    seen, name = case.here.get("webhooks") or {}, case.site["name"]
    if not seen:
        return
    if not seen["relay"]["there"]:
        yield "its webhooks have no relay yet", "run site.yml, or the roles rest_api and webhooks"
    if wrong := case.here.get("targets"):
        what = f"the application sends its webhooks otherwise than declared: {', '.join(wrong)}"
        yield what, "run site.yml, or the role rest_api alone"
    for one in seen["webhooks"]:
        for what, mend in _of(one, name, case.host.get("time", 0.0)):
            yield f"webhook {one['name']}: {what}", mend


def _of(one: Mapping[str, Any], site: str, now: float) -> Iterator[tuple[str, str]]:
    listed = f"miclinikctl {site} webhook list"
    if one["gone"]:
        what = (
            f"its receiver wants nothing any more ({one['said']})"
            if one["said"]
            else "its receiver wants nothing any more"
        )
        yield (
            what,
            f"take it out of `webhooks`, or have it tried again: miclinikctl {site} webhook resend {one['name']}",
        )
    elif one["waiting"] and one["oldest"] and now - one["oldest"] > _PATIENCE:
        said = f": {one['said']}" if one["said"] else ""
        what = f"{one['waiting']} events wait, the oldest since {_moment(one['oldest'])}{said}"
        yield what, f"see to the receiver; they are tried again until retry_for is over: {listed}"
    if one["dead"] and not one["gone"]:
        mend = f"{listed}, and: miclinikctl {site} webhook resend {one['name']}"
        yield f"{one['dead']} events were given up, and are kept for 30 days", mend
    if one["lost"]:
        mend = f"see that the disk of {hooks.SPOOL} has room: journalctl -u {hooks.UNIT}"
        yield f"{one['lost']} events could not be kept, and are lost", mend


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


RULES: tuple[Rule, ...] = (stopped,)
