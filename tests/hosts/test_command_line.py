# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a person does with a site on its host: looks, on a terminal and in a pipe, and is in the journal."""

from __future__ import annotations

import json

from testinfra.host import Host

from .conftest import HostedSite

#: Of modules that each scenario has on.
_ENDPOINTS = ("/status", "/products?limit=1", "/thirdparties?limit=1")


def _terminal(host: Host, words: str) -> str:
    """Return what a person sees; `script` is the terminal."""
    seen: str = host.run(
        f"cd /tmp && NO_COLOR=1 script -qec 'stty cols 150; miclinikctl {words}' /dev/null </dev/null"
    ).stdout
    return seen


def test_tables_for_people_and_json_for_programs(host: Host, site: HostedSite) -> None:
    piped = host.run(f"cd /tmp && miclinikctl {site.name} module list")
    assert (piped.rc, piped.stdout.count("\n")) == (0, 1)
    modules = json.loads(piped.stdout)["enabled"]
    seen = [line.split() for line in _terminal(host, f"{site.name} module list").splitlines()]
    assert [line[0] for line in seen[1:]] == modules


def test_what_is_there(host: Host, site: HostedSite) -> None:
    version = json.loads(host.run(f"miclinikctl {site.name} status").stdout)["version"]
    assert version in _terminal(host, f"{site.name} status")
    found = host.run(f"miclinikctl {site.name} urls --json").stdout
    secrets = json.loads(host.file(f"{site.state}/secrets.json").content_string)
    assert f"{site.state}/secrets.json" in found
    assert not [user["key"] for user in secrets.get("users", {}).values() if user.get("key", "-") in found]


def test_a_change_is_foreseen_made_and_noted(host: Host, site: HostedSite) -> None:
    name = "MICLINIK_TEST_OF_THE_COMMAND_LINE"
    words = f"miclinikctl {site.name} const set {name} 1"
    assert [host.run(one).rc for one in (f"{words} --check", words, f"{words} --check")] == [3, 0, 0]
    host.run_expect([0], f"miclinikctl {site.name} const unset {name}")
    noted = host.run("journalctl -t miclinikctl -n 5 -o cat").stdout
    assert f"{site.name}: const set {name}: changed: {name}: - -> 1 (by " in noted


def test_an_export_says_what_has_changed_and_brings_it_back(host: Host, site: HostedSite) -> None:
    """`diff` and `apply` with the site's own export: what it is now differs in nothing."""
    # Constants that begin with MICLINIK_ are ours, and no part of an export.
    name = "TEST_OF_THE_EXPORT"
    file = host.check_output("mktemp /root/export-XXXXXX.yml")
    call = f"miclinikctl {site.name}"
    try:
        host.run_expect([0], f"{call} const set {name} 1 && {call} export > {file}")
        host.run_expect([0], f"{call} diff {file}")
        host.run_expect([0], f"{call} const set {name} 2")
        found = host.run(f"{call} diff {file}")
        assert (found.rc, json.loads(found.stdout)["would"]) == (3, [f"constant {name} is '2', and would be '1'"])
        applied = host.run(f"{call} apply {file}")
        assert (applied.rc, json.loads(applied.stdout)["changed"]) == (0, True), applied.stderr
        assert json.loads(host.check_output(f"{call} const get {name}"))["value"] == "1"
        again = host.run(f"{call} apply {file}")
        assert (again.rc, json.loads(again.stdout)["changed"]) == (0, False), again.stderr
        # Nothing secret is in it, and it is as it was to the byte.
        assert host.run(f"{call} export | cmp - {file}").rc == 0
        secrets = json.loads(host.file(f"{site.state}/secrets.json").content_string)
        exported = host.file(file).content_string
        assert not [user for user in secrets.get("users", {}).values() if user.get("key", "-") in exported]
    finally:
        host.run(f"rm -f {file}; {call} const unset {name}")


