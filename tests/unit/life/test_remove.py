# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site is taken off its host with all that it has there, and nothing of its neighbours is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import route_table
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup, engines, remove
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks

from .sites import Server

CONF = (
    "<?php\n$dolibarr_main_db_type = 'mysqli';\n$dolibarr_main_db_host = 'localhost';\n"
    "$dolibarr_main_db_name = '{0}';\n$dolibarr_main_db_user = '{0}';\n"
)
#: Of each site, by its name.
FILES = (
    "srv/miclinik/{0}/documents/invoice.pdf",
    "srv/miclinik/{0}/documents.before/invoice.pdf",
    "etc/miclinik/{0}/secrets.json",
    "etc/miclinik-php/{0}/php-fpm.conf",
    "etc/nginx/sites-available/{0}.conf",
    "etc/apache2/sites-available/{0}.conf",
    "etc/systemd/system/miclinik-php@{0}.service",
    "etc/systemd/system/miclinik-php@{0}.service.d/own.conf",
    "etc/systemd/system/timers.target.wants/miclinik-backup@{0}.timer",
    "var/lib/systemd/timers/stamp-miclinik-backup@{0}.timer",
    "var/log/nginx/{0}.access.log.2.gz",
    "var/log/nginx/{0}.api.log",
    "run/miclinik-php/{0}/web.sock",
)


@pytest.fixture(name="server")
def _server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Server:
    names = ("norte", "sur")
    server = Server(databases={f"{name}{part}": {"a": 1} for name in names for part in ("", "$before")})
    monkeypatch.setattr(engines, "of", lambda places: server)
    monkeypatch.setattr(engines, "at", lambda kind, login, work: server)
    monkeypatch.setattr(systemd_unit, "order", lambda verb, *words, quiet=False: None)
    monkeypatch.setattr(systemd_unit, "state", lambda unit: SimpleNamespace(active=True))
    monkeypatch.setattr(remove, "_account", lambda places: None)
    monkeypatch.setattr(route_table, "RECORDS", Path("/var/lib/miclinik/routes"))
    for name in names:
        for file in FILES:
            path = tmp_path / file.format(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to("nowhere") if "wants" in file else path.write_text("x")
        (tmp_path / f"srv/miclinik/{name}/conf.php").write_text(CONF.format(name))
        enabled = tmp_path / "etc/nginx/sites-enabled"
        enabled.mkdir(exist_ok=True)
        (enabled / f"{name}.conf").symlink_to(f"../sites-available/{name}.conf")
    return server


def _all(root: Path, name: str) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if name in str(path.relative_to(root)))


def _say(_words: str) -> None:
    pass


def test_nothing_is_left_and_the_neighbour_is_whole(tmp_path: Path, server: Server) -> None:
    neighbour = _all(tmp_path, "sur")
    remove.remove(Places("norte", tmp_path), without_snapshot=True, say=_say)
    assert _all(tmp_path, "norte") == []
    assert _all(tmp_path, "sur") == neighbour
    assert sorted(server.databases) == ["sur", "sur$before"]


@pytest.mark.usefixtures("server")
def test_what_waits_for_its_receivers_goes_but_not_of_the_name_that_it_has_now(tmp_path: Path) -> None:
    tokens = {"norte": ("own", "renamed"), "sur": ("renamed", "other")}
    for name, own in tokens.items():
        told = [{"name": t, "url": "https://h", "token": t, "secret": "s", "retry_for": 1} for t in own]
        (tmp_path / f"etc/miclinik/{name}/webhooks.json").write_text(json.dumps(told))
    spool = tmp_path / "var/lib/miclinik-webhooks"
    for token in ("own", "renamed", "other"):
        (spool / hooks.ident(token) / "waiting").mkdir(parents=True)
    remove.remove(Places("norte", tmp_path), without_snapshot=True, say=_say)
    assert {place.name for place in spool.iterdir()} == {hooks.ident("renamed"), hooks.ident("other")}


