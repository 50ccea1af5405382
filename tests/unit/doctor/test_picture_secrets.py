# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No secret goes into a picture's constants, nor out with what has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    picture_changes,
    picture_database,
    picture_files,
)

#: The ends by which the application itself tells that a constant is a secret.
ENDS = (
    *("_KEY", "_EXPORTKEY", "_SECUREKEY", "_SERVERKEY", "_PASS", "_PASSWORD", "_PW", "_PW_TICKET", "_PW_EMAILING"),
    *("_SECRET", "_SECURITY_TOKEN", "_WEB_TOKEN"),
)


@pytest.mark.parametrize("end", ENDS)
def test_a_secret_constant_is_not_kept(end: str) -> None:
    said = f"MAIN_MAIL_SMTPS{end}\t1\thunter2\nMAIN_LANG_DEFAULT\t1\tes_ES\n"
    assert picture_database._constants(said) == {"MAIN_LANG_DEFAULT (entity 1)": "es_ES"}


@pytest.mark.parametrize(
    "line",
    [
        "set $api_key abc123;",
        "proxy_set_header X-Token hunter2;",
        "password = hunter2",
        "host ldap ldapbindpasswd=hunter2",
    ],
)
def test_a_line_that_may_give_a_secret_is_not_shown(line: str) -> None:
    assert picture_changes.line_of("same\n", f"same\n{line}\n") == ("", "***")


def test_a_setting_of_a_pool_is_named_without_what_it_is() -> None:
    line = "php_admin_value[disable_functions] = exec,passthru"
    assert picture_changes.line_of(f"{line}\n", "") == ("php_admin_value[disable_functions] = ***", "")


def test_other_lines_are_shown() -> None:
    assert picture_changes.line_of("a 1;\n", "a 2;\n") == ("a 1;", "a 2;")


def test_a_setting_with_a_secret_inside_is_not_shown() -> None:
    was = {"parts": {"php": {"setting session.save_path": "/var/lib/php"}}, "releases": {}}
    for value in ("tcp://store:6379?auth=hunter2", "tcp://user:hunter2@store:6379"):
        now = {"parts": {"php": {"setting session.save_path": value}}, "releases": {}}
        told = [(change["was"], change["is"]) for change in picture_changes.compare(was, now, lambda _: 0.0)]
        assert told == [("/var/lib/php", "***")]


def test_lines_of_a_pool_are_on_record_although_others_may_not_read_them(tmp_path: Path) -> None:
    pool, other = tmp_path / "etc/miclinik-php/norte/web.conf", tmp_path / "etc/nginx/web.conf"
    for file in (pool, other):
        file.parent.mkdir(parents=True)
        file.write_text("php_admin_value[post_max_size] = 1K\n", encoding="utf-8")
        file.chmod(0o640)
    assert picture_files.describe(pool, content=True)["text"] == "php_admin_value[post_max_size] = 1K\n"
    assert "text" not in picture_files.describe(other, content=True)
