# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks certbot for certificates of an ACME authority, and says in one sentence why it got none. Runs on the host."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts, files, renewal

LOG = "/var/log/letsencrypt/letsencrypt.log"
#: Runs a command; returns its exit code and all that it printed.
Runner = Callable[[Sequence[str]], tuple[int, str]]
#: certbot prints this of every name that the authority could not check.
_REPORT = re.compile(r"Domain: (?P<name>\S+)\n\s*Type: +(?P<kind>\S+)\n\s*Detail: (?P<detail>.+(?:\n {2,}\S.*)*)")
#: What mends each kind of problem (https://www.rfc-editor.org/rfc/rfc8555#section-6.7).
_MENDS = {
    "dns": "Let the name's A and AAAA records in DNS lead to this host",
    "connection": "Let port 80 of this host be reached from the outside, at the addresses that DNS gives for the name",
    "unauthorized": "Another server answers for the name: let DNS lead to this host, or let the proxy in front pass"
    " /.well-known/acme-challenge/ on",
    "caa": "Let the CAA record of the domain name this authority",
    "rateLimited": "Wait as long as the authority says",
    "rejectedIdentifier": "The authority does not sign this name: use another one, or another authority",
}
#: Words of certbot's when there is no such report, with what mends them.
_OTHERWISE = (
    ("rateLimited", _MENDS["rateLimited"]),
    ("rate limit", _MENDS["rateLimited"]),
    ("certificate verify failed", "Give the authority's own root in acme_ca_path"),
    ("Failed to establish a new connection", "Look at tls.directory, and whether this host may call it"),
    ("Name or service not known", "Look at tls.directory, and at the host's DNS"),
    ("Temporary failure in name resolution", "Look at tls.directory, and at the host's DNS"),
    ("rejectedIdentifier", _MENDS["rejectedIdentifier"]),
)


class CertbotError(Exception):
    """There is no certificate; the text says what the authority or certbot said, and what to do."""


def run(words: Sequence[str]) -> tuple[int, str]:
    """Run certbot in English, with what it prints in one text."""
    environment = {**programs.environment(), "LC_ALL": "C.UTF-8", "COLUMNS": "4000"}
    done = subprocess.run(
        list(words), check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    return done.returncode, done.stdout


def order(site: Mapping[str, Any], webroot: str, hook: str, seen: Mapping[str, Any]) -> list[str]:
    """Return the call of certbot for the certificate of ``site``; ``seen`` is what is known of the present one."""
    tls = site["tls"]
    words = ["certbot", "certonly", "--non-interactive", "--agree-tos", "--webroot", "--webroot-path", webroot]
    words += ["--server", tls["directory"], "--cert-name", f"{facts.LINEAGE}{site['name']}", "--key-type", "ecdsa"]
    words += ["--domains", ",".join(renewal.names(site)), "--renew-with-new-domains", "--deploy-hook", hook]
    words += ["--email", tls["email"], "--no-eff-email"] if tls["email"] else ["--register-unsafely-without-email"]
    # certbot keeps what is not due, even if another authority has signed it.
    other = seen.get("acme", {}).get("directory", tls["directory"]) != tls["directory"]
    return [*words, "--force-renewal" if other else "--keep-until-expiring"]


def ensure(site: Mapping[str, Any], webroot: str, hook: str, check: bool, runner: Runner = run) -> str:
    """Get the certificate of one site and have it put in place; return why, or nothing when nothing was to do.

    Raises CertbotError; the failure is kept on the host too, where the smoke test finds it.
    """
    state = Path(site["state"])
    seen = _seen(state, site["name"])
    reason = renewal.acme(site, seen)
    if not reason or check:
        return reason
    before = _shown(state)
    record = {"directory": site["tls"]["directory"]}
    code, said = runner(order(site, webroot, hook, seen))
    problem = explain(said) if code else ""
    # The hook runs for a new certificate only, and the one that certbot has may never have been put in place.
    if not problem and not _in_place(_seen(state, site["name"])):
        code, said = runner(_by_hand(hook, site["name"]))
        problem = f"it could not be put in place: {said.strip()}" if code else ""
    if not problem and not _fits(site, _seen(state, site["name"])):
        problem = f"certbot ended well, and the certificate is not the wanted one. Read {LOG}."
    if problem:
        _keep(state, {"directory": seen.get("acme", {}).get("directory", ""), "failure": problem})
        raise CertbotError(f"site '{site['name']}': {problem}")
    _keep(state, record)
    # certbot keeps what is not due in its own eyes.
    return reason if _shown(state) != before or seen.get("acme") != record else ""


def _in_place(seen: Mapping[str, Any]) -> bool:
    return bool(seen and seen["sound"] and not seen["self_signed"] and seen["deployed"])


def _fits(site: Mapping[str, Any], seen: Mapping[str, Any]) -> bool:
    return _in_place(seen) and seen["names"] == sorted(renewal.names(site))


def _shown(state: Path) -> bytes:
    file = state / files.LINK / files.CERTIFICATE
    return file.read_bytes() if file.is_file() else b""


def explain(said: str) -> str:
    """Return what the authority said of each name, or what certbot did, with what to do."""
    found = [
        f"{match['name']}: {_one_line(match['detail'])} ({match['kind']}). {_mend(match['kind'], match['detail'])}."
        for match in _REPORT.finditer(said)
    ]
    if found:
        return " ".join(dict.fromkeys(found))
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    noise = ("Saving debug log", "Ask for help", "Requesting a certificate", "Account registered", "Renewing an")
    told = " ".join(line for line in lines if not line.startswith(noise)) or "it printed nothing"
    mend = next((mend for words, mend in _OTHERWISE if words in said), f"Read {LOG} on the host")
    return f"certbot: {told.rstrip('.')}. {mend}."


def forget(name: str, check: bool, runner: Runner = run) -> bool:
    """Have certbot renew the site's certificate no more; return whether it would have. Raises CertbotError."""
    lineage = f"{facts.LINEAGE}{name}"
    if name not in facts.lineages():
        return False
    if not check:
        code, said = runner(["certbot", "delete", "--non-interactive", "--cert-name", lineage])
        if code:
            raise CertbotError(f"site '{name}': certbot cannot delete {lineage}: {explain(said)}")
    return True


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")


def _mend(kind: str, detail: str) -> str:
    # Some authorities report a name that DNS does not know as a connection that failed.
    kind = "dns" if re.search(r"no such host|NXDOMAIN|SERVFAIL", detail) else kind
    return _MENDS.get(kind, f"Read {LOG} on the host")


def _seen(state: Path, name: str) -> dict[str, Any]:
    found = facts.describe(state)
    return found | {"deployed": facts.deployed(name)} if found else {}


def _by_hand(hook: str, name: str) -> list[str]:
    return ["env", f"RENEWED_LINEAGE=/{facts.LINEAGES}/{facts.LINEAGE}{name}", *hook.split()]


def _keep(state: Path, record: Mapping[str, str]) -> None:
    path = state / facts.ACME_RECORD
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    fresh.replace(path)