def test_the_api_knows_its_endpoints_after_a_module_was_switched(host: Host, site: HostedSite) -> None:
    """The application drops its table of routes then, and would know the endpoint alone that is called first."""
    call = f"miclinikctl {site.name}"
    if not host.file(f"{site.state}/web.json").exists:
        assert host.run(f"{call} api call GET /status").rc == 1, "its API is off"
        return
    before = [host.run(f"{call} api call GET {path}").rc for path in _ENDPOINTS]
    on = "stock" in json.loads(host.check_output(f"{call} module list"))["enabled"]
    for verb in ("disable", "enable") if on else ("enable", "disable"):
        done = host.run(f"{call} module {verb} stock")
        assert (done.rc, done.stderr, json.loads(done.stdout)["changed"]) == (0, "", True), verb
        assert [host.run(f"{call} api call GET {path}").rc for path in _ENDPOINTS] == before, verb


def test_what_is_not_there_is_a_failure(host: Host, site: HostedSite) -> None:
    """Alike on a terminal and in a pipe."""
    for words in ("user show nobody", "key show nobody", "const get NOPE_NOT_SET", "key rotate nobody --check"):
        said = host.run(f"miclinikctl {site.name} {words}")
        assert (said.rc, bool(said.stderr)) == (1, True), words
        seen = host.run(f"script -qec 'miclinikctl {site.name} {words}' /dev/null </dev/null")
        assert (seen.rc, "nobody" in seen.stdout or "NOPE" in seen.stdout) == (1, True), words


def test_a_right_that_would_stay_is_not_taken_away(host: Host, site: HostedSite) -> None:
    """What brings it along is named, and both go together."""
    call, login = f"miclinikctl {site.name}", "of-the-command-line"
    try:
        host.run_expect([0], f"{call} user create {login} --right produit.creer")
        said = host.run(f"{call} right revoke {login} produit.lire")
        assert (said.rc, "which goes with produit.creer" in said.stderr) == (1, True)
        assert "own, with produit.creer" in host.check_output(f"{call} right list {login} --table | grep produit.lire")
        host.run_expect([0], f"{call} right revoke {login} produit.lire produit.creer")
        assert json.loads(host.check_output(f"{call} right list {login}"))["held"] == {}
        host.run_expect([0], f"{call} user disable {login}")
        said = host.run(f"{call} key rotate {login}")
        assert (said.rc, f"user enable {login}" in said.stderr) == (1, True)
    finally:
        host.run(f"miclinik-bridge --site {site.name} user remove {login}")


def test_a_call_that_is_refused_says_why(host: Host, site: HostedSite) -> None:
    """The module that would have the endpoint is named; the log of calls has it among those that failed."""
    call = f"miclinikctl {site.name}"
    if not host.file(f"{site.state}/web.json").exists:
        return
    on = set(json.loads(host.check_output(f"{call} module list"))["enabled"])
    path = next(one for one, module in (("proposals", "propale"), ("tickets", "ticket")) if module not in on)
    said = host.run(f"{call} api call GET /{path}")
    assert (said.rc, "which is off: miclinikctl" in said.stderr or "no module" in said.stderr) == (1, True), said.stderr
    assert f"/{path}" in host.check_output(f"{call} logs api --failed --since 5m")


def test_wrong_usage(host: Host, site: HostedSite) -> None:
    said = host.run(f"miclinikctl {site.name} modul list")
    assert (said.rc, "Did you mean module?" in said.stderr) == (2, True)


def test_shells_complete(host: Host, site: HostedSite) -> None:
    asked = "COMP_WORDS=(miclinikctl {}); COMP_CWORD=2; _miclinikctl; echo ${{COMPREPLY[@]}}".format(f"{site.name} mod")
    file = "/usr/local/share/bash-completion/completions/miclinikctl"
    assert host.check_output("bash -c %s", f". {file}; {asked}") == "module"
    assert host.run("man -w miclinikctl || test -f /usr/local/share/man/man8/miclinikctl.8").rc == 0
