# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The operator's own templates, looked at before anything on a host changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import templates
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import own_templates


def _write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def _said(folder: Path) -> list[str]:
    return [str(problem) for problem in own_templates.check(folder, str(folder / "playbooks"))]


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{% extends "miclinik/nginx/site.conf.j2" %}',
        '{% extends "miclinik/nginx/site.conf.j2" %}{% block api %}{{ x | no_filter_here }}{% endblock %}',
        '{% extends "miclinik/apache/site.conf.j2" %}{% block tls %}{% endblock %}',
        '{% extends "parts/base.j2" %}{% block anything %}{% endblock %}',
        '{% extends "beside.j2" %}',
        "#jinja2: block_start_string: '[%', block_end_string: '%]'\n[% if x %]{% if %}[% endif %]",
        "{% extends chosen %}{% block anything %}{% endblock %}",
    ],
)
def test_what_stands(tmp_path: Path, text: str) -> None:
    _write(tmp_path, "nginx/site.conf.j2", text)
    _write(tmp_path, "parts/base.j2", "x")
    _write(tmp_path, "playbooks/beside.j2", "x")
    _write(tmp_path, ".git/broken.j2", "{% if %}")
    _write(tmp_path, "notes.txt", "{% if %}")
    assert _said(tmp_path) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "\n{% if %}",
            "nginx/site.conf.j2 is no template: Expected an expression, got 'end of statement block' in line 2. "
            "Mend it.",
        ),
        (
            '{% extends "nginx/site.conf.j2" %}',
            "nginx/site.conf.j2 extends 'nginx/site.conf.j2', which is itself. "
            'Write {% extends "miclinik/nginx/site.conf.j2" %}.',
        ),
        (
            '{% extends "nowhere.j2" %}',
            "nginx/site.conf.j2 extends 'nowhere.j2', which is not there. "
            'Write {% extends "miclinik/nginx/site.conf.j2" %}.',
        ),
        (
            '{% extends "miclinik/ngnix/site.conf.j2" %}',
            "nginx/site.conf.j2 extends 'miclinik/ngnix/site.conf.j2', which is not there. "
            "Did you mean 'miclinik/nginx/site.conf.j2'.",
        ),
        (
            '{% extends "miclinik/nginx/site.conf.j2" %}{% block apii %}{% endblock %}',
            "nginx/site.conf.j2 has a block 'apii', and miclinik/nginx/site.conf.j2 has none of that name: nobody "
            "would see it. Did you mean 'api'.",
        ),
        (
            '{% extends "miclinik/nginx/tls.conf.j2" %}{% block api %}{% endblock %}',
            "nginx/site.conf.j2 has a block 'api', and miclinik/nginx/tls.conf.j2 has none of that name: nobody "
            "would see it. Replace the whole template.",
        ),
    ],
)
def test_what_does_not(tmp_path: Path, text: str, problem: str) -> None:
    _write(tmp_path, "nginx/site.conf.j2", text)
    assert _said(tmp_path) == [f"inventory: miclinik_templates_dir: {problem}"]


def test_extensions_of_jinja_that_ansible_is_told_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tmp_path, "x.j2", "{% do y.append(1) %}")
    assert len(_said(tmp_path)) == 1
    monkeypatch.setenv("ANSIBLE_JINJA2_EXTENSIONS", "jinja2.ext.do")
    assert _said(tmp_path) == []


def test_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.j2").write_bytes(b"\xff\xfe")
    (said,) = _said(tmp_path)
    assert said.startswith("inventory: miclinik_templates_dir: x.j2 is no template: 'utf-8' codec can't decode byte")


def test_what_replaces_nothing(tmp_path: Path) -> None:
    _write(tmp_path, "nginx/site.conf.j2", '{% include "parts/a.j2" %}')
    _write(tmp_path, "parts/a.j2", "x")
    _write(tmp_path, "ngnix/site.conf.j2", "x")
    _write(tmp_path, "zzz.j2", "x")
    assert own_templates.cautions(tmp_path) == [
        "inventory: miclinik_templates_dir: ngnix/site.conf.j2 replaces no template. Did you mean "
        "'nginx/site.conf.j2'?",
        "inventory: miclinik_templates_dir: zzz.j2 replaces no template.",
    ]


def test_a_template_is_the_operators_or_ours(tmp_path: Path) -> None:
    _write(tmp_path, "nginx/site.conf.j2", "x")
    assert templates.source("nginx/site.conf.j2", tmp_path) == tmp_path / "nginx/site.conf.j2"
    assert templates.source("nginx/tls.conf.j2", tmp_path) == templates.TEMPLATES / "nginx/tls.conf.j2"
    with pytest.raises(templates.TemplateError, match=r"^there is no template 'x' in templates/$"):
        templates.source("x", None)


def test_the_names_of_ours_do_not_outlive_a_run(tmp_path: Path) -> None:
    with templates.search_path(tmp_path, "/base") as folders:
        assert folders[1:] == [str(tmp_path), "/base"]
        assert (Path(folders[0]) / "miclinik/nginx/site.conf.j2").is_file()
    assert not Path(folders[0]).exists()
    assert (templates.TEMPLATES / "nginx/site.conf.j2").is_file()
