# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An old site becomes a site: it is served as the one or the other, whole, whenever the work is killed."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    adopt,
    adopt_commands,
    adopt_files,
    closing,
    definers,
    door,
    engines,
    foreign,
    operations,
    proof,
    vhosts,
    within,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.operations import OperationError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

from .sites import OLD, Killed, Server
from .test_foreign_conf import WIZARD

STEPS = ["check", "compare", "keep", "documents", "close", "rest", "dump", "load", "sign"]
STEPS += ["swap-database", "swap-documents", "swap-release", "prove", "open"]
VHOST = "/etc/nginx/sites-enabled/dolibarr"
ID = "84b5bc91f83b56e458db71e0adac2b62"


class Host:
    """A host with an old site, served by Nginx, and norte, which is laid beside it."""

    def __init__(self, root: Path) -> None:
        self.root, self.place = root, Places("norte", root)
        self.old = root / "var/www/html/dolibarr"
        self.documents = root / "var/lib/dolibarr/documents"
        self.web = root / "etc/nginx"
        self.server = Server(login=Login("norte", "norte"), databases={"norte": {"a": 0}})
        self.theirs = Server(login=Login("dolidb", "doli", "localhost"), databases={"dolidb": {"llx_const": 7, "b": 2}})
        release = self.place.releases / OLD / "htdocs"
        for folder in (release / "custom", self.old / "custom", self.old / "conf", self.documents / "societe"):
            folder.mkdir(parents=True)
        for folder in (self.place.work, self.place.state, self.place.documents("live"), self.web / "sites-available"):
            folder.mkdir(parents=True, exist_ok=True)
        for tree in (release, self.old):
            (tree / "filefunc.inc.php").write_text("<?php define('DOL_VERSION', '16.0.3');")
        text = WIZARD.replace("/var/lib/dolibarr/documents", str(self.documents))
        (self.old / "conf/conf.php").write_text(text)
        (self.documents / "societe/contract.txt").write_text("mine")
        self.place.current.symlink_to(f"releases/{OLD}")
        self.place.conf.write_text("<?php\n$dolibarr_main_db_type = 'mysqli';\n")
        for name in ("norte.conf", "dolibarr"):
            (self.web / "sites-available" / name).write_text("server { root " + str(self.old) + "; }")
        (self.web / "sites-enabled").mkdir()
        (root / VHOST[1:]).symlink_to("../sites-available/dolibarr")
        self.given = {"source": str(self.old), "vhosts": [VHOST], "keep_documents": True}

    @property
    def served(self) -> list[str]:
        return sorted(file.name for file in (self.web / "sites-enabled").iterdir())

    def shape(self) -> tuple[dict[str, int], list[str]]:
        live = self.place.documents("live")
        return self.server.databases["norte"], sorted(str(file.relative_to(live)) for file in live.rglob("*.txt"))

    def prepare(self) -> bool:
        changed = adopt.prepare(self.place, self.given)
        self.place.facts.write_text("{}")
        return changed

    def adopt(self) -> Journal:
        return operations.carry_out(self.place, "adopt", adopt.adopt)


@pytest.fixture(name="host")
def _host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    host = Host(tmp_path)
    monkeypatch.setattr(engines, "of", lambda _places: host.server)
    monkeypatch.setattr(engines, "at", lambda _kind, _login, _work: host.theirs)
    monkeypatch.setattr(foreign, "constants", lambda _site: {"MAIN_VERSION_LAST_INSTALL": "16.0.3"})
    monkeypatch.setattr(proof, "prove", lambda *_words: {"schema": {"version": "16.0.3"}})
    monkeypatch.setattr(adopt, "_take_keys", lambda _places: "key")
    monkeypatch.setattr(adopt, "Within", lambda *_words: SimpleNamespace(bridge=SimpleNamespace(call=lambda _: {})))
    monkeypatch.setattr(definers, "rewrite", lambda *_words: 0)
    for name in ("start", "stop"):
        monkeypatch.setattr(door, name, lambda _places: None)
    monkeypatch.setattr(within, "end", lambda _site: None)
    monkeypatch.setattr(systemd_unit, "state", lambda _unit: SimpleNamespace(active=True))
    monkeypatch.setattr(systemd_unit, "order", lambda *_words, quiet=False: None)
    monkeypatch.setattr(vhosts, "TESTS", dict.fromkeys(SERVERS, ("true",)))
    return host


