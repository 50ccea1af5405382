# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host's files are other people's: whatever a line lacks or holds too much, nothing ends in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import (
    nginx_config,
    server_facts,
    vhost_apache,
    vhost_nginx,
)

from .test_vhosts import APACHE, NGINX, SITE, _dump

# isdigit() is true of the second, and int() refuses it.
ODD = ("", "\N{SUPERSCRIPT TWO}", ":", '"')


def _odd(text: str) -> Iterator[str]:
    """Yield the text with one line in it cut short after each of its words, and with an odd one there instead."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        words = line.split()
        for keep in range(1, len(words)):
            for odd in ODD:
                end = line.rstrip()[-1] if line.rstrip()[-1] in ";{>" else ""
                changed = " ".join([*words[:keep], odd]).rstrip(";{> ") + end
                yield "\n".join([*lines[:number], changed, *lines[number + 1 :]]) + "\n"


@pytest.mark.parametrize("name", NGINX)
def test_nginx(name: str) -> None:
    text = _dump(NGINX[name][0].replace("; ", ";\n").replace("{ ", "{\n"))
    for odd in _odd(text):
        try:
            tree = nginx_config.load(odd)
        except ValueError:
            continue  # told as a configuration that cannot be read
        assert set(vhost_nginx.shape(tree, SITE)) == {"found", "location", "socket", "allow", "problems"}


@pytest.mark.parametrize("name", APACHE)
def test_apache(tmp_path: Path, name: str) -> None:
    inside = "\n".join(APACHE[name][0])
    text = f"<VirtualHost *:80>\nServerName www.example.org\nServerAlias norte.example.org\n{inside}\n</VirtualHost>\n"
    for odd in _odd(
        f"Include ports.conf\n{text}Require ip 192.0.2.1\nProxyPassMatch ^/x fcgi://a\nSetEnvIf A (.*) B=$1\n"
    ):
        (tmp_path / "apache2.conf").write_text(odd)
        shape = vhost_apache.shape(vhost_apache.load(tmp_path), SITE)
        assert set(shape) == {"found", "location", "socket", "allow", "problems"}


def test_ports(tmp_path: Path) -> None:
    shop = tmp_path / "etc/nginx/sites-enabled/shop"
    ports = tmp_path / "etc/apache2/ports.conf"
    for path in (shop, ports):
        path.parent.mkdir(parents=True)
    for odd in _odd(
        "server {\nlisten 80;\nlisten [::]:443 ssl;\nlisten unix:/run/x;\nserver_name shop.example.org;\n}\n"
    ):
        shop.write_text(odd)
        assert set(server_facts.read(tmp_path)) == {"nginx", "apache"}
    for odd in _odd("Listen 80\n<IfModule ssl_module>\nListen 443 https\n</IfModule>\n"):
        ports.write_text(odd)
        assert set(server_facts.read(tmp_path)) == {"nginx", "apache"}
