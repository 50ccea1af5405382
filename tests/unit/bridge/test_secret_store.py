# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Secrets are generated once, kept, protected, and never lost."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.secret_store import SecretError


@pytest.fixture
def site(tmp_path: Path) -> dict[str, Any]:
    return {"name": "norte", "state": str(tmp_path / "etc" / "norte"), "api": {"users": [{"login": "shop"}]}}


def stored(site: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    return json.loads(secret_store.path(site).read_text())


def test_everything_is_generated_in_its_own_form(site: dict[str, Any]) -> None:
    outcome = secret_store.ensure(site, check=False)
    values = outcome.values
    assert outcome.changed
    assert outcome.generated == [
        "database_password",
        "admin_password",
        "instance_unique_id",
        "host_token",
        "users.shop.password",
        "users.shop.key",
    ]
    assert outcome.replaced == []
    for password in (values["database_password"], values["admin_password"], values["users"]["shop"]["password"]):
        assert re.fullmatch("[A-Za-z0-9]{32}", password)
    assert re.fullmatch("[0-9a-f]{40}", values["users"]["shop"]["key"])
    assert re.fullmatch("[0-9a-f]{64}", values["instance_unique_id"])
    assert values == stored(site)


def test_webhooks_have_a_secret_and_a_token(site: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    hooked = site | {"webhooks": [{"name": "erp"}], "declared": ["webhooks.erp.endpoint"]}
    given = {"webhooks": {"erp": {"endpoint": "https://h.example/key"}}}
    values = secret_store.ensure(hooked, check=False, declared=given).values["webhooks"]["erp"]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{40}", values["secret"])
    assert re.fullmatch("[0-9a-f]{40}", values["token"])
    assert values["endpoint"] == "https://h.example/key"
    given["webhooks"]["erp"]["secret"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    later = secret_store.ensure(hooked, check=False, declared=given)
    assert later.replaced == ["webhooks.erp.secret"]
    assert later.values["webhooks"]["erp"]["token"] == values["token"]
    assert not secret_store.ensure(hooked, check=False, declared=given).changed
    # The former one signs for a day more, and is no longer kept then; who goes back to it has it sign by itself.
    (former,) = later.values["webhooks"]["erp"]["former"]
    assert former["secret"] == values["secret"]
    assert 86390 < former["until"] - time.time() <= 86400
    monkeypatch.setattr("time.time", lambda: former["until"] + 1)
    ended = secret_store.ensure(hooked, check=False, declared=given)
    assert (ended.changed, ended.ended) == (True, ["webhooks.erp"])
    assert "former" not in stored(site)["webhooks"]["erp"]
    assert not secret_store.ensure(hooked, check=False, declared=given).changed


def test_two_sites_share_nothing(site: dict[str, Any]) -> None:
    other = site | {"name": "sur", "state": site["state"].replace("norte", "sur")}
    one = secret_store.ensure(site, check=False).values
    two = secret_store.ensure(other, check=False).values
    flat = [one["database_password"], one["admin_password"], one["instance_unique_id"], *one["users"]["shop"].values()]
    flat += [two["database_password"], two["admin_password"], two["instance_unique_id"], *two["users"]["shop"].values()]
    assert len(set(flat)) == len(flat) == 10


def test_only_the_owner_can_read_the_file(site: dict[str, Any]) -> None:
    old = os.umask(0)
    try:
        secret_store.ensure(site, check=False)
    finally:
        os.umask(old)
    file = secret_store.path(site)
    assert oct(file.stat().st_mode & 0o7777) == "0o600"
    assert oct(file.parent.stat().st_mode & 0o7777) == "0o755"
    assert [path.name for path in file.parent.iterdir()] == ["secrets.json"]


def test_a_second_run_changes_nothing(site: dict[str, Any]) -> None:
    first = secret_store.ensure(site, check=False).values
    inode = secret_store.path(site).stat().st_ino
    second = secret_store.ensure(site, check=False)
    assert not second.changed
    assert second.values == first
    assert secret_store.path(site).stat().st_ino == inode


def test_a_file_that_others_can_read_is_protected_again(site: dict[str, Any]) -> None:
    values = secret_store.ensure(site, check=False).values
    secret_store.path(site).chmod(0o644)
    assert secret_store.ensure(site, check=True).changed
    assert oct(secret_store.path(site).stat().st_mode & 0o7777) == "0o644"
    outcome = secret_store.ensure(site, check=False)
    assert outcome.changed
    assert outcome.values == values
    assert oct(secret_store.path(site).stat().st_mode & 0o7777) == "0o600"


def test_check_mode_writes_nothing_and_returns_whole_secrets(site: dict[str, Any]) -> None:
    outcome = secret_store.ensure(site, check=True)
    assert outcome.changed
    assert len(outcome.values["users"]["shop"]["key"]) == 40
    assert not secret_store.path(site).parent.exists()


def test_what_is_given_wins_and_what_is_unknown_stays(site: dict[str, Any]) -> None:
    secret_store.ensure(site, check=False)
    values = stored(site) | {"note": "ours"}
    values["users"]["gone"] = {"key": "old"}
    secret_store.write(secret_store.path(site), values)
    given = {
        "database_password": "db-secret",
        "admin_password": "admin-secret",
        "users": {"shop": {"password": None, "key": "given-key-0123456789"}},
    }
    outcome = secret_store.ensure(site, check=False, declared=given)
    assert outcome.replaced == ["database_password", "admin_password", "users.shop.key"]
    assert outcome.generated == []
    after = stored(site)
    assert after["database_password"] == "db-secret"
    assert after["admin_password"] == "admin-secret"
    assert after["users"]["shop"] == {"key": "given-key-0123456789", "password": values["users"]["shop"]["password"]}
    assert after["users"]["gone"] == {"key": "old"}
    assert after["note"] == "ours"
    assert after["instance_unique_id"] == values["instance_unique_id"]


def test_the_instance_id_can_be_given_at_first_and_never_changes(site: dict[str, Any]) -> None:
    first = site | {"instance_unique_id": "a" * 64}
    assert secret_store.ensure(first, check=False).values["instance_unique_id"] == "a" * 64
    assert not secret_store.ensure(first, check=False).changed
    assert not secret_store.ensure(site, check=False).changed
    kept = secret_store.path(site).with_name(identity.RECORD)
    site["documents"] = str(kept.parent / "documents")
    (kept.parent / "documents").mkdir()
    (kept.parent / "documents/install.lock").write_text("")
    for record, words in (
        (identity.record_of("a" * 64, {}), "the one in the inventory is not the one that the record in .* came with"),
        ({"database": {}}, "instance_unique_id is another one"),
    ):
        kept.write_text(json.dumps(record))
        with pytest.raises(SecretError, match=f"site 'norte': .*{words}") as caught:
            secret_store.ensure(site | {"instance_unique_id": "b" * 64}, check=False)
        assert "a" * 64 not in str(caught.value)
        assert "b" * 64 not in str(caught.value)
        assert stored(site)["instance_unique_id"] == "a" * 64


def test_an_id_that_nothing_was_made_with_can_be_corrected(site: dict[str, Any]) -> None:
    """A run that stopped at a mistyped one must not keep the right one out."""
    secret_store.ensure(site | {"instance_unique_id": "a" * 64}, check=False)
    outcome = secret_store.ensure(site | {"instance_unique_id": "b" * 64}, check=False)
    assert outcome.replaced == ["instance_unique_id"]
    assert stored(site)["instance_unique_id"] == "b" * 64


@pytest.mark.parametrize("text", ["", "{", "[]", '{"users": []}'])
def test_a_broken_file_is_never_overwritten(site: dict[str, Any], text: str) -> None:
    file = secret_store.path(site)
    file.parent.mkdir(parents=True)
    file.write_text(text)
    with pytest.raises(SecretError, match="should be a file with a JSON object and is not"):
        secret_store.ensure(site, check=False)
    assert file.read_text() == text


@pytest.mark.parametrize("kind", ["folder", "link to what is not mounted"])
def test_what_is_no_file_is_no_missing_one(site: dict[str, Any], kind: str) -> None:
    file = secret_store.path(site)
    file.parent.mkdir(parents=True)
    file.mkdir() if kind == "folder" else file.symlink_to("/mnt/none")
    with pytest.raises(SecretError, match="should be a file with a JSON object and is not"):
        secret_store.ensure(site, check=False)
    assert "should be a file with a JSON object and is not" in secret_store.read(site)[1]
    assert file.is_dir() or file.is_symlink()


def test_an_interrupted_write_leaves_the_old_file(site: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    secret_store.ensure(site, check=False)
    file = secret_store.path(site)
    before = file.read_text()

    def refuse(handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no space left"):
        secret_store.ensure(site, check=False, declared={"admin_password": "another-one"})
    assert file.read_text() == before
    assert [path.name for path in file.parent.iterdir()] == ["secrets.json"]


def test_a_key_that_the_store_does_not_know_is_kept_like_any_other(site: dict[str, Any]) -> None:
    given = {"proxy_password": "proxy-secret", "constants": {"MAIN_MAIL_SMTPS_PW": "mail-secret", "POS_PIN": 4711}}
    outcome = secret_store.ensure(site, check=False, declared=given)
    assert outcome.generated[-3:] == ["proxy_password", "constants.MAIN_MAIL_SMTPS_PW", "constants.POS_PIN"]
    assert stored(site) == outcome.values
    assert {name: stored(site)[name] for name in given} == given
    assert not secret_store.ensure(site, check=False, declared=given).changed
    # Taken out of the inventory, it stays on record.
    assert not secret_store.ensure(site, check=False).changed


def test_what_the_inventory_gives_has_to_come_along(site: dict[str, Any]) -> None:
    named = site | {"declared": ["admin_password", "users.shop.key"]}
    with pytest.raises(SecretError, match=r"site 'norte': the inventory gives users\.shop\.key, and this module was"):
        secret_store.ensure(named, check=False, declared={"admin_password": "admin-secret"})
    assert not secret_store.path(site).exists()


def test_a_key_that_has_died_is_not_made_again(site: dict[str, Any]) -> None:
    user = site["api"]["users"][0]
    first = secret_store.ensure(site, check=False).values["users"]["shop"]["key"]
    user["expires"] = "2001-01-31"
    outcome = secret_store.ensure(site, check=False)
    # It goes by the host's timer, which takes it out of the application first.
    assert (outcome.replaced, outcome.values["users"]["shop"]["key"]) == (["users.shop.expires"], first)
    values = stored(site)
    del values["users"]["shop"]["key"]
    secret_store.write(secret_store.path(site), values)
    declared = {"users": {"shop": {"key": "d" * 40}}}
    assert not secret_store.ensure(site, check=False, declared=declared).changed
    assert secret_store.read(site)[1] == ""
    user["expires"] = "9999-01-31"
    later = secret_store.ensure(site, check=False, declared=declared)
    assert later.values["users"]["shop"]["key"] == "d" * 40
    del user["expires"]
    last = secret_store.ensure(site, check=False, declared=declared)
    assert (last.replaced, "expires" in last.values["users"]["shop"]) == (["users.shop.expires"], False)


def test_people_get_a_first_password_and_who_left_keeps_no_key(site: dict[str, Any]) -> None:
    api = {"users": [{"login": "shop"}, {"login": "old"}]}
    secret_store.ensure(site | {"api": api}, check=False)
    assert stored(site)["users"]["old"]["key"]
    people = [
        {"login": "ana", "state": "present", "existing": False},
        {"login": "maria", "state": "present", "existing": True},
        {"login": "old", "state": "disabled"},
    ]
    site |= {"users": people, "declared": ["users.old.key"]}
    declared = {"users": {"old": {"key": "of-somebody-who-left-0"}}}
    foreseen = secret_store.ensure(site, check=True, declared=declared)
    assert (foreseen.generated, foreseen.ended) == (["people.ana.password"], ["old"])
    secret_store.ensure(site, check=False, declared=declared)
    values = stored(site)
    assert (list(values["people"]), len(values["people"]["ana"]["password"])) == (["ana"], 32)
    assert (set(values["users"]["old"]), set(values["users"]["shop"])) == ({"password"}, {"password", "key"})
    assert not secret_store.ensure(site, check=False, declared=declared).changed
    assert secret_store.read(site)[1] == ""


def test_a_first_password_that_is_lost_is_no_hole_in_the_record(site: dict[str, Any]) -> None:
    secret_store.ensure(site, check=False)
    site["users"] = [{"login": "ana", "state": "present", "existing": False}]
    assert secret_store.read(site)[1] == ""
