# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's own lines for the web server and for conf.php: what is refused, and to the word why."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import own_lines
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules

from tests.application_tree import entry

BLOCK = "Write whole directives, each with its ;"


def _said(**more: Any) -> list[str]:  # noqa: ANN401 (whatever an operator may write)
    return [str(problem).removeprefix("site 'norte': ") for problem in site_rules.check([entry(**more)])]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# a comment\n",
        'location = /x { return 200 "}"; }\n',
        'location ~ "^/a{2}" { proxy_set_header Authorization "Bearer $http_x_token"; return 204; }',
        'auth_basic "Basic or not"; auth_basic_user_file /etc/nginx/private;',
        "include /etc/nginx/private/norte.conf;\r\n",
        "rewrite ^/old$ /new?token=$arg_token last;",
    ],
)
def test_lines_for_nginx_that_stand(text: str) -> None:
    assert _said(web_server_extra={"nginx": text}) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "}\nserver { listen 81;",
            "has a } too many, which would end the site's server block. Close only what it opens.",
        ),
        ("location /x { return 204;", "does not close a { that it opens. Add the }."),
        ("gzip off", "does not end in ; or }. End the last directive."),
        ("location /x { return 204; } gzip off # ;", "does not end in ; or }. End the last directive."),
        ('return 200 "x;', f"this is no configuration of Nginx: '\"x;'. {BLOCK}."),
        ("gzip\0 off;", "holds a control character. Write it without."),
        (
            'proxy_set_header Authorization "Bearer Zq12345678";',
            "holds a password or a token, and everybody on the host may read the vhost. Put that line into a file on "
            "the host that only root may read, and write include /that/file;.",
        ),
    ],
)
def test_lines_for_nginx_that_do_not(text: str, problem: str) -> None:
    assert _said(web_server_extra={"nginx": text}) == [f"web_server_extra.nginx: {problem}"]


@pytest.mark.parametrize(
    "text",
    [
        "Header set X-Y 1\n",
        "<Location /x>\n  AuthType Basic\n  <RequireAll>\n  Require all denied\n  </RequireAll>\n</Location>\n",
        "Header set A \\\n  b\n",
        "# <Location /x>\n",
    ],
)
def test_lines_for_apache_that_stand(text: str) -> None:
    assert _said(web_server_extra={"apache": text}) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "</VirtualHost>\n<VirtualHost *:81>\n",
            "closes a <VirtualHost> that it does not open. Close only what it opens.",
        ),
        ("<Location /x>\n</Directory>\n", "closes a <Directory> that it does not open. Close only what it opens."),
        ("<Location /x>\n", "does not close its <location>. Add </location>."),
        ("Header set A \\\n", "ends in a \\, which would join it with the next line. Take the \\ out."),
        (
            "ProxyPass /x http://me:hush@backend/\n",
            "holds a password or a token, and everybody on the host may read the vhost. Put that line into a file on "
            "the host that only root may read, and write Include /that/file.",
        ),
    ],
)
def test_lines_for_apache_that_do_not(text: str, problem: str) -> None:
    assert _said(web_server_extra={"apache": text}) == [f"web_server_extra.apache: {problem}"]


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("gzip off;", "web_server_extra: is a text. Write a mapping with nginx, apache."),
        ({"ngnix": ""}, "web_server_extra.ngnix: is not a known key. Did you mean 'nginx'."),
        ({"nginx": ["gzip off;"]}, "web_server_extra.nginx: is a list. Write a text."),
    ],
)
def test_shapes_of_lines(extra: object, problem: str) -> None:
    assert _said(web_server_extra=extra) == [problem]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dolibarr_main_restrict_ip", "192.0.2.1,192.0.2.2"),
        ("dolibarr_main_authentication", "ldap, dolibarr"),
        ("dolibarr_main_stream_to_disable", ["ftp"]),
        ("dolibarr_cron_allow_cli", True),
        ("dolibarr_font_DOL_DEFAULT_TTF", "/usr/share/x.ttf"),
        ("multicompany_transverse_mode", 1),
        ("dolibarr_main_auth_ldap_admin_pass", "a\nb'\\"),
    ],
)
def test_variables_that_stand(name: str, value: object) -> None:
    assert _said(conf_extra={name: value}) == []


