# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site promises, as modules take it and as the doctor knows it."""

from __future__ import annotations

from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import spec, visit
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites


def test_smoke_test_and_doctor_know_a_key_by_one_name() -> None:
    site: dict[str, Any] = {
        "name": "norte",
        "domain": "norte.example.org",
        "source": {"type": "sandbox"},
        "modules": ["product"],
    }
    (planned,) = sites.plan([site | {"api": {"explorer": False, "login": False}}])
    assert visit.repeated(planned) == {
        "name": "norte",
        "base_url": "http://norte.example.org",
        "modules": ["product"],
        "explorer": False,
        "login_enabled": False,
        "api_enabled": True,
        "cors_origins": ["*"],
        "upload_max": planned["php"]["upload_max_filesize"],
    }
    (told,) = doctor_sites.plan([planned])
    assert {name: told[name] for name in ("base_url", "explorer", "login_enabled", "api_enabled")} == {
        "base_url": "http://norte.example.org",
        "explorer": False,
        "login_enabled": False,
        "api_enabled": True,
    }


def test_every_field_says_what_it_is() -> None:
    assert [name for name, option in spec.documented().items() if not all(option["description"])] == []
    assert set(spec.documented()) == set(spec.SITES["options"])
