# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is said of tags that nothing has."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import run_tags

TAGS = (
    "its tags are: preflight, cluster, alert, database, php, application, tls, nginx, apache, fail2ban, baseline, "
    "acme, rest_api, cron, webhooks, backup, smoke_timer, exporters, smoke"
)


def test_the_readme_lists_them() -> None:
    text = (run_tags.PLAYBOOK.parents[1] / "README.md").read_text(encoding="utf-8")
    listed = text.partition("has a tag of its own name: ")[2].partition(". With")[0]
    assert listed.replace("`", "").replace("\n", " ").split(", ") == list(run_tags.known())


@pytest.mark.parametrize("run", [["all"], ["nginx"], ["nginx", "smoke"], ["always"], ["mine", "nginx"], ["tagged"], []])
def test_nothing_is_said(run: list[str]) -> None:
    assert run_tags.cautions(run, []) == []


@pytest.mark.parametrize(("run", "skip", "option"), [(["ngnix"], [], "--tags"), (["all"], ["ngnix"], "--skip-tags")])
def test_a_tag_that_is_mistyped(run: list[str], skip: list[str], option: str) -> None:
    assert run_tags.cautions(run, skip) == [
        f"{option} ngnix is no tag of miclinik.hosting; {TAGS}. Did you mean 'nginx'?"
    ]


def test_a_run_for_another_playbooks_tags() -> None:
    assert run_tags.cautions(["monitoring", "web"], ["firewall"]) == [
        f"--tags monitoring,web names no part of miclinik.hosting, of which only preflight runs; {TAGS}."
    ]
