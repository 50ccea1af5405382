# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory may say of backups, and what is refused before anything changes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.life import backup_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import checks

KEY = "miclinik_backup.repository"


def _given(repository: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever an operator may write)
    return {"miclinik_backup": {"repository": repository, **more}}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"miclinik_backup": {}},
        *(
            _given(address)
            for address in (
                "/mnt/backup/clinic",
                "sftp:backup@store.example.org:/srv/clinic",
                "sftp:backup@store.example.org:clinic",
                "sftp://backup@store.example.org:2222//srv/clinic",
                "rest:https://store.example.org:8000/clinic/",
                "rest:http://192.0.2.7:8000/",
                "s3:https://s3.example.org/bucket/clinic",
                "s3:s3.amazonaws.com/bucket",
                "b2:bucket:clinic",
                "rclone:drive:clinic",
            )
        ),
        _given("/mnt/b", keep={"last": 3}, every="1h", append_only=True, restore_test="weekly"),
        _given("/mnt/b", keep={"daily": 0, "weekly": 4}),
        {"miclinik_backup_password": "correct horse battery"},
        {"miclinik_backup_environment": {"AWS_ACCESS_KEY_ID": "a", "RESTIC_REST_USERNAME": "b", "RCLONE_BWLIMIT": 5}},
    ],
)
def test_what_is_right(given: dict[str, Any]) -> None:
    assert list(backup_rules.check(given)) == []
    assert checks.check_variables(given) == []


@pytest.mark.parametrize(
    ("given", "key", "words"),
    [
        ({"miclinik_backup": {"every": "6h"}}, KEY, "is missing"),
        (_given("backup/clinic"), KEY, "is 'backup/clinic', no whole path"),
        (_given("~/clinic"), KEY, "no whole path"),
        (_given("/mnt/../srv/x"), KEY, "with .. in it"),
        (_given("sfpt:a@b:/c"), KEY, "restic knows no 'sfpt:'. Did you mean 'sftp:a@b:/c'"),
        (_given("backup@store:/srv/clinic"), KEY, "Did you mean 'sftp:backup@store:/srv/clinic'"),
        (_given("sftp:/srv/clinic"), KEY, "no address of sftp. Write sftp:USER@HOST:/FOLDER"),
        (_given("rest:store.example.org/x"), KEY, "no address of rest. Write rest:https://HOST:8000/FOLDER/"),
        (_given("s3:bucket"), KEY, "no address of s3"),
        (_given("rest:https://a:secret@store/x"), KEY, "has a password in it"),
        (_given("/"), KEY, "does not last or is no folder for files"),
        (_given("/tmp/backup"), KEY, "does not last"),  # noqa: S108
        (_given("/srv/miclinik/norte/documents/backup"), KEY, "a place of the sites"),
        (_given("/srv/miclinik"), KEY, "a place of the sites"),
        (_given("/etc/miclinik/norte"), KEY, "a place of the sites"),
        (_given("/var/lib/miclinik-sites/norte"), KEY, "a place of the sites"),
        (_given("/mnt/b", keep={}), "miclinik_backup.keep", "keeps nothing"),
        (_given("/mnt/b", keep={"daily": 0}), "miclinik_backup.keep", "keeps nothing"),
        (_given("/mnt/b", keep={"daily": -1, "weekly": 1}), "miclinik_backup.keep.daily", "is -1"),
        ({"miclinik_backup_password": "short"}, "miclinik_backup_password", "is shorter than 12"),
        ({"miclinik_backup_password": "long enough, and a break\n"}, "miclinik_backup_password", "line break"),
        (
            {"miclinik_backup_environment": {"RESTIC_PASSWORD": "x"}},
            "miclinik_backup_environment.RESTIC_PASSWORD",
            "is what miclinik.hosting itself sets",
        ),
        (
            {"miclinik_backup_environment": {"aws key": "x"}},
            "miclinik_backup_environment.aws key",
            "is no name of a variable",
        ),
        (
            {"miclinik_backup_environment": {"AWS_KEY": "a\nb"}},
            "miclinik_backup_environment.AWS_KEY",
            "is no text on one line",
        ),
    ],
)
def test_what_is_wrong(given: dict[str, Any], key: str, words: str) -> None:
    ((found, seen, mend),) = backup_rules.check(given)
    assert found == key
    assert words in f"{seen}. {mend}"


def test_no_secret_is_repeated() -> None:
    given = _given("rest:https://user:tell-nobody@store/x")
    given |= {"miclinik_backup_password": "tell-nobody\n", "miclinik_backup_environment": {"A": "tell-nobody\n"}}
    told = " ".join(str(rest) for rest in backup_rules.check(given))
    assert len(list(backup_rules.check(given))) == 3
    assert "tell-nobody" not in told


@pytest.mark.parametrize(
    ("backup", "key", "mend"),
    [
        ({"repositroy": "/mnt/b"}, "miclinik_backup.repositroy", "Did you mean 'repository'"),
        ({"repository": "/mnt/b", "every": "5h"}, "miclinik_backup.every", "Choose one of: 1h, 2h, 3h"),
        ({"repository": "/mnt/b", "keep": {"dayly": 7}}, "miclinik_backup.keep.dayly", "Did you mean 'daily'"),
        ({"repository": "/mnt/b", "keep": 7}, "miclinik_backup.keep", "Write a mapping"),
        ({"repository": "/mnt/b", "append_only": "yes"}, "miclinik_backup.append_only", "Write true or false"),
        ({"repository": "/mnt/b", "restore_test": True}, "miclinik_backup.restore_test", "Write a text"),
    ],
)
def test_near_misses_and_types(backup: dict[str, Any], key: str, mend: str) -> None:
    (problem,) = checks.check_variables({"miclinik_backup": backup})
    assert problem.key == key
    assert problem.mend.startswith(mend)
