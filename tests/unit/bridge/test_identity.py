# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nothing that is lost of a site is covered up, and no state of its files leads to another instance id."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.application import losses as application_losses
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.secret_store import SecretError
from ansible_collections.miclinik.hosting.plugins.module_utils.database import remains

from .lost_site import PASSWORD, LostSite


def known(lost: LostSite) -> identity.Known:
    return identity.look(identity.Places.of(lost.site))


def losses(lost: LostSite) -> list[str]:
    return [loss.id for loss in application_losses.losses(lost.site, known(lost))]


def test_a_whole_site(lost: LostSite) -> None:
    found = known(lost)
    assert (found.secrets, found.secrets_id, found.conf_id, found.same_id) == ("whole", True, True, True)
    assert (found.documents, found.recorded, found.installed) == ("ours", True, True)
    assert found.database == {"host": "localhost", "name": "norte"}
    assert losses(lost) == []
    assert not lost.run().changed


def test_nothing_of_a_site(tmp_path: Path) -> None:
    found = known(LostSite(tmp_path))
    assert found == identity.Known("missing", False, False, None, "", "missing", False, False)
    assert losses(LostSite(tmp_path)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<?php\n$dolibarr_main_db_pass = 'a\\'b\\\\c';\n", {"db_pass": "a'b\\c"}),
        ('<?php\n$dolibarr_main_db_pass="a\\"b\\$c";', {"db_pass": 'a"b$c'}),
        ("<?php\n// $dolibarr_main_db_pass = 'old';\n  $dolibarr_main_db_pass='new' ;", {"db_pass": "new"}),
        ("<?php\n$dolibarr_main_db_pass='1';\n$dolibarr_main_db_pass='2';", {"db_pass": "2"}),
        ("<?php\n$dolibarr_main_db_pass = 'two\nlines';", {"db_pass": "two\nlines"}),
        ('<?php\n$dolibarr_main_db_pass = "$other";', {}),
        ("<?php\n$dolibarr_main_db_pass = 'cut off", {}),
        ("", {}),
    ],
)
def test_what_conf_php_says(tmp_path: Path, text: str, expected: dict[str, str]) -> None:
    (tmp_path / "conf.php").write_text(text)
    assert identity.conf_values(tmp_path / "conf.php") == expected


def test_the_older_name_of_the_id() -> None:
    assert identity.conf_id({"cookie_cryptkey": "old"}) == "old"
    assert identity.conf_id({"cookie_cryptkey": "old", "instance_unique_id": "new"}) == "new"
    assert identity.conf_id({}) == ""


def test_lost_secrets_are_taken_back(lost: LostSite) -> None:
    before = lost.stored()
    lost.secrets.unlink()
    assert losses(lost) == []
    foreseen = lost.ensure(check=True)
    assert not lost.secrets.exists()
    outcome = lost.run()
    assert foreseen.taken == outcome.taken == ["database_password", "instance_unique_id", "users.shop.key"]
    assert outcome.generated == ["host_token", "users.shop.password"]
    assert outcome.unknown == ["admin_password"]
    after = lost.stored()
    assert (after["instance_unique_id"], after["database_password"]) == (before["instance_unique_id"], PASSWORD)
    assert after["users"]["shop"]["key"] == before["users"]["shop"]["key"]
    assert "admin_password" not in after
    assert "users.shop.key" in outcome.told()
    assert before["users"]["shop"]["key"] not in outcome.told()
    again = lost.run()
    assert (again.changed, again.told()) == (False, "")


@pytest.mark.parametrize("name", ["database_password", "instance_unique_id", "admin_password", "users"])
def test_a_part_of_the_secrets_is_taken_back(lost: LostSite, name: str) -> None:
    before = lost.stored()
    lost.store({key: value for key, value in before.items() if key != name})
    lost.run()
    after = lost.stored()
    before["users"]["shop"].pop("password")
    after["users"]["shop"].pop("password")
    assert after == {key: value for key, value in before.items() if key != name or name != "admin_password"}
    assert not lost.run().changed


def test_the_first_password_of_an_installed_site_is_only_recorded(lost: LostSite) -> None:
    lost.declare(admin_password="Another-Password-1")
    outcome = lost.run()
    assert (outcome.replaced, outcome.only_recorded) == (["admin_password"], ["admin_password"])
    assert outcome.told().startswith("admin.password is recorded, and the application keeps the one it has")
    assert "Another-Password-1" not in outcome.told()
    again = lost.run()
    assert (again.changed, again.told()) == (False, "")


def test_the_first_password_of_a_new_site_is_set(tmp_path: Path) -> None:
    new = LostSite(tmp_path)
    new.declare(admin_password="Another-Password-1")
    outcome = new.ensure()
    assert (outcome.only_recorded, outcome.told()) == ([], "")


def test_a_new_user_of_an_installed_site_gets_new_secrets(lost: LostSite) -> None:
    lost.site["api"]["users"].append({"login": "till"})
    outcome = lost.run()
    assert (outcome.taken, outcome.generated) == ([], ["users.till.password", "users.till.key"])
    assert outcome.told() == ""


