# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people list: users, constants, and whose a key is; without a secret, and without a change."""

from __future__ import annotations

from .sites import BridgedSite

KEY = "4f" * 20
SECRET = "s3cr3t-of-somebody"


def test_users_at_a_glance(installed: BridgedSite) -> None:
    installed.ok("module", "enable", "product", "api")
    wanted = {"lastname": "Lister", "email": "lister@example.org", "key": KEY, "rights": ["produit.lire"]}
    installed.ok("user", "ensure", "lister", given=wanted)
    answer = installed.ok("user", "list")
    found = {user["login"]: user for user in answer["users"]}
    assert answer["changed"] is False
    assert list(found) == sorted(found)
    assert found["admin"]["admin"]
    one = found["lister"]
    assert (one["enabled"], one["admin"], one["ours"], len(one["rights"]), one["email"]) == (
        (True, False, True, 1, "lister@example.org")
    )
    assert one["key"] in ("encrypted", "clear")
    installed.ok("user", "disable", "lister")
    one = {user["login"]: user for user in installed.ok("user", "list")["users"]}["lister"]
    assert (one["enabled"], one["key"]) == (False, None)


def test_whose_a_key_is(installed: BridgedSite) -> None:
    installed.ok("user", "ensure", "holder", given={"key": KEY[::-1]})
    done = installed.run("key", "holder", given={"key": KEY[::-1]})
    assert '"login":"holder"' in done.stdout
    assert KEY[::-1] not in done.stdout
    assert installed.ok("key", "holder", given={"key": "0" * 40})["login"] is None
    assert installed.error("key", "holder")["code"] == "bad_key"
    installed.ok("user", "disable", "holder")


def test_constants_with_their_entities_and_without_secrets(installed: BridgedSite) -> None:
    installed.ok("constant", "set", "MAIN_SIZE_LISTE_LIMIT", "37")
    installed.ok("constant", "set", "MY_MODULE_SECRET", given={"value": SECRET})
    done = installed.run("constant", "all")
    assert SECRET not in done.stdout
    found = installed.ok("constant", "all")["constants"]
    assert found == sorted(found, key=lambda one: (one["name"], one["entity"]))
    held = {(one["name"], one["entity"]): one for one in found}
    assert held["MAIN_SIZE_LISTE_LIMIT", 0]["value"] == "37"
    assert held["MY_MODULE_SECRET", 0]["secret"]
    assert held["MAIN_SIZE_LISTE_LIMIT", 1]["secret"] is False
