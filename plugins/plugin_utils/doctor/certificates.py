# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with a site's certificate, as it is on record and as the web server gives it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, quote

RENEW = "run the role tls (acme: the role acme, and look at why it was not renewed); for provided ones give another"


def certificate(case: Case) -> Iterator[Finding]:
    """The certificate is over, too new, for another name, not the one on record, or vouched for by nobody."""
    if not case.site["encrypted"]:
        return
    seen = case.here.get("certificate") or {}
    failed = case.failed("tls")
    said = " ".join(entry.seen for entry in failed).lower()
    if not seen and case.here and not case.failed():
        return
    domain = case.site["domain"]
    if failed and (found := _unloaded(case, seen, failed)):
        yield found
        return
    if ("days_left" in seen and seen["days_left"] < 0) or "expired" in said:
        shown = (f"it ended {-seen['days_left']} days ago",) if seen.get("days_left", 0) < 0 else ()
        yield Finding("certificate-expired", "The certificate has expired", (*shown, *quote(failed, 1)), RENEW)
    if seen.get("begins_in") or "not yet valid" in said:
        shown = (
            (f"by the host's clock it begins in {seen['begins_in'] // 60} minutes",) if seen.get("begins_in") else ()
        )
        mend = (
            "compare the clocks (timedatectl) of this host, of who made the certificate, and of who asks; where they"
            " are right, wait until it begins, or give one that has begun"
        )
        yield Finding("certificate-early", "The certificate is not valid yet", (*shown, *quote(failed, 1)), mend)
    if (seen.get("names") and not _covers(seen["names"], domain)) or "mismatch" in said or "doesn't match" in said:
        shown = (f"it is for {', '.join(seen['names'])}, and the site is {domain}",) if seen.get("names") else ()
        mend = "give a certificate for the site's domain, then run the role tls"
        yield Finding("certificate-name", "The certificate is for another name", (*shown, *quote(failed, 1)), mend)
    if any(words in said for words in _UNVOUCHED):
        yield _unvouched(case, seen, quote(failed, 1))


#: What OpenSSL says where it finds nobody who vouches for a certificate.
_UNVOUCHED = (
    *("self-signed", "self signed", "unable to get local issuer", "unable to verify the first certificate"),
    "unable to get issuer certificate",
)


def _unloaded(case: Case, seen: Mapping[str, Any], failed: Sequence[Result]) -> Finding | None:
    """The one on record was changed, and the web server still gives the one before."""
    unit = case.unit("web")
    if not seen.get("other") or not unit or not unit["active"] or unit["loaded"] > seen["changed"]:
        return None
    late = seen["changed"] - unit["loaded"]
    shown = (
        f"the one on record was put there {late:.0f} s after {unit['name']} was last loaded, and is not the one given"
    )
    cause = "The web server still gives the certificate from before the last change"
    reload = f"systemctl reload {unit['name']}"
    return Finding("certificate-unloaded", cause, (shown, *quote(failed, 1)), reload, run=(reload,))


def _unvouched(case: Case, seen: Mapping[str, Any], failed: tuple[str, ...]) -> Finding:
    if case.site["tls_mode"] == "selfsigned":
        shown = ("the web server gives another certificate than the one on record",)
        mend = "reload the web server; is something else, such as a proxy, in front of it?"
        return Finding("certificate-untrusted", "The certificate is not the one on record", (*shown, *failed), mend)
    if seen.get("alone"):
        shown = ("the file holds one certificate, and who has signed it is no authority that this host knows",)
        cause = "The certificate comes alone: those between it and a known authority are missing"
        mend = (
            "give the file with the whole chain as tls.certificate (certbot's fullchain.pem, not cert.pem) and run the"
            " role tls; is the authority your own, give its certificate as smoke_ca_path"
        )
        return Finding("certificate-chain", cause, (*shown, *failed), mend)
    own = ("the one on the host is self-signed",) if seen.get("self_signed") else ()
    mend = "run the roles tls and acme; or give the authority's certificate as smoke_ca_path"
    return Finding("certificate-untrusted", "No authority vouches for the certificate", (*own, *failed), mend)


def _covers(names: list[str], domain: str) -> bool:
    wild = "*." + domain.partition(".")[2]
    return domain.lower() in names or wild in names
