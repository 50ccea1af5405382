# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How certbot is asked, and what is made of its answers; the texts are certbot 2.1.0's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certbot
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import certificates as made_here
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts as tls_facts
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files as tls_files
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from tests.certificates import Authority

DIRECTORY = "https://ca.example.org/directory"
HOOK = "/usr/bin/python3 /hook.py"
NAMES = ["norte.example.org", "www.norte.example.org"]
REFUSED = """Saving debug log to /var/log/letsencrypt/letsencrypt.log
Account registered.
Requesting a certificate for oeste.example.org

Certbot failed to authenticate some domains (authenticator: webroot). The Certificate Authority reported these problems:
  Domain: oeste.example.org
  Type:   {kind}
  Detail: {detail}

Hint: The Certificate Authority failed to download the temporary challenge files created by Certbot.

Some challenges have failed.
Ask for help or search for solutions at https://community.letsencrypt.org.
"""


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host's root, as far as certificates go."""
    monkeypatch.setattr(tls_facts, "deployed", lambda name: (tmp_path / "deployed").exists())
    return tmp_path


def _site(host: Path, **tls: Any) -> Site:  # noqa: ANN401
    entry = {
        "name": "norte",
        "domain": NAMES[0],
        "aliases": NAMES[1:],
        "source": {"type": "sandbox"},
        "tls": {"mode": "acme", "directory": DIRECTORY} | tls,
    }
    return sites.plan([entry])[0] | {"state": str(host)}


class Certbot:
    """Answers as certbot and the hook would; an issue puts a certificate in place when ``deploys``."""

    def __init__(self, host: Path, code: int = 0, said: str = "", deploys: bool = True) -> None:
        self.host, self.code, self.said, self.deploys = host, code, said, deploys
        self.calls: list[list[str]] = []

    def __call__(self, words: Sequence[str]) -> tuple[int, str]:
        self.calls.append(list(words))
        if (words[0] == "certbot" and not self.code and self.deploys) or words[0] == "env":
            tls_files.place(self.host, *Authority().issue(NAMES, ends=90))
            (self.host / "deployed").touch()
        return self.code, self.said


