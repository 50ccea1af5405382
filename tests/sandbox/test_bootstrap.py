# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the bridge calls: constants, modules, users and rights, on MariaDB and on PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import make_site
from .databases import Database
from .site import SOURCE, SandboxSite

Json = Any  # whatever the code returned


@pytest.fixture(scope="module", params=["mariadb", "postgresql"])
def installed(request: pytest.FixtureRequest, workplace: Path) -> Iterator[SandboxSite]:
    database: Database = request.getfixturevalue(request.param)
    site = make_site(workplace, database)
    site.install()
    yield site
    site.halt()


def ask(site: SandboxSite, code: str) -> Json:
    """What the code echoes as JSON."""
    return json.loads(site.bootstrap(f"echo json_encode((function () use ($db, $conf, $user) {{ {code} }})());").output)


def test_version_can_be_read_as_text() -> None:
    text = (SOURCE / "filefunc.inc.php").read_text()
    assert re.findall(r"define\('DOL_VERSION', '([^']+)'\)", text) == ["22.0.4"]
    assert json.loads((SOURCE / "sandbox.json").read_text())["contract"] == "22.0.4"


def test_constants(installed: SandboxSite) -> None:
    code = (
        "return array(dolibarr_set_const($db, 'MY_NAME', 'it\\'s \"x\"'),"
        " dolibarr_get_const($db, 'MY_NAME'), getDolGlobalString('MY_NAME'));"
    )
    assert ask(installed, code) == [1, 'it\'s "x"', 'it\'s "x"']
    assert ask(installed, "return getDolGlobalString('MY_NAME');") == 'it\'s "x"'
    assert ask(installed, "dolibarr_set_const($db, 'MY_NAME', 0); return dolibarr_get_const($db, 'MY_NAME');") == "0"
    assert ask(installed, "dolibarr_del_const($db, 'MY_NAME'); return dolibarr_get_const($db, 'MY_NAME');") == ""
    assert installed.rows("SELECT COUNT(*) FROM llx_const WHERE name = 'MY_NAME'") == [["0"]]


def test_secret_constant_is_stored_encrypted(installed: SandboxSite) -> None:
    ask(installed, "return dolibarr_set_const($db, 'SHOP_API_KEY', 'secret');")
    [[stored]] = installed.rows("SELECT value FROM llx_const WHERE name = 'SHOP_API_KEY'")
    assert (stored.startswith("dolcrypt:AES-256-CTR:"), "secret" in stored) == (True, False)
    assert ask(
        installed, "return array(dolibarr_get_const($db, 'SHOP_API_KEY'), getDolGlobalString('SHOP_API_KEY'));"
    ) == ["secret", "secret"]


def test_modules(installed: SandboxSite) -> None:
    first = ask(
        installed,
        "return array_map('activateModule', array('modApi', 'modSociete', 'modProduct', 'modCommande', "
        "'modFacture', 'modStock'));",
    )
    assert [done["errors"] for done in first] == [[]] * 6
    assert [done["nbmodules"] for done in first] == [1, 1, 1, 2, 2, 2]
    again = ask(installed, "return activateModule('modCommande');")
    assert again == {"nbmodules": 0, "errors": [], "nbperms": 0}
    names = {
        name for [name] in installed.rows("SELECT name FROM llx_const WHERE name LIKE 'MAIN_MODULE_%' AND value = '1'")
    }
    assert names == {
        f"MAIN_MODULE_{name}" for name in ("API", "USER", "SOCIETE", "PRODUCT", "COMMANDE", "FACTURE", "STOCK")
    }
    assert installed.rows("SELECT entity FROM llx_const WHERE name = 'MAIN_MODULE_API'") == [["0"]]
    for folder in ("api", "societe", "product", "commande", "facture", "stock", "users"):
        assert (installed.documents / folder / "temp").is_dir()


def test_dependencies(installed: SandboxSite) -> None:
    ask(installed, "foreach (array('modSociete', 'modCommande', 'modFacture') as $m) { activateModule($m); } return 1;")
    assert ask(installed, "return unActivateModule('modSociete');") == ""
    left = {name for [name] in installed.rows("SELECT name FROM llx_const WHERE name LIKE 'MAIN_MODULE_%'")}
    assert left.isdisjoint({"MAIN_MODULE_SOCIETE", "MAIN_MODULE_COMMANDE", "MAIN_MODULE_FACTURE"})
    assert installed.rows("SELECT COUNT(*) FROM llx_rights_def WHERE module = 'commande'") == [["0"]]
    assert ask(installed, "return activateModule('modCommande');")["errors"] == []
    on = {name for [name] in installed.rows("SELECT name FROM llx_const WHERE name LIKE 'MAIN_MODULE_%'")}
    assert {"MAIN_MODULE_SOCIETE", "MAIN_MODULE_COMMANDE"} <= on


def test_unknown_module(installed: SandboxSite) -> None:
    assert ask(installed, "return activateModule('modNothing');")["errors"] == ["Module modNothing not found"]
    assert ask(installed, "return unActivateModule('modNothing');") == "Module modNothing not found"


def test_folder_that_cannot_be_made_undoes_the_module(installed: SandboxSite) -> None:
    ask(installed, "unActivateModule('modStock'); return 1;")
    (installed.documents / "stock" / "temp").rmdir()
    (installed.documents / "stock").rmdir()
    (installed.documents / "stock").write_text("")
    try:
        done = ask(installed, "return activateModule('modStock');")
        assert (done["nbmodules"], len(done["errors"])) == (0, 1)
        assert installed.rows("SELECT COUNT(*) FROM llx_const WHERE name = 'MAIN_MODULE_STOCK'") == [["0"]]
    finally:
        (installed.documents / "stock").unlink()


