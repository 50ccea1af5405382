# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is lost is called so, and no advice is given that would cover it up."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts

from .cases import case, stroke


def test_an_emptied_database_is_not_called_half_installed() -> None:
    ill = stroke(case(), "here:application.status.schema", {"state": "none", "reasons": ["no table"], "version": None})
    assert [entry.id for entry in doctor_verdicts.diagnose(ill)] == ["database-lost"]
    new = stroke(ill, "here:identity.recorded", False)
    assert [entry.id for entry in doctor_verdicts.diagnose(new)] == ["not-installed"]


def test_no_lock_is_advised_for_a_folder_that_is_not_the_documents() -> None:
    loss = {"id": "documents-lost", "key": "name", "seen": "it is empty", "mend": "mount them"}
    ill = stroke(stroke(case(), "here:files.install_lock.there", False), "here:identity.losses", [loss])
    assert [entry.id for entry in doctor_verdicts.diagnose(ill)] == ["documents-lost"]
