# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Does what a finding says is to be done, as somebody would who does exactly that."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Finding

from .lab import Lab

_PLAYBOOK = re.compile(r"\b(?:run|see with) (?:playbooks/)?site\.yml|\brun playbooks/(?P<other>\w+)\.yml")
_ROLE = re.compile(r"\brun the roles? (?:of the )?(?P<role>web server|\w+)")
#: What comes behind the commands of a mend.
_THEN = re.compile(r"then run playbooks/site\.yml")
#: A mend by words, of which a person makes commands.
PERSON = "person"


@dataclass(frozen=True)
class Mended:
    """How it was done: `way` is commands, a playbook, or that of a person; `wrong` what was not as it was said."""

    way: str
    done: str
    wrong: str = ""


def way(finding: Finding) -> tuple[str, tuple[str, ...]]:
    """How a finding wants to be mended, and the commands or the tags of the playbook."""
    if finding.run:
        return "commands", finding.run
    if found := _PLAYBOOK.search(finding.mend):
        return ("playbook", ()) if not found["other"] or found["other"] == "site" else (PERSON, ())
    if found := _ROLE.search(finding.mend):
        return "playbook", (found["role"],)
    return PERSON, ()


def mend(lab: Lab, finding: Finding) -> Mended:
    """Do it."""
    name, words = way(finding)
    if name == PERSON:
        return Mended(PERSON, finding.mend)
    if name == "commands":
        for command in words:
            done = lab.run_inside(command)
            if done.returncode:
                said = (done.stderr or done.stdout).strip()[-200:]
                return Mended("commands", "; ".join(words), f"`{command}` ended with {done.returncode}: {said}")
        if not _THEN.search(finding.mend):
            return Mended("commands", "; ".join(words))
        words = ()
    role = {"web server": lab.web_server}.get(words[0], words[0]) if words else ""
    ran = lab.playbook("playbooks/site.yml", *(["--tags", role] if role else []))
    told = "site.yml" + (f" --tags {role}" if role else "")
    if ran.status:
        return Mended("playbook", told, f"ended with {ran.status}: {_failure(ran.text)}")
    return Mended("playbook", told, "" if ran.changed else "changed nothing")


def _failure(text: str) -> str:
    found = re.findall(r"^(?:fatal: .*|\[ERROR\]: .*)", text, re.MULTILINE)
    return " ".join(found)[:300] or text[-300:]
