# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose lines a check refused: as nginx, Apache, PHP-FPM and PHP word it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import blame
from ansible_collections.miclinik.hosting.plugins.module_utils.host.blame import Origin

VHOST = Path("/etc/nginx/sites-available/norte.conf")
TEXT = """server {
    # From here: web_server_extra.nginx of site 'norte'
gzip off;
nonsense on;
    # To here: web_server_extra.nginx of site 'norte'
    location / {
    }
}
"""
OWN = {VHOST: Origin("norte", "nginx/site.conf.j2")}
LINE = "site 'norte': web_server_extra.nginx: its line 2 is refused: nonsense on;. Mend it or take it out."
SUSPECT = "What is not the toolkit's own there: site 'norte': web_server_extra.nginx. Mend it or take it out."


@pytest.mark.parametrize(
    "said",
    [
        f'2026/11/26 [emerg] 1#1: unknown directive "nonsense" in {VHOST}:4\nnginx: configuration file x test failed',
        f"AH00526: Syntax error on line 4 of {VHOST}:\nInvalid command 'nonsense'",
        f"[26-Nov-2026] ERROR: [{VHOST}:4] unknown entry 'nonsense'\n",
        f'PHP Parse error:  syntax error, unexpected identifier "nonsense" in {VHOST} on line 4',
    ],
)
def test_the_line_is_named(said: str) -> None:
    assert blame.blame(said, {VHOST: TEXT}, {}) == LINE
    assert blame.blame(said, {VHOST: TEXT}, OWN) == LINE


def test_a_link_leads_to_the_file(tmp_path: Path) -> None:
    file = (tmp_path / "norte.conf").resolve()
    (tmp_path / "link.conf").symlink_to("norte.conf")
    assert blame.blame(f" in {tmp_path}/link.conf:4", {file: TEXT}, {}) == LINE


def test_what_clashes_further_down() -> None:
    said = f'duplicate location "/" in {VHOST}:6'
    assert blame.blame(said, {VHOST: TEXT}, {}) == SUSPECT
    assert blame.blame(said, {VHOST: TEXT}, OWN) == (
        "What is not the toolkit's own there: site 'norte': miclinik_templates_dir: nginx/site.conf.j2; "
        "site 'norte': web_server_extra.nginx. Mend it or take it out."
    )


def test_no_place_is_named() -> None:
    assert blame.blame('zero size shared memory zone "x"', {VHOST: TEXT}, {}) == SUSPECT
    assert blame.blame('zero size shared memory zone "x"', {VHOST: "server {\n}\n"}, {VHOST: Origin("a")}) == ""


@pytest.mark.parametrize("place", ["/etc/nginx/sites-enabled/other:4", f"{VHOST}:99", f"{VHOST}:0"])
def test_files_of_others_are_not_ours_to_blame(place: str) -> None:
    assert blame.blame(f"unknown directive in {place}", {VHOST: TEXT}, OWN) == ""
