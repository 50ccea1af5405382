# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Templates that an operator extends: blocks change nothing by themselves, and each can be added to and replaced."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleError
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import own_templates
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules

from . import programs, serving
from .inventory import SITES
from .rendering import ROOT, Rendered, render

#: What can be extended: the role that renders it, and how a comment begins there.
EXTENDABLE = {
    "nginx/site.conf.j2": ("nginx", "#"),
    "apache/site.conf.j2": ("apache", "#"),
    "php/pool.conf.j2": ("php", ";"),
    "application/conf.php.j2": ("application", "//"),
}
_TAG = re.compile(r"^\{% (?:block \w+(?: scoped)?|endblock) -?%\}\n", re.MULTILINE)


def _text(template: str) -> str:
    return (ROOT / "templates" / template).read_text(encoding="utf-8")


def _blocks(template: str) -> list[str]:
    return re.findall(r"\{% block (\w+) ", _text(template))


def _own(folder: Path, template: str, text: str) -> str:
    (folder / template).parent.mkdir(parents=True, exist_ok=True)
    (folder / template).write_text(text, encoding="utf-8")
    return str(folder)


def _extended(folder: Path, template: str, blocks: dict[str, str]) -> str:
    body = "".join(f"{{% block {name} %}}\n{text}{{% endblock %}}\n" for name, text in blocks.items())
    return _own(folder, template, f'{{% extends "miclinik/{template}" %}}\n{body}')


@pytest.mark.parametrize("template", EXTENDABLE)
@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_blocks_and_an_empty_extension_change_nothing(
    template: str, sites: list[dict[str, Any]], tmp_path: Path
) -> None:
    role, _ = EXTENDABLE[template]
    shipped = render(role, *sites)
    without = _TAG.sub("", _text(template)).replace("{% endblock -%}\n", "")
    assert "block" not in "".join(re.findall(r"\{%.*?%\}", without))
    assert render(role, *sites, overrides=_own(tmp_path / "without", template, without)) == shipped
    assert render(role, *sites, overrides=_extended(tmp_path / "empty", template, {})) == shipped


