# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people ask of a site's webhooks, and what Prometheus is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import webhook_rotation
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import command, figures, hooks, signing
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.relay import Relay

from .conftest import SECRET, TOKEN, Host, Receiver, free_port, until

BILL = {"triggercode": "BILL_VALIDATE", "object": {"id": 7}}


@pytest.fixture(autouse=True)
def _of_the_host(monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    monkeypatch.setattr(hooks, "SPOOL", host.root / "spool")
    monkeypatch.setattr(hooks, "RUN", host.root / "run")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(systemd_unit, "order", lambda *_: _reload(host))


def _reload(host: Host) -> None:
    for relay in host.relays:
        relay.look_anew()
        relay.declare()


def _ask(host: Host, *words: str) -> int:
    return webhook_rotation.main(["norte", *words], host.root / "etc")


def _note(host: Host, relay: Relay, now: float) -> None:
    figures.write(host.root / "run", list(relay.lines.values()), now)


def test_they_are_listed(
    host: Host, receiver: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    assert _ask(host, "list") == 0
    assert capsys.readouterr().out.startswith(f"erp  no relay  to 127.0.0.1:{receiver.port}: nothing waits; none since")
    relay = host.start()
    host.post(BILL)
    until(lambda: sum(line.figures.delivered for line in relay.lines.values()))
    monkeypatch.setattr("time.time", lambda: 1000000.0)
    _note(host, relay, 1000000.0)
    assert _ask(host, "list") == 0
    assert capsys.readouterr().out.startswith(f"erp  ok  to 127.0.0.1:{receiver.port}: nothing waits; last arrived 20")
    assert _ask(host, "list", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["waiting"], told["dead"], told["delivered"], told["relay"]) == (0, [], 1, "runs")
    assert not {TOKEN, SECRET} & set(str(told).split("'"))


def test_a_test_arrives(
    host: Host, receiver: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host.declare("norte", {"name": "erp", "url": receiver.url})
    host.start()
    monkeypatch.setattr(hooks, "PORT", host.port)
    assert _ask(host, "test", "erp") == 0
    assert capsys.readouterr().out.endswith(f" has arrived at 127.0.0.1:{receiver.port}\n")
    assert receiver.bodies() == [{"triggercode": "MICLINIK_TEST", "object": {"site": "norte", "webhook": "erp"}}]


def test_a_test_that_does_not_arrive(
    host: Host, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host.declare("norte", {"name": "erp", "url": f"http://127.0.0.1:{free_port()}/"})
    monkeypatch.setattr(hooks, "PORT", free_port())
    assert _ask(host, "test", "erp") == 1
    assert "the relay does not answer" in capsys.readouterr().err
    relay = host.start()
    monkeypatch.setattr(hooks, "PORT", host.port)
    monkeypatch.setattr(command, "_PATIENCE", 0.5)
    _note(host, relay, 0.0)
    assert _ask(host, "test", "erp") == 1
    assert "has not arrived yet, and is tried again: no answer so far" in capsys.readouterr().err


def test_dead_letters_are_sent_again(host: Host, receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    receiver.answers += [(410, {})]
    host.declare("norte", {"name": "erp", "url": receiver.url})
    relay = host.start()
    sent = host.post(BILL)[1]["id"]
    (line,) = relay.lines.values()
    until(line.spool.lies)
    assert _ask(host, "list") == 0
    out = capsys.readouterr().out
    assert "erp  no relay" in out
    assert f"    dead  {sent}  BILL_VALIDATE of 20" in out
    assert out.endswith(": HTTP 410 Gone\n")
    assert _ask(host, "resend", "erp", "msg_1") == 1
    assert "erp has no dead letter msg_1" in capsys.readouterr().err
    assert _ask(host, "resend", "erp", sent) == 0
    until(lambda: [headers["webhook-id"] for headers, _ in receiver.got] == [sent, sent])
    until(lambda: not line.spool.waits())  # the receiver has it before the relay knows
    assert _ask(host, "resend", "erp") == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 dead letters and 0 that waited are tried now",
        "0 dead letters and 0 that waited are tried now",
    ]


def test_the_secret_is_shown_to_whom_asks_for_it(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.declare("norte", {"name": "erp", "url": "https://h.example"})
    assert _ask(host, "secret", "erp") == 0
    assert capsys.readouterr().out == f"{SECRET}\n"
    assert _ask(host, "secret", "crm") == 1
    assert capsys.readouterr().err == "norte has no webhook 'crm'. There are: erp\n"


def test_a_secret_is_exchanged_while_both_sign(
    host: Host, receiver: Receiver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[str] = []
    monkeypatch.setattr("syslog.syslog", lambda _, text: noted.append(text))
    host.declare(
        "norte", {"name": "crm", "url": "https://h.example", "token": "other"}, {"name": "erp", "url": receiver.url}
    )
    record, folder = {"webhooks": {"erp": {"secret": SECRET, "token": TOKEN}}}, host.root / "etc/norte"
    (folder / "secrets.json").write_text(json.dumps(record))
    relay = host.start()
    assert _ask(host, "secret", "erp", "--rotate") == 0
    told = capsys.readouterr()
    new = told.out.strip()
    assert new != SECRET
    assert signing.key(new)
    assert told.err.startswith("the new secret of erp: until 20")
    relay.declare()
    host.post(BILL)
    until(lambda: len(receiver.got) == 1)
    assert _signed_by(receiver, [new, SECRET])
    # Again while both sign, and then without a grace: it has leaked, as have those before it.
    assert _ask(host, "secret", "erp", "--rotate", "--grace", "2d") == 0
    newer = capsys.readouterr().out.strip()
    relay.declare()
    host.post(BILL)
    until(lambda: len(receiver.got) == 2)
    assert _signed_by(receiver, [newer, SECRET, new])
    assert _ask(host, "secret", "erp", "--rotate", "--grace", "0") == 0
    last = capsys.readouterr()
    assert last.err == "the new secret of erp: no other one signs\n"
    relay.declare()
    host.post(BILL)
    until(lambda: len(receiver.got) == 3)
    assert _signed_by(receiver, [last.out.strip()])
    assert json.loads((folder / "secrets.json").read_text())["webhooks"]["erp"] == {
        "secret": last.out.strip(),
        "token": TOKEN,
    }
    assert (folder / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert len(noted) == 3
    assert not any(secret in text for text in noted for secret in (SECRET, new, newer, last.out.strip()))


def _signed_by(receiver: Receiver, secrets: list[str]) -> bool:
    headers, body = receiver.got[-1]
    wanted = signing.headers(secrets, headers["webhook-id"], int(headers["webhook-timestamp"]), body)
    return headers["webhook-signature"] == wanted["webhook-signature"]


def test_what_is_no_rotation(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    host.declare("norte", {"name": "erp", "url": "https://h.example", "declared": True})
    assert _ask(host, "secret", "erp", "--rotate") == 1
    assert "the secret of erp is in the inventory, and the next run would bring it back" in capsys.readouterr().err
    assert _ask(host, "secret", "erp", "--grace", "1h") == 1
    assert capsys.readouterr().err == "--grace goes with --rotate\n"
    for wrong in ("31d", "1", "-1h", "soon"):
        with pytest.raises(SystemExit):
            _ask(host, "secret", "erp", "--rotate", f"--grace={wrong}")
        assert "no number of hours or days up to 30d" in capsys.readouterr().err


def test_a_site_without_any(host: Host, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ask(host, "list") == 1
    assert capsys.readouterr().err == "norte has no webhooks: write `webhooks` in its entry, and run site.yml\n"


def test_prometheus_is_told(host: Host, tmp_path: Path) -> None:
    host.declare("norte", {"name": "erp", "url": f"http://127.0.0.1:{free_port()}/"})
    relay = host.start()
    host.post(BILL)
    (line,) = relay.lines.values()
    until(lambda: line.figures.failed)
    _note(host, relay, line.oldest + 7)
    text = (tmp_path / "run/metrics.prom").read_text()
    assert 'miclinik_webhook_waiting{site="norte",webhook="erp"} 1\n' in text
    assert 'miclinik_webhook_oldest_waiting_seconds{site="norte",webhook="erp"} 7\n' in text
    assert "# TYPE miclinik_webhook_failed_tries_total counter\n" in text
    assert (tmp_path / "run/metrics.prom").stat().st_mode & 0o777 == 0o644
