# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An operator's own templates: a file of the same name wins, and the others stay the collection's."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.errors import AnsibleError

from .rendering import ROOT, entry, render

BRIDGE = "/usr/local/lib/miclinik/bridge"


def _write(folder: Path, name: str, content: str) -> str:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content, encoding="utf-8")
    return str(folder)


def test_an_override_wins(tmp_path: Path) -> None:
    own = _write(
        tmp_path, "nginx/site.conf.j2", "# {{ ansible_managed }}\n# own {{ site.name }} {{ nginx_ipv6 }}\n\n\n"
    )
    rendered = render("nginx", overrides=own)
    managed = (
        "Written by miclinik.hosting from templates/nginx/site.conf.j2: what is changed here is lost on the next run."
    )
    assert rendered["/etc/nginx/sites-available/norte.conf"].content == f"# {managed}\n# own norte True\n"
    plain = render("nginx")
    others = set(plain) - {"/etc/nginx/sites-available/norte.conf"}
    assert {dest: rendered[dest] for dest in others} == {dest: plain[dest] for dest in others}


def test_an_override_has_the_filters(tmp_path: Path) -> None:
    own = _write(
        tmp_path, "application/conf.php.j2", "<?php $x = {{ site.company.name | miclinik.hosting.php_quote }};"
    )
    rendered = render("application", entry(company={"name": "O'Brien"}), overrides=own)
    conf = rendered["/srv/miclinik/norte/conf.php"]
    assert conf.content == "<?php $x = 'O\\'Brien';\n"
    # It still holds secrets, whoever wrote it.
    assert (conf.mode, conf.sensitive) == ("0440", True)


def test_one_file_of_a_folder_can_be_replaced(tmp_path: Path) -> None:
    rendered = render("application", overrides=_write(tmp_path, "bridge/src/Help.php", "<?php // own\n"))
    assert rendered[f"{BRIDGE}/src/Help.php"].content == "<?php // own\n"
    assert rendered[f"{BRIDGE}/src/load.php"].content == (ROOT / "templates/bridge/src/load.php").read_text()
    assert set(rendered) == set(render("application"))


def test_a_file_can_be_added_to_a_folder(tmp_path: Path) -> None:
    rendered = render(
        "application", overrides=_write(tmp_path, "bridge/src/Own.php", "<?php // {{ not.a.template }}\n")
    )
    assert rendered[f"{BRIDGE}/src/Own.php"].content == "<?php // {{ not.a.template }}\n"


def test_a_value_is_never_taken_for_a_template(tmp_path: Path) -> None:
    own = _write(tmp_path, "application/site.json.j2", "{{ application_secrets[site.name].database_password }}")
    secrets = {"norte": {"database_password": "{{ 7 * 6 }}", "instance_unique_id": "x"}}
    rendered = render("application", overrides=own, common_secrets={"secrets": secrets})
    assert rendered["/etc/miclinik/norte/site.json"].content == "{{ 7 * 6 }}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ no_such_variable }}", "'no_such_variable' is undefined"),
        ("{% if %}", "Syntax error in template"),
        ("{{ site.name | no_such_filter }}", "No filter named 'no_such_filter'"),
    ],
)
def test_a_broken_override_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(AnsibleError) as caught:
        render("nginx", overrides=_write(tmp_path, "nginx/site.conf.j2", text))
    assert str(caught.value).startswith("templates/nginx/site.conf.j2 cannot be rendered: ")
    assert said in str(caught.value)


def test_what_cannot_be_quoted_is_not_repeated(tmp_path: Path) -> None:
    text = "{{ application_secrets[site.name].database_password | miclinik.hosting.ini_quote }}"
    secrets = {"norte": {"database_password": "hunter2\nhunter2", "instance_unique_id": "x"}}
    own = _write(tmp_path, "application/site.json.j2", text)
    with pytest.raises(AnsibleError) as caught:
        render("application", overrides=own, common_secrets={"secrets": secrets})
    assert "a value holds a control character or a line break" in str(caught.value)
    assert "hunter2" not in str(caught.value)
