# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host that gets to know its repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import repository as life_repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.repository import Wanted, ensure
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import ResticError

GIVEN = "correct horse battery"


def _wanted(folder: Path, password: str = "", store: str = "store", **environment: str) -> Wanted:
    return Wanted(str(folder / store), password, environment, folder / "etc")


def _kept(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in sorted((folder / "etc").glob("*"))}


def test_the_first_time(program: Path) -> None:
    outcome = ensure(_wanted(program), False)
    assert outcome.changed == ["password", "environment", "repository"]
    kept = _kept(program)
    assert sorted(kept) == ["environment", "password", "repository-id"]
    assert len(kept["password"].strip()) == 40
    assert kept["repository-id"] == f"{outcome.identifier} {program}/store\n"
    assert {file.stat().st_mode & 0o777 for file in (program / "etc").glob("*")} == {0o600}
    assert (program / "etc").stat().st_mode & 0o777 == 0o700
    # Where it is, and never the password itself.
    (told,) = outcome.told
    assert str(program / "etc/password") in told
    assert kept["password"].strip() not in told


def test_the_second_time(program: Path) -> None:
    first = ensure(_wanted(program), False)
    kept = _kept(program)
    second = ensure(_wanted(program), False)
    assert (second.changed, second.told, second.identifier) == ([], [], first.identifier)
    assert _kept(program) == kept


def test_check_mode_writes_nothing(program: Path) -> None:
    outcome = ensure(_wanted(program), True)
    assert outcome.changed == ["password", "environment", "repository"]
    assert not (program / "etc").exists()
    assert not (program / "store").exists()


def test_a_declared_password(program: Path) -> None:
    outcome = ensure(_wanted(program, GIVEN), False)
    assert outcome.told == []
    assert _kept(program)["password"] == f"{GIVEN}\n"


def test_another_host_with_the_password(program: Path) -> None:
    """As for a restore: a bare host, and a repository that is there."""
    first = ensure(_wanted(program, GIVEN), False)
    other = ensure(Wanted(str(program / "store"), GIVEN, {}, program / "other"), False)
    assert (other.identifier, other.changed) == (first.identifier, ["password", "environment"])


@pytest.mark.parametrize(
    ("kept", "given", "words"),
    [
        (None, "", "there is a repository at .* already, and this host does not know its password"),
        (None, "another password", "miclinik_backup_password does not open the repository"),
        ("another password", "", "the password in .*etc/password does not open the repository"),
    ],
)
def test_a_password_that_does_not_open_it_changes_nothing(
    program: Path, kept: str | None, given: str, words: str
) -> None:
    ensure(Wanted(str(program / "store"), GIVEN, {}, program / "first"), False)
    if kept:
        (program / "etc").mkdir()
        (program / "etc/password").write_text(kept)
    before = _kept(program)
    with pytest.raises(ResticError, match=words):
        ensure(_wanted(program, given), False)
    assert _kept(program) == before


def test_a_disk_that_is_not_mounted_gets_no_new_repository(program: Path) -> None:
    ensure(_wanted(program, GIVEN), False)
    (program / "store").rename(program / "elsewhere")
    with pytest.raises(ResticError, match="no empty one is made in its place: is its disk mounted"):
        ensure(_wanted(program, GIVEN), False)
    assert not (program / "store").exists()
    (program / "etc" / life_repository.IDENTIFIER).unlink()
    assert ensure(_wanted(program, GIVEN), False).changed == ["repository"]


def test_another_repository_is_not_taken_for_the_same(program: Path) -> None:
    ensure(_wanted(program, GIVEN), False)
    ensure(Wanted(str(program / "second"), GIVEN, {}, program / "first"), False)
    (program / "store").rename(program / "old")
    (program / "second").rename(program / "store")
    with pytest.raises(ResticError, match="is another repository"):
        ensure(_wanted(program, GIVEN), False)


def test_another_place_that_the_inventory_names_is_meant(program: Path) -> None:
    first = ensure(_wanted(program, GIVEN), False)
    outcome = ensure(_wanted(program, GIVEN, "second"), False)
    assert outcome.changed == ["environment", "repository"]
    assert outcome.identifier != first.identifier
    assert outcome.told == [f"snapshots go to {program}/second from now on; those in {program}/store stay there"]
    assert ensure(_wanted(program, GIVEN, "second"), False).changed == []


def test_rights_that_were_opened_are_closed(program: Path) -> None:
    ensure(_wanted(program, GIVEN), False)
    (program / "etc/password").chmod(0o644)
    assert ensure(_wanted(program, GIVEN), False).changed == ["password"]
    assert (program / "etc/password").stat().st_mode & 0o777 == 0o600


def test_the_environment(program: Path) -> None:
    value = 'it\'s "$HOME" \\'
    wanted = _wanted(program, AWS_SECRET_ACCESS_KEY=value)
    (program / "e").write_text(wanted.text())
    words = f'. {program}/e; printf "%s|%s|%s" "$RESTIC_REPOSITORY" "$RESTIC_PASSWORD_FILE" "$AWS_SECRET_ACCESS_KEY"'
    said = subprocess.run(["sh", "-c", words], check=True, capture_output=True, text=True).stdout
    assert said == f"{program}/store|{program}/etc/password|{value}"
    assert value not in repr(wanted)


def test_who_gets_into_a_rest_server() -> None:
    given = {"RESTIC_REST_USERNAME": "clinic", "RESTIC_REST_PASSWORD": "p@ss/word"}
    wanted = Wanted("rest:https://store:8000/clinic/", "", given)
    assert wanted.assignments()["RESTIC_REPOSITORY"] == "rest:https://clinic:p%40ss%2Fword@store:8000/clinic/"
