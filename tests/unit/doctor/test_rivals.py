# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the doctor says where another vhost has a name of the site."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN, POSSIBLE, Case, Finding

from .cases import here, host, promised

SHOP = "/etc/nginx/sites-enabled/aaa-shop"
CENTRO = "/etc/nginx/sites-enabled/centro.conf"
NGINX = "http { include sites-enabled/*; }"
OURS = "# Written by miclinik.hosting\nserver { listen 80; server_name norte.example.org; }\n"
THEIRS = 'server { listen 80; server_name norte.example.org; return 200 "shop"; }\n'


def _shaped(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = {"norte": {"problems": [{"id": "php-location"}]}}
    monkeypatch.setitem(SERVERS, "nginx", replace(SERVERS["nginx"], shapes=lambda *_: shape))


def _rival(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"name": "norte.example.org", "file": SHOP, "site": "", "wins": True, "known": False} | changes


def _case(*rivals: dict[str, Any], seen: dict[str, Any] | None = None) -> Case:
    seen = seen or here()
    seen["vhost"] |= {"rivals": list(rivals)}
    return Case(promised(), (), host(), seen, {})


def _gone() -> dict[str, Any]:
    """What is seen of a site that was never put on the host."""
    seen = here()
    seen["identity"] |= {"secrets": "missing", "recorded": False}
    seen["sockets"] |= {"web": "there is no such socket"}
    for role in ("conf", "code", "documents"):
        seen["files"][role] |= {"there": False, "kind": "", "problem": "No such file or directory"}
    return seen


def _found(*rivals: dict[str, Any]) -> list[Finding]:
    return doctor_verdicts.diagnose(_case(*rivals))


def test_another_vhost_that_is_read_first() -> None:
    (found,) = _found(_rival(), _rival(file="/etc/nginx/conf.d/z.conf", wins=False))
    assert (found.id, found.confidence) == ("name-taken", CERTAIN)
    assert found.evidence == (f"norte.example.org is in {SHOP}",)
    assert found.mend == f"take the name out of {SHOP}, or that file away, and reload the web server"
    assert not doctor_verdicts.inside(_case(_rival()), 5).ok


def test_a_site_that_was_renamed() -> None:
    (found,) = _found(_rival(file=CENTRO, site="centro"))
    assert found.evidence == (
        f"norte.example.org is in {CENTRO}, the vhost of the site 'centro', which is on the host and not in the "
        "inventory",
    )
    assert found.mend == (
        f"was that site renamed? Then name it 'centro' in the inventory as before; else rm {CENTRO} and reload the web "
        "server"
    )


def test_a_site_that_was_renamed_and_is_not_there_under_its_new_name() -> None:
    absent, taken = doctor_verdicts.diagnose(_case(_rival(file=CENTRO, site="centro"), seen=_gone()))
    place = "/srv/miclinik/norte and /etc/miclinik/norte"
    assert (absent.id, absent.evidence) == ("not-there", (f"there is nothing in {place}",))
    assert taken.id == "name-taken"


@pytest.mark.parametrize("what", ["recorded", "secrets", "conf", "code", "documents"])
def test_a_site_of_which_something_is_there_has_lost_the_rest(what: str) -> None:
    seen = _gone()
    if what == "recorded":
        seen["identity"]["recorded"] = True
    elif what == "secrets":
        seen["identity"]["secrets"] = "whole"
    else:
        seen["files"][what]["there"] = True
    assert "not-there" not in [found.id for found in doctor_verdicts.diagnose(_case(seen=seen))]


def test_names_that_the_next_run_exchanges() -> None:
    (found,) = _found(_rival(file=CENTRO, site="centro", known=True))
    assert found.evidence == (f"norte.example.org is in {CENTRO}, the vhost of the site 'centro'",)
    assert found.mend == "run playbooks/site.yml, which writes the vhosts of both sites anew"


def test_another_vhost_that_is_read_later_is_no_fault_yet() -> None:
    (found,) = _found(_rival(wins=False))
    assert (found.id, found.confidence) == ("name-shared", POSSIBLE)
    assert doctor_verdicts.inside(_case(_rival(wins=False)), 5).ok


@pytest.mark.parametrize(("file", "wins"), [("aaa-shop", True), ("zzz-shop", False)])
def test_the_probe_asks_the_servers_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, *, wins: bool
) -> None:
    _shaped(monkeypatch)
    for name, text in {"nginx.conf": NGINX, "sites-enabled/norte.conf": OURS, f"sites-enabled/{file}": THEIRS}.items():
        (tmp_path / "etc/nginx" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "etc/nginx" / name).write_text(text)
    site = promised(tls={"mode": "none"})
    assert probe.vhosts([site], "nginx", tmp_path) == {
        "norte": {
            "problems": [] if wins else [{"id": "php-location"}],
            "rivals": [_rival(file=f"/etc/nginx/sites-enabled/{file}", wins=wins)],
        }
    }


def test_the_probe_takes_the_sites_own_file_for_its_vhost_whoever_wrote_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _shaped(monkeypatch)
    (tmp_path / "etc/nginx/sites-enabled").mkdir(parents=True)
    (tmp_path / "etc/nginx/nginx.conf").write_text(NGINX)
    (tmp_path / "etc/nginx/sites-enabled/norte.conf").write_text(THEIRS)
    site = promised(tls={"mode": "none"})
    assert probe.vhosts([site], "nginx", tmp_path)["norte"] == {"problems": [{"id": "php-location"}], "rivals": []}
