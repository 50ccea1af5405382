# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What operations on a whole site would do, told without touching anything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import switch
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places

from .answers import failed
from .fake_host import JOBS, FakeHost


def _folder(host: FakeHost, name: str) -> Path:
    made = host.folder / name
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("close", 3, "norte would let nobody in, and its jobs would wait"),
        ("open", 0, "norte is open already"),
        ("recover", 0, "nothing of it was killed"),
        ("rollback", 1, "nothing is kept of what the site was before an upgrade"),
        ("clone --from norte", 1, "norte is the site itself"),
        ("remove --yes-remove norte", 3, "norte would be taken off this host, after a last snapshot: database"),
        ("remove --yes-remove norte --without-snapshot", 3, "nothing of it would be kept"),
        ("remove --yes-remove sur", 1, "--yes-remove is 'sur', and the site is 'norte'"),
        ("clone --from sur", 3, "the data of norte would be replaced by those of sur, made harmless"),
        ("clone --from far", 1, "there is no site 'far' on this host. Sites: norte, sur"),
        ("clone --from far --snapshot latest", 3, "by those of far"),
        ("rename --from sur", 3, "norte would take the place of sur"),
        ("database-password rotate", 3, "norte would get another password of its database"),
        ("upgrade --to 9", 1, "norte has no release '9'. Unpacked are: none."),
        ("backup run", 1, "there is no repository of snapshots"),
        ("restore", 1, "there is no repository of snapshots"),
        ("backup test", 1, "there is no repository of snapshots"),
        ("backup check", 1, "there is no repository of snapshots"),
        # By their own program, which knows what the real run would refuse.
        ("key rotate", 0, "keys:<norte><rotate><--check>"),
        ("key rotate ana --grace 0", 0, "keys:<norte><rotate><ana><--grace><0><--check>"),
        ("key adopt ana", 0, "keys:<norte><adopt><ana><--check>"),
        ("key revoke ana", 0, "keys:<norte><revoke><ana><--check>"),
        ("cron run", 0, "no job of norte is due"),
        ("rename --from far", 1, "there is no other site 'far' on this host. Sites: norte, sur"),
        ("rename --from norte", 1, "there is no other site 'norte'"),
        ("rename --from sur --prepare", 3, "norte would have its secrets and certificates, no more"),
        ("rename --from sur --done", 0, "sur is called norte not yet"),
        ("rename --from sur --finish", 0, "nothing is left of sur"),
        ("adopt --undo", 1, "norte was not adopted on this host"),
        ("adopt --from /nowhere", 1, "there is no folder /nowhere"),
        ("webhook test erp", 3, "an event for a test would be sent to erp"),
        ("webhook test epr", 1, "norte has no webhook 'epr'. There are: erp"),
        ("webhook resend erp", 3, "would be tried again for erp: 2 that wait, 1 dead letters"),
        ("webhook resend erp b", 1, "erp has no dead letter b"),
        ("webhook secret epr --rotate", 1, "norte has no webhook 'epr'"),
        ("webhook secret erp --rotate", 3, "the secret of erp would be made anew"),
        ("api call POST /products", 3, "would call POST /products"),
        ("api call GET products --limit 5", 0, "would call GET /products?limit=5"),
    ],
)
@pytest.mark.parametrize("way", ["terminal", "piped"])
def test_what_would_be_done(host: FakeHost, way: str, words: str, code: int, said: str) -> None:
    ended = getattr(host, way)("norte", *words.split(), "--check")
    assert (ended.code, said in ended.out + ended.err) == (code, True), ended
    assert host.noted() == ""


