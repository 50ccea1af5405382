# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie between the client and PHP: vhost, headers, addresses, names; certificates have their own file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import UNASKED
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import certificates as doctor_certificates
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import changes, services
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    CERTAIN,
    LIKELY,
    POSSIBLE,
    Case,
    Finding,
    Rule,
    quote,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import orphans

#: Files that are named; the rest comes to light when these are mended.
_SHOWN = 3
_MEND_VHOST = "run the role of the web server, which writes the vhost anew"
#: What is wrong with a vhost: the cause in plain words, and what mends it.
VHOST = {
    "no-vhost": ("The web server has no vhost for the site's domain", _MEND_VHOST),
    "broken": (
        "The web server's configuration is broken: it cannot load it",
        "correct the line that is named; " + _MEND_VHOST,
    ),
    "unreadable": ("The web server's configuration could not be read", _MEND_VHOST),
    "fallback": (
        "The vhost answers API calls with the front page",
        f"end try_files in =404, not in /index.php, and let the PHP location match ~ [^/]\\.php(/|$); or {_MEND_VHOST}",
    ),
    "php-location": (
        "The vhost's PHP location does not match /api/index.php/...",
        f"let it match ~ [^/]\\.php(/|$), and nothing else before it; or {_MEND_VHOST}",
    ),
    "try-files": (
        "try_files in the vhost's PHP location refuses every API call",
        f"test the script's own name, not $uri; or {_MEND_VHOST}",
    ),
    "path-info": (
        "The vhost does not hand the path of an API call to PHP (PATH_INFO)",
        f"fastcgi_split_path_info and fastcgi_param PATH_INFO; or {_MEND_VHOST}",
    ),
    "path-info-reset": (
        "try_files in the vhost loses the path of an API call (PATH_INFO)",
        f"keep it by `set $path_info $fastcgi_path_info;` before try_files, and send $path_info; or {_MEND_VHOST}",
    ),
}
#: Checks that fail of a vhost that is wrong for the API.
_API = ("api", "wrong-key", "login", "status", "reads", "explorer", "operations", "unknown-endpoint")
_STRIPPED = {
    "key-stripped": (
        "The header DOLAPIKEY does not arrive at the application",
        ("login", "status", "reads", "operations"),
    ),
    "bearer-stripped": ("The header Authorization does not arrive at the application", ("bearer",)),
}


#: The mend where the controller has no way to the sites.
RUN_ON_HOST = (
    "set smoke_from: host (doctor_from for the doctor), and the checks run on the host; or smoke_connect_to, where the"
    " sites can be called at another address"
)


def rivals(case: Case) -> Iterator[Finding]:
    """Another server has a name of the site: clients reach that one instead, or would if files were read otherwise."""
    found = (case.here.get("vhost") or {}).get("rivals", [])
    taken = [rival for rival in found if rival["wins"]]
    shared = [rival for rival in found if not rival["wins"]]
    if taken:
        cause = "Another vhost has a name of the site and is read first: calls get there"
        seen = (*map(_seen_rival, taken[:_SHOWN]), *quote(case.failed(), 1))
        yield Finding("name-taken", cause, seen, _mend_rival(taken[0]))
    elif shared:
        cause = "Another vhost has a name of the site as well: the site's own is read first as yet"
        seen = tuple(map(_seen_rival, shared[:_SHOWN]))
        yield Finding("name-shared", cause, seen, _mend_rival(shared[0]), POSSIBLE)


def _seen_rival(rival: Mapping[str, Any]) -> str:
    left = "" if rival["known"] else f", {orphans.LEFT}"
    whose = f", the vhost of the site '{rival['site']}'{left}" if rival["site"] else ""
    return f"{rival['name']} is in {rival['file']}{whose}"


def _mend_rival(rival: Mapping[str, Any]) -> str:
    if rival["known"]:
        return "run playbooks/site.yml, which writes the vhosts of both sites anew"
    if rival["site"]:
        return (
            f"was that site renamed? Then name it '{rival['site']}' in the inventory as before; else rm {rival['file']}"
            " and reload the web server"
        )
    return f"take the name out of {rival['file']}, or that file away, and reload the web server"


