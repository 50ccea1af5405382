# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Host names and addresses as servers, certificates and URLs want them: one spelling for each, whatever was written.

Names in other scripts become punycode as browsers do it (UTS 46, non-transitional, which is IDNA 2008): Python's own
codec knows IDNA 2003 only, and gives another name for ß. Runs on the controller; only such names need the library idna,
which comes with requests.
"""

from __future__ import annotations

import ipaddress
import re

try:
    import idna
except ImportError:  # told to who writes such a name
    idna = None  # type: ignore[assignment]

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LONGEST = 253  # RFC 1035
_PUNYCODE = "xn--"

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class HostNameError(ValueError):
    """What was written is no host; ``seen`` says why, ``mend`` what to do."""

    def __init__(self, seen: str, mend: str) -> None:
        super().__init__(f"{seen}. {mend}")
        self.seen = seen
        self.mend = mend


def canonical(text: str) -> str:
    """Return the host that ``text`` names, in the one spelling of it: lower case, ASCII, addresses at their shortest.

    Raises HostNameError.
    """
    _refuse_what_is_more(text)
    if _looks_like_address(text):
        return str(_address(text))
    name = text[:-1] if text.endswith((".", "\u3002")) else text
    if not name.isascii():
        name = _punycode(text, name)
        if _looks_like_address(name):
            return str(_address(name))
    name = name.lower()
    if len(name) > _LONGEST:
        raise HostNameError(f"is {text!r}, of more than {_LONGEST} characters", "Write a shorter name")
    for label in name.split("."):
        _check_label(text, label)
    return name


def address(text: str) -> Address | None:
    """Return the address that a canonical host is; None for a name."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_address(text: str) -> bool:
    """Return whether a canonical host is an address."""
    return address(text) is not None


def in_url(host: str) -> str:
    """Return a canonical host as URLs, Host headers and servers' settings write it: IPv6 addresses in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _looks_like_address(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9.]+", text)) or ":" in text


def _address(text: str) -> Address:
    """Return the address, if clients can call it."""
    if "%" in text:
        mend = "Use an address that other machines can call too; that of a link is known with its interface only"
        raise HostNameError(f"is {text!r}, with a zone", mend)
    if text.startswith("["):
        mend = "Write it without brackets, as in 2001:db8::7, and a port as `port`"
        raise HostNameError(f"is {text!r}, with brackets", mend)
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        mend = "Write a host name alone, or an address as in 192.0.2.7 or 2001:db8::7"
        raise HostNameError(f"is {text!r}", mend) from None
    mapped = getattr(found, "ipv4_mapped", None)
    if mapped is not None:
        raise HostNameError(f"is {text!r}, an IPv4 address inside an IPv6 one", f"Write {mapped}")
    for is_one, kind in (
        (found.is_unspecified, "any address"),
        (found.is_multicast, "a multicast address"),
        (found.version == 6 and found.is_link_local, "an address of one link"),  # noqa: PLR2004
    ):
        if is_one:
            raise HostNameError(f"is {text!r}, {kind}", "Write the address that clients call, or better a host name")
    return found


def _refuse_what_is_more(text: str) -> None:
    """Say in other words than "no host name" what is a part of a URL, or a rule."""
    if "/" in text:
        raise HostNameError(f"is {text!r}", "Write a host name alone, without http:// and without a path")
    if re.fullmatch(r"[^:]*:\d+", text):
        raise HostNameError(f"is {text!r}, with a port", "Write the host name alone, and the port as `port`")
    if "*" in text:
        mend = "Write each name by itself: the one as domain, the others as aliases"
        raise HostNameError(f"is {text!r}, a pattern", mend)


def _punycode(text: str, name: str) -> str:
    if idna is None:
        mend = "Install the Python library idna on the controller (it comes with requests), or write the name as xn--…"
        raise HostNameError(f"is {text!r}, in another script than ASCII", mend)
    try:
        return idna.encode(name, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        mend = "Write a name that IDNA 2008 allows, or the one that DNS has, which begins with xn--"
        raise HostNameError(f"is {text!r}, which no name in DNS can be ({error})", mend) from None


def _check_label(text: str, label: str) -> None:
    if "_" in label:
        mend = "Use - in its place: certificates and some browsers take no _ in a host name"
        raise HostNameError(f"is {text!r}, with an underscore", mend)
    if not _LABEL.fullmatch(label):
        raise HostNameError(f"is {text!r}", "Write a host name alone, without http:// and without a path")
    if label.startswith(_PUNYCODE):
        try:
            label[len(_PUNYCODE) :].encode("ascii").decode("punycode").encode("utf-8")
        except UnicodeError:
            mend = "Write the name as people read it: it is turned into punycode for you"
            raise HostNameError(f"is {text!r}, and {label} is no punycode", mend) from None


def mailbox(text: str) -> str:
    """Return an e-mail address with its domain as DNS has it. Raises HostNameError."""
    local, at, domain = text.rpartition("@")
    if not at or not local.isascii() or not re.fullmatch(r"[^\s@]+", local):
        raise HostNameError(f"is {text!r}", "Write an e-mail address, as in operations@example.org")
    return f"{local}@{canonical(domain)}"
