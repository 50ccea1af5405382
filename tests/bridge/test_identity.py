# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A command that writes does so in its own site's database only; what is lost is not covered up by the installer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity

from .sites import ADMIN_PASSWORD, USER, Answer, BridgedSite

ADMIN = {"login": "admin", "password": ADMIN_PASSWORD}
SIGN = "SELECT value FROM llx_const WHERE name = 'MICLINIK_SITE_SIGN' AND entity = 0"
UNSIGN = "DELETE FROM llx_const WHERE name = 'MICLINIK_SITE_SIGN'"
ID = "0123456789abcdef" * 4
OTHER_ID = "fedcba9876543210" * 4
KEY = "a-key-that-clients-use-0123456789"
MARK = ".miclinik-site"
#: One of each kind of command that writes.
WRITING: list[tuple[tuple[str, ...], object]] = [
    (("module", "enable", "societe"), None),
    (("module", "disable", "societe"), None),
    (("constant", "set", "MAIN_SIZE_LISTE_LIMIT", "50"), None),
    (("constant", "unset", "MAIN_SIZE_LISTE_LIMIT"), None),
    (("company", "ensure"), {"name": "Clínica"}),
    (("user", "ensure", "shop"), {"key": KEY}),
    (("user", "disable", "shop"), None),
    (("rights", "ensure", "admin"), {"rights": []}),
    (("key", "show", "admin"), None),
    (("key", "set", "admin"), {"key": KEY}),
    (("key", "rotate", "admin"), None),
    (("identity", "adopt"), None),
    (("install",), ADMIN),
    (("batch",), [{"command": "constant set", "args": {"name": "MAIN_SIZE_LISTE_LIMIT", "value": 50}}]),
]


@pytest.fixture
def site(bare: BridgedSite) -> BridgedSite:
    """Return a freshly installed site."""
    bare.install()
    return bare


def encrypts(site: BridgedSite) -> bool:
    """Return whether this version encrypts API keys: where it does, they depend on the id."""
    site.ok("user", "ensure", "shop", given={"key": KEY})
    return bool(site.ok("user", "show", "shop")["user"]["key"] == "encrypted")


def everything(site: BridgedSite) -> object:
    """Return what of the site could be changed."""
    constants = site.sql("SELECT name, value, entity FROM llx_const ORDER BY name, entity")
    users = site.sql("SELECT login, api_key, admin, statut FROM llx_user ORDER BY login")
    files = sorted(str(path.relative_to(site.documents)) for path in site.documents.rglob("*"))
    return site.server.counts(site.name), constants, users, files


def refused(site: BridgedSite, code: str, *words: str, given: object = None) -> Answer:
    """Run a command that has to be refused without having changed anything."""
    before = everything(site)
    error = site.error(*words, given=given)
    assert error["code"] == code, error
    assert everything(site) == before
    return error


def test_an_installation_is_signed(site: BridgedSite) -> None:
    assert site.sql(SIGN) == [identity.sign(ID)]
    assert (site.documents / MARK).read_text() == identity.sign(ID) + "\n"
    assert (site.documents / MARK).stat().st_mode & 0o7777 == 0o440
    assert site.ok("status")["identity"] == "ours"
    assert not site.install()["changed"]


@pytest.mark.skipif(USER is None, reason="the owner of a file cannot be kept from reading it here")
def test_a_mark_that_cannot_be_read_is_not_another_sites(site: BridgedSite) -> None:
    mark = site.documents / MARK
    os.chown(mark, 0, 0)
    error = refused(site, "documents", "install", given=ADMIN)
    assert error["message"] == f"{mark} cannot be read by the site's user; it is root 0440."
    assert mark.read_text() == identity.sign(ID) + "\n"


@pytest.mark.parametrize(("words", "given"), WRITING, ids=["-".join(words) for words, _ in WRITING])
@pytest.mark.parametrize("check", [False, True], ids=["", "check"])
def test_nothing_is_written_into_the_database_of_another(
    installed: BridgedSite, words: tuple[str, ...], given: object, check: bool
) -> None:
    installed.write_conf(instance_unique_id=OTHER_ID)
    try:
        error = refused(installed, "other_site", *(["--check"] if check else []), *words, given=given)
        assert f'"{installed.name}"' in error["message"]
        assert identity.sign(OTHER_ID)[:12] in error["message"]
        assert identity.sign(ID)[:12] in error["message"]
        assert OTHER_ID not in str(error)
    finally:
        installed.write_conf()


def test_two_sites_with_swapped_databases(installed: BridgedSite, site: BridgedSite) -> None:
    site.write_conf(instance_unique_id=OTHER_ID)
    site.sql(UNSIGN)
    (site.documents / MARK).unlink()
    assert site.install()["changed"]  # two sites, each with an id, a sign and a mark of its own
    try:
        for one, other, own in ((site, installed, OTHER_ID), (installed, site, ID)):
            one.write_conf(db_name=other.name, db_user=other.name, instance_unique_id=own)
            before = everything(other)
            for words, given in WRITING:
                assert one.error(*words, given=given)["code"] == "other_site"
            assert everything(other) == before
            assert one.ok("status")["identity"] == "other"
            assert one.ok("user", "show", "admin")["user"]["login"] == "admin"  # to look is allowed
    finally:
        installed.write_conf()