def test_a_key_that_cannot_be_asked_for_is_left_alone(lost: LostSite) -> None:
    key = lost.stored()["users"]["shop"]["key"]
    lost.store(lost.stored() | {"users": {}})
    lost.answers = False
    outcome = lost.ensure()
    assert outcome.unknown == ["users.shop.key"]
    assert "key" not in lost.stored()["users"]["shop"]
    lost.answers = True
    assert lost.run().taken == ["users.shop.key"]
    assert lost.stored()["users"]["shop"]["key"] == key


@pytest.mark.parametrize(("login", "unknown"), [("shop", ["users.shop.key"]), ("till", [])])
def test_a_bridge_of_an_earlier_version(lost: LostSite, login: str, unknown: list[str]) -> None:
    lost.store(lost.stored() | {"users": {}})
    lost.site["api"]["users"] = [{"login": login}]
    lost.old_bridge = True
    assert lost.ensure().unknown == unknown


@pytest.mark.parametrize("text", ["", "{", "[]", '{"users": []}', "\0", '"text"'])
def test_broken_secrets_stop_everything(lost: LostSite, text: str) -> None:
    lost.secrets.write_text(text)
    before = lost.files()
    assert losses(lost) == ["secrets-broken"]
    with pytest.raises(SecretError, match=r"site 'norte': instance_unique_id: .* should be a file with a JSON object"):
        lost.run()
    assert lost.files() == before
    lost.secrets.unlink()  # what the message names
    lost.run()
    assert not lost.run().changed


@pytest.mark.parametrize(("where", "mended"), [("secrets", "secrets"), ("conf", "conf")])
def test_ids_that_differ_stop_everything(lost: LostSite, where: str, mended: str) -> None:
    values = lost.stored()
    other = values | {"instance_unique_id": "f" * 64}
    if where == "secrets":
        lost.store(other)
    else:
        lost.write_conf(other)
    before = lost.files()
    (loss,) = application_losses.losses(lost.site, known(lost))
    assert loss.id == "instance-id-differs"
    right = lost.conf if where == "secrets" else lost.secrets
    assert f"The one in {right} is the one that the site was installed with" in loss.mend
    with pytest.raises(SecretError, match="hold different ids") as caught:
        lost.run()
    assert "f" * 64 not in str(caught.value)
    assert values["instance_unique_id"] not in str(caught.value)
    assert lost.files() == before
    if where == "secrets":
        lost.store(values)
    else:
        lost.conf.unlink()
    assert not lost.run().changed


def test_an_id_that_is_nowhere_is_not_made_anew(lost: LostSite) -> None:
    lost.secrets.unlink()
    lost.conf.unlink()
    assert losses(lost) == ["instance-id-lost"]
    with pytest.raises(SecretError, match="no other one is made"):
        lost.run()
    assert not lost.secrets.exists()


def test_an_id_from_a_backup_can_be_declared(lost: LostSite) -> None:
    stored = lost.stored()
    lost.secrets.unlink()
    lost.conf.unlink()
    lost.declare(instance_unique_id=stored["instance_unique_id"])
    lost.run()  # the password of the database is new: the role sets it
    after = lost.stored()
    assert after["instance_unique_id"] == stored["instance_unique_id"]
    assert "key" not in after["users"]["shop"]  # conf.php was not there to ask
    lost.run()
    assert lost.stored()["users"]["shop"]["key"] == stored["users"]["shop"]["key"]


@pytest.mark.parametrize("left", [None, "conf", "secrets"])
def test_another_id_than_the_sites_is_not_declared(lost: LostSite, left: str | None) -> None:
    for path in (lost.secrets, lost.conf):
        if left is None or not path.name.startswith(left):
            path.unlink()
    lost.declare(instance_unique_id="f" * 64)
    with pytest.raises((SecretError, BridgeError)):
        lost.run()
    assert lost.database == {"sign": lost.database["sign"], "keys": lost.database["keys"]} if lost.database else False


@pytest.fixture
def imported(lost: LostSite, monkeypatch: pytest.MonkeyPatch) -> tuple[LostSite, str]:
    """Return a site of which the database alone came from another host, and the id that it was made with."""
    right = lost.stored()["instance_unique_id"]
    for folder in (lost.home, lost.state):
        shutil.rmtree(folder)
    monkeypatch.setattr(remains, "sign", lambda *_: lost.database["sign"] if lost.database else "")
    monkeypatch.setattr(remains, "tables", lambda *_: "the database 'norte' on localhost")
    return lost, right