def _record(host: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((host / "acme.json").read_text())
    return content


def test_an_order_in_full(host: Path) -> None:
    assert certbot.order(_site(host, email="it@example.org"), "/webroot", HOOK, {}) == [
        *("certbot", "certonly", "--non-interactive", "--agree-tos", "--webroot", "--webroot-path", "/webroot"),
        *("--server", DIRECTORY, "--cert-name", "miclinik-norte", "--key-type", "ecdsa"),
        *("--domains", "norte.example.org,www.norte.example.org", "--renew-with-new-domains", "--deploy-hook", HOOK),
        *("--email", "it@example.org", "--no-eff-email", "--keep-until-expiring"),
    ]


def test_an_order_without_an_address(host: Path) -> None:
    words = certbot.order(_site(host), "/webroot", HOOK, {"acme": {"directory": DIRECTORY}})
    assert words[-2:] == ["--register-unsafely-without-email", "--keep-until-expiring"]


def test_another_authority_is_asked_whatever_is_there(host: Path) -> None:
    words = certbot.order(_site(host), "/webroot", HOOK, {"acme": {"directory": "https://staging"}})
    assert words[-1] == "--force-renewal"
    assert "--keep-until-expiring" not in words


def test_the_first_certificate(host: Path) -> None:
    made_here.ensure({"name": "norte", "state": str(host), "mode": "acme", "names": NAMES}, check=False)
    runner = Certbot(host)
    site = _site(host)
    assert certbot.ensure(site, "/webroot", HOOK, True, runner) == "there is none of an authority"
    assert runner.calls == []
    assert certbot.ensure(site, "/webroot", HOOK, False, runner) == "there is none of an authority"
    assert [call[0] for call in runner.calls] == ["certbot"]
    assert _record(host) == {"directory": DIRECTORY}
    assert certbot.ensure(site, "/webroot", HOOK, False, runner) == ""
    assert len(runner.calls) == 1


def test_a_certificate_that_certbot_had_already_is_put_in_place(host: Path) -> None:
    runner = Certbot(host, deploys=False)
    assert certbot.ensure(_site(host), "/webroot", HOOK, False, runner)
    assert runner.calls[1:] == [
        ["env", "RENEWED_LINEAGE=/etc/letsencrypt/live/miclinik-norte", "/usr/bin/python3", "/hook.py"]
    ]


def test_a_failure_is_kept_and_tried_again(host: Path) -> None:
    made_here.ensure({"name": "norte", "state": str(host), "mode": "acme", "names": NAMES}, check=False)
    before = (host / "tls/certificate.pem").read_bytes()
    runner = Certbot(host, 1, REFUSED.format(kind="connection", detail="1.2.3.4: Connection refused"))
    with pytest.raises(certbot.CertbotError) as raised:
        certbot.ensure(_site(host), "/webroot", HOOK, False, runner)
    failure = (
        "oeste.example.org: 1.2.3.4: Connection refused (connection). Let port 80 of this host be reached from the"
        " outside, at the addresses that DNS gives for the name."
    )
    assert str(raised.value) == f"site 'norte': {failure}"
    assert _record(host) == {"directory": "", "failure": failure}
    assert (host / "tls/certificate.pem").read_bytes() == before
    assert certbot.ensure(_site(host), "/webroot", HOOK, False, Certbot(host))
    assert _record(host) == {"directory": DIRECTORY}


def test_a_success_without_a_certificate_is_none(host: Path) -> None:
    def idle(words: Sequence[str]) -> tuple[int, str]:
        return 0, ""

    with pytest.raises(certbot.CertbotError, match="certbot ended well, and the certificate is not the wanted one"):
        certbot.ensure(_site(host), "/webroot", HOOK, False, idle)


def test_a_certificate_that_is_short_lived_is_no_change_when_it_is_kept(host: Path) -> None:
    assert certbot.ensure(_site(host), "/webroot", HOOK, False, Certbot(host))
    tls_files.place(host, *Authority().issue(NAMES, ends=5))
    runner = Certbot(host, deploys=False)
    assert certbot.ensure(_site(host), "/webroot", HOOK, False, runner) == ""
    assert len(runner.calls) == 1


@pytest.mark.parametrize(
    ("kind", "detail", "mend"),
    [
        ("dns", "DNS problem: NXDOMAIN looking up A", "Let the name's A and AAAA records in DNS lead to this host."),
        (
            "connection",
            'lookup oeste.example.org on 192.0.2.1:53: no such host"',
            "Let the name's A and AAAA records in DNS lead to this host.",
        ),
        (
            "unauthorized",
            "192.0.2.1: Invalid response from\n            http://x: 404",
            "Another server answers for the name: let DNS lead to this host, or let the proxy in front pass"
            " /.well-known/acme-challenge/ on.",
        ),
        ("caa", "CAA record forbids", "Let the CAA record of the domain name this authority."),
        ("strange", "what?", "Read /var/log/letsencrypt/letsencrypt.log on the host."),
    ],
)
def test_what_an_authority_says(kind: str, detail: str, mend: str) -> None:
    shown = " ".join(detail.split())
    assert certbot.explain(REFUSED.format(kind=kind, detail=detail)) == f"oeste.example.org: {shown} ({kind}). {mend}"


def test_each_name_that_failed_is_said() -> None:
    one = "  Domain: {0}.example.org\n  Type:   dns\n  Detail: NXDOMAIN\n\n"
    mend = "NXDOMAIN (dns). Let the name's A and AAAA records in DNS lead to this host."
    assert certbot.explain(one.format("a") + one.format("b")) == f"a.example.org: {mend} b.example.org: {mend}"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (
            "Saving debug log to /var/log\nAn unexpected error occurred:\nToo many: rate limit\nAsk for help",
            "certbot: An unexpected error occurred: Too many: rate limit. Wait as long as the authority says.",
        ),
        (
            "SSLError: certificate verify failed: self-signed certificate",
            "certbot: SSLError: certificate verify failed: self-signed certificate."
            " Give the authority's own root in acme_ca_path.",
        ),
        ("", "certbot: it printed nothing. Read /var/log/letsencrypt/letsencrypt.log on the host."),
    ],
)
def test_what_certbot_says_itself(said: str, shown: str) -> None:
    assert certbot.explain(said) == shown


def test_forgetting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tls_facts, "lineages", lambda: ["norte"])
    calls: list[list[str]] = []

    def runner(words: Sequence[str]) -> tuple[int, str]:
        calls.append(list(words))
        return 0, ""

    assert not certbot.forget("sur", False, runner)
    assert certbot.forget("norte", True, runner)
    assert calls == []
    assert certbot.forget("norte", False, runner)
    assert calls == [["certbot", "delete", "--non-interactive", "--cert-name", "miclinik-norte"]]


def test_what_is_run_is_run_in_english() -> None:
    assert certbot.run(["sh", "-c", "echo out; echo err >&2; echo $LC_ALL; exit 3"]) == (3, "out\nerr\nC.UTF-8\n")