def test_two_sites_with_swapped_conf_files(installed: BridgedSite, site: BridgedSite) -> None:
    site.write_conf(instance_unique_id=OTHER_ID)
    site.sql(UNSIGN)
    (site.documents / MARK).unlink()
    site.install()
    # Folders stay with the files of code, which name them: what is swapped is database, user and id at once.
    site.write_conf(db_name=installed.name, db_user=installed.name)
    error = refused(site, "other_documents", "install", given=ADMIN)
    assert str(site.documents) in error["message"]


def test_a_site_of_an_earlier_commit_is_adopted(site: BridgedSite) -> None:
    encrypts(site)
    site.sql(UNSIGN)
    (site.documents / MARK).unlink()
    assert site.ok("status")["identity"] == "none"
    foreseen = site.ok("--check", "install", given=ADMIN)
    assert (foreseen["changed"], foreseen["diff"]["after"]["signed"]) == (True, True)
    assert site.sql(SIGN) == []
    assert not (site.documents / MARK).exists()
    assert site.ok("user", "ensure", "shop", given={"key": KEY})["changes"] == []  # goes on before it is signed
    assert site.install()["changed"]
    assert site.sql(SIGN) == [identity.sign(ID)]
    assert not site.install()["changed"]
    assert site.ok("key", "show", "shop", "--reveal")["key"] == KEY


def test_what_does_not_open_with_the_id_is_not_adopted(site: BridgedSite) -> None:
    if not encrypts(site):
        shown = site.ok("key", "show", "shop", "--reveal")
        assert (shown["stored"], shown["readable"], shown["key"]) == ("clear", True, KEY)
        return
    site.sql(UNSIGN)
    (site.documents / MARK).unlink()
    site.write_conf(instance_unique_id=OTHER_ID)
    for words, given in WRITING:
        error = refused(site, "other_site", *words, given=given)
        assert "shop" in error["message"]
    # An id that something opens with has been in use: values that are dead already stop nobody.
    dead = "dolcrypt:AES-256-CTR:0123456789abcdef:AAAAAAAAAAAAAAAAAAAA"
    site.sql(f"UPDATE llx_user SET api_key = '{dead}' WHERE login = 'admin'")  # noqa: S608
    site.write_conf()
    assert site.install()["changed"]


def test_an_explicit_replacement(site: BridgedSite) -> None:
    encrypted = encrypts(site)
    site.write_conf(instance_unique_id=OTHER_ID)
    assert site.ok("--check", "identity", "replace")["changed"]
    assert site.sql(SIGN) == [identity.sign(ID)]
    answer = site.ok("identity", "replace")
    assert (answer["changed"], answer["was"], "shop" in answer["unreadable"]) == (True, "other", encrypted)
    assert site.sql(SIGN) == [identity.sign(OTHER_ID)]
    shown = site.ok("key", "show", "shop", "--reveal")
    assert (shown["readable"], shown["key"]) == ((False, None) if encrypted else (True, KEY))
    assert site.ok("user", "ensure", "shop", given={"key": KEY})["changes"] == (["key"] if encrypted else [])


def test_a_conf_without_an_id_writes_nothing(site: BridgedSite) -> None:
    site.write_conf(instance_unique_id="")
    assert site.ok("status")["identity"] == "unknown"
    refused(site, "no_instance_id", "constant", "set", "MAIN_SIZE_LISTE_LIMIT", "50")
    refused(site, "no_instance_id", "install", given=ADMIN)
    site.write_conf(instance_unique_id="", cookie_cryptkey=ID)  # the name that it had before
    assert site.ok("status")["identity"] == "ours"


def test_a_key_is_shown_on_demand_only(installed: BridgedSite) -> None:
    installed.ok("user", "ensure", "shop", given={"key": KEY})
    assert "key" not in installed.ok("key", "show", "shop")
    assert installed.ok("key", "show", "nobody", "--reveal")["stored"] is None
    assert installed.ok("key", "show", "shop", "--reveal")["key"] == KEY


@pytest.mark.parametrize("left", ["nothing", "lock", "mark", "files", "record"])
def test_an_emptied_database_is_not_installed_anew(bare: BridgedSite, left: str) -> None:
    if left in ("lock", "mark"):
        (bare.documents / {"lock": "install.lock", "mark": MARK}[left]).write_text(identity.sign(ID))
    if left == "files":
        (bare.documents / "societe" / "12").mkdir(parents=True)
        (bare.documents / "societe" / "12" / "order.pdf").write_text("%PDF")
    bare.hand_over()
    if left == "nothing":
        assert bare.install()["before"] == "none"
        return
    given = ADMIN | ({"installed": True} if left == "record" else {})
    error = bare.error("install", given=given)
    assert error["code"] == "database_lost"
    assert f'"{bare.name}"' in error["message"]
    assert bare.server.counts(bare.name) == {}
    assert bare.error("--check", "install", given=given)["code"] == "database_lost"


