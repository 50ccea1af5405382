# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installing one site: what goes to the bridge, and what check mode says."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils import app_install, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import BridgeError

from .conftest import Host, failure

ANSWER = {"ok": True, "changed": True, "before": "none", "state": "installed", "steps": {}, "diff": {}}


def test_the_password_of_the_secrets_goes_to_standard_input(norte: Host) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": "s3cret-enough"})
    norte.answers = [ANSWER, ANSWER]
    site = {"name": "norte", "language": "es_ES", "admin": {"login": "jefe"}}
    assert app_install.install(site, False, norte.bridge) == ANSWER
    assert norte.asked[0][1] == {"login": "jefe", "password": "s3cret-enough", "language": "es_ES"}
    assert "s3cret-enough" not in " ".join(norte.asked[0][0])
    app_install.install({"name": "norte"}, False, norte.bridge)
    assert norte.asked[1][1] == {"login": "admin", "password": "s3cret-enough", "language": "en_US"}


def test_a_site_without_secrets_is_a_failure_that_names_the_mend(norte: Host) -> None:
    with pytest.raises(BridgeError) as caught:
        app_install.install({"name": "norte"}, False, norte.bridge)
    assert caught.value.seen == f"{norte.state}/norte/secrets.json has no admin_password."
    assert caught.value.mend == "Run the module site_secrets first."
    assert norte.asked == []


def test_a_broken_secrets_file_is_a_failure(norte: Host) -> None:
    (norte.state / "norte" / "secrets.json").write_text("{")
    with pytest.raises(BridgeError, match="should be a JSON object and is not"):
        app_install.install({"name": "norte"}, False, norte.bridge)


def test_check_mode_without_secrets_foresees_an_installation(host: Host) -> None:
    answer = app_install.install({"name": "norte"}, True, host.bridge)
    assert (answer["changed"], answer["before"], answer["state"]) == (True, "none", "installed")
    assert answer["pending"] == "there are no secrets of the site yet"


@pytest.mark.parametrize("code", ["no_user", "conf", "no_application", "database"])
def test_check_mode_foresees_an_installation_where_something_is_missing(norte: Host, code: str) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": "s3cret-enough"})
    norte.answers = [failure(code)]
    answer = app_install.install({"name": "norte"}, True, norte.bridge)
    assert (answer["changed"], answer["pending"]) == (True, "It was seen.")


@pytest.mark.parametrize(("code", "check"), [("database", False), ("conf", False), ("other_version", True)])
def test_a_fault_is_a_failure(norte: Host, code: str, check: bool) -> None:
    secret_store.write(norte.state / "norte" / "secrets.json", {"admin_password": "s3cret-enough"})
    norte.answers = [failure(code)]
    with pytest.raises(BridgeError, match=r"site 'norte': It was seen\. Mend it\."):
        app_install.install({"name": "norte"}, check, norte.bridge)
