# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys, users and rights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .conftest import ADMIN_KEY, KEY
from .site import SandboxSite

READ = {"societe": "/thirdparties", "produit": "/products", "commande": "/orders", "facture": "/invoices"}


@pytest.fixture
def limited(site: SandboxSite) -> Iterator[str]:
    """The key of a user without any right."""
    site.bootstrap(
        "$u = new User($db); $u->login = 'limited'; $u->lastname = 'L'; $u->api_key = 'limited-key'; $u->create($user);"
    )
    yield "limited-key"
    site.rows(
        "DELETE FROM llx_user_rights WHERE fk_user IN (SELECT rowid FROM llx_user WHERE login = 'limited'); "
        "DELETE FROM llx_societe_commerciaux; DELETE FROM llx_commande; DELETE FROM llx_societe; "
        "DELETE FROM llx_user WHERE login = 'limited'"
    )


def grant(site: SandboxSite, *rights: int) -> None:
    site.bootstrap(
        "$u = new User($db); $u->fetch(0, 'limited');"
        f" foreach (array({', '.join(map(str, rights))}) as $r) {{ $u->addrights($r); }}"
    )


def test_no_right(site: SandboxSite, limited: str) -> None:
    assert site.get("/status", limited).status_code == 200
    for path in READ.values():
        answer = site.get(path, limited)
        assert (answer.status_code, answer.json()["error"]["message"]) == (403, "Forbidden")
    for path in ("/products", "/thirdparties", "/orders", "/invoices"):
        assert (
            site.call(
                "POST", path, limited, json={"ref": "X", "label": "x", "name": "x", "socid": 1, "date": 0}
            ).status_code
            == 403
        )
    assert site.call("DELETE", "/products/1", limited).status_code == 403
    assert site.get("/users/info", limited).json()["error"]["message"] == "Forbidden: Not allowed"
    refused = site.get("/setup/modules", limited).json()["error"]["message"]
    assert refused.endswith("API_LOGINS_ALLOWED_FOR_GET_MODULES")


def test_right_to_create_brings_the_right_to_read(site: SandboxSite, limited: str) -> None:
    grant(site, 32)
    assert site.get("/products", limited).status_code == 200
    identity = site.call("POST", "/products", limited, json={"ref": "RIGHT-1", "label": "x"}).json()
    assert site.call("DELETE", f"/products/{identity}", limited).status_code == 403
    assert site.call("DELETE", f"/products/{identity}", KEY).status_code == 200


def test_only_own_third_parties_without_client_voir(site: SandboxSite, limited: str) -> None:
    grant(site, 122, 82)
    other = site.call(
        "POST", "/thirdparties", KEY, json={"name": "Not theirs", "client": 1, "code_client": "-1"}
    ).json()
    own = site.call("POST", "/thirdparties", limited, json={"name": "Theirs", "client": 1, "code_client": "-1"}).json()
    assert [party["id"] for party in site.get("/thirdparties", limited).json()] == [str(own)]
    refused = site.get(f"/thirdparties/{other}", limited)
    assert (refused.status_code, "on this thirdparty" in refused.text) == (403, True)
    order = site.call("POST", "/orders", limited, json={"socid": other, "date": "2020-07-14"}).json()
    assert site.get(f"/orders/{order}", limited).status_code == 403
    assert site.get("/orders", limited).json() == []
    grant(site, 262)
    assert len(site.get("/thirdparties", limited).json()) == 2
    assert site.get(f"/orders/{order}", limited).status_code == 200


def test_disabled_user(site: SandboxSite, limited: str) -> None:
    site.bootstrap("$u = new User($db); $u->fetch(0, 'limited'); $u->setstatus(0);")
    assert site.get("/status", limited).status_code == 401


def test_new_key_ends_the_old_one(site: SandboxSite, limited: str) -> None:
    site.bootstrap("$u = new User($db); $u->fetch(0, 'limited'); $u->api_key = 'another-key'; $u->update($user);")
    assert [site.get("/status", key).status_code for key in (limited, "another-key")] == [401, 200]


def test_encrypted_key_in_another_case(site: SandboxSite) -> None:
    answer = site.get("/status", KEY.upper())
    assert (answer.status_code, answer.elapsed.total_seconds() >= 1.0) == (401, True)


def test_key_in_clear_in_the_table_works_in_its_case_only(site: SandboxSite, limited: str) -> None:
    site.rows("UPDATE llx_user SET api_key = 'PlainKey' WHERE login = 'limited'")
    assert site.get("/status", "PlainKey").status_code == 200
    other = site.get("/status", "plainkey")
    assert (other.status_code, other.json()["error"]["message"], other.elapsed.total_seconds() < 0.9) == (
        401,
        "Unauthorized",
        True,
    )


def test_keys_are_stored_encrypted_with_the_instance_id(site: SandboxSite) -> None:
    [[stored]] = site.rows("SELECT api_key FROM llx_user WHERE login = 'integration'")
    assert stored.startswith("dolcrypt:AES-256-CTR:")
    assert KEY not in stored
    refused = site.get("/status", stored)
    assert (refused.status_code, "should not start with dolcrypt:" in refused.text) == (503, True)
    site.configure(instance_unique_id="fedcba9876543210fedcba9876543210")
    assert site.get("/status", KEY).status_code == 401
    site.configure()
    assert site.get("/status", KEY).status_code == 200


def test_login_of_a_user_without_a_key(site: SandboxSite, limited: str) -> None:
    site.bootstrap(
        "$u = new User($db); $u->fetch(0, 'limited'); $u->api_key = ''; $u->pass = 'Limited-123456'; $u->update($user);"
    )
    form = {"login": "limited", "password": "Limited-123456"}
    refused = site.call("POST", "/login", json=form)
    assert (refused.status_code, "No API token set for this user" in refused.text) == (403, True)
    grant(site, 342)
    token = site.call("POST", "/login", json=form).json()["success"]["token"]
    assert site.get("/status", token).status_code == 200
    renewed = site.call("POST", "/login", json={**form, "reset": 1}).json()["success"]["token"]
    assert [site.get("/status", key).status_code for key in (token, renewed)] == [401, 200]


def test_administrator(site: SandboxSite) -> None:
    assert site.get("/users/info", ADMIN_KEY).json()["login"] == "admin"
    assert site.get("/setup/modules", ADMIN_KEY).json() == ["api", "commande", "facture", "product", "societe", "user"]
    users = site.get("/users", ADMIN_KEY)
    assert ("dolcrypt" in users.text, KEY in users.text, 'pass_crypted": "' in users.text) == (False, False, False)
