# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``webhooks`` comes to, and what of it is refused before anything is changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import version_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import (
    declared,
    rules,
    secret_rules,
    sites,
    webhooks,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree

ENTRY = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}, "modules": ["webhook"]}
HOOK = {"name": "erp", "endpoint": "https://Hooks.Clínica.example:8443/k3y?z=1", "events": ["BILL_VALIDATE", "X_Y"]}
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"


def _site(**more: Any) -> Any:  # noqa: ANN401 (any key)
    (site,) = sites.plan([ENTRY | {"webhooks": [HOOK | more]}])
    return site


def test_no_endpoint_is_seen_by_roles() -> None:
    parted = declared.part(ENTRY | {"webhooks": [HOOK | {"secret": SECRET}]})
    assert parted.stored == {"webhooks": {"erp": {"endpoint": HOOK["endpoint"], "secret": SECRET}}}
    (shown,) = _site(secret=SECRET)["webhooks"]
    assert shown == {
        "name": "erp",
        "events": ["BILL_VALIDATE", "X_Y"],
        "retry_for": "3d",
        "allow_http": False,
        "seconds": 259200,
    }


def test_the_application_sends_to_the_relay_and_the_relay_to_the_endpoint() -> None:
    site, known = _site(retry_for="36h"), {"endpoint": HOOK["endpoint"], "token": TOKEN, "secret": SECRET}
    record = {"users": {}, "webhooks": {"erp": known}}
    (settings,) = promises.settings([site], {"norte": record})
    assert settings["webhooks"] == [{"name": "erp", "token": TOKEN, "events": HOOK["events"]}]
    assert webhooks.relayed(site, record) == [
        {
            "name": "erp",
            "url": "https://hooks.xn--clnica-4va.example:8443/k3y?z=1",
            "token": TOKEN,
            "secret": SECRET,
            "retry_for": 129600,
        }
    ]
    assert promises.conf_extra(site, record) == {"dolibarr_allow_localurl_for_webhooks": 1}


def test_a_site_that_never_had_any_is_not_asked() -> None:
    (site,) = sites.plan([ENTRY])
    for record, wanted in (({}, None), ({"webhooks": {"erp": {"token": TOKEN}}}, [])):
        (settings,) = promises.settings([site], {"norte": {"users": {}} | record})
        assert settings.get("webhooks") == wanted
    assert promises.conf_extra(site, {}) == {}


def test_a_good_one_is_taken() -> None:
    plain = HOOK | {"name": "lan", "endpoint": "http://[2001:db8::1]:8080", "allow_http": True}
    assert rules.check([ENTRY | {"webhooks": [HOOK | {"secret": SECRET}, plain]}]) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "Erp"}, "webhooks[0].name: is 'Erp'"),
        ({"events": []}, "webhooks[0].events: is empty"),
        ({"events": ["bill_validate"]}, "webhooks[0].events[0]: is 'bill_validate'"),
        ({"events": ["BILL_VALIDATE,X"]}, "webhooks[0].events[0]: is 'BILL_VALIDATE,X'"),
        ({"events": ["X_Y", "X_Y"]}, "webhooks[0].events[1]: is 'X_Y', as another one"),
        ({"retry_for": "3"}, "webhooks[0].retry_for: is '3'"),
        ({"retry_for": "31d"}, "webhooks[0].retry_for: is '31d'"),
        ({"retry_for": "0h"}, "webhooks[0].retry_for: is '0h'"),
        ({"secret": "hush"}, "webhooks[0].secret: is not whsec_ and the base64"),
        ({"endpoint": "http://h.example/k3y"}, "webhooks[0].endpoint: is http://"),
        ({"endpoint": "ftp://h.example/k3y"}, "webhooks[0].endpoint: is no address that begins with https://"),
        ({"endpoint": "h.example/k3y"}, "webhooks[0].endpoint: is no address"),
        ({"endpoint": "https:///k3y"}, "webhooks[0].endpoint: is no address"),
        ({"endpoint": "https://h.example/k3y a"}, "webhooks[0].endpoint: is no address"),
        ({"endpoint": "https://h.example:x/k3y"}, "webhooks[0].endpoint: is no address"),
        ({"endpoint": "https://me:pw@h.example/k3y"}, "webhooks[0].endpoint: has a name or password"),
        ({"endpoint": "https://h.example/k3y#x"}, "webhooks[0].endpoint: has a # in it"),
        ({"endpoint": "https://h_.example./k3y"}, "webhooks[0].endpoint: names a host that"),
    ],
)
def test_what_is_wrong_is_refused(change: dict[str, Any], said: str) -> None:
    (problem, *_) = rules.check([ENTRY | {"webhooks": [HOOK | change]}])
    assert str(problem).startswith(f"site 'norte': {said}")
    assert "k3y" not in str(problem)
    assert "pw" not in str(problem)


