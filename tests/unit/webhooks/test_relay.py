# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Events arrive, signed and once, whatever receivers do meanwhile; the caller waits for none of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import intake, signing, spool
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.delivery import Outcome
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.hooks import Hook, ident
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.spool import Event

from .conftest import SECRET, TOKEN, Host, Receiver, free_port, receiver_at, until

BILL = {"triggercode": "BILL_VALIDATE", "object": {"id": 7, "ref": "FA2611-0007", "total_ttc": "121.00"}}
OTHER = TOKEN[::-1]


def waiting(host: Host, token: str = TOKEN) -> list[str]:
    return sorted(path.name for path in (host.root / "spool" / ident(token) / "waiting").iterdir())


def dead(host: Host, token: str = TOKEN) -> list[Path]:
    return sorted((host.root / "spool" / ident(token) / "dead").iterdir())


def test_an_event_arrives_signed(host: Host, receiver: Receiver) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    status, told = host.post(BILL)
    assert status == 202
    until(lambda: receiver.got)
    headers, body = receiver.got[0]
    assert headers["webhook-id"] == told["id"]
    wanted = signing.headers([SECRET], told["id"], int(headers["webhook-timestamp"]), body)
    assert headers["webhook-signature"] == wanted["webhook-signature"]
    assert headers["content-type"] == "application/json"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 5
    assert receiver.bodies() == [BILL]
    until(lambda: waiting(host) == [])


def test_a_receiver_that_is_down_gets_it_later(host: Host) -> None:
    port = free_port()
    host.declare("norte", {"name": "erp", "url": f"http://127.0.0.1:{port}/"})
    relay = host.start()
    began = time.monotonic()
    for number in range(5):
        assert host.post({"triggercode": "X", "object": {"n": number}})[0] == 202
    assert time.monotonic() - began < 1
    (line,) = relay.lines.values()
    until(lambda: line.figures.failed >= 2)
    assert "refused" in line.figures.said
    assert len(waiting(host)) == 5
    receiver = receiver_at(port)
    until(lambda: len(receiver.got) == 5)
    assert sorted(body["object"]["n"] for body in receiver.bodies()) == list(range(5))
    until(lambda: waiting(host) == [])
    receiver.server.shutdown()


def test_a_slow_receiver_holds_up_no_other(host: Host, receiver: Receiver) -> None:
    slow = receiver_at()
    slow.held.clear()
    host.declare(
        "norte",
        {"name": "slow", "url": slow.url, "token": OTHER},
        {"name": "erp", "url": receiver.url},
    )
    host.start()
    began = time.monotonic()
    assert host.post(BILL, OTHER)[0] == host.post(BILL)[0] == 202
    until(lambda: receiver.got)
    assert time.monotonic() - began < 2
    assert slow.got == []
    slow.held.set()
    until(lambda: slow.got)
    slow.server.shutdown()


def test_nothing_is_lost_with_the_relay(host: Host, receiver: Receiver) -> None:
    receiver.held.clear()
    host.declare("norte", {"name": "erp", "url": receiver.url})
    first = host.start()
    told = [host.post({"triggercode": "X", "object": n})[1]["id"] for n in range(4)]
    for line in first.lines.values():
        line.end()  # what it is at, it never writes down
    assert waiting(host) == sorted(told)
    host.start()
    receiver.held.set()
    until(lambda: {headers["webhook-id"] for headers, _ in receiver.got} == set(told))
    until(lambda: waiting(host) == [])


def test_one_that_is_refused_is_tried_again_and_holds_up_no_other(host: Host, receiver: Receiver) -> None:
    receiver.answers += [(500, {}), (200, {}), (422, {})]
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    bad, good = (host.post({"triggercode": "X", "object": n})[1]["id"] for n in range(2))
    until(lambda: len(receiver.got) == 4)
    assert {headers["webhook-id"] for headers, _ in receiver.got[:2]} == {bad, good}
    assert [headers["webhook-id"] for headers, _ in receiver.got[2:]] == [bad, bad]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(host: Host, receiver: Receiver, status: int) -> None:
    other = receiver_at()
    receiver.answers += [(status, {"Location": other.url})]
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    host.post(BILL)
    until(lambda: len(receiver.got) == 2)
    assert other.got == []
    other.server.shutdown()


def test_a_receiver_may_ask_for_a_pause(host: Host, receiver: Receiver) -> None:
    receiver.answers += [(429, {"Retry-After": "1"})]
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    host.post(BILL)
    until(lambda: receiver.got)
    began = time.monotonic()
    until(lambda: len(receiver.got) == 2)
    assert time.monotonic() - began > 0.9


def test_gone_ends_the_tries(host: Host, receiver: Receiver) -> None:
    receiver.answers += [(410, {})]
    host.declare("norte", {"name": "erp", "url": receiver.url})
    relay = host.start()
    host.post(BILL)
    until(lambda: dead(host))
    host.post(BILL)
    until(lambda: len(dead(host)) == 2)
    assert len(receiver.got) == 1
    (line,) = relay.lines.values()
    assert line.spool.gone
    host.declare("norte", {"name": "erp", "url": receiver.url.replace("/in", "/new")})
    host.post(BILL)
    until(lambda: len(receiver.got) == 2)