def test_the_logs_of_the_others_are_still_rotated(tmp_path: Path, server: Server) -> None:
    """With an account in it that is gone, logrotate takes none of the file."""
    part = "/srv/miclinik/{0}/documents/*.log {{\n    su {0} {0}-web\n    daily\n}}\n"
    head = "/var/log/nginx/norte.api.log\n/var/log/nginx/sur.api.log\n{\n    daily\n}\n"
    file = tmp_path / "etc/logrotate.d/00-miclinik"
    file.parent.mkdir(parents=True)
    file.write_text(head + "\n" + part.format("norte") + "\n" + part.format("sur"))
    remove.remove(Places("norte", tmp_path), without_snapshot=True, say=_say)
    assert file.read_text() == head + "\n\n" + part.format("sur")


def test_documents_that_were_moved_go_too(tmp_path: Path, server: Server) -> None:
    disk = tmp_path / "disk/data"
    disk.parent.mkdir()
    documents = tmp_path / "srv/miclinik/norte/documents"
    documents.rename(disk)
    documents.symlink_to(disk)
    disk.with_name("data.before").mkdir()
    remove.remove(Places("norte", tmp_path), without_snapshot=True, say=_say)
    assert list(disk.parent.iterdir()) == []


@pytest.mark.parametrize("step", ["_out_of_the_web", "_units", "_databases", "_files", "_account"])
def test_what_was_interrupted_is_gone_on_with(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    places = Places("norte", tmp_path)
    taken: list[str] = []
    monkeypatch.setattr(backup, "SETTINGS", tmp_path / "settings.json")
    backup.SETTINGS.touch()

    def take(_places: object, _engine: object, what: str) -> str:
        taken.append(what)
        return "abc"

    monkeypatch.setattr(backup, "before", take)
    work: Callable[..., None] = getattr(remove, step)

    def cut(*given: object) -> None:
        work(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(remove, step, cut)
        with pytest.raises(KeyboardInterrupt):
            remove.remove(places, without_snapshot=False, say=_say)
    assert remove.there(places)
    remove.remove(places, without_snapshot=False, say=_say)
    assert (taken, _all(tmp_path, "norte"), remove.there(places)) == (["remove"], [], False)
    assert sorted(server.databases) == ["sur", "sur$before"]


def test_without_a_repository_it_stops_before_anything_is_done(tmp_path: Path, server: Server) -> None:
    there = _all(tmp_path, "norte")
    with pytest.raises(StageError, match="no repository for a last snapshot"):
        remove.remove(Places("norte", tmp_path), without_snapshot=False, say=_say)
    assert set(_all(tmp_path, "norte")) >= set(there)
    assert "norte" in server.databases


def test_a_database_that_is_another_site_s_as_well_is_not_dropped(tmp_path: Path, server: Server) -> None:
    (tmp_path / "srv/miclinik/sur/conf.php").write_text(CONF.format("norte"))
    with pytest.raises(StageError, match="that of the site 'sur' as well"):
        remove.remove(Places("norte", tmp_path), without_snapshot=True, say=_say)
    assert "norte" in server.databases


def test_a_database_with_another_sign_is_not_dropped(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "sign", lambda self, database: "another")
    (tmp_path / "etc/miclinik/norte/secrets.json").write_text('{"instance_unique_id": "0123"}')
    with pytest.raises(StageError, match="carries the sign of another site"):
        remove.remove(Places("norte", tmp_path), without_snapshot=True, say=_say)
    assert "norte" in server.databases


def test_documents_that_are_a_file_system_of_their_own_are_emptied_and_unmounted(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server
    documents = tmp_path / "srv/miclinik/norte/documents"
    (documents / "lost+found").mkdir()
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(Path, "is_mount", lambda path: path == documents and not asked)

    def unmount(*words: str) -> None:
        asked.append(words)
        (documents / "hidden").write_text("what was there before it was mounted")

    monkeypatch.setattr(remove, "_run", unmount)
    remove._away(documents)
    assert (asked, documents.exists()) == ([("umount", str(documents))], False)
