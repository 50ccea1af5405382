# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mails that would not leave a site: nothing else of it shows that, and the server is somebody else's, perhaps."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

#: What each step of `probe_mail` means, and what to do.
STEPS = {
    "connect": (
        "the mail server {server} gives no answer at port {port}",
        "see mail.server and mail.port, and whether the way there is open: providers often shut port 25",
    ),
    "tls": (
        "the mail server {server} does not speak TLS as mail.encryption says ({encryption}, port {port})",
        "write mail.encryption: tls (465) or starttls (587), as its operator says",
    ),
    "certificate": (
        "the certificate of the mail server {server} is not good",
        "name the server as its certificate does, or put its authority into /usr/local/share/ca-certificates and run"
        " update-ca-certificates",
    ),
    "login": (
        "the mail server {server} refuses the log-in of {user}",
        "correct mail.user and mail.password, and run the role rest_api",
    ),
    "sender": (
        "the mail server {server} refuses mails from {from}",
        "write as mail.from an address that this server may send for",
    ),
    "recipient": (
        "the mail server {server} refuses to take mails of this host",
        "give mail.user and mail.password, or have its operator let this host's address relay",
    ),
}
#: Modules that are of little use where no mail leaves.
SENDING = frozenset({"mailing", "notification", "ticket"})


def ahead(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what keeps mails from leaving, with the mend."""
    seen, mail = case.here.get("mail") or {}, case.site["mail"]
    if not seen or case.site["clone"]:
        return
    if seen["step"] in STEPS:
        cause, mend = STEPS[seen["step"]]
        yield f"no mail leaves: {cause.format(**mail)}: {seen['said']}", mend
        return
    sending = sorted(SENDING & set(case.site["modules"]))
    if sending and not (case.site["own_sendmail"] or case.constant("MAIN_MAIL_SMTP_SERVER")):
        what = f"no mail leaves, and its modules are to send some ({', '.join(sending)}): there is no mail server"
        yield what, "write `mail` into the inventory, or install a mail server on the host (docs/mail.md)"
