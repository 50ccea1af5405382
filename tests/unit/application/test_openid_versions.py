# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which versions can log people in by OpenID Connect, and what they want for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import version_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

LOGIN = "core/login/functions_openid_connect.php"
MODULE = "core/modules/modOpenIDConnect.class.php"


@pytest.mark.parametrize(
    ("files", "more", "told"),
    [
        ((), {}, "login.openid: is given, and version 16.0.3 has no OpenID Connect"),
        ((LOGIN, MODULE), {}, "modules: are without openidconnect, by which version 16.0.3 offers login.openid"),
        ((LOGIN, MODULE), {"modules": ["societe", "OpenIDConnect"]}, ""),
        ((LOGIN,), {}, ""),
        ((), {"login": {"ldap": {"base_dn": "x"}}}, ""),
    ],
)
def test_openid_connect(tmp_path: Path, files: tuple[str, ...], more: dict[str, Any], told: str) -> None:
    for name in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("<?php\n")
    entry = {"name": "norte", "login": {"openid": {"client_id": "x"}}} | more
    found = version_rules.check([entry], {"norte": Tree(tmp_path, False, "16.0.3")}, "mariadb")
    assert [f"{problem.key}: {problem.seen}" for problem in found] == ([told] if told else [])