def test_two_of_a_name() -> None:
    (problem,) = rules.check([ENTRY | {"webhooks": [HOOK, HOOK]}])
    assert "webhooks[1].name: is 'erp', as another one's" in str(problem)


def test_a_clone_and_a_module_that_is_missing() -> None:
    (problem,) = webhooks.check(ENTRY | {"clone_of": "sur", "webhooks": [HOOK]})
    assert problem[1] == "are given for a clone, from which nothing may leave"
    (problem,) = webhooks.check(ENTRY | {"modules": [], "webhooks": [HOOK]})
    assert problem[1] == "are given, and `modules` has no webhook"


def test_one_receiver_may_be_told_by_two_sites() -> None:
    other = ENTRY | {"name": "sur", "domain": "sur.example.org"}
    assert secret_rules.shared([ENTRY | {"webhooks": [HOOK]}, other | {"webhooks": [HOOK]}]) == []
    both = [one | {"webhooks": [HOOK | {"secret": SECRET}]} for one in (ENTRY, other)]
    assert "webhooks.erp.secret" in secret_rules.shared(both)[0]


LINE = "insert into llx_c_action_trigger (code,label,description,elementtype,rang) values ('{}','A','B','c',1);\n"


def test_events_that_a_version_does_not_list_are_told(tmp_path: Path) -> None:
    (tmp_path / "install/mysql/data").mkdir(parents=True)
    (tmp_path / "filefunc.inc.php").write_text("<?php\ndefine('DOL_VERSION', '22.0.4');\n")
    (tmp_path / "install/mysql/data/llx_c_action_trigger.sql").write_text(
        LINE.format("BILL_VALIDATE") + LINE.format("X_Y")
    )
    trees = {"norte": tree.find(tmp_path)}
    assert list(version_rules.cautions([ENTRY | {"webhooks": [HOOK]}, ENTRY], trees)) == []
    (told,) = version_rules.cautions([ENTRY | {"webhooks": [HOOK | {"events": ["BILL_VALIDATED"]}]}], trees)
    assert told.startswith("site 'norte': webhooks[0].events: BILL_VALIDATED is not among the events")
    assert told.endswith("Did you mean 'BILL_VALIDATE'?")


TRIGGERS = "core/triggers/interface_{}_modWebhook_WebhookTriggers.class.php"


@pytest.mark.parametrize(
    ("order", "text", "said"),
    [
        (
            95,
            "$response = getURLContent($tmpobject->url, $method, $jsonstr, 1, $h, array('http', 'https'), 2, -1);",
            "",
        ),
        (95, "global $dolibarr_allow_localurl_for_webhooks;", ""),
        (99, "$response = getURLContent($tmpobject->url, 'POST', $jsonstr);", "sends to no address of its own host"),
        (0, "", "has no module webhook"),
    ],
)
def test_a_version_that_cannot(tmp_path: Path, order: int, text: str, said: str) -> None:
    (tmp_path / "core/triggers").mkdir(parents=True)
    (tmp_path / "filefunc.inc.php").write_text("<?php\ndefine('DOL_VERSION', '16.0.3');\n")
    (tmp_path / TRIGGERS.format(order)).write_text(text)
    (tmp_path / "install").mkdir()
    entry, found = ENTRY | {"webhooks": [HOOK]}, tree.find(tmp_path)
    problems = version_rules.check([entry], {"norte": found}, "mariadb")
    assert [said in str(problem) for problem in problems] == ([True] if said else [])
    assert version_rules.check([ENTRY], {"norte": found}, "mariadb") == []


def test_a_version_that_closes_the_connection_of_its_caller(tmp_path: Path) -> None:
    (tmp_path / "core/triggers").mkdir(parents=True)
    (tmp_path / "core/db").mkdir()
    (tmp_path / "install").mkdir()
    (tmp_path / "filefunc.inc.php").write_text("<?php\ndefine('DOL_VERSION', '24.0.0-beta');\n")
    own = "global $dolibarr_allow_localurl_for_webhooks; $dbhistory = getDoliDBInstance($conf->db->type);"
    (tmp_path / TRIGGERS.format(95)).write_text(own)
    driver = tmp_path / "core/db/pgsql.class.php"
    driver.write_text("$this->db = @pg_connect($con_string);")
    entry, trees = ENTRY | {"webhooks": [HOOK]}, {"norte": tree.find(tmp_path)}
    for one in (entry, ENTRY):
        (problem,) = version_rules.check([one], trees, "postgresql")
        assert "site 'norte': modules: hold webhook, and on PostgreSQL version 24.0.0-beta does" in str(problem)
        assert version_rules.check([one], trees, "mariadb") == []
    assert version_rules.check([ENTRY | {"modules": ["product"]}], trees, "postgresql") == []
    driver.write_text("$this->db = @pg_connect($con_string, $forcenew ? PGSQL_CONNECT_FORCE_NEW : 0);")
    assert version_rules.check([entry], {"norte": tree.find(tmp_path)}, "postgresql") == []