def test_tries_end_with_a_dead_letter_that_can_be_sent_again(host: Host, receiver: Receiver) -> None:
    receiver.answers += [(500, {})] * 3
    host.declare("norte", {"name": "erp", "url": receiver.url, "retry_for": 0})
    relay = host.start()
    sent = host.post(BILL)[1]["id"]
    until(lambda: dead(host) and not waiting(host))
    (line,) = relay.lines.values()
    host.declare("norte", {"name": "erp", "url": receiver.url})
    receiver.answers.clear()
    assert line.spool.revive(line.spool.lies(), time.time()) == 1
    relay.look_anew()
    relay.declare()
    until(lambda: [headers["webhook-id"] for headers, _ in receiver.got][-1:] == [sent])
    until(lambda: (waiting(host), dead(host)) == ([], []))


def test_what_waits_is_tried_at_once_where_somebody_asks(host: Host, receiver: Receiver) -> None:
    receiver.answers += [(503, {"Retry-After": "600"})]
    host.declare("norte", {"name": "erp", "url": receiver.url})
    relay = host.start()
    sent = [host.post(BILL)[1]["id"] for _ in range(3)]
    until(lambda: receiver.got)
    time.sleep(0.2)
    assert len(receiver.got) == 1
    relay.look_anew()
    relay.declare()
    until(lambda: len(receiver.got) == 4)
    assert {headers["webhook-id"] for headers, _ in receiver.got} == set(sent)


@pytest.mark.parametrize("token", ["", "x", OTHER, f"{TOKEN}/", f"../{TOKEN}", "%00"])
def test_who_does_not_know_the_token_gets_nothing(host: Host, receiver: Receiver, token: str) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    assert host.post(BILL, token)[0] == 404
    assert waiting(host) == []


def test_too_large_a_body_is_refused(host: Host, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "MAX_BODY", 1000)
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    assert host.post(b" " * 1001)[0] == 413
    assert host.post(b" " * 1000)[0] == 202


def test_a_full_disk_is_told_at_once(host: Host, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    relay = host.start()
    monkeypatch.setattr(spool, "MAX_EVENTS", 0)
    assert host.post(BILL)[0] == 507
    (line,) = relay.lines.values()
    assert line.figures.lost == 1
    monkeypatch.undo()
    assert host.post(BILL)[0] == 202


def test_what_is_declared_no_more_gets_nothing(host: Host, receiver: Receiver) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    host.declare("norte")
    assert host.post(BILL)[0] == 404


def test_a_file_that_is_no_good_stops_no_other_site(host: Host, receiver: Receiver) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    relay = host.start()
    (host.root / "etc/norte/webhooks.json").write_text("{")
    host.declare("sur", {"name": "erp", "url": receiver.url, "token": OTHER})
    assert host.post(BILL)[0] == 202
    assert host.post(BILL, OTHER)[0] == 202
    until(lambda: len(receiver.got) == 2)
    assert len(relay.lines) == 2


def test_a_renamed_site_keeps_what_waits(host: Host) -> None:
    host.declare("norte", {"name": "erp", "url": f"http://127.0.0.1:{free_port()}/"})
    relay = host.start()
    sent = host.post(BILL)[1]["id"]
    receiver = receiver_at()
    host.declare("sur", {"name": "erp", "url": receiver.url})
    (host.root / "etc/norte/webhooks.json").unlink()
    relay.declare()
    until(lambda: [headers["webhook-id"] for headers, _ in receiver.got] == [sent])
    receiver.server.shutdown()


def test_a_thread_outlives_what_nobody_thought_of(host: Host, receiver: Receiver) -> None:
    failed: list[str] = []

    def send(hook: Hook, event: Event, now: float) -> Outcome:
        if not failed:
            failed.append(event.ident)
            raise AttributeError(hook.name)
        return Outcome("delivered", f"{now}")

    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start(send=send)
    host.post(BILL)
    until(lambda: failed and not waiting(host))


def test_a_spoilt_event_stops_no_other(host: Host, receiver: Receiver) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    folder = host.root / "spool" / ident(TOKEN) / "waiting"
    folder.mkdir(parents=True)
    (folder / "msg_0000000000000000").write_bytes(b"")
    (folder / ".msg_0000000000000001").write_bytes(b"half")
    (folder / "msg_0000000000000002").write_bytes(b'{"since": 1}\n{}')
    relay = host.start()
    assert host.post(BILL)[0] == 202
    until(lambda: receiver.got)
    assert receiver.bodies() == [BILL]
    until(lambda: not waiting(host))
    assert [path.name for path in dead(host)] == ["msg_0000000000000000", "msg_0000000000000002"]
    (line,) = relay.lines.values()
    assert {letter.why for letter in line.spool.letters()} == {"its file is spoilt"}
