# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether somebody beside the sites uses Debian's PHP-FPM."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.facts import debian_fpm
from ansible_collections.miclinik.hosting.plugins.module_utils.facts.debian_fpm import Seen

WWW = "[www]\nuser = www-data\n"
POOL, OURS = "etc/php/8.2/fpm/pool.d", "; Written by miclinik.hosting from a template\n"
CALL = "fastcgi_pass unix:/run/php/php8.2-fpm.sock;\n"


def _write(root: Path, files: dict[str, str]) -> None:
    digest = hashlib.md5(WWW.encode(), usedforsecurity=False).hexdigest()
    record = {"var/lib/dpkg/status": f"Package: php8.2-fpm\nConffiles:\n /{POOL}/www.conf {digest}\n"}
    for name, content in (record | files).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


@pytest.mark.parametrize(
    ("files", "used"),
    [
        ({}, []),
        ({f"{POOL}/www.conf": WWW}, []),
        ({f"{POOL}/www.conf": f"{WWW}pm.max_children = 80\n"}, [f"/{POOL}/www.conf"]),
        ({f"{POOL}/www.conf": WWW, f"{POOL}/shop.conf": "[shop]\n"}, [f"/{POOL}/shop.conf"]),
        ({"etc/nginx/sites-enabled/shop": CALL}, ["unix:/run/php/php8.2-fpm.sock"]),
        ({"etc/nginx/sites-enabled/shop": f"# {CALL}"}, []),
        ({"etc/nginx/sites-enabled/shop": CALL.replace("8.2", "7.4")}, []),
        # The name that Debian's alternatives lead on.
        ({"etc/nginx/conf.d/shop.conf": CALL.replace("8.2", "")}, ["unix:/run/php/php-fpm.sock"]),
        (
            {
                "etc/apache2/conf-enabled/php8.2-fpm.conf": '  SetHandler "proxy:unix:/run/php/php8.2-fpm.sock|fcgi://x"\n'
            },
            ['"proxy:unix:/run/php/php8.2-fpm.sock'],
        ),
    ],
)
def test_who_uses_it(tmp_path: Path, files: dict[str, str], used: list[str]) -> None:
    _write(tmp_path, files)
    assert debian_fpm.look("8.2", ["norte"], tmp_path) == Seen([], used)


NORTE = [f"{POOL}/norte-api.conf", f"{POOL}/norte-web.conf"]
COMMON = [f"{POOL}/00-miclinik.conf", "etc/php/8.2/fpm/conf.d/90-miclinik.ini"]


def _roots(paths: list[str]) -> list[str]:
    return [f"/{path}" for path in paths]


def test_what_is_left_of_an_earlier_layout(tmp_path: Path) -> None:
    _write(tmp_path, {f"{POOL}/www.conf": WWW} | dict.fromkeys(NORTE + COMMON, OURS))
    assert debian_fpm.look("8.2", ["norte"], tmp_path) == Seen(_roots(NORTE + COMMON), [])
    assert debian_fpm.look("8.4", ["norte"], tmp_path) == Seen([], [])


def test_pools_that_a_vhost_hands_calls_to_stay(tmp_path: Path) -> None:
    vhost = {"etc/nginx/sites-enabled/norte.conf": "fastcgi_pass unix:/run/php/miclinik-norte-api.sock;\n"}
    _write(tmp_path, vhost | dict.fromkeys(NORTE + COMMON, OURS))
    assert debian_fpm.look("8.2", ["norte"], tmp_path) == Seen([], _roots(NORTE))


def test_pools_of_a_site_that_no_inventory_names_stay(tmp_path: Path) -> None:
    _write(tmp_path, dict.fromkeys([*NORTE, *COMMON, f"{POOL}/sur-api.conf"], OURS))
    assert debian_fpm.look("8.2", ["norte"], tmp_path) == Seen(_roots(NORTE), [f"/{POOL}/sur-api.conf"])
