# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a smoke check is given and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, RestClient
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.symptoms import recognise


@dataclass(frozen=True)
class Promised:
    """What a site promises to the smoke test, and where it is called.

    `key`, `password`: of the API user; a site without them is checked without them. `plain`: the connection carries
    plain HTTP although the URL is an https:// one. `tls_mend`: what to do when the certificate is refused, where the
    caller knows. `reads`: lists of the API that the user has to be able to read. `maintenance`: the login for which
    alone the pages are open on purpose. `production`: errors keep the application's inner workings to themselves.
    `record`: what is wrong with the secrets on record, where something is. `proxied`: clients come through a proxy at
    the base URL, whose certificate the authorities in `proxy_ca_path` vouch for, or else the public ones.
    """

    name: str
    base_url: str
    connect_to: str | None = None
    validate_certs: bool = True
    ca_path: str | None = None
    ca_content: str | None = None
    plain: bool = False
    tls_mend: str | None = None
    login: str | None = None
    password: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    modules: tuple[str, ...] = ()
    expected_version: str | None = None
    explorer: bool = True
    login_enabled: bool = True
    api_enabled: bool = True
    reads: tuple[str, ...] = ()
    maintenance: str = ""
    production: bool = False
    record: str = ""
    proxied: bool = False
    proxy_ca_path: str | None = None


@dataclass
class Visit:
    """One run over a site: what the checks share. `version` is set by the check `status`.

    `facts` is what the check at hand learnt, for the report: `version`, `operations` (their number, by module) and
    `certificate_days_left`.
    """

    site: Promised
    client: RestClient
    version: str | None = None
    facts: dict[str, object] = field(default_factory=dict)


class Mismatch(Exception):
    """The site is not as promised: three texts for the operator, none with a secret; `symptom` is for the doctor."""

    def __init__(self, expected: str, seen: str, mend: str, symptom: str = "") -> None:
        super().__init__(f"expected {expected}; seen {seen}; {mend}")
        self.expected = expected
        self.seen = seen
        self.mend = mend
        self.symptom = symptom


@dataclass(frozen=True)
class Check:
    """`about` says what is asserted; `run` returns what was seen."""

    name: str
    about: str
    run: Callable[[Visit], str]


def wrong(expected: str, answer: Answer, mend: str, symptom: str = "") -> Mismatch:
    """An answer that is not the expected one, with name and mend of the symptom it shows, else those given."""
    found = recognise(answer)
    if found:
        return Mismatch(expected, answer.describe(), found.mend, found.name)
    return Mismatch(expected, answer.describe(), mend, symptom)


def member(value: object, *names: str) -> object:
    """Follow names down a decoded JSON object; None where the way ends."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def decoded(answer: Answer) -> object:
    """The decoded body, or None: what is not JSON has no members."""
    try:
        return answer.json()
    except ValueError:
        return None
