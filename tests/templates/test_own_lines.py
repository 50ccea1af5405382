# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's own lines: PHP, PHP-FPM and the web servers get what the inventory says, and nothing else moves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from . import programs, serving
from .inventory import ODD, SITES
from .rendering import UNIQUE_ID, entry, render

(OWN, _) = SITES["own lines"]
CONF = "/srv/miclinik/norte/conf.php"
POOL = "/etc/miclinik-php/norte/{}.conf"


def test_both_pools_have_the_settings_and_php_fpm_reads_them(tmp_path: Path) -> None:
    rendered = render("php", OWN)
    for pool in ("web", "api"):
        content = rendered[POOL.format(pool)].content
        assert re.findall(r"(?m)^php_admin_value\[max_input_vars\].*$", content) == [
            "php_admin_value[max_input_vars] = 20000"
        ]
        (tmp_path / "fpm.conf").write_text(f"[global]\nerror_log = {tmp_path}/log\n{_mine(content)}")
        # It numbers values of the same kind alike, so the whole is looked at.
        said = programs.accept(["php-fpm", "-n", "-R", "-y", tmp_path / "fpm.conf", "-tt"])
        assert "php_admin_value[session.gc_maxlifetime] = 28800" in said
        assert f"php_admin_value[sendmail_path] = /bin/{ODD}" in said
        assert "WARNING" not in said


def _mine(content: str) -> str:
    """Return a pool without users and groups that are not here."""
    return re.sub(r"(?m)^user = .*$", "user = nobody", re.sub(r"(?m)^group = .*$", "group = nogroup", content))


def test_conf_php_has_the_variables_and_the_last_one_wins(tmp_path: Path) -> None:
    secrets = {
        "database_password": "p",
        "instance_unique_id": UNIQUE_ID,
        "conf_extra": {"dolibarr_main_auth_ldap_admin_pass": ODD, "dolibarr_main_of_another_time": "gone"},
    }
    content = render("application", OWN, common_secrets={"secrets": {"norte": secrets}})[CONF].content
    (tmp_path / "conf.php").write_text(content)
    names = [*OWN["conf_extra"], "dolibarr_main_of_another_time", "dolibarr_main_db_name"]
    show = f"include {str(tmp_path / 'conf.php')!r}; echo json_encode(@compact({', '.join(map(repr, names))}));"
    assert json.loads(programs.accept(["php", "-n", "-r", show])) == {
        **OWN["conf_extra"],
        "dolibarr_main_auth_ldap_admin_pass": ODD,
        "dolibarr_main_db_name": "norte",
    }


def test_a_secret_that_is_not_on_record_is_left_out() -> None:
    assert "ldap_admin_pass" not in render("application", OWN)[CONF].content


@pytest.mark.parametrize(("server", "other"), [("nginx", "apache"), ("apache", "nginx")])
def test_each_web_server_gets_its_own(server: str, other: str) -> None:
    extra: dict[str, Any] = {server: "# mine\n\n", other: "# other\n"}
    name = "nginx" if server == "nginx" else "apache2"
    vhost = render(server, entry(web_server_extra=extra))[f"/etc/{name}/sites-available/norte.conf"].content
    plain = render(server)[f"/etc/{name}/sites-available/norte.conf"].content
    lines = [
        "\n",
        f"    # From here: web_server_extra.{server} of site 'norte'\n",
        "# mine\n",
        f"    # To here: web_server_extra.{server} of site 'norte'\n",
    ]
    assert vhost.replace("".join(lines), "") == plain
    assert "# other" not in vhost


@pytest.mark.parametrize(("server", "status"), [("nginx", 200), ("apache", 410)])
def test_own_lines_serve_and_cannot_show_what_is_denied(server: str, status: int) -> None:
    extra = {
        "nginx": OWN["web_server_extra"]["nginx"] + "location ~ ^/(install|conf|own)/ {\n    return 403;\n}\n",
        "apache": OWN["web_server_extra"]["apache"] + 'RewriteRule "^/(install|conf|own)/" "-" [R=403]\n',
    }
    rendered = render(server, entry(web_server_extra=extra), host={"ipv6": False})
    port = serving.free_port()
    with serving.short_folder() as root:
        layout = serving.lay_out(server, rendered, root, {80: port})
        page = root / "srv/miclinik/norte/current/htdocs/theme/x.css"
        page.parent.mkdir(parents=True)
        page.write_text("css")
        for folder in (page.parent, *page.parent.parents):
            if root in folder.parents:
                folder.chmod(0o755)
        with serving.running(root, layout, port, php=False):
            asked = {path: serving.ask(port, "norte.example.org", path).status for path in ASKED}
    assert asked == {
        "/robots.txt": status,
        "/own/x": 403,
        "/theme/x.css": 200,
        "/install/index.php": 404,
        "/conf/conf.php": 404,
        "/.git/config": 404,
        "/nothing": 404,
    }


ASKED = ("/robots.txt", "/own/x", "/theme/x.css", "/install/index.php", "/conf/conf.php", "/.git/config", "/nothing")
