# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``php.ini`` of a site: names that PHP knows, values that it takes, nothing that undoes what is promised."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import php_settings

from tests.templates import programs

ROOT = Path(__file__).parents[3]
NO_SETTING = "is no setting of PHP 8.2 to 8.4"


def _said(**settings: object) -> list[str]:
    return [f"{seen}. {mend}." for _, seen, mend in php_settings.check(settings, "norte")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("session.gc_maxlifetime", 28800),
        ("max_input_vars", 20000),
        ("session.cookie_secure", True),
        ("sendmail_path", "/usr/bin/msmtp -t --file='/etc/x'"),
        ("disable_functions", "exec,system"),
        ("error_reporting", 22527),
        ("error_reporting", "0"),
        ("SMTP", ""),
        ("precision", 14.0),
        ("redis.session.locking_enabled", 1),
        ("open_basedir", "/srv/miclinik/norte/:/usr/share/fonts"),
        ("open_basedir", "/srv/miclinik/norte"),
    ],
)
def test_what_stands(name: str, value: object) -> None:
    assert _said(**{name: value}) == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("memory_limit", "1G", "is not for a site to set. Write php.memory_limit."),
        ("opcache.validate_timestamps", 1, f"is not for a site to set. {php_settings.REFUSED_PREFIXES['opcache.']}."),
        (
            "cgi.fix_pathinfo",
            0,
            "is not for a site to set. Leave it out: the API finds its routes through PATH_INFO.",
        ),
        ("pm.max_children", 5, f"is not for a site to set. {php_settings.REFUSED_PREFIXES['pm.']}."),
        ("extension", "x.so", "is not for a site to set. Write the role's php_extensions_extra."),
        (
            "memory_limt",
            "1G",
            f"{NO_SETTING}. Did you mean 'memory_limit'; for one of a newer PHP extend the template php/pool.conf.j2.",
        ),
        (
            "sesion.gc_maxlifetime",
            1,
            f"{NO_SETTING}. Did you mean 'session.gc_maxlifetime'; for one of a newer PHP extend the template "
            "php/pool.conf.j2.",
        ),
        (
            "zzz",
            1,
            f"{NO_SETTING}. Write one of PHP's; for one of a newer PHP extend the template php/pool.conf.j2.",
        ),
        ("a]=b", 1, "is not the name of a setting. Write one of PHP's, as in session.gc_maxlifetime."),
        ("a\nb", 1, "is not the name of a setting. Write one of PHP's, as in session.gc_maxlifetime."),
        ("precision", None, "is not a text, a number or true/false. Write one of these."),
        ("precision", [14], "is not a text, a number or true/false. Write one of these."),
        (
            "mysqli.default_pw",
            "hush",
            "is a secret, and the files of PHP's pools can be read by everybody on the host. Leave it out; what the "
            "application reads from its conf.php can be a secret: conf_extra.",
        ),
        (
            "user_agent",
            "a\nb",
            "holds a control character or a line break, which this file cannot hold. Write it without.",
        ),
        ("user_agent", "$pool", "holds $pool, which PHP-FPM would replace. Write it without."),
        (
            "error_reporting",
            "E_ALL",
            "is not a number, and PHP reads no names there. Write the number, as in 22527 for E_ALL & ~E_DEPRECATED.",
        ),
        (
            "sendmail_path",
            "msmtp -t",
            "does not begin with /, and PHP-FPM would put /usr/ in front. Write the whole path.",
        ),
        (
            "open_basedir",
            "/srv/miclinik/norte/current",
            "does not hold /srv/miclinik/norte. Begin it with /srv/miclinik/norte/: code, records and sessions lie "
            "there.",
        ),
    ],
)
def test_what_does_not(name: str, value: object, problem: str) -> None:
    assert _said(**{name: value}) == [problem]


def test_what_is_of_an_extension_of_others() -> None:
    given = {"redis.session.locking_enabled": 1, "session.gc_maxlifetime": 1, "max_input_vars": 1}
    assert php_settings.of_extensions(given) == {"redis.session.locking_enabled": "redis"}


def test_keys_are_named() -> None:
    assert [key for key, _, _ in php_settings.check({"memory_limit": 1, "zzz": 1}, "norte")] == [
        "php.ini.memory_limit",
        "php.ini.zzz",
    ]


def test_every_setting_of_the_pool_is_refused_or_can_be_replaced() -> None:
    pool = (ROOT / "templates/php/pool.conf.j2").read_text(encoding="utf-8")
    names = re.findall(r"^php_admin_\w+\[([a-z._]+)\]", pool, flags=re.MULTILINE)
    assert len(names) == len(set(names)) > 0
    assert [name for name in names if not _said(**{name: 1})] == [
        "max_input_vars",
        "session.cookie_samesite",
        "disable_functions",
    ]


def test_php_knows_what_is_known_and_nothing_else() -> None:
    shown = json.loads(programs.accept(["php", "-r", "echo json_encode(array_keys(ini_get_all()));"]))
    refused = {name for name in shown if name in php_settings.REFUSED or name.startswith(("opcache.", "cgi."))}
    extensions = {name for name in shown if name.partition(".")[0] in ("cli", "xdebug", "apc", "redis")}
    assert set(shown) - php_settings.KNOWN - refused - extensions == set()
    assert not php_settings.KNOWN & set(php_settings.REFUSED)