def test_the_site_is_given_the_id_of_the_old_one_and_only_where_it_has_none(host: Host) -> None:
    assert host.prepare()
    secrets = host.place.state / "secrets.json"
    assert json.loads(secrets.read_text()) == {"instance_unique_id": ID}
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert not host.prepare()
    secrets.write_text(json.dumps({"instance_unique_id": "of another"}))
    with pytest.raises(StageError, match="a site of its own on this host"):
        host.prepare()


def test_it_takes_the_place_of_the_old_one_which_stays(host: Host) -> None:
    host.prepare()
    journal = host.adopt()
    assert [step.name for step in journal.steps] == STEPS
    assert host.served == ["norte.conf"]
    assert host.shape() == ({"llx_const": 7, "b": 2}, ["societe/contract.txt"])
    assert not host.place.closed.exists()
    assert host.theirs.databases == {"dolidb": {"llx_const": 7, "b": 2}}
    assert (host.old / "conf/conf.php").is_file()
    kept = host.place.work / "adopted"
    assert sorted(item.name for item in kept.iterdir()) == ["conf.php", "database.sql.gz", "documents", "files.tar.gz"]
    for name in ("conf.php", "database.sql.gz", "files.tar.gz"):
        assert (kept / name).stat().st_mode & 0o777 == 0o600
    assert kept.stat().st_mode & 0o777 == 0o700
    assert adopt.is_done(host.place, str(host.old))
    assert "of another" not in str(journal.facts)


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_is_the_one_or_the_other(host: Host, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    host.prepare()
    true = Journal.step

    def killed(journal: Journal, name: str, about: str) -> object:
        manager = true(journal, name, about)
        if name == step:
            manager.__enter__()
            raise Killed
        return manager

    monkeypatch.setattr(Journal, "step", killed)
    with pytest.raises(Killed):
        host.adopt()
    monkeypatch.setattr(Journal, "step", true)
    for _ in range(2):
        operations.recover(host.place)
    if step == "open":
        assert (host.served, host.shape()[0]) == (["norte.conf"], {"llx_const": 7, "b": 2})
        return
    assert host.served == ["dolibarr"]
    assert host.shape() == ({"a": 0}, [])
    # The same once more goes through.
    host.adopt()
    assert (host.served, host.shape()[0]) == (["norte.conf"], {"llx_const": 7, "b": 2})


def test_what_fails_leaves_the_old_one_served(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.prepare()

    def broken(*_words: Any) -> None:  # noqa: ANN401 - as the real one
        raise proof.ProofError("no answer")

    monkeypatch.setattr(adopt, "_take_keys", broken)
    with pytest.raises(OperationError, match=r"prove.*no answer.*The site is as it was before"):
        host.adopt()
    assert (host.served, host.shape()) == (["dolibarr"], ({"a": 0}, []))


def test_files_that_are_others_than_the_sources_are_named(host: Host) -> None:
    host.prepare()
    (host.old / "filefunc.inc.php").write_text("<?php define('DOL_VERSION', '16.0.3'); // mine")
    (host.old / "custom/citas").mkdir()
    (host.old / "custom/citas/a.php").write_text("")
    with pytest.raises(OperationError, match=r"changed in the old site: filefunc.inc.php; only there.*: custom/citas"):
        host.adopt()
    adopt.prepare(host.place, {**host.given, "without_changes": True})
    assert any("custom/citas" in warning for warning in host.adopt().warnings)


def test_what_is_written_meanwhile_is_not_lost(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.prepare()
    seen = iter([1, 2])
    monkeypatch.setattr(Server, "writes", lambda _self, _database: next(seen))
    with pytest.raises(OperationError, match="something has written into the database 'dolidb'"):
        host.adopt()
    assert host.served == ["dolibarr"]


def test_it_can_be_gone_back(host: Host, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    host.prepare()
    host.adopt()
    monkeypatch.setattr(closing, "close", lambda places: places.shut.write_text("{}"))
    given = SimpleNamespace(undo=True)
    assert adopt_commands.adopt(host.place, given) == 0  # type: ignore[arg-type]
    assert f"served again by {VHOST}" in capsys.readouterr().out
    assert (host.served, host.place.shut.exists()) == (["dolibarr"], True)
    with pytest.raises(StageError, match="there is nothing to go back to"):
        adopt_commands.adopt(host.place, given)  # type: ignore[arg-type]


def test_links_out_of_the_documents_are_found(tmp_path: Path) -> None:
    (tmp_path / "documents/a").mkdir(parents=True)
    (tmp_path / "documents/within").symlink_to("a")
    (tmp_path / "documents/a/out").symlink_to("/etc")
    assert foreign.outside(tmp_path / "documents") == [str(tmp_path / "documents/a/out")]


def test_lines_of_cron_that_run_it_are_found(host: Host) -> None:
    folder = host.root / "etc/cron.d"
    folder.mkdir()
    line = f"*/5 * * * * www-data {host.old}/scripts/cron/cron_run_jobs.php key admin"
    (folder / "dolibarr").write_text(f"# {line}\n{line}\n")
    site = foreign.find(foreign.Order(str(host.old)), host.place.work)
    assert foreign.jobs(site, host.root) == [f"/etc/cron.d/dolibarr: {line}"]


def test_a_folder_that_holds_none_says_so(tmp_path: Path) -> None:
    assert foreign.look(foreign.Order(str(tmp_path)))["problems"] == [
        (f"neither {tmp_path} nor {tmp_path}/htdocs holds filefunc.inc.php", "Name the folder of the old site")
    ]


def test_a_key_of_its_own_that_opens_values_has_to_come_along(host: Host) -> None:
    conf = host.old / "conf/conf.php"
    conf.write_text(f"{conf.read_text()}$dolibarr_main_dolcrypt_key='s3cret';")
    host.prepare()
    with pytest.raises(OperationError, match="into conf_extra of the site") as caught:
        host.adopt()
    assert "s3cret" not in str(caught.value)
    host.place.conf.write_text(f"{host.place.conf.read_text()}$dolibarr_main_dolcrypt_key = 's3cret';")
    host.adopt()


def test_values_that_no_id_opens_are_not_taken_over(host: Host, tmp_path: Path) -> None:
    conf = host.old / "conf/conf.php"
    conf.write_text(conf.read_text().replace(ID, ""))
    old = foreign.find(foreign.Order(str(host.old)), host.place.work)
    dump = tmp_path / "dump.sql"
    dump.write_bytes(b"('dolcrypt:AES-256-CTR:ab:cd');\n")
    with pytest.raises(StageError, match="no id that opens them"):
        adopt_files.make_readable(dump, old)


def test_what_mysql_has_written_is_read_by_mariadb(host: Host, tmp_path: Path) -> None:
    dump = tmp_path / "dump.sql"
    dump.write_bytes(b") COLLATE=utf8mb4_0900_ai_ci;\nINSERT INTO `a` VALUES\n('utf8mb4_0900_ai_ci');\n")
    adopt_files.make_readable(dump, foreign.find(foreign.Order(str(host.old)), host.place.work))
    assert dump.read_bytes() == b") COLLATE=utf8mb4_unicode_ci;\nINSERT INTO `a` VALUES\n('utf8mb4_0900_ai_ci');\n"
