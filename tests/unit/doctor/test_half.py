# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is on and does half of what it is for is told in yellow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import half, yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from .cases import case, promised

NOTHING = dict.fromkeys(half.THERE, False) | dict.fromkeys(half.VALUES)


def _case(
    *modules: str,
    absent: tuple[str, ...] = (),
    stopped: tuple[str, ...] = (),
    declared: dict[str, Any] | None = None,
    **needs: Any,  # noqa: ANN401
) -> Case:
    ill = case()
    ill.here["application"]["status"]["modules"] += modules
    ill.here["application"]["needs"] = NOTHING | needs
    here = {**ill.here, "absent_programs": list(absent), "stopped_units": list(stopped)}
    return replace(ill, here=here, site=promised(**declared) if declared else ill.site)


def _of_version(version: str, case: Case) -> Case:
    case.here["application"]["status"]["version"] = version
    return case


@pytest.mark.parametrize(
    ("ill", "said"),
    [
        (_case("ldap"), "the module ldap is on, and PHP lacks what it needs: ldap"),
        (_case("emailcollector"), "the module emailcollector is on, and PHP lacks what it needs: imap"),
        (_case("stripe"), "the module stripe is on, and has nothing to work with: it wants an account with Stripe"),
        (
            _case(absent=("soffice",), MAIN_ODT_AS_PDF="libreoffice"),
            "MAIN_ODT_AS_PDF has the site call soffice, which the host lacks",
        ),
        (
            _case(MAIN_ODT_AS_PDF="libreoffice"),
            "MAIN_ODT_AS_PDF is set, and soffice does not start in the sandbox of a site whose inventory does not ask"
            " for it: documents of ODT templates end in 500",
        ),
        (
            _case(absent=("clamdscan",), MAIN_ANTIVIRUS_UPLOAD_ON="1"),
            "MAIN_ANTIVIRUS_UPLOAD_ON has the site call clamdscan, which the host lacks",
        ),
        (
            _case(stopped=("clamav-daemon.service",), MAIN_ANTIVIRUS_COMMAND="/usr/bin/clamdscan"),
            "MAIN_ANTIVIRUS_COMMAND has the site call clamdscan, and clamav-daemon.service does not run",
        ),
        (
            _of_version("23.0.1", _case(MAIN_ANTIVIRUS_COMMAND="/usr/bin/clamscan")),
            "MAIN_ANTIVIRUS_COMMAND is set, and no upload is scanned: since version 23 MAIN_ANTIVIRUS_UPLOAD_ON has to"
            " be on too",
        ),
    ],
)
def test_what_is_half_there(ill: Case, said: str) -> None:
    (told,) = [entry for entry in yellow.of([ill]) if entry.id == "half-there"]
    assert told.what == said
    assert told.mend


@pytest.mark.parametrize(
    "well",
    [
        case(),
        _case(),
        _case("stripe", STRIPE_LIVE_SECRET_KEY=True),
        _case("emailcollector", MAIN_IMAP_USE_PHPIMAP="1"),
        _case(declared={"files": {"odt_to_pdf": True}}, MAIN_ODT_AS_PDF="libreoffice"),
        _case(absent=("clamdscan",), MAIN_ANTIVIRUS_UPLOAD_ON="1", MAIN_ANTIVIRUS_COMMAND="/opt/scan"),
        _case(stopped=("clamav-daemon.service",)),
        _case(MAIN_ANTIVIRUS_COMMAND="/usr/bin/clamscan"),
        _of_version("24.0.0", _case(MAIN_ANTIVIRUS_COMMAND="/usr/bin/clamscan", MAIN_ANTIVIRUS_UPLOAD_ON="1")),
        # What the inventory asks for, and is not there, is red: another rule's.
        _case("ldap", declared={"modules": ["ldap"]}),
        _case(
            absent=("soffice",),
            declared={"constants": {"MAIN_ODT_AS_PDF": "libreoffice"}},
            MAIN_ODT_AS_PDF="libreoffice",
        ),
    ],
)
def test_what_is_whole(well: Case) -> None:
    assert [entry for entry in yellow.of([well]) if entry.id == "half-there"] == []


def test_settings_that_were_not_asked_for_say_nothing() -> None:
    ill = _case("stripe")
    ill.here["application"]["needs"] = {}
    assert list(half.told(ill)) == []
