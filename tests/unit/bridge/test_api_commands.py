# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What `miclinikctl SITE api spec` says, and where it puts it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import api_commands, key_proof

KEY = "key-of-shop-0123456789"
SWAGGER = {"swagger": "2.0", "paths": {"/things": {"get": {"operationId": "listThings"}}}}
STATUS = {"success": {"dolibarr_version": "22.0.4"}}
Answers = dict[str, tuple[int, object]]


@pytest.fixture
def states(tmp_path: Path) -> Path:
    folder = tmp_path / "norte"
    folder.mkdir()
    api = {"host": "norte.example.org", "port": 80, "tls": False, "prefix": ""}
    (folder / "web.json").write_text(json.dumps({"web": {"api": api}, "users": ["shop", "lab"]}))
    (folder / "site.json").write_text(json.dumps({"base_url": "http://norte.example.org"}))
    (folder / "secrets.json").write_text(json.dumps({"users": {"shop": {"key": KEY}, "lab": {}}}))
    return tmp_path


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answers], None]:
    """Have the site answer this; with another key it knows nobody."""

    def answers(given: Answers) -> None:
        def get(_: key_proof.Api, path: str, key: str) -> tuple[int, bytes]:
            status, content = given[path] if key == KEY else (401, "")
            return status, content if isinstance(content, bytes) else json.dumps(content).encode()

        monkeypatch.setattr(key_proof.Api, "get", get)

    return answers


HEALTHY: Answers = {"/explorer/swagger.json": (200, SWAGGER), "/status": (200, STATUS)}


def test_it_is_printed(states: Path, site: Callable[[Answers], None], capsys: pytest.CaptureFixture[str]) -> None:
    site(HEALTHY)
    assert api_commands.main(["norte", "spec"], states) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["info"]["version"], err) == ("22.0.4", "")
    assert json.loads(out)["servers"] == [{"url": "http://norte.example.org/api/index.php"}]


def test_a_key_that_is_taken_is_found(
    states: Path, site: Callable[[Answers], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The first one's user may be disabled."""
    site(HEALTHY)
    told = {"shop": {"key": "dead-key-of-shop-0123"}, "lab": {"key": KEY}}
    (states / "norte/secrets.json").write_text(json.dumps({"users": told}))
    assert api_commands.main(["norte", "spec"], states) == 0
    assert json.loads(capsys.readouterr().out)["openapi"] == "3.0.3"
    assert api_commands.main(["norte", "spec", "--user", "shop"], states) == 1
    site(HEALTHY | {"/status": (401, b"{}")})
    assert api_commands.main(["norte", "spec"], states) == 1
    assert "is not given" in capsys.readouterr().err


def test_it_is_written(states: Path, site: Callable[[Answers], None], capsys: pytest.CaptureFixture[str]) -> None:
    site(HEALTHY)
    file = states / "api.json"
    assert api_commands.main(["norte", "spec", "--out", str(file)], states) == 0
    assert json.loads(file.read_text())["openapi"] == "3.0.3"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "answers", "told"),
    [
        ([], HEALTHY | {"/explorer/swagger.json": (200, b"The API explorer has been disabled")}, "Is the explorer on"),
        ([], HEALTHY | {"/explorer/swagger.json": (503, b"{}")}, "is not given: status 503"),
        ([], HEALTHY | {"/explorer/swagger.json": (200, {"paths": []})}, "is no Swagger 2.0 document"),
        ([], HEALTHY | {"/status": (401, b"{}")}, "is not given"),
        ([], HEALTHY | {"/status": (200, [])}, "/status does not take the key"),
        (["--user", "lab"], HEALTHY, "No key of lab is on record: name one of shop, lab."),
        (["--user", "nobody"], HEALTHY, "No key of nobody is on record"),
        (["--out", "/nowhere/at/all"], HEALTHY, "/nowhere/at"),
    ],
)
def test_what_is_wrong_is_said(
    states: Path,
    site: Callable[[Answers], None],
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    answers: Answers,
    told: str,
) -> None:
    site(answers)
    assert api_commands.main(["norte", "spec", *words], states) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert KEY not in err


def test_a_site_without_an_api(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert api_commands.main(["sur", "spec"], tmp_path) == 1
    assert "is the API on (api.enabled)" in capsys.readouterr().err