@pytest.mark.parametrize("template", EXTENDABLE)
def test_every_block_is_documented(template: str) -> None:
    page = (ROOT / "docs" / "own-lines.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{re.escape(template)}` \| (.*) \|$", page, flags=re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == _blocks(template)


def test_the_documented_examples_work(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "own-lines.md").read_text(encoding="utf-8")
    (template,) = re.findall(r"```jinja\n(.*?)```", page, flags=re.DOTALL)
    (inventory,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    sites = yaml.safe_load(inventory)["miclinik_sites"]
    assert rules.check(sites) == []
    assert own_templates.check(Path(_own(tmp_path, "nginx/site.conf.j2", template)), "/nowhere") == []
    for server in ("nginx", "apache"):
        rendered = render(server, *sites, host={"ipv6": False}, overrides=str(tmp_path))
        assert _refusal(server, rendered) is None
    vhost = render("nginx", *sites, overrides=str(tmp_path))["/etc/nginx/sites-available/norte.conf"].content
    for line in (
        "limit_req_zone $binary_remote_addr ",
        "            limit_req zone=norte ",
        "    add_header Cross-Origin-Opener-Policy ",
        "location = /r",
    ):
        assert vhost.count(f"\n{line}") == 1, line


def _refusal(server: str, rendered: dict[str, Rendered]) -> str | None:
    """Return what the web server says of files that it does not accept."""
    everything = "".join(item.content for item in rendered.values())
    ports = {
        int(port): int(port) % 40000 + 20000
        for port in re.findall(r"(?m)^(?:\s*listen |Listen |<VirtualHost \*:)(\d+)", everything)
    }
    with serving.short_folder() as root:
        serving.make_certificates(rendered, root)
        layout = serving.lay_out(server, rendered, root, ports)
        for folder in re.findall(r'DocumentRoot "(\S+)"', everything):
            (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        command = [word for word in layout.command if word != "-DFOREGROUND"]
        done = subprocess.run([*command, "-t"], check=False, capture_output=True, text=True, env=layout.environment)
    return done.stderr if done.returncode else None


def _commented(folder: Path, template: str) -> dict[str, Rendered]:
    """Render all kinds of sites, with a comment added before and after what each block holds."""
    role, sign = EXTENDABLE[template]
    blocks = {name: f"{sign} before {name}\n{{{{ super() -}}}}\n{sign} after {name}\n" for name in _blocks(template)}
    sites = [
        site | {"name": f"s{index}-{number}", "domain": f"s{index}-{number}.example.org", "aliases": []}
        for index, kind in enumerate(SITES.values())
        for number, site in enumerate(kind)
        # One port speaks either TLS or not.
        if site.get("port") != 8443
    ]
    rendered = render(role, *sites, host={"ipv6": False}, overrides=_extended(folder, template, blocks))
    everything = "".join(item.content for item in rendered.values())
    for name in blocks:
        assert re.search(rf"^{sign} before {name}$(?s:.)*?^{sign} after {name}$", everything, flags=re.MULTILINE), name
    return rendered


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_web_servers_accept_lines_in_every_block(server: str, tmp_path: Path) -> None:
    assert _refusal(server, _commented(tmp_path, f"{server}/site.conf.j2")) is None


def test_php_accepts_lines_in_every_block(tmp_path: Path) -> None:
    for dest, item in _commented(tmp_path, "application/conf.php.j2").items():
        if dest.endswith("/conf.php"):
            (tmp_path / "conf.php").write_text(item.content)
            assert programs.accept(["php", "-n", tmp_path / "conf.php"]) == ""


def test_a_pool_keeps_what_is_not_in_the_block(tmp_path: Path) -> None:
    own = _extended(tmp_path, "php/pool.conf.j2", {"workers": "pm = static\npm.max_children = 3\n"})
    pool = render("php", overrides=own)["/etc/miclinik-php/norte/web.conf"].content
    assert re.findall(r"(?m)^pm(?!\.status_).*$", pool) == ["pm = static", "pm.max_children = 3"]
    shipped = render("php")["/etc/miclinik-php/norte/web.conf"].content
    assert set(pool.splitlines()) - set(shipped.splitlines()) == {"pm = static", "pm.max_children = 3"}


def test_a_block_knows_the_site_and_the_variables_of_the_template(tmp_path: Path) -> None:
    text = "    location ^~ {{ site.prefix }}/x { return 204; } # {{ prefix }} {{ nginx_acme_webroot }}\n"
    own = _extended(tmp_path, "nginx/site.conf.j2", {"static": text})
    vhost = render("nginx", *SITES["sub-path"], overrides=own)["/etc/nginx/sites-available/norte.conf"].content
    assert r"    location ^~ /erp/miclinik-1/x { return 204; } # /erp/miclinik-1 /var/lib/miclinik/acme" in vhost


def test_own_templates_include_each_other_and_what_lies_beside_the_playbook(tmp_path: Path) -> None:
    _own(tmp_path, "parts/robots.j2", "    # {{ site.name }}'s robots\n")
    own = _extended(tmp_path, "nginx/site.conf.j2", {"extra": '{% include "parts/robots.j2" %}\n'})
    assert "    # norte's robots\n" in render("nginx", overrides=own)["/etc/nginx/sites-available/norte.conf"].content


def test_a_template_that_extends_itself_is_named(tmp_path: Path) -> None:
    own = _own(tmp_path, "nginx/site.conf.j2", '{% extends "nginx/site.conf.j2" %}')
    with pytest.raises(AnsibleError, match=r"templates/nginx/site\.conf\.j2 cannot be rendered: .*[Rr]ecursi"):
        render("nginx", overrides=own)
