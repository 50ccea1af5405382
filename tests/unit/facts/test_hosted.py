# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites that are on a host, whatever an inventory says."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.facts import hosted

MARK = "# Written by miclinik.hosting from a template\n"
CONF = """<?php
$dolibarr_main_url_root = 'http://norte.org/erp';
$dolibarr_main_db_host = 'localhost';
$dolibarr_main_db_port = '';
$dolibarr_main_db_name = 'norte';
$dolibarr_main_db_user = 'erp';
$dolibarr_main_db_pass = 'SecretOfNorte';
$dolibarr_main_db_type = 'mysqli';
"""


def _write(root: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)


def test_a_host_without_sites(tmp_path: Path) -> None:
    assert hosted.read(tmp_path) == {}


def test_a_site(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "srv/miclinik/norte/conf.php": CONF,
            "etc/nginx/sites-available/norte.conf": MARK,
            "etc/apache2/sites-enabled/norte.conf": MARK,
            "etc/php/8.2/fpm/pool.d/norte-api.conf": MARK,
            "etc/php/8.2/fpm/pool.d/norte-web.conf": MARK,
        },
    )
    (tmp_path / "etc/nginx/sites-enabled").mkdir()
    (tmp_path / "etc/nginx/sites-enabled/norte.conf").symlink_to("../sites-available/norte.conf")
    assert hosted.read(tmp_path) == {
        "norte": {
            "url": "http://norte.org/erp",
            "vhosts": {
                "nginx": "/etc/nginx/sites-enabled/norte.conf",
                "apache": "/etc/apache2/sites-enabled/norte.conf",
            },
            "pools": ["/etc/php/8.2/fpm/pool.d/norte-api.conf", "/etc/php/8.2/fpm/pool.d/norte-web.conf"],
            "database": {"type": "mysqli", "host": "localhost", "name": "norte", "user": "erp"},
        }
    }
    assert "SecretOfNorte" not in str(hosted.read(tmp_path))


def test_what_is_not_a_sites_own(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "etc/nginx/sites-enabled/miclinik-default.conf": MARK,
            "etc/nginx/sites-enabled/shop.conf": "server {}\n",
            "etc/apache2/sites-enabled/000-miclinik.conf": MARK,
            "etc/php/8.2/fpm/pool.d/00-miclinik.conf": MARK,
            "etc/php/8.2/fpm/pool.d/www.conf": "[www]\n",
            "etc/php/8.2/fpm/pool.d/shop-web.conf": "[shop]\n",
        },
    )
    assert hosted.read(tmp_path) == {}


def test_names_with_hyphens_and_pools_that_are_left_alone(tmp_path: Path) -> None:
    _write(tmp_path, {"etc/php/8.4/fpm/pool.d/norte-alto-web.conf": MARK})
    assert list(hosted.read(tmp_path)) == ["norte-alto"]
