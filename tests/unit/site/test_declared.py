# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites as roles see them hold no secret; the other half of an entry holds them all."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, secrecy, sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema

from tests.application_tree import entry
from tests.every_secret import ADDRESS_CONSTANT, CONSTANTS, VARIABLE, declare, value, values

ROOT = Path(__file__).parents[3]
ARCHIVE = {"type": "archive", "url": "https://example.org/release.tgz", "checksum": f"sha256:{'0' * 64}"}


def _marked(specs: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, spec in specs.items():
        if spec.get("no_log"):
            yield f"{path}{key}"
        yield from _marked(spec.get("options", {}), f"{path}{key}.")


@pytest.fixture
def full() -> dict[str, Any]:
    """Return an entry with every secret, two API users, and somebody else."""
    users = [{"login": "api", "rights": ["produit.lire"]}, {"login": "other.one"}]
    modules = [{"name": "citas", "source": ARCHIVE}]
    return declare(
        entry(
            source=ARCHIVE,
            custom_modules=modules,
            api={"users": users},
            users=[{"login": "ana"}],
            constants={"MAIN_SIZE_LISTE_LIMIT": 50},
            webhooks=[{"name": "erp", "events": ["BILL_VALIDATE"]}],
        )
    )


def test_the_entry_declares_everything_that_is_marked(full: dict[str, Any]) -> None:
    # What `login` holds becomes constants and variables of conf.php.
    marked = [place for place in _marked(site_schema.site_options()) if not place.startswith("login.")]
    assert {"admin.password", "api.users.key", "source.url"} <= set(marked)
    # Two users have two secrets each, the addresses have two in them, and conf.php gets one.
    assert len(set(values(full))) == len(marked) + 2 + 2 + len(CONSTANTS) + 1 + 1


def test_sites_hold_no_secret(full: dict[str, Any]) -> None:
    (site,) = sites.plan([full])
    text = json.dumps(site)
    assert [secret for secret in values(full) if secret in text] == []
    assert list(values(site)) == []


def test_the_secrets_hold_every_one(full: dict[str, Any]) -> None:
    found = declared.secrets([full])["norte"]
    assert set(values(found)) == set(values(full))
    assert found["addresses"] == {
        "source.url": full["source"]["url"],
        "custom_modules[0].source.url": full["custom_modules"][0]["source"]["url"],
    }
    assert found["stored"] == {
        "admin_password": value("norte.admin.password"),
        "database_password": value("norte.database.password"),
        "instance_unique_id": value("norte.instance_unique_id"),
        "mail_password": value("norte.mail.password"),
        "mail_dkim_key": full["mail"]["dkim"]["key"],
        "people": {"ana": {"password": value("norte.users[0].password")}},
        "users": {
            login: {part: value(f"norte.api.users[{index}].{part}") for part in ("key", "password")}
            for index, login in enumerate(["api", "other.one"])
        },
        "constants": {name: full["constants"][name] for name in (*CONSTANTS, ADDRESS_CONSTANT)},
        "conf_extra": {VARIABLE: value(f"norte.{VARIABLE}")},
        "webhooks": {"erp": {part: full["webhooks"][0][part] for part in ("endpoint", "secret")}},
    }


def test_the_site_says_what_was_taken_out_and_keeps_the_rest(full: dict[str, Any]) -> None:
    before = copy.deepcopy(full)
    (site,) = sites.plan([full])
    assert full == before
    assert site["constants"] == {"MAIN_SIZE_LISTE_LIMIT": 50}
    assert site["secret_constants"] == sorted([*CONSTANTS, ADDRESS_CONSTANT])
    assert (site["conf_extra"], site["secret_conf_extra"]) == ({}, [VARIABLE])
    assert site["declared"] == sorted(
        [
            "admin_password",
            "database_password",
            "instance_unique_id",
            "mail_dkim_key",
            "mail_password",
            "people.ana.password",
            *(f"users.{login}.{part}" for login in ("api", "other.one") for part in ("key", "password")),
            *(f"constants.{name}" for name in (*CONSTANTS, ADDRESS_CONSTANT)),
            f"conf_extra.{VARIABLE}",
            "webhooks.erp.endpoint",
            "webhooks.erp.secret",
        ]
    )
    assert site["source"]["url"] == "https://***@example.org/release.tgz?***"
    assert [user["login"] for user in site["api"]["users"]] == ["api", "other.one"]
    assert site["api"]["users"][0]["rights"] == ["produit.lire"]


def test_without_secrets_nothing_is_said() -> None:
    (site,) = sites.plan([entry(source=ARCHIVE)])
    assert (site["declared"], site["secret_constants"], site["source"]["url"]) == ([], [], ARCHIVE["url"])
    assert declared.secrets([entry(source=ARCHIVE)]) == {"norte": {"stored": {}, "addresses": {}}}


LEFT_OUT = ("path", "version", "signed_by", "signature")


def test_the_source_is_whole_again_for_who_fetches_it(full: dict[str, Any]) -> None:
    (site,) = sites.plan([full])
    addresses = declared.secrets([full])["norte"]["addresses"]
    assert declared.source(site, addresses) == dict.fromkeys(LEFT_OUT) | full["source"]
    with pytest.raises(ValueError, match=r"source\.url: its name, password or query was taken out"):
        declared.source(site, {})


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a.tgz", "https://example.org/a.tgz"),
        ("https://token@example.org/a.git", "https://***@example.org/a.git"),
        ("https://me:p%40ss@example.org:8443/a.git", "https://***@example.org:8443/a.git"),
        ("https://me:p@ss@example.org/a.git", "https://***@example.org/a.git"),
        ("https://example.org/a.tgz?token=1#x", "https://example.org/a.tgz?***#***"),
        ("ssh://git@example.org/a.git", "ssh://***@example.org/a.git"),
        ("git@example.org:a.git", "git@example.org:a.git"),
        ("/srv/git/a.git", "/srv/git/a.git"),
    ],
)
def test_the_public_part_of_an_address(url: str, shown: str) -> None:
    assert secrecy.public_address(url) == shown


def test_no_constant_that_our_code_reads_is_taken_out() -> None:
    """``site["constants"]`` is without the secret ones: what is read there must not be among them."""
    read = set()
    for file in (ROOT / "plugins").rglob("*.py"):
        read |= set(re.findall(r"""constants"\]\.get\(\s*"([A-Z_]+)\"""", file.read_text(encoding="utf-8")))
    assert "MAIN_ONLY_LOGIN_ALLOWED" in read
    assert [name for name in sorted(read) if secrecy.is_secret(name, "anything")] == []


class Lazy(list[Any]):
    """A list as Ansible gives it: its own deep copy takes the whole templar along."""

    def __deepcopy__(self, memo: object) -> Lazy:
        raise AssertionError("copied with all that hangs on it")


def test_values_are_copied_without_what_hangs_on_them() -> None:
    given = Lazy(["societe", "product"])
    site = declared.part(entry(modules=given, aliases=Lazy([]))).shown
    assert (site["modules"], site["aliases"]) == (["societe", "product"], [])
    assert type(site["modules"]) is list
    site["modules"].append("stock")
    assert given == ["societe", "product"]
