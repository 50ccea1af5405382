# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites of every kind, and of the kinds that break a template that quotes badly."""

from __future__ import annotations

from typing import Any

from .rendering import entry

ODD = 'O\'Brien & "Søn" \\ $HOME ${x} `id` {{ x }} %s <?php ?> # ; é\\'

SITES: dict[str, list[dict[str, Any]]] = {
    "plain": [entry()],
    "many sites": [entry("a"), entry("b-c"), entry("d", port=8081), entry("e", domain="E.Example.ORG", port=8081)],
    "odd characters": [entry(company={"name": ODD}, admin={"password": "x" + ODD}, php={"timezone": "Europe/Madrid"})],
    "address as domain": [entry(domain="192.0.2.7", port=8080)],
    "other scripts": [entry(domain="clínica.es", aliases=["straße.example.org", "2001:db8::7"])],
    "IPv6 address as domain": [entry(domain="2001:db8::5", tls={"mode": "selfsigned"})],
    "pages of elsewhere": [
        entry(api={"cors": {"origins": ["https://app.example.org", "http://[2001:db8::5]:8080"]}}),
        entry("other", base_path="/erp", api={"cors": {"origins": [], "max_age": 0}}, proxy={"trusted": ["192.0.2.1"]}),
        entry("long", api={"cors": {"origins": [f"https://{'x' * 63}.{'y' * 63}.example.org"], "headers": ["X-A"]}}),
    ],
    "allowed addresses": [entry(api={"allowed_ips": ["192.0.2.1", "198.51.100.0/24", "2001:db8::/32"]})],
    "api off": [entry(api={"enabled": False})],
    "explorer and login off": [entry(api={"explorer": False, "login": False})],
    "own limits": [
        entry(
            php={
                "memory_limit": "1G",
                "upload_max_filesize": "100M",
                "max_execution_time": 600,
                "web_max_children": 3,
                "api_max_children": 5,
            }
        )
    ],
    "existing database server": [
        entry(
            database={"host": "db.example.org", "port": 3307, "name": "erp", "user": "me", "password": "correct-horse"}
        )
    ],
    "longest name": [entry("a" * 28)],
    "sub-path": [entry(base_path="/erp/miclinik-1")],
    "aliases": [entry(aliases=["www.norte.example.org", "old.example.org"])],
    "moved": [
        entry(
            base_path="/erp",
            aliases=["www.norte.example.org"],
            former=[
                {"domain": "old.example.org"},
                {"domain": "2001:db8::9", "base_path": "/a"},
                {"domain": "norte.example.org", "base_path": "/"},
            ],
        ),
        entry(
            "sur",
            tls={"mode": "selfsigned"},
            former=[{"domain": "old.sur.org", "base_path": "/a"}, {"domain": "sur.example.org", "base_path": "/b"}],
        ),
    ],
    "behind a proxy": [entry(proxy={"trusted": ["192.0.2.0/24", "2001:db8::1"], "tls": True, "port": 8443})],
    "own lines": [
        entry(
            web_server_extra={
                "nginx": 'location = /robots.txt {\n    return 200 "User-agent: *\\nDisallow: /\\n";\n}\n',
                "apache": 'RewriteRule "^/robots\\.txt$" "-" [R=410]\n',
            },
            php={
                "ini": {
                    "session.gc_maxlifetime": 28800,
                    "max_input_vars": 20000,
                    "sendmail_path": f"/bin/{ODD}",
                    "SMTP": "",
                }
            },
            conf_extra={
                "dolibarr_main_authentication": "ldap,dolibarr",
                "dolibarr_main_auth_ldap_host": ODD,
                "dolibarr_main_auth_ldap_version": 3,
                "dolibarr_main_auth_ldap_debug": False,
                "dolibarr_main_stream_to_disable": ["compress.bzip2", "ftp"],
                "dolibarr_main_auth_ldap_admin_pass": "in secrets.json",
            },
        ),
        entry("none", web_server_extra={}, php={"ini": {}}, conf_extra={}),
    ],
    "tls": [entry(tls={"mode": "selfsigned"}), entry("sur", tls={"mode": "acme"}, aliases=["www.sur.example.org"])],
    "tls on its own port": [entry(tls={"mode": "selfsigned"}, port=8443), entry("plain")],
    "tls under a sub-path": [entry(tls={"mode": "acme"}, base_path="/erp")],
}
