# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Log in to sites of a real tree by slapd and by OpenID Connect: ``make test-login SOURCE=/tree``, some five minutes.

Who is in the directory or known to the provider, and in the application, gets in; nobody else does. The administrator
gets in whatever those two do.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from testhost import hosts
from tests.login import provider
from tests.login.place import PASSWORDS, Place
from tests.login.walks import NOBODY, by_api, by_openid, by_password

_UNCHANGED = re.compile(r"changed=0 .*failed=0")


def main() -> int:
    """Run it; return 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.login")
    parser.add_argument("--source", type=Path, required=True, help="a tree of the real application")
    parser.add_argument("--host", default="login", help="name of the test host")
    parser.add_argument("--release", default="bookworm")
    parser.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    parser.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    parser.add_argument("--keep", action="store_true", help="leave the host there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(given.host, given.release, given.source.resolve(), given.web_server, given.engine, Path(folder))
        try:
            return _run(place)
        finally:
            if not given.keep:
                hosts.down([place.host])


def _run(place: Place) -> int:
    place.up(fresh=True)
    print(f"{place.version} on {place.release}, {place.web_server}, {place.engine}", flush=True)
    place.converge()
    wrong = [] if _UNCHANGED.search(place.converge()) else ["the second run changed something"]
    wrong += _directory(place)
    if place.has_openid:
        wrong += _openid(place)
    print("\n".join(wrong) or "all as it should be", flush=True)
    return 1 if wrong else 0


def _look(what: str, expected: object, seen: Callable[[], object]) -> list[str]:
    found = seen()
    print(f"{'ok' if found == expected else 'WRONG'}: {what}: {found or 'nobody'}", flush=True)
    return [] if found == expected else [f"{what}: expected {expected!r}, found {found!r}"]


def _directory(place: Place) -> list[str]:
    def looked(what: str, expected: str, login: str, password: str) -> list[str]:
        return _look(f"slapd, {what}", expected, lambda: by_password(place, "sur", login, password))

    def called(what: str, expected: str, login: str, password: str) -> list[str]:
        return _look(f"slapd, /login, {what}", expected, lambda: by_api(place, "sur", login, password))

    wrong = looked("the directory's password", "ana", "ana", PASSWORDS["ana"])
    wrong += looked("another password", NOBODY, "ana", PASSWORDS["eva"])
    wrong += looked("whom the filter leaves out", NOBODY, "luis", PASSWORDS["luis"])
    wrong += looked("who is no user of the application", NOBODY, "eva", PASSWORDS["eva"])
    wrong += looked("the administrator", "admin", "admin", place.admin_password)
    for pattern in ("an*", "ana)(uid=*", "*"):
        wrong += looked(f"the login {pattern}", NOBODY, pattern, PASSWORDS["ana"])
    wrong += looked("a password that is encoded once more", NOBODY, "ana", quote(PASSWORDS["ana"]))
    wrong += called("the directory's password", "ana", "ana", PASSWORDS["ana"])
    wrong += called("no password", NOBODY, "ana", "")
    place.inside("systemctl stop slapd")
    wrong += looked("stopped", NOBODY, "ana", PASSWORDS["ana"])
    wrong += looked("stopped, the administrator", "admin", "admin", place.admin_password)
    place.inside("systemctl start slapd")
    wrong += looked("started again", "ana", "ana", PASSWORDS["ana"])
    place.inside(_AUTHORITY_AWAY)
    wrong += looked("of an authority that is not trusted", NOBODY, "ana", PASSWORDS["ana"])
    place.inside(_AUTHORITY_BACK)
    return wrong


_TRUST = "/usr/local/share/ca-certificates/login-tests.crt"
_AUTHORITY_AWAY = (
    f"mv {_TRUST} /root/; update-ca-certificates --fresh >/dev/null 2>&1; systemctl reload 'miclinik-php@*.service'"
)
_AUTHORITY_BACK = f"mv /root/login-tests.crt {_TRUST}; update-ca-certificates >/dev/null 2>&1"


def _openid(place: Place) -> list[str]:
    certificate, key = (place.folder / "lab" / name for name in ("certificate.pem", "key.pem"))

    def looked(what: str, expected: str, *logins: str) -> list[str]:
        return _look(f"OpenID, {what}", expected, lambda: by_openid(place, "norte", *logins))

    with provider.running(place.gateway, certificate, key):
        wrong = looked("whom the provider and the application know", "ana", "ana")
        wrong += looked("two at once", "ana luis", "ana", "luis")
        # MariaDB takes no notice of capitals, and PostgreSQL does.
        wrong += looked("an address in capitals", "ana" if place.engine == "mariadb" else NOBODY, "capital")
        wrong += looked("who is no user of the application", NOBODY, "eva")
        place.inside(_AUTHORITY_AWAY)
        wrong += looked("of an authority that is not trusted", NOBODY, "ana")
        place.inside(_AUTHORITY_BACK)
        place.inside("miclinikctl norte user disable luis")
        wrong += looked("who is disabled in the application", NOBODY, "luis")
    administrator = lambda: by_password(place, "norte", "admin", place.admin_password)  # noqa: E731
    return wrong + _look("OpenID, the provider is down, the administrator", "admin", administrator)


if __name__ == "__main__":
    sys.exit(main())
