# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installing one site: what goes to the bridge, and what check mode says."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import install as bridge_install
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, BridgeError

from .conftest import Host, failure

ANSWER: Answer = {"ok": True, "changed": True, "before": "none", "state": "installed", "steps": {}} | {
    "diff": {"before": {}, "after": {}}
}


def test_the_password_of_the_secrets_goes_to_standard_input(norte: Host) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": "s3cret-enough"})
    norte.answers = [ANSWER, ANSWER]
    site = {"name": "norte", "language": "es_ES", "admin": {"login": "jefe"}}
    assert bridge_install.install(site, False, norte.bridge) == ANSWER
    assert norte.asked[0][1] == {"login": "jefe", "password": "s3cret-enough", "language": "es_ES", "installed": False}
    assert "s3cret-enough" not in " ".join(norte.asked[0][0])
    bridge_install.install({"name": "norte"}, False, norte.bridge)
    given = {"login": "admin", "password": "s3cret-enough", "language": "en_US", "installed": False}
    assert norte.asked[1][1] == given
    assert not (norte.state / "norte" / "identity.json").exists()  # without an id there is nothing to know it by


def test_that_it_is_installed_goes_on_record(norte: Host) -> None:
    secrets = {"admin_password": "s3cret-enough", "instance_unique_id": "a" * 64}
    secret_store.write(norte.state / "norte" / "secrets.json", secrets)
    record = norte.state / "norte" / "identity.json"
    same = ANSWER | {"changed": False, "before": "installed"}
    site = {"name": "norte", "database": {"host": "localhost", "name": "norte", "password": None}}
    norte.answers = [copy.deepcopy(same) for _ in range(4)]
    foreseen = bridge_install.install(site, True, norte.bridge)
    assert (foreseen["changed"], foreseen["diff"]["after"]) == (True, {"recorded": True})
    assert not record.exists()
    assert bridge_install.install(site, False, norte.bridge)["changed"]
    kept = {"sign": identity.sign("a" * 64), "database": {"host": "localhost", "name": "norte"}}
    assert json.loads(record.read_text()) == kept
    assert record.stat().st_mode & 0o7777 == 0o644
    assert not bridge_install.install(site, False, norte.bridge)["changed"]
    assert norte.asked[3 - 1][1]["installed"] is True
    moved = {"name": "norte", "database": {"host": "db.example.org", "name": "norte"}}
    assert bridge_install.install(moved, False, norte.bridge)["changed"]
    assert json.loads(record.read_text())["database"]["host"] == "db.example.org"


def test_a_failed_installation_goes_on_no_record(norte: Host) -> None:
    secrets = {"admin_password": "s3cret-enough", "instance_unique_id": "a" * 64}
    secret_store.write(norte.state / "norte" / "secrets.json", secrets)
    norte.answers = [failure("not_installed")]
    with pytest.raises(BridgeError):
        bridge_install.install({"name": "norte"}, False, norte.bridge)
    assert not (norte.state / "norte" / "identity.json").exists()


def test_an_installed_site_needs_no_password_of_its_administrator(norte: Host) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"instance_unique_id": "a" * 64})
    (norte.state / "norte" / "identity.json").write_text('{"sign": "x"}')
    norte.answers = [copy.deepcopy(ANSWER)]
    bridge_install.install({"name": "norte"}, False, norte.bridge)
    assert norte.asked[0][1]["password"] == ""
    assert norte.asked[0][1]["installed"] is True


def test_a_site_without_secrets_is_a_failure_that_names_the_mend(norte: Host) -> None:
    with pytest.raises(BridgeError) as caught:
        bridge_install.install({"name": "norte"}, False, norte.bridge)
    assert caught.value.seen == f"{norte.state}/norte/secrets.json has no admin_password."
    assert caught.value.mend == "Run the module site_secrets first."
    assert norte.asked == []


def test_a_broken_secrets_file_is_a_failure(norte: Host) -> None:
    (norte.state / "norte" / "secrets.json").write_text("{")
    with pytest.raises(BridgeError, match="should be a file with a JSON object and is not"):
        bridge_install.install({"name": "norte"}, False, norte.bridge)


def test_check_mode_without_secrets_foresees_an_installation(host: Host) -> None:
    answer = bridge_install.install({"name": "norte"}, True, host.bridge)
    assert (answer["changed"], answer["before"], answer["state"]) == (True, "none", "installed")
    assert answer["pending"] == "there are no secrets of the site yet"


@pytest.mark.parametrize("code", ["no_user", "conf", "no_application", "database"])
def test_check_mode_foresees_an_installation_where_something_is_missing(norte: Host, code: str) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": "s3cret-enough"})
    norte.answers = [failure(code)]
    answer = bridge_install.install({"name": "norte"}, True, norte.bridge)
    assert (answer["changed"], answer["pending"]) == (True, "It was seen.")


@pytest.mark.parametrize(("code", "check"), [("database", False), ("conf", False), ("other_version", True)])
def test_a_fault_is_a_failure(norte: Host, code: str, check: bool) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": "s3cret-enough"})
    norte.answers = [failure(code)]
    with pytest.raises(BridgeError, match=r"site 'norte': It was seen\. Mend it\."):
        bridge_install.install({"name": "norte"}, check, norte.bridge)
