# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a smoke check is given and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, RestClient
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.symptoms import recognise


def _promise(*about: str, default: Any = MISSING, of: str = "", secret: bool = False) -> Any:  # noqa: ANN401
    """Return a field: what ``ansible-doc`` says of it, and the key ``of`` the site that it repeats, if it does.

    :param secret: it is not printed.
    """
    return field(default=default, repr=not secret, metadata={"about": about, "of": of})


@dataclass(frozen=True)
class Promised:
    """What a site promises to the smoke test, and where it is called.

    The modules' options are made of these fields, and their documentation; what repeats a key of the site the doctor
    knows by the same name.
    """

    name: str = _promise(
        "Name of the site, for the report.",
        of="name",
    )
    base_url: str = _promise(
        "The site's own URL, with its base path, as in C($dolibarr_main_url_root).",
        of="url",
    )
    connect_to: str | None = _promise(
        "Address, or address and port, to reach the site at, whatever DNS says.",
        "Host header, TLS server name and certificate check stay those of O(sites[].base_url).",
        default=None,
    )
    validate_certs: bool = _promise(
        "Whether the certificate is checked.",
        default=True,
    )
    ca_path: str | None = _promise(
        "File of the authorities, on the controller, to check the certificate with; else the public ones.",
        default=None,
    )
    ca_content: str | None = _promise(
        "Certificates, in PEM form, to check the certificate with, as that of a self-signed site.",
        default=None,
    )
    plain: bool = _promise(
        "Whether the connection carries plain HTTP although O(sites[].base_url) begins with C(https://), because a"
        " proxy in front of O(sites[].connect_to) speaks TLS.",
        default=False,
    )
    tls_mend: str | None = _promise(
        "What to do when the certificate is refused, where the caller knows.",
        default=None,
    )
    login: str | None = _promise(
        "API user to log in as; without it the login is not checked, unless O(sites[].login_enabled=false).",
        default=None,
    )
    password: str | None = _promise(
        "Password of O(sites[].login).",
        default=None,
        secret=True,
    )
    key: str | None = _promise(
        "Key of the API user. The login has to give this very key.",
        "Without it version and operations are not checked.",
        default=None,
        secret=True,
    )
    host_token: str | None = _promise(
        "By what the site's web server knows root on the host itself, where O(sites[].connect_to) is its loopback and"
        " C(api.allowed_ips) keeps others out.",
        default=None,
        secret=True,
    )
    modules: tuple[str, ...] = _promise(
        "Modules whose operations have to be listed, by the names of their classes without C(mod).",
        default=(),
        of="modules",
    )
    expected_version: str | None = _promise(
        "Version that C(/status) has to give. Any when not set.",
        default=None,
    )
    explorer: bool = _promise(
        "Whether the site has the explorer.",
        default=True,
        of="api.explorer",
    )
    login_enabled: bool = _promise(
        "Whether the site has the login endpoint.",
        default=True,
        of="api.login",
    )
    api_enabled: bool = _promise(
        "Whether the site has the API. Without it only the pages are checked, and that the API is off.",
        default=True,
        of="api.enabled",
    )
    cors_origins: tuple[str, ...] = _promise(
        "Origins whose pages may call the API, as browsers name them. V(*) alone leaves it to the application.",
        default=("*",),
        of="api.cors.origins",
    )
    reads: tuple[str, ...] = _promise(
        "Lists of the API, such as V(products), that the user of O(sites[].key) has to be able to read.",
        default=(),
    )
    upload_max: str = _promise(
        "How large a file may be that people upload, such as V(20M). Without it no large body is sent.",
        default="",
        of="php.upload_max_filesize",
    )
    maintenance: str = _promise(
        "The login for which alone the pages are open, where this is meant.",
        default="",
    )
    production: bool = _promise(
        "Whether errors of the API have to keep the application's inner workings to themselves.",
        default=False,
    )
    record: str = _promise(
        "What is wrong with the secrets on record, where something is; the check C(record) is red then.",
        default="",
    )
    proxied: bool = _promise(
        "Whether clients reach O(sites[].base_url) through a proxy. Then that URL is called as well as the host.",
        "Where it cannot be reached from the controller, the check says so and does not fail.",
        default=False,
    )
    proxy_ca_content: str | None = _promise(
        "Certificates in PEM form by which the proxy's own is checked, in place of O(sites[].proxy_ca_path).",
        default=None,
    )
    proxy_ca_path: str | None = _promise(
        "File of the authorities, on the controller, that vouch for the proxy; else the public ones.",
        default=None,
    )


def repeated(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that repeat a key of ``site``, as the filter ``sites`` completes it."""
    found: dict[str, Any] = {}
    for one in fields(Promised):
        if of := one.metadata["of"]:
            value: Any = site
            for key in of.split("."):
                value = value[key]
            found[one.name] = value
    return found


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
