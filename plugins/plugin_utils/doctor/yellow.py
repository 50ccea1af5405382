# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What will break, or is only half there, and works as yet: told beside the verdict, which it never turns red.

Pure functions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import certificates, half, packages, services
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import changes as doctor_changes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import jobs as doctor_jobs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import mail as doctor_mail
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import places as doctor_places
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import webhooks as doctor_webhooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

CERTIFICATE_DAYS, DISK_DAYS, KEY_DAYS = 14, 14, 14
#: Of what the database server may have.
_CONNECTIONS = 0.8
#: Seconds of figures without which there is no trend, and MiB of growth that are none.
_LEAST, _GROWTH = 6 * 3600, 50
_CLOCK = 5.0
_DAY = 86400
#: What nobody but the doctor looks at, so that no check is red for it: said where there was no time for it.
_ALONE = {
    "writes": "whether its folders take files",
    "database": "whether its database takes writes",
    "pages": "whether pages work for those who have logged in",
    "mail": "whether its mail server takes mails",
}
_NAMED = 3


@dataclass(frozen=True)
class Ahead:
    """One that will break: of which site, empty for the host, what, and what to do."""

    site: str
    id: str
    what: str
    mend: str

    def line(self) -> str:
        """For people."""
        return plain.plain(f"{f'site {self.site!r}: ' if self.site else ''}{self.what}; to do: {self.mend}")

    def report(self) -> dict[str, str]:
        """As data."""
        return {name: plain.plain(value) for name, value in asdict(self).items()}


def of(cases: Sequence[Case], *, written: bool = False) -> list[Ahead]:
    """Return what will break, first of the host and then of each site.

    :param written: what is this collection's own was just written, so that it is no news that it has changed.
    """
    found = [entry for case in cases[:1] for entry in _host(case)]
    for case in cases:
        found += [*_site(case), *(() if written else _changed(case))]
    return found


def _host(case: Case) -> Iterator[Ahead]:
    ahead = case.host.get("ahead") or {}
    for role in ("web", "database"):
        yield from _boot("", case, role)
    if ahead.get("web") and case.unit("web").get("active"):
        what = f"the web server goes on with what it has loaded, and could not load its files anew: {ahead['web']}"
        mend = "correct what the line names before a renewal, an upgrade or a boot loads it (ours: its role)"
        yield Ahead("", "web", what, mend)
    if (open_ := packages.half(case)) and not case.failed():
        what = f"an upgrade of packages was ended in the middle: {', '.join(sorted(open_))}"
        yield Ahead("", "packages", what, f"{packages.CONFIGURE}, and see what it says")
    if ahead.get("connections"):
        now, most = ahead["connections"]
        if now >= _CONNECTIONS * most:
            mend = "see who holds them (SHOW PROCESSLIST, pg_stat_activity), or raise max_connections"
            yield Ahead("", "connections", f"{now} of {most} connections of the database server are taken", mend)
    if waiting := ahead.get("security"):
        more = f" and {len(waiting) - _NAMED} more" if len(waiting) > _NAMED else ""
        what = f"security updates wait: {', '.join(waiting[:_NAMED])}{more}"
        yield Ahead("", "security", what, "apt-get upgrade; see that unattended upgrades are on (the role baseline)")
    offset = case.controller.get("offset")
    if offset is not None and _CLOCK < abs(offset) <= services.CLOCK_TOLERANCE:
        way = "ahead of" if offset > 0 else "behind"
        what = f"the host's clock is {abs(offset):.0f} s {way} the controller's"
        yield Ahead("", "clock", what, "start systemd-timesyncd or chrony on the host (timedatectl)")


def _boot(site: str, case: Case, role: str) -> Iterator[Ahead]:
    unit = case.unit(role)
    if unit and unit["active"] and unit.get("off_at_boot"):
        what = f"{unit['name']} runs, and does not start when the host does"
        names = f"{case.site['fpm_unit']} {case.site['fpm_sockets']}" if role == "php" else unit["name"]
        yield Ahead(site, "boot", what, f"systemctl enable {names}")


