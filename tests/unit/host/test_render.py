# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sets of files: all of them or none, with the old ones back when the check that follows refuses the new."""

from __future__ import annotations

import functools
import getpass
import grp
import os
import pwd
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import rendered as host_rendered
from ansible_collections.miclinik.hosting.plugins.module_utils.host.rendered import RenderError, Seen, Wanted
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

ME = getpass.getuser()
US = grp.getgrgid(os.getegid()).gr_name
REFUSE = [sys.executable, "-c", "import sys; print('line 7 is wrong'); sys.exit(3)"]
ACCEPT = [sys.executable, "-c", ""]


def _file(path: Path, content: str = "new\n", mode: int = 0o644, **more: Any) -> Wanted:  # noqa: ANN401 (fields)
    return Wanted(path, "file", content.encode(), owner=ME, group=US, mode=mode, **more)


def _folder(path: Path, mode: int = 0o755) -> Wanted:
    return Wanted(path, "folder", owner=ME, group=US, mode=mode)


def _link(path: Path, target: str) -> Wanted:
    return Wanted(path, "link", target=target)


def _absent(path: Path) -> Wanted:
    return Wanted(path, "absent")


def _seen(kind: str, content: str = "", mode: int = 0, target: str = "") -> Seen:
    owned = kind in ("file", "folder")
    return Seen(kind, content.encode(), target, ME if owned else "", US if owned else "", mode)


def _snapshot(folder: Path) -> dict[str, Seen]:
    return {str(path.relative_to(folder)): host_rendered.look(path) for path in sorted(folder.rglob("*"))}


def _untouched(folder: Path) -> dict[Path, tuple[int, int, int]]:
    """Return what changes with any writing, and not with reading."""
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {path: (status.st_ino, status.st_mtime_ns, status.st_ctime_ns) for path, status in found.items()}


def test_of_reads_what_the_action_sends() -> None:
    given = {
        "dest": "/etc/x",
        "kind": "file",
        "content": "é",
        "owner": "root",
        "group": "norte",
        "mode": "0440",
        "sensitive": True,
    }
    assert Wanted.of(given) == Wanted(Path("/etc/x"), "file", "é".encode(), "", "root", "norte", 0o440, True)
    assert Wanted.of({"dest": "/l", "kind": "link", "target": "x"}) == Wanted(Path("/l"), "link", target="x")


def test_everything_is_made(tmp_path: Path) -> None:
    wanted = [
        _folder(tmp_path / "d", 0o750),
        _file(tmp_path / "d" / "f", "text\n", 0o640),
        _link(tmp_path / "l", "d/f"),
        _absent(tmp_path / "gone"),
    ]
    paths, diffs = host_rendered.apply(wanted, False, ACCEPT)
    assert paths == [tmp_path / "d", tmp_path / "d" / "f", tmp_path / "l"]
    assert _snapshot(tmp_path) == {
        "d": _seen("folder", mode=0o750),
        "d/f": _seen("file", "text\n", 0o640),
        "l": _seen("link", target="d/f"),
    }
    assert [diff["before_header"] for diff in diffs] == [f"{path} (absent)" for path in paths]
    assert diffs[1] == {
        "before_header": f"{tmp_path}/d/f (absent)",
        "after_header": f"{tmp_path}/d/f (file, {ME}:{US} 0640)",
        "before": "",
        "after": "text\n",
    }
    assert (diffs[2]["before"], diffs[2]["after"]) == ("", "-> d/f\n")


def test_the_second_time_changes_nothing_and_runs_no_check(tmp_path: Path) -> None:
    wanted = [_folder(tmp_path / "d"), _file(tmp_path / "d" / "f"), _link(tmp_path / "l", "d"), _absent(tmp_path / "x")]
    host_rendered.apply(wanted, False, [])
    before = _untouched(tmp_path)
    assert host_rendered.apply(wanted, False, REFUSE) == ([], [])
    assert _untouched(tmp_path) == before