def test_rights_that_bring_or_take_others(installed: SandboxSite) -> None:
    ask(
        installed,
        "activateModule('modProduct'); activateModule('modSociete'); $u = new User($db); "
        "$u->login = 'rights'; return $u->create($user);",
    )

    def held(change: str) -> list[int]:
        code = f"$u = new User($db); $u->fetch(0, 'rights'); {change}; return $u->id;"
        identity = ask(installed, code)
        rows = installed.rows("SELECT fk_user, fk_id FROM llx_user_rights ORDER BY fk_id")
        return [int(right) for user, right in rows if int(user) == int(identity)]

    assert held("$u->addrights(32)") == [31, 32]
    assert held("$u->addrights(32)") == [31, 32]
    assert held("$u->addrights(262)") == [31, 32, 262]
    assert held("$u->addrights(282)") == [31, 32, 262, 281, 282]
    assert held("$u->delrights(281)") == [31, 32, 262]
    assert held("$u->delrights(31)") == [262]
    assert held("$u->addrights(0, 'produit')") == [31, 32, 33, 34, 35, 38, 39, 262]
    assert held("$u->delrights(0, 'produit')") == [262]
    code = (
        "$u = new User($db); $u->fetch(0, 'rights'); $u->loadRights(); "
        "return array($u->hasRight('societe', 'client', 'voir'), $u->hasRight('produit', 'lire'));"
    )
    assert ask(installed, code) == [1, 0]


def test_user_that_is_there(installed: SandboxSite) -> None:
    make = (
        "$u = new User($db); $u->login = '%s'; $u->email = '%s'; $r = $u->create($user); "
        "return array($r > 0 ? 1 : $r, $u->error);"
    )
    assert ask(installed, make % ("first", "a@example.org")) == [1, ""]
    assert ask(installed, make % ("first", "b@example.org")) == [-6, "Login first already exists."]
    assert ask(installed, make % ("third", "a@example.org")) == [-6, "Email a@example.org already exists."]
    assert ask(installed, make % ("a<b", ""))[0] == -1
    assert ask(installed, make % ("", ""))[0] == -1


def test_user_fetch_update_status(installed: SandboxSite) -> None:
    ask(
        installed,
        "$u = new User($db); $u->login = 'keys'; $u->lastname = \"O'Hara\"; $u->api_key = 'one'; "
        "$u->pass = 'Password-12345'; return $u->create($user);",
    )
    read = (
        "$u = new User($db); $f = $u->fetch(0, 'keys'); return array($f, $u->api_key, "
        "$u->lastname, dol_verifyHash('%s', $u->pass_indatabase_crypted), (int) $u->statut);"
    )
    assert ask(installed, read % "Password-12345") == [1, "one", "O'Hara", True, 1]
    change = (
        "$u = new User($db); $u->fetch(0, 'keys'); $u->api_key = 'two'; $r = $u->update($user); "
        "return array($r > 0, $u->setPassword($user, 'Password-67890'), $u->setstatus(0), $u->setstatus(0));"
    )
    assert ask(installed, change) == [True, "Password-67890", 1, 0]
    assert ask(installed, read % "Password-67890") == [1, "two", "O'Hara", True, 0]
    assert ask(installed, "$u = new User($db); return $u->fetch(0, 'nobody');") == 0


def test_short_password(installed: SandboxSite) -> None:
    make = "$u = new User($db); $u->login = 'short'; $u->pass = 'short'; return array($u->create($user), $u->error);"
    assert ask(installed, make) == [-4, "Your password must have at least 12 chars"]
    assert installed.rows("SELECT COUNT(*) FROM llx_user WHERE login = 'short'") == [["0"]]


def test_two_users_cannot_share_a_key(installed: SandboxSite) -> None:
    make = "$u = new User($db); $u->login = '%s'; $u->api_key = 'shared'; return $u->create($user) > 0;"
    assert ask(installed, make % "share1") is True
    assert ask(installed, make % "share2") is False
    assert installed.rows("SELECT COUNT(*) FROM llx_user WHERE login = 'share2'") == [["0"]]


def test_only_an_administrator_makes_administrators(installed: SandboxSite) -> None:
    code = (
        "$u = new User($db); $u->login = 'climber'; $u->create($user); $u->admin = 1; "
        "$u->update($u2 = (function () use ($db) { $x = new User($db); return $x; })()); return 1;"
    )
    ask(installed, code)
    assert installed.rows("SELECT admin FROM llx_user WHERE login = 'climber'") == [["0"]]


def test_handler_of_the_database(installed: SandboxSite) -> None:
    code = (
        '$r = $db->query("SELECT login FROM ".MAIN_DB_PREFIX."user WHERE login = \'".$db->escape("admin")."\'");'
        " $n = $db->num_rows($r); $o = $db->fetch_object($r); $end = $db->fetch_object($r); $db->free($r);"
        " $bad = $db->query('SELECT nothing FROM nowhere'); return array($n, $o->login, $end, $bad, "
        "$db->lasterror() !== '', $db->escape(\"it's\"), $db->type);"
    )
    assert ask(installed, code) == [
        1,
        "admin",
        None,
        False,
        True,
        "it\\'s" if installed.database.type == "mysqli" else "it''s",
        installed.database.type,
    ]