@pytest.mark.parametrize("way", ["terminal", "piped"])
def test_a_mail_that_would_not_leave(host: FakeHost, way: str) -> None:
    words = ("norte", "mail", "test", "me@example.org", "--check")
    told = host.terminal(*words)
    assert told.out == "A mail to me@example.org would be sent from a@b.c by smtps to localhost:25.\n"
    assert [told.code, host.piped(*words).code, host.noted()] == [3, 3, ""]
    host.answer("mail test", failed("usage", '"me" is no address.', "Write one, as in me@example.org."))
    assert getattr(host, way)("norte", "mail", "test", "me", "--check").code == 2
    host.answer("mail test", failed("mail_off", "Mails are switched off.", "Leave it so."))
    ended = getattr(host, way)("norte", "mail", "test", "me@example.org", "--check")
    assert (ended.code, "Mails are switched off." in ended.out + ended.err) == (1, True)


def test_jobs_that_are_due(host: FakeHost) -> None:
    host.lists("cron", [JOBS[0] | {"due": True}, JOBS[0] | {"label": "Old", "due": True, "enabled": False}])
    ended = host.piped("norte", "cron", "run", "--check")
    assert (ended.code, ended.out) == (3, "would be run for norte: Send [bold]\n")


def test_an_adopted_site(host: FakeHost) -> None:
    old = _folder(host, "var/www/dolibarr")
    places = Places("norte", host.folder)
    assert host.piped("norte", "adopt", "--from", str(old), "--check").code == 3
    places.work.mkdir(parents=True, exist_ok=True)
    switch.keep(places, {"from": str(old), "web": {"vhosts": []}})
    assert host.piped("norte", "adopt", "--from", str(old), "--check").code == 0
    ended = host.piped("norte", "adopt", "--undo", "--check")
    assert (ended.code, ended.out) == (3, f"norte would be closed, and {old} be served again\n")


def test_a_closed_site(host: FakeHost) -> None:
    (_folder(host, "srv/miclinik/norte") / "closed").touch()
    assert host.piped("norte", "close", "--check").code == 0
    assert host.piped("norte", "open", "--check").code == 3


def test_an_upgrade(host: FakeHost) -> None:
    releases = _folder(host, "srv/miclinik/norte/releases")
    for name in ("22-a", "23-b"):
        (releases / name).mkdir()
    (releases.parent / "current").symlink_to(releases / "22-a")
    ended = host.piped("norte", "upgrade", "--to", "23-b", "--check")
    assert (ended.code, "from 22-a to 23-b" in ended.out) == (3, True)
    assert host.piped("norte", "upgrade", "--to", "22-a", "--check").code == 0
    assert "Unpacked are: 22-a, 23-b" in host.piped("norte", "upgrade", "--to", "24", "--check").err


def test_a_backup(host: FakeHost) -> None:
    (_folder(host, "etc/miclinik-backup") / "settings.json").write_text("{}")
    ended = host.piped("norte", "backup", "run", "--tag", "a", "--tag", "b", "--check")
    assert (ended.code, ended.out) == (3, "a snapshot of norte would be made with the marks a, b\n")
    ended = host.piped("norte", "backup", "test", "--check")
    assert (ended.code, "the snapshot latest of norte would be restored beside it" in ended.out) == (3, True)
    assert host.piped("norte", "backup", "check", "--check").code == 3
    ended = host.piped("norte", "restore", "--at", "2026-11-27", "--check")
    assert (ended.code, "the last snapshot before 2026-11-27; what it has now is kept aside" in ended.out) == (3, True)


def test_what_can_be_gone_back(host: FakeHost) -> None:
    work = Places("norte", host.folder).work
    work.mkdir(parents=True)
    (work / "before.json").write_text("{}")
    ended = host.piped("norte", "rollback", "--check")
    assert (ended.code, "would be brought back to what it was before its last upgrade" in ended.out) == (3, True)


def test_something_is_under_way(host: FakeHost) -> None:
    Journal.begin(Places("norte", host.folder).journal, "upgrade", "1", {})
    ended = host.piped("norte", "rollback", "--check")
    assert (ended.code, "miclinikctl norte recover" in ended.err) == (1, True)
    assert host.piped("norte", "recover", "--check").code == 3
    Places("norte", host.folder).journal.write_text(json.dumps([]))
    assert "cannot be read" in host.piped("norte", "rollback", "--check").err