def test_a_file_that_gets_its_mode_back_is_not_newer_for_that(tmp_path: Path) -> None:
    path = tmp_path / "f"
    host_rendered.apply([_file(path)], False, [])
    os.utime(path, (1000, 1000))
    path.chmod(0o777)
    assert host_rendered.apply([_file(path)], False, [])[0] == [path]
    assert (path.stat().st_mode & 0o777, path.stat().st_mtime) == (0o644, 1000)
    assert host_rendered.apply([_file(path, content="other\n")], False, [])[0] == [path]
    assert path.stat().st_mtime > 1000


@pytest.mark.parametrize(
    ("change", "mode", "shown"),
    [
        ({"content": "other\n"}, "0644", ("new\n", "other\n")),
        ({"mode": 0o600}, "0600", (f"(file, {ME}:{US} 0644)\n", f"(file, {ME}:{US} 0600)\n")),
    ],
)
def test_what_differs_is_mended_and_shown(
    tmp_path: Path, change: dict[str, Any], mode: str, shown: tuple[str, str]
) -> None:
    path = tmp_path / "f"
    host_rendered.apply([_file(path)], False, [])
    paths, diffs = host_rendered.apply([_file(path, **change)], False, [])
    assert paths == [path]
    assert host_rendered.look(path) == _seen("file", change.get("content", "new\n"), change.get("mode", 0o644))
    assert diffs == [
        {
            "before_header": f"{path} (file, {ME}:{US} 0644)",
            "after_header": f"{path} (file, {ME}:{US} {mode})",
            "before": shown[0],
            "after": shown[1],
        }
    ]


@pytest.mark.parametrize("left", ["file", "link"])
def test_what_a_killed_run_left_beside_a_file_is_taken_away(tmp_path: Path, left: str) -> None:
    half = tmp_path / ".a.conf.new"
    half.write_text("half of it") if left == "file" else half.symlink_to("/etc/passwd")
    host_rendered.apply([_file(tmp_path / "a.conf")], False, ())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.conf"]
    assert (tmp_path / "a.conf").read_text() == "new\n"


def test_mode_of_a_folder_is_mended(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o700)
    assert host_rendered.apply([_folder(tmp_path / "d", 0o750)], False, [])[0] == [tmp_path / "d"]
    assert host_rendered.look(tmp_path / "d") == _seen("folder", mode=0o750)


def test_a_link_is_retargeted_and_takes_a_files_place(tmp_path: Path) -> None:
    (tmp_path / "l").symlink_to("one")
    (tmp_path / "f").write_text("x")
    wanted = [_link(tmp_path / "l", "two"), _link(tmp_path / "f", "three")]
    assert host_rendered.apply(wanted, False, [])[0] == [tmp_path / "l", tmp_path / "f"]
    assert [os.readlink(tmp_path / name) for name in "lf"] == ["two", "three"]


def test_a_file_takes_a_links_place_and_not_its_targets(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "f").symlink_to("target")
    host_rendered.apply([_file(tmp_path / "f")], False, [])
    assert host_rendered.look(tmp_path / "f").kind == "file"
    assert (tmp_path / "target").read_text() == "precious"


