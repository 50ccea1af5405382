# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's PHP-FPM as the module `loaded` takes it, and what a site may say of its limits."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import fpm_unit, sites

SITE: dict[str, Any] = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}


def test_services() -> None:
    planned = sites.plan([SITE, SITE | {"name": "sur", "domain": "sur.example.org"}])
    norte, sur = fpm_unit.services(planned, "8.2", ["sur"])
    assert norte == {
        "unit": "miclinik-php@norte.service",
        "sockets": "miclinik-php@norte.socket",
        "reads": [
            "/etc/php/8.2/fpm/php.ini",
            "/etc/php/8.2/fpm/conf.d",
            "/etc/miclinik-php/conf.d",
            "/etc/miclinik-php/norte",
            # Changed, it is another one than opcache has.
            "/usr/local/lib/miclinik/*.php",
            "/etc/systemd/system/miclinik-php@norte.service",
            "/etc/systemd/system/miclinik-php@norte.socket",
            "/srv/miclinik/norte/conf.php",
            "/srv/miclinik/norte/current",
        ],
        "test": [
            *("env", "PHP_INI_SCAN_DIR=:/etc/miclinik-php/conf.d", "php-fpm8.2"),
            *("-t", "-y", "/etc/miclinik-php/norte/php-fpm.conf"),
        ],
        "because": [],
    }
    assert sur["because"] == ["the API of sur does not know all of its endpoints"]


@pytest.mark.parametrize(
    "php",
    [
        {},
        {"memory_max": "256M", "tasks_max": 20, "writable_paths": ["/srv/archive", "/mnt/nas_1/x@y"]},
        {"memory_max": "2G", "writable_paths": []},
        {"memory_max": None, "tasks_max": 0},
    ],
)
def test_limits_that_are_right(php: dict[str, Any]) -> None:
    assert list(fpm_unit.check(php)) == []


@pytest.mark.parametrize(
    ("php", "key", "seen"),
    [
        ({"memory_max": "2"}, "php.memory_max", "is '2'"),
        ({"memory_max": "64K"}, "php.memory_max", "is '64K'"),
        ({"memory_max": "200M"}, "php.memory_max", "is '200M', which all of the site's PHP shares"),
        ({"tasks_max": -1}, "php.tasks_max", "is -1"),
        ({"writable_paths": ["data"]}, "php.writable_paths[0]", "is 'data', and not a plain path from the root"),
        ({"writable_paths": ["/a b"]}, "php.writable_paths[0]", "is '/a b', and not a plain path from the root"),
        (
            {"writable_paths": ["/a/../etc"]},
            "php.writable_paths[0]",
            "is '/a/../etc', and not a plain path from the root",
        ),
        ({"writable_paths": ["/x", "/"]}, "php.writable_paths[1]", "is '/', and not a plain path from the root"),
        ({"writable_paths": ["/etc/x"]}, "php.writable_paths[0]", "is '/etc/x', which is the system's"),
        ({"writable_paths": ["/run"]}, "php.writable_paths[0]", "is '/run', which is the system's"),
        ({"writable_paths": ["/srv"]}, "php.writable_paths[0]", "is '/srv', where sites lie"),
        (
            {"writable_paths": ["/srv/miclinik/sur/documents"]},
            "php.writable_paths[0]",
            "is '/srv/miclinik/sur/documents', where sites lie",
        ),
    ],
)
def test_limits_that_are_wrong(php: dict[str, Any], key: str, seen: str) -> None:
    assert [(found[0], found[1]) for found in fpm_unit.check(php)] == [(key, seen)]