def test_what_comes_and_goes_in_documents_hinders_no_installation(bare: BridgedSite) -> None:
    (bare.documents / "lost+found").mkdir()
    (bare.documents / "lost+found" / "#12").write_text("")
    (bare.documents / "api" / "temp").mkdir(parents=True)
    (bare.documents / "api" / "temp" / "routes.php").write_text("<?php")
    bare.hand_over()
    assert bare.install()["state"] == "installed"


def test_a_database_with_tables_of_others_is_left_alone(bare: BridgedSite) -> None:
    bare.sql("CREATE TABLE dol_user (rowid integer)")
    error = bare.error("install", given=ADMIN)
    assert (error["code"], "dol_user" in error["message"]) == ("database_in_use", True)
    assert list(bare.server.counts(bare.name)) == ["dol_user"]


def test_another_prefix_is_not_taken_for_an_empty_database(site: BridgedSite) -> None:
    site.write_conf(db_prefix="other_")
    (site.documents / "install.lock").unlink()
    (site.documents / MARK).unlink()
    before = site.server.counts(site.name)
    error = site.error("install", given=ADMIN)
    assert (error["code"], "llx_" in error["message"]) == ("database_in_use", True)
    assert site.server.counts(site.name) == before


@pytest.mark.parametrize(
    "loss",
    [
        "DELETE FROM llx_user",
        "UPDATE llx_user SET admin = 0",
        "DELETE FROM llx_const WHERE name LIKE 'MAIN_VERSION_LAST%'",
    ],
)
def test_a_damaged_database_is_not_finished_like_a_half_one(site: BridgedSite, loss: str) -> None:
    site.sql("DELETE FROM llx_user_rights")
    site.sql(loss)
    before = site.server.counts(site.name)
    error = site.error("install", given=ADMIN)
    assert (error["code"], "the site was installed" in error["message"]) == ("database_damaged", True)
    site.sql(UNSIGN)
    assert site.error("install", given=ADMIN | {"installed": True})["code"] == "database_damaged"
    site.sql("INSERT INTO llx_societe (nom, entity) VALUES ('A customer', 1)")
    error = site.error("install", given=ADMIN)
    assert (error["code"], "llx_societe has rows" in error["message"]) == ("database_damaged", True)
    assert (site.documents / "install.lock").exists()
    del before["llx_societe"], before["llx_const"]
    after = site.server.counts(site.name)
    assert {name: after[name] for name in before} == before


def empty(documents: Path) -> None:
    """Put an empty folder in the place of the documents, as a mount that is missing leaves it."""
    for path in documents.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_documents_that_are_gone_are_not_covered_up(site: BridgedSite) -> None:
    empty(site.documents)
    refused(site, "documents_lost", "install", given=ADMIN | {"installed": True})
    # Without a record nobody can say: the run that installed it may have been killed before it made the lock.
    site.sql("INSERT INTO llx_societe (nom, entity) VALUES ('A customer', 1)")
    error = refused(site, "documents_lost", "install", given=ADMIN)
    assert str(site.documents) in error["message"]
    # The mend for documents that nobody has any more.
    (site.documents / "install.lock").write_text("")
    site.hand_over()
    assert site.ok("install", given=ADMIN | {"installed": True})["changed"]
    assert (site.documents / MARK).exists()
    assert not site.ok("install", given=ADMIN | {"installed": True})["changed"]


def test_an_installation_that_was_killed_before_its_lock_is_finished(site: BridgedSite) -> None:
    site.sql(UNSIGN)
    empty(site.documents)
    assert site.install()["changed"]
    assert (site.documents / MARK).exists()
    assert site.ok("status")["install_lock"] == "0440"


def test_the_documents_of_another_site(site: BridgedSite) -> None:
    (site.documents / MARK).unlink()
    (site.documents / MARK).write_text(identity.sign(OTHER_ID) + "\n")
    refused(site, "other_documents", "install", given=ADMIN)


def test_tables_that_a_superuser_has_restored(site: BridgedSite) -> None:
    if site.server.engine != "pgsql":
        assert site.ok("status")["schema"]["state"] == "installed"  # tables have no owner there
        return
    for table in ("llx_const", "llx_user", "llx_societe"):
        site.sql(f"ALTER TABLE {table} OWNER TO postgres")
    for words, given in (*WRITING, (("user", "show", "admin"), None)):
        error = site.error(*words, given=given)
        assert error["code"] == "tables_of_others", words
        assert "3 tables" in error["message"]
        assert "ALTER TABLE" in error["mend"]
    assert "tables_of_others" not in site.ok("status")["schema"]["reasons"][0]
    assert '3 tables of the database "' in site.ok("status")["schema"]["reasons"][0]
    tables = list(site.server.counts(site.name))
    for table in tables:
        site.sql(f"ALTER TABLE {table} OWNER TO postgres")
    assert site.error("install", given=ADMIN)["code"] == "tables_of_others"
    for table in tables:
        site.sql(f'ALTER TABLE {table} OWNER TO "{site.name}"')
    assert not site.install()["changed"]