def test_files_and_links_are_removed(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x\n")
    (tmp_path / "l").symlink_to("f")
    paths, diffs = host_rendered.apply([_absent(tmp_path / "l"), _absent(tmp_path / "f")], False, [])
    assert paths == [tmp_path / "l", tmp_path / "f"]
    assert list(tmp_path.iterdir()) == []
    assert [(diff["before"], diff["after"]) for diff in diffs] == [("-> f\n", ""), ("x\n", "")]


@pytest.fixture
def lived_in(tmp_path: Path) -> Path:
    """A folder in which something of every kind is there already."""
    (tmp_path / "changed").write_text("old\n")
    (tmp_path / "changed").chmod(0o600)
    (tmp_path / "to-link").write_text("was a file\n")
    (tmp_path / "link").symlink_to("changed")
    (tmp_path / "removed").write_text("old\n")
    (tmp_path / "removed-link").symlink_to("nowhere")
    (tmp_path / "folder").mkdir(mode=0o700)
    (tmp_path / "same").write_text("new\n")
    return tmp_path


def _everything(folder: Path) -> list[Wanted]:
    return [
        _folder(folder / "folder", 0o755),
        _folder(folder / "new-folder"),
        _file(folder / "new-folder" / "deep"),
        _file(folder / "changed"),
        _link(folder / "to-link", "changed"),
        _link(folder / "link", "same"),
        _link(folder / "new-link", "same"),
        _absent(folder / "removed"),
        _absent(folder / "removed-link"),
        _file(folder / "same"),
    ]


def test_a_refusal_puts_everything_back(lived_in: Path) -> None:
    before = _snapshot(lived_in)
    with pytest.raises(RenderError) as caught:
        host_rendered.apply(_everything(lived_in), False, REFUSE)
    assert str(caught.value) == (
        f"`{' '.join(REFUSE)}` refuses the new files; the old ones are back in place. It says:\nline 7 is wrong"
    )
    assert _snapshot(lived_in) == before


def test_a_refusal_names_the_site_and_the_key(tmp_path: Path) -> None:
    key = "web_server_extra.nginx of site 'norte'"
    text = f"# From here: {key}\nnonsense\n# To here: {key}\n"
    file = Wanted(tmp_path / "f", "file", text.encode(), owner=ME, group=US)
    refuse = [sys.executable, "-c", f"import sys; sys.exit('unknown in {tmp_path}/f:2')"]
    with pytest.raises(RenderError) as caught:
        host_rendered.apply([file], False, refuse)
    assert str(caught.value) == (
        f"`{' '.join(refuse)}` refuses the new files; the old ones are back in place. site 'norte': "
        "web_server_extra.nginx: its line 1 is refused: nonsense. Mend it or take it out. It says:\n"
        f"unknown in {tmp_path}/f:2"
    )
    assert not (tmp_path / "f").exists()


def _validated(path: Path, template: str, sensitive: bool) -> Wanted:
    wrong = "f'{t} is wrong in {sys.argv[1]} on line 3'"
    code = f"import sys; t = open(sys.argv[1]).read(); sys.exit({wrong} if t == 'bad' else 0)"
    given = {"dest": str(path), "kind": "file", "content": template, "owner": ME, "group": US, "sensitive": sensitive}
    return Wanted.of(
        given | {"validate": [sys.executable, "-c", code, "%s"], "site": "norte", "own_template": "a/b.j2"}
    )


@pytest.mark.parametrize(("sensitive", "said"), [(False, "bad is wrong in {} on line 3"), (True, "on line 3")])
def test_a_file_that_is_refused_never_gets_into_place(tmp_path: Path, sensitive: bool, said: str) -> None:
    file = tmp_path / "f"
    host_rendered.apply([_validated(file, "good", sensitive)], False, [])
    with pytest.raises(RenderError) as caught:
        host_rendered.apply([_file(tmp_path / "g"), _validated(file, "bad", sensitive)], False, [])
    told = str(caught.value)
    assert told.startswith(f"site 'norte': miclinik_templates_dir: a/b.j2: `{sys.executable} -c ")
    assert told.endswith(f"` refuses {file}; the old files are in place. It says: {said.format(file)}")
    assert file.read_text() == "good"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["f"]


def test_the_check_sees_the_new_files(lived_in: Path) -> None:
    code = f"import pathlib; assert pathlib.Path({str(lived_in / 'changed')!r}).read_text() == 'new\\n'"
    paths, _ = host_rendered.apply(_everything(lived_in), False, [sys.executable, "-c", code])
    assert len(paths) == 9


def test_a_check_that_cannot_run_puts_everything_back(lived_in: Path) -> None:
    before = _snapshot(lived_in)
    with pytest.raises(FileNotFoundError):
        host_rendered.apply(_everything(lived_in), False, ["/no/such/program"])
    assert _snapshot(lived_in) == before


def test_an_owner_that_is_not_there_puts_everything_back(lived_in: Path) -> None:
    before = _snapshot(lived_in)
    wanted = [*_everything(lived_in), Wanted(lived_in / "last", "file", b"x", owner="no-such-user", group=US)]
    with pytest.raises(LookupError):
        host_rendered.apply(wanted, False, [])
    assert _snapshot(lived_in) == before


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_folder_in_the_way_puts_everything_back(lived_in: Path, kind: str) -> None:
    before = _snapshot(lived_in)
    obstacle = lived_in / "folder"
    last = _file(obstacle) if kind == "file" else _link(obstacle, "x")
    with pytest.raises(RenderError) as caught:
        host_rendered.apply([*_everything(lived_in)[1:], last], False, [])
    assert str(caught.value) == f"{obstacle} is a folder and has to be a {kind}. Look at it, then move it away."
    assert _snapshot(lived_in) == before


def test_a_file_where_a_folder_belongs(lived_in: Path) -> None:
    before = _snapshot(lived_in)
    with pytest.raises(RenderError) as caught:
        host_rendered.apply([_folder(lived_in / "changed")], False, [])
    assert str(caught.value) == (
        f"{lived_in / 'changed'} is a file and has to be a folder. Look at it, then move it away."
    )
    assert _snapshot(lived_in) == before


def test_a_folder_is_not_removed(lived_in: Path) -> None:
    with pytest.raises(RenderError) as caught:
        host_rendered.apply([_absent(lived_in / "folder")], False, [])
    assert str(caught.value) == (
        f"{lived_in / 'folder'} is a folder, and only files and links are removed. Look at it, then move it."
    )
    assert (lived_in / "folder").is_dir()


def test_check_mode_says_the_same_and_changes_nothing(lived_in: Path) -> None:
    before = _snapshot(lived_in)
    foreseen = host_rendered.apply(_everything(lived_in), True, REFUSE)
    assert _snapshot(lived_in) == before
    assert host_rendered.apply(_everything(lived_in), False, []) == foreseen


def test_check_mode_on_a_bare_host(tmp_path: Path) -> None:
    # Neither the folders nor the users are there yet.
    wanted = [Wanted(tmp_path / "a" / "b" / "c", "file", b"x", owner="no-such-user", group="no-such-group")]
    paths, diffs = host_rendered.apply(wanted, True, [])
    assert paths == [tmp_path / "a" / "b" / "c"]
    assert diffs[0]["after_header"] == f"{tmp_path}/a/b/c (file, no-such-user:no-such-group 0644)"
    assert list(tmp_path.iterdir()) == []


SECRET = "correct-horse-battery"


@pytest.mark.parametrize(
    ("before", "after", "mode", "shown"),
    [
        (None, SECRET, 0o640, ("", "(holds secrets: other content is not shown)\n")),
        (
            "old-" + SECRET,
            SECRET,
            0o640,
            ("(holds secrets: content is not shown)\n", "(holds secrets: other content is not shown)\n"),
        ),
        (SECRET, SECRET, 0o600, (f"(file, {ME}:{US} 0640)\n", f"(file, {ME}:{US} 0600)\n")),
    ],
)
def test_diffs_without_secrets(
    tmp_path: Path, before: str | None, after: str, mode: int, shown: tuple[str, str]
) -> None:
    path = tmp_path / "conf.php"
    if before is not None:
        host_rendered.apply([_file(path, before, 0o640, sensitive=True)], False, [])
    _, diffs = host_rendered.apply([_file(path, after, mode, sensitive=True)], False, [])
    assert [(diff["before"], diff["after"]) for diff in diffs] == [shown]
    assert SECRET not in repr(diffs)
    assert path.read_text() == after


def test_a_secret_is_never_readable_by_others_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []

    def spy(path: Path, item: Wanted) -> None:
        modes.append(path.lstat().st_mode & 0o777)
        path.chmod(item.mode)

    monkeypatch.setattr(host_rendered, "_own", spy)
    monkeypatch.setattr(os, "umask", lambda _: 0)
    host_rendered.apply([_file(tmp_path / "f", SECRET, 0o640, sensitive=True)], False, [])
    assert modes == [0o600]


def test_nothing_is_left_beside_a_file_that_could_not_be_written(tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        host_rendered.apply([Wanted(tmp_path / "f", "file", b"x", owner="no-such-user", group=US)], False, [])
    assert list(tmp_path.iterdir()) == []


def test_binary_content_does_not_break_a_diff(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"\xff\xfe")
    _, diffs = host_rendered.apply([_file(tmp_path / "f")], True, [])
    assert diffs[0]["before"] == "\ufffd\ufffd"


def test_files_of_an_account_without_a_name_are_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    if os.geteuid() == 0:
        os.chown(path, 54321, 54321)
    before = path.stat()

    def nameless(number: int) -> None:
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwuid", nameless)
    monkeypatch.setattr(grp, "getgrgid", nameless)
    with pytest.raises(RenderError):
        host_rendered.apply([_file(path)], False, REFUSE)
    after = path.stat()
    assert (path.read_text(), after.st_uid, after.st_gid) == ("old", before.st_uid, before.st_gid)
    assert (host_rendered.look(path).owner, host_rendered.look(path).group) == (str(before.st_uid), str(before.st_gid))


def test_a_numeric_owner_is_read_as_a_number(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path / "f", "file", b"x", owner=str(os.geteuid()), group=str(os.getegid()))
    host_rendered.apply([wanted], False, [])
    assert host_rendered.look(tmp_path / "f") == _seen("file", "x", 0o644)


@pytest.fixture
def closing_umask() -> Iterator[None]:
    """The umask of a hardened host."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host below a folder of its own, with the collection's folders, which belong to whoever runs the tests."""
    names = [top.relative_to("/") for top in host_rendered.OURS]
    monkeypatch.setattr(host_rendered, "OURS", tuple(tmp_path / name for name in names))
    monkeypatch.setattr(host_rendered, "HOMES", tmp_path / "srv/miclinik")
    monkeypatch.setattr(host_rendered, "Wanted", functools.partial(Wanted, owner=ME, group=US))
    return tmp_path


def _site(top: Path) -> list[Wanted]:
    return [
        _folder(top / "srv/miclinik/norte", 0o750),
        _file(top / "srv/miclinik/norte/conf.php", mode=0o440),
        _file(top / "usr/local/lib/miclinik/miclinikctl/src/Cli.php"),
        _file(top / "etc/miclinik/norte/site.json"),
        _link(top / "usr/local/sbin/miclinikctl", "../lib/miclinik/miclinikctl/miclinikctl"),
    ]


def _modes(top: Path) -> dict[str, int]:
    return {
        str(path.relative_to(top)): path.stat().st_mode & 0o7777 for path in sorted(top.rglob("*")) if path.is_dir()
    }


LAID = {
    "etc": 0o755,
    "etc/miclinik": 0o755,
    "etc/miclinik/norte": 0o755,
    "srv": 0o755,
    "srv/miclinik": 0o755,
    "srv/miclinik/norte": 0o750,
    "usr": 0o755,
    "usr/local": 0o755,
    "usr/local/lib": 0o755,
    "usr/local/lib/miclinik": 0o755,
    "usr/local/lib/miclinik/miclinikctl": 0o755,
    "usr/local/lib/miclinik/miclinikctl/src": 0o755,
    "usr/local/sbin": 0o755,
}


@pytest.mark.usefixtures("closing_umask")
def test_folders_on_the_way_have_our_modes_whatever_the_umask(ours: Path) -> None:
    host_rendered.apply(_site(ours), False, [])
    assert _modes(ours) == LAID
    assert host_rendered.apply(_site(ours), False, REFUSE) == ([], [])


@pytest.mark.usefixtures("closing_umask")
def test_a_host_that_was_laid_wrongly_is_put_right(ours: Path) -> None:
    host_rendered.apply(_site(ours), False, [])
    wrong = ["srv/miclinik", "usr/local/lib/miclinik", "usr/local/lib/miclinik/miclinikctl/src", "etc/miclinik/norte"]
    for name in wrong:
        (ours / name).chmod(0o700)
    paths, diffs = host_rendered.apply(_site(ours), False, [])
    assert paths == sorted(ours / name for name in wrong)
    assert [(diff["before"], diff["after"]) for diff in diffs] == [
        (f"(folder, {ME}:{US} 0700)\n", f"(folder, {ME}:{US} 0755)\n")
    ] * len(wrong)
    assert _modes(ours) == LAID


def test_no_folder_of_a_site_is_opened_by_the_way(ours: Path) -> None:
    host_rendered.apply(_site(ours), False, [])
    host_rendered.apply([_file(ours / "srv/miclinik/norte/documents/x")], False, [])
    assert _modes(ours)["srv/miclinik/norte"] == 0o750


def test_folders_of_others_stay_as_they_are(ours: Path) -> None:
    host_rendered.apply(_site(ours), False, [])
    (ours / "usr/local/sbin").chmod(0o700)
    assert host_rendered.apply(_site(ours), False, REFUSE) == ([], [])


def test_a_refusal_takes_folders_on_the_way_back(ours: Path) -> None:
    with pytest.raises(RenderError):
        host_rendered.apply([_file(ours / "var/lib/miclinik/smoke/x")], False, REFUSE)
    assert _modes(ours) == {"var": 0o755, "var/lib": 0o755}


def test_the_folders_are_those_that_sites_are_made_in() -> None:
    assert Path(layout.HOMES) == host_rendered.HOMES
    assert Path(layout.STATES) in host_rendered.OURS


def test_a_folder_may_lie_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o700)
    (tmp_path / "documents").symlink_to("disk")
    wanted = [_folder(tmp_path / "documents", 0o750)]
    assert host_rendered.apply(wanted, False, [])[0] == [tmp_path / "documents"]
    assert (tmp_path / "documents").is_symlink()
    assert host_rendered.look(tmp_path / "disk") == _seen("folder", mode=0o750)
    assert host_rendered.apply(wanted, False, []) == ([], [])


def _log(path: Path, mode: int = 0o640) -> Wanted:
    return Wanted(path, "log", owner=ME, group=US, mode=mode)


def test_a_log_is_made_and_what_is_in_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "l" / "norte.access.log"
    paths, (diff,) = host_rendered.apply([_log(path)], False, [])
    assert (paths, host_rendered.look(path)) == ([path], _seen("file", "", 0o640))
    assert (diff["before"], diff["after"]) == ("(absent)\n", f"(log, {ME}:{US} 0640)\n")
    path.write_text("a line\n")
    assert host_rendered.apply([_log(path)], False, REFUSE) == ([], [])
    path.chmod(0o644)
    before = path.stat().st_ino
    assert host_rendered.apply([_log(path)], True, [])[0] == [path]
    assert host_rendered.look(path) == _seen("file", "a line\n", 0o644)
    _, (diff,) = host_rendered.apply([_log(path)], False, [])
    assert (diff["before"], diff["after"]) == (f"(log, {ME}:{US} 0644)\n", f"(log, {ME}:{US} 0640)\n")
    assert (path.stat().st_ino, host_rendered.look(path)) == (before, _seen("file", "a line\n", 0o640))


def test_a_log_elsewhere_stays_there(tmp_path: Path) -> None:
    (tmp_path / "there.log").write_text("a line\n")
    (tmp_path / "l.log").symlink_to("there.log")
    host_rendered.apply([_log(tmp_path / "l.log", 0o600)], False, [])
    assert (tmp_path / "l.log").is_symlink()
    assert host_rendered.look(tmp_path / "there.log") == _seen("file", "a line\n", 0o600)


def test_a_log_is_as_before_where_the_rest_is_refused(tmp_path: Path) -> None:
    old, new = tmp_path / "old.log", tmp_path / "new.log"
    old.write_text("a line\n")
    old.chmod(0o644)
    with pytest.raises(RenderError):
        host_rendered.apply([_log(old), _log(new)], False, REFUSE)
    assert host_rendered.look(old) == _seen("file", "a line\n", 0o644)
    assert not new.exists()


def test_what_not_everybody_may_read_is_not_shown_when_it_goes(tmp_path: Path) -> None:
    for name, mode in (("open", 0o644), ("closed", 0o600)):
        (tmp_path / name).write_text(f"words of {name}\n")
        (tmp_path / name).chmod(mode)
    _, diffs = host_rendered.apply([_absent(tmp_path / "open"), _absent(tmp_path / "closed")], False, [])
    assert diffs[0]["before"] == "words of open\n"
    assert "words" not in diffs[1]["before"] + diffs[1]["after"]
    assert diffs[1]["before"] != diffs[1]["after"]
