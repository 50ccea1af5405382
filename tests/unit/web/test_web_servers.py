# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a web server's role has left to do: take over from the other one, enable modules, listen."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.filter.web_servers import FilterModule, known
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files, servers
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import apache, jails, known_keys, vhosts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers

DEBIAN = ["alias", "authz_core", "authz_host", "deflate", "dir", "env", "filter", "mime", "reqtimeout", "setenvif"]
DEBIAN_PORTS = {"": [80], "mod_gnutls.c": [443], "ssl_module": [443]}
SHOP = "/etc/nginx/sites-enabled/shop"
OUR_SITE = "/etc/nginx/sites-enabled/norte.conf"


def _sites(**more: Any) -> list[Site]:  # noqa: ANN401 (whatever an operator may write)
    return sites.plan([{"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}} | more])


def _facts(**apache: object) -> dict[str, Any]:
    seen = {
        "alive": True,
        "ours": [],
        "foreign": [],
        "lingering": [],
        "listens": DEBIAN_PORTS,
        "modules": [*DEBIAN, "mpm_event"],
    }
    return {"web_servers": {"apache": seen | apache}}


def _nginx(**nginx: object) -> dict[str, Any]:
    seen = {"alive": True, "ours": [], "foreign": [], "lingering": [], "listens": {"": [80]}}
    return {"web_servers": {"nginx": seen | nginx}}


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([{}], {"plain": [80], "tls": []}),
        ([{"port": 8080}, {}], {"plain": [80, 8080], "tls": []}),
        ([{"tls": {"mode": "selfsigned"}}], {"plain": [80], "tls": [443]}),
        ([{"tls": {"mode": "acme"}, "port": 8443}, {"port": 81}], {"plain": [80, 81], "tls": [8443]}),
    ],
)
def test_ports(entries: list[dict[str, Any]], expected: dict[str, list[int]]) -> None:
    assert web_servers.ports([site for entry in entries for site in _sites(**entry)]) == expected


@pytest.mark.parametrize(
    ("nginx", "stop", "reload"),
    [
        ({"alive": False, "listens": {"": []}}, False, False),
        # Debian's default page, which nobody wrote, holds the port.
        ({}, True, False),
        ({"listens": {"": [8080]}}, False, False),
        ({"ours": [OUR_SITE], "listens": {"": []}}, True, False),
        ({"ours": [OUR_SITE], "listens": {"": []}, "alive": False}, False, False),
        ({"foreign": [SHOP], "listens": {"": [8080]}}, False, False),
        ({"foreign": [SHOP], "listens": {"": [8080]}, "ours": [OUR_SITE]}, False, True),
        # A run that died took the files away, and the server has not heard of it.
        ({"foreign": [SHOP], "listens": {"": [8080]}, "lingering": [OUR_SITE]}, False, True),
        ({"foreign": [SHOP], "alive": False}, False, False),
    ],
)
def test_what_happens_to_the_other_server(nginx: dict[str, Any], stop: bool, reload: bool) -> None:
    assert web_servers.handover(_sites(), _nginx(**nginx), "apache") == {
        "problem": "",
        "server": "nginx",
        "unit": "nginx",
        "absent": [{"state": "absent", "dest": path} for path in nginx.get("ours", [])],
        "stop": stop,
        "reload": reload,
    }


def test_sites_of_others_are_not_stopped() -> None:
    facts = _nginx(foreign=[SHOP, "/etc/nginx/conf.d/blog.conf"], ours=[OUR_SITE], listens={"": [80, 443, 8080]})
    plan = web_servers.handover(_sites(tls={"mode": "selfsigned"}), facts, "apache")
    assert (plan["stop"], plan["problem"]) == (
        False,
        "Apache should listen on port 80, 443, where Nginx listens and serves sites that are not of this collection: "
        "/etc/nginx/sites-enabled/shop, /etc/nginx/conf.d/blog.conf. Nothing was changed. Move them to another port, "
        "or remove them, or host miclinik with Nginx: miclinik_web_server: nginx",
    )


@pytest.mark.parametrize(("modules", "stop"), [([], False), (["ssl"], True)])
def test_apache_listens_where_its_modules_let_it(modules: list[str], stop: bool) -> None:
    facts = _facts(modules=modules, listens={"": [8080], "ssl_module": [443]})
    plan = web_servers.handover(_sites(tls={"mode": "selfsigned"}), facts, "nginx")
    assert (plan["unit"], plan["stop"], plan["problem"]) == ("apache2", stop, "")


def _links(*files: str) -> list[dict[str, str]]:
    return [
        {"state": "link", "dest": f"/etc/apache2/mods-enabled/{file}", "target": f"../mods-available/{file}"}
        for file in files
    ]


FRESH = _links(
    *("expires.load", "headers.load", "lua.load", "proxy.load", "proxy.conf", "proxy_fcgi.load", "rewrite.load")
)


def test_modules_of_a_fresh_apache() -> None:
    assert apache.needs(_sites(), _facts()) == {"problem": "", "listen": [], "modules": FRESH}


def test_nothing_is_left_to_do_once_it_is_done() -> None:
    names = [entry["dest"].rpartition("/")[2] for entry in FRESH]
    enabled = [*DEBIAN, "mpm_event", *(name.removesuffix(".load") for name in names if name.endswith(".load"))]
    assert apache.needs(_sites(), _facts(modules=enabled))["modules"] == []


def test_modules_for_tls_and_proxies() -> None:
    wanted = _sites(tls={"mode": "selfsigned"}, proxy={"trusted": ["192.0.2.1"]})
    names = [entry["dest"].rpartition("/")[2] for entry in apache.needs(wanted, _facts())["modules"]]
    # Not http2.conf, which is for everybody's sites.
    assert [name for name in names if name not in {entry["dest"].rpartition("/")[2] for entry in FRESH}] == [
        *("http2.load", "remoteip.load", "socache_shmcb.load", "ssl.load", "ssl.conf")
    ]


@pytest.mark.parametrize(
    ("entry", "listens", "expected"),
    [
        ({}, DEBIAN_PORTS, []),
        ({}, {"": [8080]}, [80]),
        ({"port": 8080}, DEBIAN_PORTS, [8080]),
        # The module that the second `Listen` waits for comes with the site.
        ({"tls": {"mode": "selfsigned"}}, DEBIAN_PORTS, []),
        ({"tls": {"mode": "selfsigned"}, "port": 8443}, DEBIAN_PORTS, [8443]),
        ({"port": 443}, DEBIAN_PORTS, [443]),
    ],
)
def test_only_ports_that_nobody_listens_on(
    entry: dict[str, Any], listens: dict[str, list[int]], expected: list[int]
) -> None:
    assert apache.needs(_sites(**entry), _facts(listens=listens))["listen"] == expected


def test_mod_php_goes_where_nobody_needs_it() -> None:
    needs = apache.needs(_sites(), _facts(modules=[*DEBIAN, "mpm_prefork", "php8.2"]))
    gone = [entry["dest"].rpartition("/")[2] for entry in needs["modules"] if entry["state"] == "absent"]
    assert gone == ["mpm_prefork.load", "mpm_prefork.conf", "php8.2.load", "php8.2.conf"]
    assert _links("mpm_event.load", "mpm_event.conf") == [
        entry for entry in needs["modules"] if "mpm_event" in entry["dest"]
    ]
    assert needs["problem"] == ""


def test_mod_php_of_others_stays() -> None:
    facts = _facts(modules=[*DEBIAN, "mpm_prefork", "php8.2"], foreign=["/etc/apache2/sites-enabled/shop.conf"])
    assert apache.needs(_sites(), facts)["problem"] == (
        "Apache should run PHP by PHP-FPM and serve by threads; it has mpm_prefork, php8.2 enabled, and sites that are "
        "not of this collection may need them: /etc/apache2/sites-enabled/shop.conf. Nothing was changed. Move those "
        "sites to PHP-FPM (a2enmod proxy_fcgi setenvif, a2enconf php*-fpm, a2dismod mpm_prefork php8.2, a2enmod "
        "mpm_event, then restart apache2), or host miclinik elsewhere"
    )


def test_another_mpm_with_threads_stays() -> None:
    needs = apache.needs(_sites(), _facts(modules=[*DEBIAN, "mpm_worker"]))
    assert needs["modules"] == FRESH


def test_filters() -> None:
    assert FilterModule().filters() == {
        "web_ports": web_servers.ports,
        "web_handover": web_servers.handover,
        "apache_needs": apache.needs,
        "web_handovers": web_servers.handovers,
        "web_server": known,
        "running_web_servers": servers.running,
        "vhost": vhosts.of,
        "jails": jails.of,
        "known_keys": known_keys.of_sites,
        "nginx_key_pools": key_files.nginx_pools,
        "nginx_key_former": key_files.nginx_former,
        "nginx_token": key_files.nginx_token,
        "apache_keys": key_files.apache,
        "refused_headers": vhosts.refused_headers,
    }