SHAPE = "is not the name of a variable of conf.php. Write it without its $, as in dolibarr_main_restrict_ip."
KIND = "is not a text, a number, true/false or a list of texts. Write one of these."


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        *(
            (name, 1, SHAPE)
            for name in ("$dolibarr_x", "conf", "_SERVER", "a-b", "a_b;c", "GLOBALS", "dolibarr_x\n", 7)
        ),
        (
            "dolibarr_main_db_host",
            "x",
            "is not for a site to set. Write the site's database.… keys: the connection is made from them.",
        ),
        (
            "dolibarr_main_db_pass",
            "hush",
            "is not for a site to set. Write the site's database.… keys: the connection is made from them.",
        ),
        ("dolibarr_main_instance_unique_id", "hush", "is not for a site to set. Write instance_unique_id."),
        (
            "dolibarr_main_prod",
            0,
            "is not for a site to set. Leave it out: errors would show the inner workings of the application to "
            "everybody.",
        ),
        (
            "dolibarr_main_authentication",
            "ldap",
            "is without dolibarr, by which API users log in. Add it, as in ldap,dolibarr.",
        ),
        (
            "dolibarr_main_authentication",
            "forceuser,dolibarr",
            "holds forceuser, which logs everybody in. Take it out.",
        ),
        ("dolibarr_nocache", "a\0", "holds a NUL character. Write it without."),
        ("dolibarr_nocache", None, KIND),
        ("dolibarr_nocache", {"a": 1}, KIND),
        ("dolibarr_nocache", [1], KIND),
    ],
)
def test_variables_that_do_not(name: object, value: object, problem: str) -> None:
    assert _said(conf_extra={name: value}) == [f"conf_extra.{name}: {problem}".replace("\n", "\ufffd")]


def test_every_variable_that_the_template_sets_is_refused_or_can_be_replaced() -> None:
    from tests.templates.rendering import render  # noqa: PLC0415 (the one test here that renders)

    conf = render("application")["/srv/miclinik/norte/conf.php"].content
    names = {line[1:].partition(" ")[0] for line in conf.splitlines() if line.startswith("$")}
    replaceable = {name for name in names if not _said(conf_extra={name: "dolibarr"})}
    assert replaceable == {
        "dolibarr_main_authentication",
        "dolibarr_main_restrict_os_commands",
        "dolibarr_mailing_limit_sendbyweb",
    }


def test_what_is_likely_a_mistake() -> None:
    sites = [
        entry(web_server_extra={"nginx": "gzip off;", "apache": ""}),
        entry(
            "sur", conf_extra={"dolibarr_main_restrict_ips": "x", "dolibarr_zzzzzzzzzzzzzzzzzzzzzzzz": 1, "mine_own": 2}
        ),
    ]
    ips = "site 'sur': conf_extra.dolibarr_main_restrict_ips: no version from 15 to 24 reads it. Did you mean "
    others = [
        f"{ips}'dolibarr_main_restrict_ip'?",
        "site 'sur': conf_extra.dolibarr_zzzzzzzzzzzzzzzzzzzzzzzz: no version from 15 to 24 reads it.",
    ]
    assert own_lines.cautions(sites, "nginx", []) == others
    assert own_lines.cautions(sites, "apache", []) == [
        "site 'norte': web_server_extra has lines for nginx only, and the site is served by apache: they do nothing "
        "there. Write the same for apache.",
        *others,
    ]


def test_settings_of_an_extension_that_nobody_asked_for() -> None:
    sites = [entry(php={"ini": {"redis.session.locking_enabled": 1, "precision": 14}})]
    assert own_lines.cautions(sites, "nginx", ["redis"]) == []
    assert own_lines.cautions(sites, "nginx", ["imagick"]) == [
        "site 'norte': php.ini.redis.session.locking_enabled: does nothing unless PHP has an extension of that name; "
        "those that are asked for stand in php_extensions_extra."
    ]
