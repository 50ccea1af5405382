# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the bridge is called and how its failures come back."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError

from .conftest import Host, failure


def test_a_call_names_the_site_and_returns_the_answer(norte: Host) -> None:
    norte.answers = [{"ok": True, "changed": False, "version": "22.0.4"}]
    answer = norte.bridge("norte").call("user show integration")
    assert answer == {"ok": True, "changed": False, "version": "22.0.4"}
    words = ["/usr/bin/php8.2", str(norte.command), "--site", "norte", "user", "show", "integration"]
    assert norte.asked == [(words, None)]


def test_what_is_given_goes_to_standard_input_and_not_to_the_arguments(norte: Host) -> None:
    norte.answers = [{"ok": True, "changed": True}]
    norte.bridge("norte").call("key set shop", {"key": "s3cret-key-0123456789"}, check=True)
    words, text = norte.asked[0]
    assert words == [
        "/usr/bin/php8.2",
        str(norte.command),
        "--site",
        "norte",
        "--check",
        "--stdin",
        "key",
        "set",
        "shop",
    ]
    assert text == {"key": "s3cret-key-0123456789"}


def test_a_batch_returns_the_answers(norte: Host) -> None:
    norte.answers = [{"ok": True, "changed": True, "answers": [{"changed": True}, {"changed": False}]}]
    orders = [{"command": "module list", "args": {}}, {"command": "user show", "args": {"login": "x"}}]
    assert norte.bridge("norte").batch(orders) == [{"changed": True}, {"changed": False}]
    assert norte.asked[0][0][-1] == "batch"
    assert norte.asked[0][1] == orders


def test_a_failure_tells_site_expected_seen_and_mend(norte: Host) -> None:
    norte.answers = [failure("unknown_right", failed=1, failed_command="user ensure")]
    with pytest.raises(BridgeError) as caught:
        norte.bridge("norte").batch([])
    assert str(caught.value) == "site 'norte': It was seen. Mend it."
    assert caught.value.report() == {
        "site": "norte",
        "code": "unknown_right",
        "expected": "`miclinikctl user ensure` to succeed",
        "seen": "It was seen.",
        "mend": "Mend it.",
    }
    assert caught.value.site_is_there


def test_details_of_a_failure_are_passed_on(norte: Host) -> None:
    answer = failure("not_installed")
    answer["error"]["details"] = {"state": "partial"}
    norte.answers = [answer]
    with pytest.raises(BridgeError) as caught:
        norte.bridge("norte").call("install")
    assert caught.value.report()["details"] == {"state": "partial"}
    assert not caught.value.site_is_there


@pytest.mark.parametrize(
    ("answer", "code", "seen"),
    [
        (
            (255, "", "PHP Parse error: x\n"),
            "no_answer",
            "miclinikctl gave no answer (exit code 255). PHP Parse error: x",
        ),
        ((0, "[]", ""), "no_answer", "miclinikctl gave no answer (exit code 0)."),
        ((3, '{"ok": true}', ""), "exit_code", "miclinikctl answered, but ended with 3."),
    ],
)
def test_a_broken_answer_is_a_failure(norte: Host, answer: tuple[int, str, str], code: str, seen: str) -> None:
    norte.answers = [answer]
    with pytest.raises(BridgeError) as caught:
        norte.bridge("norte").call("status")
    assert (caught.value.code, caught.value.seen) == (code, seen)
    assert caught.value.site_is_there


def test_a_host_without_the_site_is_told_from_a_fault(host: Host) -> None:
    with pytest.raises(BridgeError) as caught:
        host.bridge("norte").call("status")
    assert caught.value.code == "no_site"
    assert caught.value.seen == f"{host.state}/norte/site.json is missing."
    assert not caught.value.site_is_there


def test_a_host_without_the_bridge_is_told_from_a_fault(host: Host) -> None:
    host.put_site("norte")
    with pytest.raises(BridgeError) as caught:
        host.bridge("norte").call("status")
    assert caught.value.code == "no_bridge"
    assert caught.value.seen == f"{host.command} is missing."
    assert not caught.value.site_is_there


def test_a_host_without_php_is_told_from_a_fault(host: Host) -> None:
    host.put_bridge()
    host.put_site("norte", php="/nowhere/php9.9")
    with pytest.raises(BridgeError) as caught:
        Bridge("norte").call("status")
    assert (caught.value.code, caught.value.seen) == ("no_php", "/nowhere/php9.9 is missing.")
    assert not caught.value.site_is_there


def test_broken_facts_are_a_fault(norte: Host) -> None:
    (norte.state / "norte" / "site.json").write_text("{")
    with pytest.raises(BridgeError) as caught:
        norte.bridge("norte").call("status")
    assert caught.value.code == "bad_facts"
    assert caught.value.site_is_there


def test_the_runner_passes_text_in_and_out(tmp_path: Path) -> None:
    script = tmp_path / "echo.py"
    script.write_text("import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write('e'); sys.exit(4)")
    assert bridge_client.run([sys.executable, str(script)], "clínica") == (4, "CLÍNICA", "e")


def test_the_bridge_of_an_earlier_version_is_found(host: Host, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a host that is looked at before it is brought up to date."""
    earlier = tmp_path / "miclinikctl"
    earlier.write_text("<?php\n")
    monkeypatch.setattr(bridge_client, "EARLIER", earlier)
    host.put_site("norte")
    host.answers = [{"ok": True}, {"ok": True}]
    host.bridge("norte").call("status")
    host.put_bridge()
    host.bridge("norte").call("status")
    assert [words[1] for words, _ in host.asked] == [str(earlier), str(host.command)]