def _site(case: Case) -> Iterator[Ahead]:
    name, ahead = case.site["name"], case.host.get("ahead") or {}
    if not case.failed() and (late := [_ALONE[what] for what in case.here.get("late", ()) if what in _ALONE]):
        mend = "see what the host is busy with (uptime, top), and run playbooks/doctor.yml again"
        yield Ahead(name, "unasked", f"not seen, since no answer came in time: {', '.join(late)}", mend)
    yield from _boot(name, case, "php")
    yield from _certificate(case)
    yield from _keys(case)
    yield from (Ahead(name, "jobs", what, mend) for what, mend in doctor_jobs.ahead(case))
    yield from (Ahead(name, "mail", what, mend) for what, mend in doctor_mail.ahead(case))
    yield from (Ahead(name, "webhooks", what, mend) for what, mend in doctor_webhooks.ahead(case))
    yield from (Ahead(name, "half-there", what, mend) for what, mend in half.told(case))
    yield from (Ahead(name, "release", what, mend) for what, mend in doctor_places.hollow(case))
    if times := ahead.get("full", {}).get(name):
        what = f"all workers of a pool were taken {times} times since yesterday"
        mend = "see what they are at (the slow log); raise php.*_max_children where the host has the memory"
        yield Ahead(name, "workers", what, mend)
    if (seen := ahead.get("plain", {}).get(name)) and not case.failed():
        what = f"whoever gives the address without https:// is not sent on: port 80: {seen}"
        mend = "let port 80 through (firewall), or run the role of the web server; ACME's renewals come that way too"
        yield Ahead(name, "plain", what, mend)
    (since, before), (until, now) = ahead.get("taken", {}).get(name) or ((0.0, 0.0), (0.0, 0.0))
    disk = case.here.get("disk")
    if disk and until - since >= _LEAST and now - before > _GROWTH:
        days = disk["free_mb"] / (now - before) * (until - since) / _DAY
        if days < DISK_DAYS:
            what = f"at the rate of late the disk under the documents is full in {days:.0f} days"
            what += f" ({now - before:.0f} MiB in {(until - since) / _DAY:.1f} days, {disk['free_mb']} MiB free)"
            yield Ahead(name, "disk", what, f"see what grows: du -xm --max-depth=2 {case.site['documents']} | sort -n")


def _keys(case: Case) -> Iterator[Ahead]:
    """Keys whose last day is near: after it the host takes them out."""
    for user in case.site.get("users", []):
        left = expiry.days_left(user)
        if left is not None and 0 < left <= KEY_DAYS:
            what = f"the key of {user['login']} is good until {user[expiry.NAME]} ({left} day{'s'[: left > 1]} more)"
            mend = f"give it a later day (api.users, {expiry.NAME}), or its callers another key"
            yield Ahead(case.site["name"], "key", what, mend)


def _certificate(case: Case) -> Iterator[Ahead]:
    name, seen = case.site["name"], case.here.get("certificate") or {}
    left = seen.get("days_left")
    if left is not None and 0 <= left < CERTIFICATE_DAYS:
        yield Ahead(name, "certificate", f"the certificate ends in {left} days", certificates.RENEW)
    unit = case.unit("web")
    if seen.get("other") and not case.failed() and unit.get("active") and unit["loaded"] < seen["changed"]:
        what = (
            "the web server gives another certificate than the one on record, which was put there since it was loaded"
        )
        what += f"; the one given ends in {seen['given_days_left']} days"
        yield Ahead(name, "certificate", what, f"systemctl reload {unit['name']}")


def _changed(case: Case) -> Iterator[Ahead]:
    """What is this collection's own is not as it was, and nothing fails of it yet."""
    if case.failed():
        return
    units = [case.unit(role) for role in ("web", "database", "php")]
    # Their links are what starts them at boot: told already.
    off = tuple(f"{unit['name']}." for unit in units if unit and unit.get("off_at_boot"))
    own = [
        entry
        for entry in doctor_changes.concerns(case)
        if entry["own"]
        and entry["site"] in ("", case.site["name"])
        and not (".wants/" in entry["subject"] and entry["subject"].rpartition("/")[2].startswith(off))
    ]
    for entry in own[:_NAMED]:
        what = f"{doctor_changes.said(entry)}, which is not how it was when the host was last proven to work"
        yield Ahead(case.site["name"], "changed", what, doctor_changes.mend(entry, case))
