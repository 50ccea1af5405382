# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What left the inventory and goes on in the application is told, and fails nothing."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import notes as doctor_notes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from . import cases


def _case(**left: list[str]) -> Case:
    here = cases.here()
    here["application"]["left"] = left
    return Case(cases.promised(), (), cases.host(), here, {"offset": 0.0, "resolved": ["192.0.2.10"], "by_name": True})


def test_nothing_left_is_nothing_to_tell() -> None:
    assert doctor_notes.of([_case(users=[], modules=[]), _case()]) == []


def test_a_site_that_could_not_be_asked() -> None:
    assert doctor_notes.of([Case(cases.promised())]) == []


def test_users_and_modules_are_named_with_the_way_to_be_rid_of_them() -> None:
    case = _case(users=["old", "shop"], modules=["commande", "facture"])
    assert doctor_notes.of([case]) == [
        "site 'norte': API users that are not in the inventory any more, and still have a key: old, shop. "
        "To disable one and take its key: miclinikctl --site norte user disable old",
        "site 'norte': modules that are not in the inventory any more, and stay on: commande, facture. "
        "To switch one off: miclinikctl --site norte module disable commande",
    ]
    assert doctor_verdicts.diagnose(case) == []


def test_rights_that_come_with_a_group() -> None:
    case = _case()
    case.here["application"]["users"]["integration"]["groups"] = ["Contabilidad", "Ventas"]
    assert doctor_notes.of([case]) == [
        "site 'norte': the API user integration is in groups and has their rights besides its own: Contabilidad, "
        "Ventas. To leave it exactly those of the inventory, take it out of them in the application's pages"
    ]
    assert doctor_verdicts.diagnose(case) == []
    case.site["users"][0]["groups"] = ["Contabilidad", "Ventas"]
    assert doctor_notes.of([case]) == []


def test_a_key_that_died_with_its_day_is_as_it_is_meant() -> None:
    case = _case()
    case.here["application"]["users"]["integration"] |= {"key": False, "differs": ["key"]}
    case.site["users"][0]["expires"] = "2001-01-31"
    assert doctor_notes.of([case]) == [
        "site 'norte': the key of integration has died with 2001-01-31 (api.users, expires)"
    ]
    assert doctor_verdicts.diagnose(case) == []
