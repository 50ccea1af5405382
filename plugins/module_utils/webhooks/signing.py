# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Signatures as Standard Webhooks 1.0 has them: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
#: Bytes that the standard wants of a secret, and those of one that is made here: no padding at its end.
_LEAST, _MOST, _MADE = 24, 64, 30


def new_secret() -> str:
    """Return a new secret."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_MADE)).decode()


def key(secret: str) -> bytes:
    """Return the bytes that a secret stands for; raise ValueError where it is none of the standard's."""
    try:
        found = base64.b64decode(secret.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("no base64") from error
    if not secret.startswith(PREFIX) or not _LEAST <= len(found) <= _MOST:
        raise ValueError("not of 24 to 64 bytes")
    return found


def headers(known: Sequence[str], ident: str, moment: int, body: bytes) -> dict[str, str]:
    """Return the headers by which a receiver that knows one of these secrets sees that ``body`` is ours, and new."""
    content = f"{ident}.{moment}.".encode() + body
    signed = [base64.b64encode(hmac.new(key(secret), content, hashlib.sha256).digest()).decode() for secret in known]
    signatures = " ".join(f"v1,{signature}" for signature in signed)
    return {"webhook-id": ident, "webhook-timestamp": str(moment), "webhook-signature": signatures}