def vhost(case: Case) -> Iterator[Finding]:
    """The vhost has one of the shapes that are known to break the API: named only when the API is broken."""
    shape = case.here.get("vhost")
    if not shape or services.absent(case.unit("web")):
        return
    for problem in shape["problems"]:
        name = problem["id"]
        failed = case.failed("web", "not-found", *_API) or case.shown("connect", "closed", "tls")
        if name in VHOST and failed:
            cause, mend = VHOST[name]
            # One that runs goes on with what it has loaded before.
            sure = POSSIBLE if name == "broken" and case.unit("web").get("active") else CERTAIN
            yield Finding(f"vhost-{name}", cause, (problem["detail"], *quote(failed, 1)), mend, sure)


def fallback(case: Case) -> Iterator[Finding]:
    """What does not exist is answered with the front page, whatever the API's own location does."""
    shape = case.here.get("vhost") or {"problems": []}
    failed = case.failed("not-found")
    if failed and case.shown("fallback", "not-found-answered") and not case.failed("web"):
        named = any(problem["id"] == "fallback" for problem in shape["problems"])
        if not named:
            cause, mend = VHOST["fallback"]
            cause = "The vhost answers with the front page what it does not find"
            yield Finding("vhost-fallback", cause, quote(failed), mend, LIKELY)


def headers(case: Case) -> Iterator[Finding]:
    """A header of the caller's is taken away, here or on the way."""
    shape = case.here.get("vhost") or {"problems": []}
    here = {problem["id"]: problem["detail"] for problem in shape["problems"]}
    for name, (cause, checks) in _STRIPPED.items():
        failed = case.failed(*checks)
        if name in here and failed:
            mend = f"take that directive out; or {_MEND_VHOST}"
            yield Finding(name, cause, (here[name], *quote(failed, 1)), mend)
    refused = case.shown("key-unseen")
    if not refused or "key-stripped" in here:
        return
    if case.here.get("loopback", "").startswith("200"):
        yield Finding(
            "key-stripped",
            "The header DOLAPIKEY is lost between the client and this host",
            ("the same call with the same key succeeds on the host itself", *quote(refused, 1)),
            "let the proxy in front pass the header DOLAPIKEY on",
            LIKELY,
        )
    else:
        mend = "look for what takes it away: RequestHeader unset, fastcgi_param, fastcgi_pass_request_headers, a proxy"
        yield Finding("key-stripped", _STRIPPED["key-stripped"][0], tuple(quote(refused, 1)), mend, LIKELY)


def addresses(case: Case) -> Iterator[Finding]:
    """The caller's address is not among those that may use the API."""
    rule = case.constant("API_RESTRICT_ON_IP")
    if rule and rule != case.site["address_rule"]:
        yield Finding(
            "address-rule",
            "The application lets only some addresses use the API (API_RESTRICT_ON_IP)",
            (f"API_RESTRICT_ON_IP = {rule}", *quote(case.shown("address"), 1)),
            f"unset API_RESTRICT_ON_IP (miclinikctl {case.site['name']} constant unset API_RESTRICT_ON_IP); use"
            " api.allowed_ips",
        )
    elif case.shown("address"):
        seen = (f"API_RESTRICT_ON_IP = {rule}", *quote(case.shown("address"), 1))
        mend = "add the caller's address, or leave it to the web server (api.allowed_ips)"
        yield Finding("address-rule", "The caller's address may not use the API (API_RESTRICT_ON_IP)", seen, mend)
    allowed = (case.here.get("vhost") or {}).get("allow", [])
    if allowed and case.shown("forbidden"):
        mend = "add the controller's address to api.allowed_ips of the site and run the role of the web server"
        if foreign := [address for address in allowed if address not in case.site["allowed_ips"]]:
            mend = (
                f"run the role of the web server, which takes {', '.join(foreign)} out of the vhost: api.allowed_ips"
                " does not name it"
            )
        changed = [changes.evidence(entry) for entry in changes.concerns(case) if changes.layer(entry) == "web"]
        yield Finding(
            "address-refused",
            "The web server refuses the caller's address",
            (f"only {', '.join(allowed)} may call the API", *changed[:1], *quote(case.shown("forbidden"), 1)),
            mend,
        )


