# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files of a site that are not as they were laid: what is named, and that the mend can be run as it stands."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import places as doctor_places
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow as doctor_yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding

from .cases import HOME, case, stroke

RELEASE = f"{HOME}/releases/22.0.4-0123456789ab"


def _only(ill: Case) -> Finding:
    (found,) = doctor_verdicts.diagnose(ill)
    assert not doctor_verdicts.inside(ill, 7).ok
    return found


@pytest.mark.parametrize("name", sorted(doctor_places._CAUSES))
def test_a_place(name: str) -> None:
    fault = {"id": name, "key": "name", "seen": "it is a file", "mend": "move it"}
    found = _only(stroke(case(), "here:places", [fault]))
    assert (found.id, found.evidence, found.mend) == (name, ("it is a file",), "move it")


def test_a_reload_is_no_mend_of_a_folder_in_the_place_of_current() -> None:
    ill = stroke(case(), "here:newest_code", {"path": f"{HOME}/current", "time": 5000.0})
    assert _only(ill).id == "stale-code"
    fault = {"id": "current-replaced", "key": "source", "seen": "it is a folder", "mend": "move it"}
    assert _only(stroke(ill, "here:places", [fault])).id == "current-replaced"


def test_code_that_others_may_write() -> None:
    ill = stroke(case(), "here:release_files.loose", ["htdocs", "htdocs/index.php"])
    found = _only(stroke(ill, "here:release_files.counts.loose", 17000))
    assert found.id == "release-owner"
    assert found.evidence == (f"of {RELEASE}, 17000 files and folders, such as htdocs, htdocs/index.php",)
    assert found.mend == f"chown -R root:root {RELEASE} && chmod -R go-w,a+rX {RELEASE}"


def test_code_that_was_changed_by_hand() -> None:
    ill = stroke(case(), "here:release_files.changed", {"htdocs/societe/card.php": "0123456789abcdef"})
    ill = stroke(ill, "here:release_files.added", ["htdocs/custom/mimodulo"])
    ill = stroke(ill, "here:release_files.counts", {"changed": 1, "added": 1, "missing": 0, "loose": 0})
    found = _only(ill)
    assert found.id == "release-changed"
    assert found.evidence == (
        f"in {RELEASE}, 1 changed: htdocs/societe/card.php",
        f"in {RELEASE}, 1 added: htdocs/custom/mimodulo",
    )
    assert (
        f"mv {RELEASE} {RELEASE}.by-hand && ln -sfn releases/22.0.4-0123456789ab.by-hand {HOME}/current, " in found.mend
    )


def test_of_code_that_is_gone_as_a_whole_nothing_is_served_meanwhile() -> None:
    ill = stroke(case(), "here:release_files.missing", ["htdocs/filefunc.inc.php"])
    ill = stroke(ill, "here:release_files.counts", {"changed": 0, "added": 0, "missing": 177, "loose": 0})
    found = doctor_verdicts.diagnose(stroke(ill, "here:files.code.there", False))[0]
    assert (found.id, found.run) == ("release-changed", (f"mv {RELEASE} {RELEASE}.by-hand",))


def test_a_site_that_nothing_is_served_of_has_no_changed_code() -> None:
    assert doctor_verdicts.diagnose(stroke(case(), "here:release_files", {})) == []


def test_conf_php_names_another_database() -> None:
    found = _only(stroke(case(), "here:identity.database.name", "other"))
    assert (found.id, found.evidence) == ("conf-database", (f"{HOME}/conf.php says other, the inventory norte",))
    assert found.mend.startswith("run the role application, which writes norte into conf.php; ")
    assert doctor_verdicts.diagnose(stroke(case(), "here:identity.database", {})) == []


def test_folders_of_modules_that_are_gone() -> None:
    found = _only(stroke(case(), "here:application.folders", ["api/temp", "societe/temp", "product/temp"]))
    assert (found.id, found.evidence) == (
        "module-folders",
        (f"in {HOME}/documents there is no societe/temp, product/temp",),
    )
    assert doctor_verdicts.diagnose(stroke(case(), "here:application.folders", ["api/temp"])) == []


def test_what_lies_in_a_folder_that_is_shut_is_not_called_gone() -> None:
    shut = [
        {"id": "documents-shut", "key": "name", "seen": "societe (root:root 0700)", "mend": "chown -R norte:norte x"}
    ]
    ill = stroke(stroke(case(), "here:places", shut), "here:application.folders", ["societe/temp"])
    assert [entry.id for entry in doctor_verdicts.diagnose(ill)] == ["documents-shut"]


def test_a_folder_of_the_code_that_is_gone_is_told_although_the_host_is_busy() -> None:
    """Seen on a busy host: langs was moved away, the comparison of 17000 files gave no answer, and nobody noticed."""
    away = stroke(case(), "here:hollow", ["htdocs/langs"])
    late = stroke(away, "here:release_files", {})
    (told,) = doctor_yellow.of([late])
    assert told.line() == (
        "site 'norte': of the code of the site, folders are missing or empty: htdocs/langs; to do: to have the release"
        f" as it came: mv {RELEASE} {RELEASE}.by-hand && ln -sfn releases/22.0.4-0123456789ab.by-hand {HOME}/current,"
        " then run playbooks/site.yml"
    )
    assert doctor_verdicts.diagnose(late) == []
    # Where the whole was compared, it is red, and told once.
    assert doctor_yellow.of([stroke(case(), "here:hollow", ["htdocs/langs"])]) == []
