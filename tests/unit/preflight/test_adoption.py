# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether an old site can be what the inventory says, before anything on its host changes."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import adoption

VHOST = "/etc/nginx/sites-enabled/dolibarr"
ENTRY = {
    "name": "norte",
    "domain": "norte.example.org",
    "source": {"type": "sandbox"},
    "modules": ["societe"],
    "api": {"users": [{"login": "robot", "existing": True, "rights": []}]},
}
FACTS: dict[str, Any] = {
    "web_servers": {"nginx": {"alive": True, "ours": [], "foreign": [VHOST], "lingering": [], "listens": {"": [80]}}},
    "survey": {"nginx": {"servers": [{"file": VHOST}, {"file": "/etc/nginx/sites-enabled/other"}]}, "apache": {}},
}


def found(**other: object) -> dict[str, Any]:
    return {
        "problems": [],
        "root": "/var/www/html/dolibarr",
        "url": "http://norte.example.org",
        "engine": "mariadb",
        "version": "22.0.4",
        "schema": "22.0.4",
        "database": {"host": "localhost", "name": "dolidb", "user": "doli"},
        "users": [
            {"login": "admin", "admin": True, "active": True, "key": False},
            {"login": "robot", "admin": False, "active": True, "key": True},
        ],
        "modules": ["societe", "api", "user"],
        "more": [],
        "jobs": [],
        "has_id": True,
        "other_tables": [],
        "vhosts": [{"server": "nginx", "file": VHOST, "others": []}],
    } | other


def judged(entry: dict[str, Any] | None = None, source: str = "22.0.4", **other: object) -> dict[str, Any]:
    given = {"engine": "mariadb", "server": "nginx", "version": source}
    return adoption.judge(found(**other), "norte", [ENTRY | (entry or {})], FACTS, **given)


def test_one_that_fits_has_no_problem_and_nothing_to_say() -> None:
    assert judged() == {"problems": [], "notes": [], "vhosts": [VHOST], "beside": True}


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"version": "14.0.1", "schema": "14.0.1"}, "is of version 14.0.1. Versions 15 to 24 are hosted"),
        ({"schema": "21.0.1"}, "its database says 21.0.1. Bring its upgrade to an end"),
        ({"schema": ""}, "its database says nothing"),
        ({"version": "16.0.3", "schema": "16.0.3"}, "source: holds version 22.0.4, and the old site is of 16.0.3"),
        ({"engine": "postgresql"}, "miclinik_database_engine: is mariadb, and the old site's data is on postgresql"),
        ({"database": {"host": "db", "name": "norte", "user": "x"}}, "database.name: would be norte"),
        ({"users": [{"login": "boss", "admin": True, "active": True, "key": False}]}, "Name one of: boss"),
        ({"jobs": ["/etc/cron.d/d: x"]}, "jobs of cron run the old site"),
        ({"problems": [["it is not there", "Name it"]]}, "site 'norte': adopt_from: it is not there. Name it."),
        (
            {"vhosts": [{"server": "nginx", "file": VHOST, "others": ["/var/www/html/shop"]}]},
            "serves the old site, and other things: /var/www/html/shop",
        ),
    ],
)
def test_what_does_not_fit_is_said_with_its_mend(other: dict[str, Any], said: str) -> None:
    (problem,) = judged(**other)["problems"]
    assert said in problem


def test_a_user_of_the_old_site_has_to_be_named_as_one() -> None:
    (problem,) = judged({"api": {"users": [{"login": "robot", "rights": []}]}})["problems"]
    assert "api.users[0].login: robot is a user of the old site already. Say existing: true" in problem


def test_what_an_operator_should_know_is_said() -> None:
    notes = " | ".join(
        judged(
            {"api": {"users": []}},
            url="http://localhost",
            more=["dolibarr_main_dolcrypt_key"],
            has_id=False,
            other_tables=["wp_posts"],
            modules=["societe", "facture"],
        )["notes"]
    )
    for words in ("calls itself http://localhost", "dolcrypt_key", "gets one", "wp_posts", "robot", "facture"):
        assert words in notes


def test_a_vhost_that_is_named_may_serve_other_things() -> None:
    vhosts = [{"server": "nginx", "file": VHOST, "others": ["/var/www/html/shop"]}]
    given = {"engine": "mariadb", "server": "nginx", "version": "22.0.4"}
    known = found(vhosts=vhosts)
    assert adoption.judge(known, "norte", [ENTRY], FACTS, **given, vhosts=[VHOST])["problems"] == []
    (problem,) = adoption.judge(found(), "norte", [ENTRY], FACTS, **given, vhosts=["/etc/x"])["problems"]
    assert "/etc/x does not serve the old site" in problem


def test_the_other_web_server_comes_after_the_switch() -> None:
    vhosts = [{"server": "apache", "file": "/etc/apache2/sites-enabled/d.conf", "others": []}]
    assert judged(vhosts=vhosts)["beside"] is False


@pytest.mark.parametrize(("modules", "beside"), [(["mpm_event"], True), (["mpm_prefork", "php8.4"], False)])
def test_php_within_apache_stays_until_the_switch(modules: list[str], beside: bool) -> None:
    """As in images, where Debian's default site, as it came, serves the old site: without PHP it hands out its code."""
    file = "/etc/apache2/sites-enabled/000-default.conf"
    apache = {"alive": True, "ours": [], "foreign": [], "lingering": [], "listens": {"": [80]}, "modules": modules}
    facts = {"web_servers": {"apache": apache}, "survey": {"apache": {"servers": [{"file": file}]}}}
    known = found(vhosts=[{"server": "apache", "file": file, "others": []}])
    given = {"engine": "mariadb", "server": "apache", "version": "22.0.4"}
    assert adoption.judge(known, "norte", [ENTRY], facts, **given)["beside"] is beside
    assert apache["foreign"] == []


def test_what_is_put_aside_stands_in_nobodys_way() -> None:
    left = adoption.without(FACTS, [VHOST])
    assert left["web_servers"]["nginx"]["foreign"] == []
    assert [one["file"] for one in left["survey"]["nginx"]["servers"]] == ["/etc/nginx/sites-enabled/other"]
    assert FACTS["web_servers"]["nginx"]["foreign"] == [VHOST]