def names(case: Case) -> Iterator[Finding]:
    """The domain leads somewhere else: on the controller by DNS or /etc/hosts, or on the host by /etc/hosts."""
    if not case.here or case.site["proxied"]:
        return
    own = {*case.host.get("addresses", []), "127.0.0.1", "127.0.1.1", "::1"}
    domain = case.site["domain"]
    outside = [address for address in case.controller.get("resolved", []) if address not in own]
    if case.controller.get("by_name") and case.failed("tls", "web"):
        if outside:
            seen = f"{domain} is {', '.join(outside)} for the controller; this host is {', '.join(sorted(own))}"
            mend = f"correct the DNS record of {domain}, or the controller's /etc/hosts"
            yield Finding("name-wrong", "The domain leads to another host", (seen, *quote(case.failed(), 1)), mend)
        elif not case.controller.get("resolved"):
            mend = f"make a DNS record for {domain}, or set smoke_connect_to"
            yield Finding("name-unknown", "Nobody knows the domain", (f"{domain} has no address",), mend)
    strange = [address for address in case.here.get("hosts_file", []) if address not in own]
    if strange:
        seen = f"/etc/hosts on the host says that {domain} is {', '.join(strange)}"
        mend = f"remove the line of {domain} from /etc/hosts on the host"
        yield Finding("hosts-file", "On the host itself the domain leads elsewhere", (seen,), mend)


def unreachable(case: Case) -> Iterator[Finding]:
    """Everything runs, and nothing arrives."""
    failed = case.shown("connect", "timeout")
    unit = case.unit("web")
    if (
        failed
        and not case.controller.get("by_name")
        and unit
        and unit["active"]
        and case.here.get("loopback", "").startswith("200")
    ):
        way = case.controller.get("other_way")
        if way:
            seen = (f"Ansible reaches the host {way}", *quote(failed, 1))
            yield Finding(
                "behind-jump", "The controller cannot call the host's sites straight", seen, RUN_ON_HOST, LIKELY
            )
            return
        yield Finding(
            "firewall",
            "The site answers on the host itself and not over the network",
            quote(failed, 1),
            "look at firewalls between the controller and the host, and at smoke_connect_to; or set smoke_from: host",
            POSSIBLE,
        )


def busy(case: Case) -> Iterator[Finding]:
    """Every check was answered, and so slowly that there was no time for all."""
    late = [entry for entry in case.results if entry.symptom == UNASKED]
    if late and not case.failed():
        asked = [entry for entry in case.results if entry.ok]
        took = sum(entry.ms for entry in asked) / 1000
        seen = (
            f"{len(asked)} checks took {took:.1f} s, so that {', '.join(entry.check for entry in late)} had none left"
        )
        mend = (
            "see what it is busy with (uptime, top, SHOW PROCESSLIST), and ask again; playbooks/smoke.yml waits longer"
        )
        yield Finding("host-busy", "The site works, and so slowly that not all could be asked", (seen,), mend, LIKELY)


def banned(case: Case) -> Iterator[Finding]:
    """fail2ban keeps out whoever runs the checks, or somebody at least."""
    failed, unit = case.shown("connect", "timeout"), case.unit("web")
    known: Mapping[str, Any] = case.host.get("bans") or {}
    told = known.get("banned", {})
    if not (failed and told and unit and unit["active"] and case.here.get("loopback", "").startswith("200")):
        return
    ours = [address for address in known["visitors"] if address in told]
    why = "see its journal (journalctl -u fail2ban) for what it took for an attack"
    if ours:
        cause = f"fail2ban has banned the address from which this host is looked after: {ours[0]}"
        again = f"fail2ban-client unban {ours[0]}"
        shown = (f"jail {told[ours[0]]} holds {ours[0]}, from which somebody is here by SSH", *quote(failed, 1))
        yield Finding("caller-banned", cause, shown, f"{again}; {why}", run=(again,))
        return
    some = ", ".join(f"{address} ({jail})" for address, jail in list(told.items())[:_SHOWN])
    cause = "fail2ban has banned addresses, and perhaps that from which the checks come"
    seen = (f"{len(told)} are banned: {some}", *quote(failed, 1))
    yield Finding("caller-banned", cause, seen, f"is it among them, fail2ban-client unban ADDRESS; {why}", POSSIBLE)


def closed(case: Case) -> Iterator[Finding]:
    """Somebody takes the connection and gives no answer, though the vhost is as it should be."""
    failed = case.shown("closed")
    if failed and not (case.here.get("vhost") or {"problems": []})["problems"]:
        yield Finding(
            "connection-closed",
            "Connections are taken, and closed without an answer",
            quote(failed, 1),
            "look for `return 444`, rules for addresses or callers in the web server's configuration, see its error"
            " log, and what stands between the controller and the host",
            POSSIBLE,
        )


RULES: tuple[Rule, ...] = (
    rivals,
    doctor_certificates.certificate,
    names,
    vhost,
    fallback,
    headers,
    addresses,
    banned,
    unreachable,
    busy,
    closed,
)