def test_a_mistyped_id_is_compared_with_the_database_before_it_is_kept(imported: tuple[LostSite, str]) -> None:
    site, right = imported
    site.declare(instance_unique_id="e" * 64)
    with pytest.raises(SecretError, match="the one in the inventory is not the one that the database 'norte' came"):
        site.run()
    assert site.files() == {}
    # An earlier version has kept it: the right one takes its place.
    site.state.mkdir(parents=True)
    site.store({"instance_unique_id": "e" * 64})
    with pytest.raises(SecretError, match="the one in the inventory is not the one that the database 'norte' came"):
        site.run()
    site.declare(instance_unique_id=right)
    assert "instance_unique_id" in site.run().replaced
    assert site.stored()["instance_unique_id"] == right
    site.run()


@pytest.mark.parametrize("died", [False, True])
def test_a_mistyped_id_of_a_database_without_a_sign_can_be_corrected(
    imported: tuple[LostSite, str], died: bool
) -> None:
    """Only the application can tell that nothing in it opens: the run stops there, and keeps nothing out."""
    site, right = imported
    assert site.database is not None
    site.database |= {"sign": "", "made_with": identity.sign(right)}
    site.declare(instance_unique_id="e" * 64)
    site.ensure()
    site.home.mkdir(parents=True)
    site.documents.mkdir()
    if not died:
        site.write_conf(site.stored())
    site.declare(instance_unique_id=right)
    outcome = site.ensure()
    assert "instance_unique_id" in outcome.replaced
    # What opens with the one that is kept stays with it.
    site.write_conf(outcome.values)
    site.declare(instance_unique_id="e" * 64)
    with pytest.raises(SecretError, match="instance_unique_id is another one"):
        site.ensure()


def test_documents_of_another_id_contradict_as_well(lost: LostSite) -> None:
    (lost.state / identity.RECORD).unlink()
    lost.secrets.unlink()
    lost.conf.unlink()
    lost.declare(instance_unique_id="e" * 64)
    with pytest.raises(SecretError, match=r"is not the one that the documents in .*documents came with"):
        lost.ensure()


def test_tables_without_any_file_of_the_site(lost: LostSite, tmp_path: Path) -> None:
    shutil.rmtree(lost.home)
    shutil.rmtree(lost.state)
    folder = tmp_path / "mysql" / "norte"
    folder.mkdir(parents=True)
    (folder / "llx_const.frm").write_text("")
    assert losses(lost) == []
    with pytest.raises(SecretError, match="the database 'norte' on localhost holds tables of the application already"):
        lost.run()
    assert not lost.state.exists()
    (folder / "llx_const.frm").unlink()
    assert "instance_unique_id" in lost.ensure().generated


@pytest.mark.parametrize(
    ("loss", "expected"),
    [("emptied", "documents-lost"), ("gone", "documents-lost"), ("other", "documents-other"), ("unmarked", None)],
)
def test_documents(lost: LostSite, loss: str, expected: str | None) -> None:
    if loss in ("emptied", "gone"):
        shutil.rmtree(lost.documents)
        if loss == "emptied":
            lost.documents.mkdir()
    elif loss == "other":
        (lost.documents / identity.MARK).write_text(identity.sign("f" * 64))
    else:
        (lost.documents / identity.MARK).unlink()
    assert losses(lost) == ([expected] if expected else [])
    if expected:
        with pytest.raises(SecretError, match=str(lost.documents)):
            lost.run()
        lost.documents.mkdir(exist_ok=True)
        (lost.documents / identity.MARK).unlink(missing_ok=True)
        (lost.documents / "install.lock").write_text("")  # what the message names
    lost.run()
    assert (lost.documents / identity.MARK).exists()


def test_everything_below_srv_is_gone(lost: LostSite) -> None:
    shutil.rmtree(lost.home)
    with pytest.raises(SecretError, match="its documents are not there"):
        lost.run()
    assert not lost.home.exists()


def test_everything_below_etc_is_gone(lost: LostSite) -> None:
    before = lost.stored()
    shutil.rmtree(lost.state)
    assert lost.run().taken == ["database_password", "instance_unique_id", "users.shop.key"]
    assert lost.stored()["instance_unique_id"] == before["instance_unique_id"]
    assert lost.record.exists()


def test_a_first_run_that_was_killed_is_no_loss(tmp_path: Path) -> None:
    killed = LostSite(tmp_path)
    killed.ensure()
    first = killed.stored()
    killed.documents.mkdir(parents=True)
    assert losses(killed) == []
    killed.write_conf(first)
    assert losses(killed) == []
    killed.run()
    assert killed.stored() == first


def test_reading_makes_nothing(tmp_path: Path) -> None:
    bare = LostSite(tmp_path)
    assert secret_store.read(bare.site) == ({"users": {}}, f"{bare.secrets} is missing")
    assert not bare.state.exists()
    bare.ensure()
    assert secret_store.read(bare.site) == (bare.stored(), "")
    bare.store({"users": {"shop": {"key": "k"}}})
    lacking = "database_password, instance_unique_id, users.shop.password"
    assert secret_store.read(bare.site)[1] == f"{bare.secrets} lacks {lacking}"
    bare.secrets.write_text("{")
    assert secret_store.read(bare.site)[0] == {"users": {}}
    assert "should be a file with a JSON object" in secret_store.read(bare.site)[1]
