# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the mail server of a site would take a mail: all of the way but the mail itself. Runs on the host."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Seconds that the server may take for each answer.
_PATIENCE = 4.0
_SENDMAIL = "/usr/sbin/sendmail"
_WIDTH = 240
_FINE = 250


def look(site: Mapping[str, Any], password: str, root: Path = Path("/")) -> dict[str, str]:
    """Return ``step`` and ``said`` of what is in the way; nothing where nothing is.

    Steps are ``connect``, ``tls``, ``certificate``, ``login``, ``sender`` and ``recipient``; without a server of the
    site's ``sendmail``, where PHP has nothing to send with.
    """
    mail = site["mail"]
    if not mail["server"]:
        return {} if layout.below(root, _SENDMAIL).exists() else {"step": "sendmail", "said": f"no {_SENDMAIL}"}
    try:
        server = _connect(mail)
    except ssl.SSLCertVerificationError as error:
        return _told("certificate", error.verify_message)
    except ssl.SSLError as error:
        return _told("tls", error)
    except (OSError, smtplib.SMTPException) as error:
        return _told("connect", error)
    with contextlib.closing(server):
        return _ask(server, mail, password)


def _connect(mail: Mapping[str, Any]) -> smtplib.SMTP:
    trust = ssl.create_default_context()
    if mail["encryption"] == "tls":
        return smtplib.SMTP_SSL(mail["server"], mail["port"], timeout=_PATIENCE, context=trust)
    return smtplib.SMTP(mail["server"], mail["port"], timeout=_PATIENCE)


def _ask(server: smtplib.SMTP, mail: Mapping[str, Any], password: str) -> dict[str, str]:
    step = "connect"
    try:
        server.ehlo()
        if mail["encryption"] == "starttls":
            step = "tls"
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if mail["user"]:
            step = "login"
            server.login(mail["user"], password)
        for step, command in (("sender", server.mail), ("recipient", server.rcpt)):
            code, said = command(mail["from"])
            if code != _FINE:
                return _told(step, f"{code} {said.decode('utf-8', 'replace')}")
        server.rset()
        server.quit()
    except ssl.SSLCertVerificationError as error:
        return _told("certificate", error.verify_message)
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        return _told(step, f"{error.smtp_code} {words if isinstance(words, str) else words.decode('utf-8', 'replace')}")
    except (OSError, smtplib.SMTPException) as error:
        return _told(step, error)
    return {}


def _told(step: str, said: object) -> dict[str, str]:
    return {"step": step, "said": plain.plain(" ".join(str(said).split()))[:_WIDTH]}
