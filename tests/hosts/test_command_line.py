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


def test_wrong_usage(host: Host, site: HostedSite) -> None:
    said = host.run(f"miclinikctl {site.name} modul list")
    assert (said.rc, "Did you mean module?" in said.stderr) == (2, True)


def test_shells_complete(host: Host, site: HostedSite) -> None:
    asked = "COMP_WORDS=(miclinikctl {}); COMP_CWORD=2; _miclinikctl; echo ${{COMPREPLY[@]}}".format(f"{site.name} mod")
    file = "/usr/local/share/bash-completion/completions/miclinikctl"
    assert host.check_output("bash -c %s", f". {file}; {asked}") == "module"
    assert host.run("man -w miclinikctl || test -f /usr/local/share/man/man8/miclinikctl.8").rc == 0
