# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sessions that several hosts share, in PHP (templates/php/sessions.php), with a store that the test plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import ROOT

FILE = ROOT / "templates/php/sessions.php"
#: In place of phpredis: answers, and what a store does that is away.
PLAYED = """<?php
class RedisException extends Exception {}
class Played {
    public function open($path, $name) { say("open $path"); return true; }
    public function close() { say('close'); return true; }
    public function read($id) { return next_one("read $id"); }
    public function write($id, $data) { return next_one("write $id"); }
    public function destroy($id) { return next_one("destroy $id"); }
}
function say($words) { global $said; $said[] = $words; }
function next_one($words) {
    global $answers;
    say($words);
    $answer = array_shift($answers);
    if ($answer === 'throws') {
        throw new RedisException('read error on connection');
    }
    return $answer;
}
"""
ASK = """<?php
[, $played, $source, $what, $given] = $argv;
require $played;
// The class alone: what follows it changes PHP's own handler.
$class = substr(strstr(file_get_contents($source), '(static function (): void {', true), 5);
eval(str_replace('extends SessionHandler', 'extends Played', $class));
$said = [];
$answers = json_decode($given, true);
ini_set('error_log', '/dev/null');
$answer = (new MiclinikSessions('the address'))->$what('id', 'data');
print json_encode(['answer' => $answer, 'said' => $said]);
"""


def _ask(folder: Path, what: str, *answers: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever a handler may answer)
    for name, text in (("played.php", PLAYED), ("ask.php", ASK)):
        (folder / name).write_text(text)
    words: list[str | Path] = ["php", "-n", folder / "ask.php", folder / "played.php", FILE, what, json.dumps(answers)]
    told: dict[str, Any] = json.loads(programs.accept(words))
    return told


@pytest.mark.parametrize(
    ("what", "answers", "answer"),
    [
        ("validateId", ["x|s:1"], True),
        ("validateId", [""], False),
        # While another copy takes over.
        ("validateId", [False, "throws", "x|s:1"], True),
        ("read", [False, ""], ""),
        ("write", [True], True),
        ("write", ["throws"], False),
        ("updateTimestamp", [True], True),
        ("destroy", ["throws"], False),
    ],
)
def test_answers(tmp_path: Path, what: str, answers: list[Any], answer: object) -> None:
    told = _ask(tmp_path, what, *answers)
    assert told["answer"] == answer
    assert [words for words in told["said"] if words.startswith("open")] == ["open the address"] * (
        len(answers) - 1 + (what == "validateId" and not answer)
    )


def test_the_address_is_in_no_setting() -> None:
    text = FILE.read_text(encoding="utf-8")
    assert "save_path'" not in text
    assert text.rstrip().endswith("require __DIR__ . '/signed_in.php';")
