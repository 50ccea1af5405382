# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What brings a constant back to what it was, and names that no code reads."""

from __future__ import annotations

import json
import shlex

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import way_back

from .fake_host import FakeHost

LIMIT = "MAIN_SIZE_LISTE_LIMIT"


@pytest.mark.parametrize(
    ("former", "everywhere", "words"),
    [
        ({"0": None, "1": None}, True, [f"unset {LIMIT}"]),
        ({"0": None}, True, [f"unset --entity 0 {LIMIT}"]),
        ({"1": None}, False, [f"unset --entity 1 {LIMIT}"]),
        ({"1": "20", "0": None}, True, [f"unset --entity 0 {LIMIT}", f"set --entity 1 {LIMIT} 20"]),
        ({"0": "a 'b'"}, True, [f"set --entity 0 {LIMIT} 'a '\"'\"'b'\"'\"''"]),
        ({"1": "-5"}, True, [f"set --entity 1 -- {LIMIT} -5"]),
        ({"1": "--x y"}, True, [f"set --entity 1 -- {LIMIT} '--x y'"]),
        ({}, True, []),
    ],
)
def test_the_way_back(former: dict[str, str | None], everywhere: bool, words: list[str]) -> None:
    assert way_back.commands("norte", LIMIT, former, everywhere=everywhere) == [
        f"miclinikctl norte const {one}" for one in words
    ]


def test_a_secret_is_not_shown() -> None:
    assert "which is secret, is shown nowhere" in way_back.commands("n", "A_KEY", {"0": "********"}, everywhere=True)[0]


@pytest.mark.parametrize("value", ["-5", "--x y", "a 'b'", "20", "ñ\n*"])
def test_the_way_back_can_be_typed(host: FakeHost, value: str) -> None:
    (line,) = way_back.commands("norte", LIMIT, {"1": value}, everywhere=True)
    assert host.piped(*shlex.split(line)[1:]).code == 0
    assert host.asked()[-1] == f"--site norte --stdin constant set {LIMIT} --entity 1"
    assert host.given() == [{"value": value}]


def _set(host: FakeHost, former: dict[str, str | None]) -> None:
    answer = json.loads((host.folder / "answers/constant_set").read_text())
    host.answer("constant set", answer | {"former": former})


def test_it_is_said_to_people(host: FakeHost) -> None:
    _set(host, {"1": "20"})
    ended = host.terminal("norte", "const", "set", "MY_LIMIT", "50")
    assert (ended.code, "the way back: miclinikctl norte const set --entity 1 MY_LIMIT 20\n" in ended.out) == (0, True)
    assert "the way back" not in host.terminal("norte", "const", "set", "MY_LIMIT", "50", "--check").out
    ended = host.piped("norte", "const", "set", "MY_LIMIT", "50")
    assert (ended.code, ended.data["former"], ended.err) == (0, {"1": "20"}, "")


@pytest.mark.parametrize("way", ["terminal", "piped"])
def test_a_name_that_nothing_reads(host: FakeHost, way: str) -> None:
    release = host.folder / "srv/miclinik/norte/releases/22"
    (release / "custom").mkdir(parents=True)
    code = f"<?php if (getDolGlobalInt('{LIMIT}') && $conf->global->MAIN_MAIL_SMTP_SERVER) {{}}"
    (release / "main.php").write_text(code)
    (release / "custom/own.php").write_text('<?php $x = "CITAS_DURATION";')
    (release.parents[1] / "current").symlink_to(release)
    _set(host, {"0": None, "1": None})
    for name, said in (
        (LIMIT, ""),
        ("CITAS_DURATION", ""),
        ("MAIN_MAIL_SMTP_SERVER", ""),
        ("MAIN_SIZE_LIST_LIMIT", f"reads a constant MAIN_SIZE_LIST_LIMIT. Did you mean {LIMIT}"),
        ("main_size_liste_limit", f"Did you mean {LIMIT}"),
    ):
        for check in ([], ["--check"]):
            ended = getattr(host, way)("norte", "const", "set", name, "50", *check)
            seen = ended.out + ended.err
            # Warned, and done: a module of somebody's own may read it all the same.
            assert (ended.code, said in seen, "Nothing in the code" in seen) == (3 if check else 0, True, bool(said))
    # Asked once for each release.
    (release / "main.php").write_text("<?php")
    assert LIMIT in way_back.names(host.host, "norte")
    _set(host, {"1": "20"})
    assert "Nothing in the code" not in host.piped("norte", "const", "set", "MAIN_SIZE_LIST_LIMIT", "50").err


def test_a_site_whose_code_is_not_there(host: FakeHost) -> None:
    assert way_back.names(host.host, "norte") == []
