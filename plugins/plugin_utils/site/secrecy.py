# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of the application's constants, and which parts of an address, are secret.

The bridge has the same rule for constants, in ``templates/bridge/src/Secrecy.php``; a test feeds both one table.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

#: Stands in an address for what was taken out.
CUT = "***"

# Wider than the application's own two lists (dolibarr_set_const and isASecretKey, 16 to 24), which know neither
# MAIN_MAIL_SMTPS_PW_PASSWORDRESET nor ADHERENT_MAILMAN_ADMINPW nor what other people's modules bring: a value that is
# hidden without need costs nothing.
_NAME = re.compile(
    r"PASSW|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|BEARER|WEBHOOK|PRIVATE|(PASS|PW|PWD|KEY|KEYS|SALT)[0-9]*(_|$)"
    r"|(^|_)(PIN|JWT|HMAC|HASH|DSN|OTP)[0-9]*(_|$)|(AUTH|AUTHORIZATION|SIGNATURE|LICENSE|LICENCE|COOKIE)[0-9]*$",
    re.IGNORECASE | re.ASCII,
)
# A name and password in an address or in a connection string, a token in a query, a private key, an HTTP header.
_VALUE = re.compile(
    r"://[^/?#\s]*@|[?&;\s](\w*(pass|pw|key|secret|token|sig|auth)\w*)=|^(pass|pw|key|secret|token)\w*="
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|\b(Bearer|Basic) \S|(dol)?crypt(ed)?:",
    re.IGNORECASE | re.ASCII,
)
# The same, in lines where `pass`, `key` and `token` are names of directives, variables and zones.
_CREDENTIAL = re.compile(
    r"://[^/\s:@\"']+:[^/\s@\"']+@|-----BEGIN [A-Z ]*PRIVATE KEY|\b(dol)?crypt(ed)?:"
    r"|\b(Bearer|Basic) (?=\S*[0-9=])[A-Za-z0-9+/=._~-]{8,}",
    re.ASCII,
)
# A switch tells nothing: API_IN_TOKEN_TABLE, MAIN_SECURITY_CSRF_WITH_TOKEN.
_SWITCHES = frozenset({"", "0", "1"})


def is_secret(name: str, value: object) -> bool:
    """Return whether ``value`` of the constant ``name`` has to be hidden; in doubt it has."""
    if value is None or isinstance(value, bool) or str(value) in _SWITCHES:
        return False
    return bool(_NAME.search(name) or _VALUE.search(str(value)))


def holds_credential(text: str) -> bool:
    """Return whether lines of a configuration hold a password or a token as such, and not the name of one."""
    return bool(_CREDENTIAL.search(text))


def public_address(url: str) -> str:
    """Return ``url`` with three stars in place of name and password, of the query and of the fragment.

    >>> public_address("https://me:secret@example.org/a.git?token=1")
    'https://***@example.org/a.git?***'
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")
    return parts._replace(
        netloc=f"{CUT}@{host[2]}" if host[1] else host[2],
        query=CUT if parts.query else "",
        fragment=CUT if parts.fragment else "",
    ).geturl()
