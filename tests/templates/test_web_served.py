# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vhosts at work: Nginx or Apache, and PHP-FPM, configured by the templates, and what comes through to PHP.

Both servers are held to the same checks; where an answer is worded otherwise, ``SERVERS`` says how.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import vhost
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes

from . import serving
from .rendering import HOST_TOKEN, entry, render
from .serving import Answer

PORT = 80
#: The number of a session of somebody who has logged in.
SESSION = "go1nhi6ovi6ivjpt0feqngo37j"


@dataclass(frozen=True)
class Server:
    """In what a server's answers differ from the other's."""

    name: str
    header: str
    not_found: str
    # What PHP is told for the folder of the release.
    release: str
    # In front of the path of a redirect inside a site.
    origin: str
    # Where there is no room for a call of somebody unknown.
    busy: int
    # For a body that is too long, of whose length nothing was known before.
    too_long: int


SERVERS = [
    Server("nginx", "nginx", "<h1>404 Not Found</h1>", "releases/22.0.4", "", 429, 413),
    Server("apache", "Apache", "<h1>Not Found</h1>", "current", "http://{}.example.org", 503, 400),
]
SITES = [
    entry("norte"),
    entry("sub", base_path="/erp"),
    entry("off", api={"enabled": False}),
    entry("closed", api={"allowed_ips": ["192.0.2.7", "127.0.0.3"]}),
    entry("group", modules=["societe", "MultiCompany"]),
    entry("shared", modules=["Dav"]),
    entry("proxied", proxy={"trusted": ["127.0.0.9"], "tls": True, "port": 8443}, aliases=["old.example.org"]),
    entry("script", domain="Clínica-Norte.es", aliases=["2001:DB8::77", "straße.example.org"]),
    entry("numbers", domain="2001:db8:0::5"),
    entry(
        "moved",
        base_path="/erp/new",
        aliases=["www.moved.example.org"],
        former=[
            {"domain": "left.example.org", "base_path": "/"},
            {"domain": "left.example.org", "base_path": "/a"},
            {"domain": "moved.example.org", "base_path": "/erp"},
        ],
    ),
    entry(
        "back",
        former=[
            {"domain": "back.example.org", "base_path": "/erp"},
            {"domain": "back.example.net", "base_path": "/erp"},
        ],
    ),
    entry("few", api={"limits": {"per_key": {"rate": 1, "burst": 3, "connections": 2}}}),
]
ECHO = """<?php
header('Content-Type: application/json');
if (isset($_GET['wait'])) { usleep(200000 * (int) $_GET['wait']); }
if (isset($_GET['full'])) { http_response_code(503); }
$names = ['SCRIPT_NAME', 'PATH_INFO', 'PHP_SELF', 'SCRIPT_FILENAME', 'DOCUMENT_ROOT', 'REQUEST_URI', 'QUERY_STRING',
    'REMOTE_ADDR', 'HTTPS', 'REQUEST_METHOD', 'HTTP_X_FORWARDED_FOR', 'HTTP_CLIENT_IP', 'HTTP_CF_CONNECTING_IP',
    'HTTP_X_REAL_IP', 'HTTP_FORWARDED', 'HTTP_PROXY', 'HTTP_DOLAPIKEY', 'HTTP_AUTHORIZATION', 'HTTP_DOLAPIENTITY',
    'HTTP_X_MICLINIK_TOKEN'];
$seen = [];
foreach ($names as $name) { if (isset($_SERVER[$name])) { $seen[$name] = $_SERVER[$name]; } }
$seen['pool'] = ini_get('syslog.ident');
$seen['body'] = strlen(file_get_contents('php://input'));
echo json_encode($seen);
"""
#: What the application may send itself.
HEADERS = """<?php
header("Content-Security-Policy: default-src 'self'");
header('X-Powered-By: Luracast Restler v3.1.0');
header('X-Frame-Options: SAMEORIGIN');
header('X-Content-Type-Options: nosniff');
header('Referrer-Policy: same-origin');
header('Permissions-Policy: camera=()');
"""
FILES = {
    "index.php": ECHO,
    "core/headers.php": HEADERS,
    "core/failed.php": "<?php header('X-Miclinik-Failed: password'); http_response_code((int) $_GET['status']);",
    "api/index.php": ECHO,
    "admin/index.php": ECHO,
    "admin/tool.php": ECHO,
    "public/nothing/hours.txt": "text",
    "public/nothing/readme.txt": "text",
    "theme/eldy/style.css": "css",
    "theme/eldy/long.css": "/* longer than a packet */\n" * 200,
    "theme/eldy/style.css.php": ECHO,
    "theme/img/logo.png": "png",
    "includes/js/jquery.js": "js",
    "includes/lib/tool.php": ECHO,
    "vendor/lib/tool.php": ECHO,
    "install/index.php": ECHO,
    "install/mysql/tables/llx_user.sql": "sql",
    "install/filelist-22.0.4.xml": "xml",
    "conf/conf.php": ECHO,
    "conf/conf.php.example": "example",
    "documents/invoice.pdf": "pdf",
    "langs/es_ES/main.lang": "lang",
    "scripts/cron.php": ECHO,
    ".git/config": "git",
    ".htaccess": "x",
    "core/.env": "x",
    "README.md": "md",
    "composer.json": "json",
    "package-lock.json": "json",
    "includes/lib/LICENSE.txt": "txt",
    "core/tpl/x.tpl.php": ECHO,
    "install.lock": "lock",
}


#: Of every folder and every kind in the table there is a file to hand out.
FILES |= {f"{folder}/tool.php": ECHO for folder in (*vhost.DENIED, *(f"{name}/lib" for name in vhost.INCLUDED))}
FILES |= {f"{folder}/style.css": "css" for folder in vhost.DENIED}
FILES |= {f"core/{note}.txt": "note" for note in vhost.NOTES}
KINDS = sorted({kind.replace("?", "") for kind in vhost.STATIC} | {re.sub(r"\w\?", "", kind) for kind in vhost.STATIC})
FILES |= {f"kinds/file.{kind}": "kind" for kind in KINDS}
#: Names of notes that are in other names.
FILES |= {f"kinds/my{note}.txt": "kind" for note in vhost.NOTES}


@pytest.fixture(params=[("norte", ""), ("sub", "/erp")], ids=["at the root", "under a path"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Return a site and its base path."""
    site, prefix = request.param
    return site, prefix


@dataclass(frozen=True)
class Web:
    """The running web server: the folder that stands for its host, and how to ask it."""

    server: Server
    root: Path
    logs: Path
    port: int

    def ask(self, site: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:  # noqa: ANN401
        """Ask ``site`` for ``path``; ``more`` goes to ``serving.ask``."""
        return serving.ask(self.port, f"{site}.example.org", path, headers, **more)


@contextlib.contextmanager
def serve(
    server: Server,
    sites: Sequence[dict[str, Any]] = SITES,
    files: Mapping[str, str] = FILES,
    *,
    php: bool = True,
    lacking: Sequence[str] = (),
) -> Iterator[Web]:
    with serving.short_folder() as root:
        for site in sites:
            release = root / "srv/miclinik" / site["name"] / "releases" / "22.0.4"
            for name, content in files.items():
                path = release / "htdocs" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(content)
            (release.parents[1] / "current").symlink_to("releases/22.0.4")
            (release.parents[1] / "sessions").mkdir()
            (release.parents[1] / "signed-in").mkdir()
            (release.parents[1] / "signed-in" / SESSION).touch()
        port = serving.free_port()
        users = {site["name"]: {login: {"key": f"KeyOf{site['name']}{login}"} for login in "12"} for site in sites}
        secrets = {"secrets": {name: {"host_token": HOST_TOKEN, "users": own} for name, own in users.items()}}
        rendered = render(server.name, *sites, host={"ipv6": False}, common_secrets=secrets) | render("php", *sites)
        rendered = {path: item for path, item in rendered.items() if path not in lacking}
        layout = serving.lay_out(server.name, rendered, root, {PORT: port})
        with serving.running(root, layout, port, php=php):
            yield Web(server, root, layout.logs, port)


@pytest.fixture(scope="module", params=SERVERS, ids=[server.name for server in SERVERS])
def web(request: pytest.FixtureRequest) -> Iterator[Web]:
    with serve(request.param) as running:
        yield running


def _php(answer: Answer) -> dict[str, Any]:
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), answer
    seen: dict[str, Any] = json.loads(answer.body)
    return seen


@pytest.mark.parametrize(
    ("path", "script", "path_info", "pool"),
    [
        ("/api/index.php/status", "/api/index.php", "/status", "quarantine"),
        ("/api/index.php/explorer/swagger.json", "/api/index.php", "/explorer/swagger.json", "quarantine"),
        ("/api/index.php/explorer/", "/api/index.php", "/explorer/", "quarantine"),
        ("/api/index.php/explorer/lib/jquery.js", "/api/index.php", "/explorer/lib/jquery.js", "quarantine"),
        ("/api/index.php/products/ref/a.php", "/api/index.php", "/products/ref/a.php", "quarantine"),
        ("/api/index.php/products/ref/.hidden", "/api/index.php", "/products/ref/.hidden", "quarantine"),
        ("/api/index.php/documents/download", "/api/index.php", "/documents/download", "quarantine"),
        ("/api/index.php", "/api/index.php", "", "quarantine"),
        ("/admin/tool.php/extra/path", "/admin/tool.php", "/extra/path", "quarantine"),
        ("/admin/tool.php", "/admin/tool.php", "", "quarantine"),
        ("/theme/eldy/style.css.php", "/theme/eldy/style.css.php", "", "quarantine"),
        ("/", "/index.php", "", "quarantine"),
        ("/admin/", "/admin/index.php", "", "quarantine"),
    ],
)
def test_php_gets_script_and_path(
    web: Web, place: tuple[str, str], path: str, script: str, path_info: str, pool: str
) -> None:
    site, prefix = place
    seen = _php(web.ask(site, f"{prefix}{path}?a=b"))
    assert seen["SCRIPT_NAME"] == f"{prefix}{script}"
    assert seen.get("PATH_INFO", "") == path_info
    assert seen["PHP_SELF"] == f"{prefix}{script}{path_info}"
    assert seen["SCRIPT_FILENAME"].endswith(f"/srv/miclinik/{site}/{web.server.release}/htdocs{script}")
    assert seen["DOCUMENT_ROOT"].endswith(f"/srv/miclinik/{site}/{web.server.release}/htdocs")
    assert (seen["QUERY_STRING"], seen["REQUEST_URI"]) == ("a=b", f"{prefix}{path}?a=b")
    assert seen["pool"] == f"miclinik-{site}-{pool}"


COOKIE = "DOLSESSID_88c45b40f6ea5413edb660f1a402db0af89838c9"


@pytest.mark.parametrize(
    ("query", "headers", "pool"),
    [
        ("", {}, "quarantine"),
        ("", {"DOLAPIKEY": "KeyOfnorte1"}, "api"),
        ("?DOLAPIKEY=KeyOfnorte1", {}, "api"),
        ("?a=b&api_key=KeyOfnorte1&c=d", {}, "api"),
        ("", {"Authorization": "Bearer KeyOfnorte1"}, "api"),
        ("", {"DOLAPIKEY": "KeyOfnorte12"}, "quarantine"),
        ("", {"DOLAPIKEY": "xKeyOfnorte1"}, "quarantine"),
        ("", {"DOLAPIKEY": "KeyOfsub1"}, "quarantine"),
        ("?xDOLAPIKEY=KeyOfnorte1", {}, "quarantine"),
        ("?DOLAPIKEY=KeyOfnorte1x", {}, "quarantine"),
        ("", {"Authorization": "Basic KeyOfnorte1"}, "quarantine"),
        ("", {"Cookie": f"{COOKIE}={SESSION}"}, "quarantine"),
    ],
)
def test_calls_with_a_key_on_record_have_their_pool(web: Web, query: str, headers: dict[str, str], pool: str) -> None:
    seen = _php(web.ask("norte", f"/api/index.php/status{query}", headers))
    assert seen["pool"] == f"miclinik-norte-{pool}"


@pytest.mark.parametrize(
    ("cookie", "pool"),
    [
        (f"{COOKIE}={SESSION}", "web"),
        (f"a=b; {COOKIE}={SESSION}; c=d", "web"),
        (f"{COOKIE}={SESSION}x", "quarantine"),
        (f"{COOKIE}=.", "quarantine"),
        (f"{COOKIE}=../signed-in/{SESSION}", "quarantine"),
        (f"{COOKIE}=", "quarantine"),
        (f"PHPSESSID={SESSION}", "quarantine"),
        ("", "quarantine"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_people_who_have_logged_in_have_their_pool(web: Web, cookie: str, pool: str, method: str) -> None:
    seen = _php(web.ask("norte", "/admin/tool.php?actionlogin=login", {"Cookie": cookie}, method=method))
    assert seen["pool"] == f"miclinik-norte-{pool}"


@pytest.mark.parametrize(
    ("path", "kind", "known"),
    [
        ("/api/index.php/status?wait=1", "application/json", {"DOLAPIKEY": "KeyOfnorte1"}),
        ("/admin/tool.php?wait=1", "text/", {"Cookie": f"{COOKIE}={SESSION}"}),
    ],
)
def test_a_flood_of_unknown_callers_leaves_the_known_alone(
    web: Web, path: str, kind: str, known: dict[str, str]
) -> None:
    def unknown(_number: int) -> Answer:
        return web.ask("norte", path)

    with ThreadPoolExecutor(60) as flood:
        answers = flood.map(unknown, range(60))
        assert {web.ask("norte", path.partition("?")[0], known).status for _ in range(10)} == {200}
        by_status: dict[int, Answer] = {answer.status: answer for answer in answers}
    assert set(by_status) == {200, web.server.busy}
    refused = by_status[web.server.busy]
    assert refused.headers["content-type"].startswith(kind)
    assert refused.headers["retry-after"] == "5"
    if kind == "application/json":
        assert json.loads(refused.body)["error"]["code"] == web.server.busy
    else:
        assert "Try again in a few seconds." in refused.body


def test_who_hangs_up_is_counted_until_php_is_done(web: Web) -> None:
    """Otherwise a short flood leaves a queue in front of PHP that nobody sees and nobody waits for."""
    request = b"GET /erp/api/index.php/status?wait=3 HTTP/1.1\r\nHost: sub.example.org\r\n\r\n"
    for _ in range(60):
        with socket.create_connection(("127.0.0.1", web.port)) as stranger:
            stranger.sendall(request)
            time.sleep(0.002)

    def ask(number: int) -> int:
        time.sleep(number / 20)
        return web.ask("sub", "/erp/api/index.php/status").status

    # 30 of them, or 24, wait for three workers that take 0.6 seconds for each. A loaded machine reads them late.
    with ThreadPoolExecutor(20) as asking:
        assert web.server.busy in set(asking.map(ask, range(20)))
    deadline = time.monotonic() + 30
    while (status := ask(4)) != 200 and time.monotonic() < deadline:
        pass
    assert status == 200


def test_calls_with_a_key_are_counted_by_the_key(web: Web) -> None:
    """Apache has no such limit, and preflight refuses one there: plugins/plugin_utils/site/call_limits.py."""
    answers = [web.ask("few", f"/api/index.php/status?DOLAPIKEY=KeyOffew1&{number}") for number in range(6)]
    if web.server.name == "apache":
        assert [answer.status for answer in answers] == [200] * 6
        return
    assert [answer.status for answer in answers] == [200] * 4 + [429] * 2
    assert (answers[-1].headers["content-type"], answers[-1].headers["retry-after"]) == ("application/json", "5")
    assert json.loads(answers[-1].body)["error"]["code"] == 429
    # Another program behind the same address is not punished for it, and neither is who has no key on record.
    assert web.ask("few", "/api/index.php/status", {"DOLAPIKEY": "KeyOffew2"}).status == 200
    assert web.ask("few", "/api/index.php/status").status == 200


def test_calls_with_a_key_at_once_are_counted_by_the_key(web: Web) -> None:
    def call(number: int) -> int:
        key = {"DOLAPIKEY": f"KeyOf{'few' if number % 2 else 'norte'}2"}
        return web.ask("few" if number % 2 else "norte", "/api/index.php/status?wait=1", key).status

    time.sleep(3)  # those of the test before are forgotten
    with ThreadPoolExecutor(8) as crowd:
        statuses = list(crowd.map(call, range(8)))
    assert statuses[::2] == [200] * 4
    assert sorted(statuses[1::2]) == [200, 200, *([200, 200] if web.server.name == "apache" else [429, 429])]


def test_what_the_application_says_itself_of_being_busy_comes_through(web: Web) -> None:
    answer = web.ask("norte", "/api/index.php/status?full=1")
    assert (answer.status, answer.headers["content-type"]) == (503, "application/json")
    assert json.loads(answer.body)["SCRIPT_NAME"] == "/api/index.php"


DENIED = [
    "/install/",
    "/install/index.php",
    "/INSTALL/index.php",
    "/install/mysql/tables/llx_user.sql",
    "/install/filelist-22.0.4.xml",
    "/conf/conf.php",
    "/conf/conf.php.example",
    "/documents/invoice.pdf",
    "/langs/es_ES/main.lang",
    "/scripts/cron.php",
    "/.git/config",
    "/.htaccess",
    "/core/.env",
    "/README.md",
    "/public/nothing/readme.txt",
    "/composer.json",
    "/package-lock.json",
    "/includes/lib/LICENSE.txt",
    "/includes/lib/tool.php",
    "/vendor/lib/tool.php",
    "/vendor/lib/tool.php/x.css",
    "/install.lock",
    "/none.php",
    "/none.php/status",
    "/none.css",
    "/none/",
    "/none",
    "/theme/img/logo.png/x.php",
    "/theme/",
    "/public/nothing/",
    "/api/status",
    "/api/index.phpx",
    "/apis",
]


@pytest.mark.parametrize("path", ["/", "/index.php", "/api/index.php/status"])
def test_an_apache_that_cannot_reach_php_gives_no_code_away(path: str) -> None:
    """Somebody's a2dismod proxy_fcgi: the handler of PHP's files is then nobody's."""
    with serve(SERVERS[1], SITES[:1], php=False, lacking=["/etc/apache2/mods-enabled/proxy_fcgi.load"]) as web:
        answer = web.ask("norte", path)
    assert (answer.status, "<?php" in answer.body) == (403, False)


@pytest.mark.parametrize("path", DENIED)
def test_what_is_not_served(web: Web, place: tuple[str, str], path: str) -> None:
    site, prefix = place
    answer = web.ask(site, f"{prefix}{path}")
    assert answer.status == 404, answer
    assert web.server.not_found in answer.body


def test_what_the_table_denies(web: Web, place: tuple[str, str]) -> None:
    site, prefix = place
    paths = [f"/{folder}/{file}" for folder in vhost.DENIED for file in ("", "tool.php", "style.css", "none.php/x.css")]
    paths += [f"/{folder.upper()}/style.css" for folder in vhost.DENIED]
    paths += [f"/{folder}/lib/tool.php{more}" for folder in vhost.INCLUDED for more in ("", "/status", "/x.css")]
    paths += [f"/core/{note}.txt" for note in vhost.NOTES]
    assert [path for path in paths if web.ask(site, prefix + path).status != 404] == []


def test_what_the_table_hands_out(web: Web) -> None:
    answers = {kind: web.ask("norte", f"/kinds/file.{kind}") for kind in KINDS}
    assert {kind: answer.body for kind, answer in answers.items()} == dict.fromkeys(KINDS, "kind")
    assert {answer.headers["cache-control"] for answer in answers.values()} == {
        f"max-age={vhost.STATIC_DAYS * 24 * 60 * 60}"
    }
    others = {note: web.ask("norte", f"/kinds/my{note}.txt").status for note in vhost.NOTES}
    assert others == dict.fromkeys(vhost.NOTES, 200)


@pytest.mark.parametrize("path", ["/index.php", "/api/index.php/status", "/theme/eldy/style.css", "/install/", "/none"])
def test_every_answer_has_the_headers_of_the_table(web: Web, path: str) -> None:
    headers = web.ask("norte", path).headers
    assert {name: headers.get(name.lower()) for name in vhost.HEADERS} == vhost.HEADERS


@pytest.mark.parametrize(
    "path", ["//install/index.php", "/x/../install/index.php", "/%69nstall/index.php", "/./conf/conf.php"]
)
def test_other_spellings_of_what_is_not_served(web: Web, path: str) -> None:
    assert web.ask("norte", path).status == 404


@pytest.mark.parametrize("path", ["/index.php", "/api/index.php/status", "/theme/eldy/style.css"])
def test_outside_of_its_sub_path_a_site_serves_nothing(web: Web, path: str) -> None:
    assert web.ask("sub", path).status == 404


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/theme/eldy/style.css", "text/css", "css"),
        ("/theme/img/logo.png", "image/png", "png"),
        ("/includes/js/jquery.js", "text/javascript", "js"),
        ("/public/nothing/hours.txt", "text/plain", "text"),
    ],
)
def test_static_files(web: Web, place: tuple[str, str], path: str, kind: str, body: str) -> None:
    site, prefix = place
    answer = web.ask(site, f"{prefix}{path}")
    assert (answer.status, answer.headers["content-type"], answer.body) == (200, kind, body)
    assert answer.headers["cache-control"] == "max-age=604800"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("site", "path", "status", "location"),
    [
        ("norte", "/admin", 301, "/admin/"),
        ("norte", "/admin?a=b", 301, "/admin/?a=b"),
        ("sub", "/erp/admin", 301, "/erp/admin/"),
        ("sub", "/erp", 301, "/erp/"),
        ("sub", "/", 302, "/erp/"),
    ],
)
def test_folders_and_the_top_redirect(web: Web, site: str, path: str, status: int, location: str) -> None:
    answer = web.ask(site, path)
    assert (answer.status, answer.headers["location"]) == (status, web.server.origin.format(site) + location)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/a?b=c", 301),
        ("GET", "/a%20b%3Fc?d=%26&e=f", 301),
        ("POST", "/api/index.php/products?b=c", 308),
        ("PUT", "/api/index.php/products/ref/A%2FB", 308),
    ],
)
def test_aliases_redirect_to_the_domain(web: Web, method: str, path: str, status: int) -> None:
    answer = web.ask("old", path, method=method)
    assert (answer.status, answer.headers["location"]) == (status, f"https://proxied.example.org:8443{path}")


@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("xn--clnica-norte-tfb.es", "script"),
        ("XN--CLNICA-NORTE-TFB.ES:80", "script"),
        ("xn--clnica-norte-tfb.es.", "script"),
        ("[2001:db8::5]", "numbers"),
        ("[2001:db8::5]:80", "numbers"),
        ("[2001:DB8::5]", "numbers"),
    ],
)
def test_hosts_in_other_scripts_and_addresses(web: Web, host: str, site: str) -> None:
    answer = serving.ask(web.port, host, "/api/index.php/status")
    assert _php(answer)["pool"] == f"miclinik-{site}-quarantine"


@pytest.mark.parametrize("host", ["[2001:db8::77]", "[2001:db8::77]:8080", "xn--strae-oqa.example.org"])
def test_aliases_in_other_scripts_and_addresses(web: Web, host: str) -> None:
    answer = serving.ask(web.port, host, "/a")
    assert (answer.status, answer.headers["location"]) == (301, "http://xn--clnica-norte-tfb.es/a")


@pytest.mark.parametrize(
    ("host", "path", "target"),
    [
        ("left.example.org", "/", "moved.example.org/erp/new/"),
        ("left.example.org", "/?b=c", "moved.example.org/erp/new/?b=c"),
        (
            "left.example.org",
            "/api/index.php/ref/A%2FB?b=%26",
            "moved.example.org/erp/new/api/index.php/ref/A%2FB?b=%26",
        ),
        ("left.example.org", "//evil.example.net/", "moved.example.org/erp/new//evil.example.net/"),
        ("left.example.org", "/a/b%20c?d", "moved.example.org/erp/new/b%20c?d"),
        ("left.example.org", "/a?d=e", "moved.example.org/erp/new/?d=e"),
        ("left.example.org", "/ab", "moved.example.org/erp/new/ab"),
        ("moved.example.org", "/erp/api/index.php/status", "moved.example.org/erp/new/api/index.php/status"),
        ("moved.example.org", "/erp", "moved.example.org/erp/new/"),
        ("www.moved.example.org", "/erp/api/index.php/x", "moved.example.org/erp/new/api/index.php/x"),
        ("back.example.org", "/erp/admin/?a=b", "back.example.org/admin/?a=b"),
        ("back.example.net", "/erp/admin/", "back.example.org/admin/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_former_addresses_lead_to_the_present_one(web: Web, method: str, host: str, path: str, target: str) -> None:
    answer = serving.ask(web.port, host, path, method=method)
    assert (answer.status, answer.headers["location"]) == (308, f"http://{target}")


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("moved.example.org", "/erp/new/api/index.php/status", 200),
        ("moved.example.org", "/erp/new/index.php", 200),
        ("moved.example.org", "/erpx", 404),
        ("back.example.org", "/erpx", 404),
        ("back.example.net", "/", 404),
        ("back.example.net", "/erpx", 404),
    ],
)
def test_nothing_else_is_taken_for_a_former_address(web: Web, host: str, path: str, status: int) -> None:
    assert serving.ask(web.port, host, path).status == status


def test_an_authority_is_answered_at_a_former_address(web: Web) -> None:
    assert "location" not in serving.ask(web.port, "left.example.org", "/.well-known/acme-challenge/none").headers


FORGED = {name: "192.0.2.7" for names in vhost.REFUSED.values() for name in names}


@pytest.mark.parametrize("path", ["/api/index.php/status", "/index.php"])
@pytest.mark.parametrize("site", ["norte", "proxied"])
def test_a_client_cannot_choose_its_address(web: Web, site: str, path: str) -> None:
    seen = _php(web.ask(site, path, FORGED))
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    names = [f"HTTP_{name.upper().replace('-', '_')}" for name in FORGED]
    assert {name: seen.get(name, "") for name in names} == dict.fromkeys(names, "")


@pytest.mark.parametrize("name", ["Client_IP", "X_Forwarded_For", "CF_Connecting_IP"])
def test_a_client_cannot_choose_its_address_by_another_spelling(web: Web, name: str) -> None:
    seen = _php(web.ask("norte", "/api/index.php/status", {name: "192.0.2.7"}))
    assert f"HTTP_{name.upper()}" not in seen or seen[f"HTTP_{name.upper()}"] == ""


def test_a_trusted_proxy_names_its_client(web: Web) -> None:
    for path in ("/api/index.php/status", "/index.php"):
        seen = _php(web.ask("proxied", path, FORGED, source="127.0.0.9"))
        assert (seen["REMOTE_ADDR"], seen["HTTPS"]) == ("192.0.2.7", "on")
        assert seen.get("HTTP_X_FORWARDED_FOR", "") == ""


@pytest.mark.parametrize("name", ["DOLAPIENTITY", "dolapientity"])
def test_a_client_chooses_the_entity_where_there_are_several_only(web: Web, name: str) -> None:
    assert _php(web.ask("norte", "/api/index.php/status", {name: "2"})).get("HTTP_DOLAPIENTITY", "") == ""
    assert _php(web.ask("group", "/api/index.php/status", {name: "2"}))["HTTP_DOLAPIENTITY"] == "2"


def test_keys_come_through(web: Web) -> None:
    headers = {"DOLAPIKEY": "key", "Authorization": "Bearer key"}
    seen = _php(web.ask("norte", "/api/index.php/status", headers))
    assert (seen["HTTP_DOLAPIKEY"], seen["HTTP_AUTHORIZATION"]) == ("key", "Bearer key")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_methods_come_through(web: Web, method: str) -> None:
    answer = web.ask("norte", "/api/index.php/products/1", method=method)
    assert _php(answer)["REQUEST_METHOD"] == method


@pytest.mark.parametrize("path", ["/api/index.php/products/ref/A%2FB", "/api/index.php/products/ref/a%20%C3%A9%3F"])
def test_references_come_through_as_they_are_written(web: Web, place: tuple[str, str], path: str) -> None:
    site, prefix = place
    assert _php(web.ask(site, f"{prefix}{path}"))["REQUEST_URI"] == f"{prefix}{path}"


def test_text_is_compressed_once(web: Web) -> None:
    plain = web.ask("norte", "/theme/eldy/long.css")
    packed = web.ask("norte", "/theme/eldy/long.css", {"Accept-Encoding": "gzip"}, binary=True)
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(packed.body.encode("latin-1")).decode() == plain.body
    assert "content-encoding" not in web.ask("norte", "/theme/img/logo.png", {"Accept-Encoding": "gzip"}).headers


# 32 MiB for the largest upload, as the text that the API is given it in, and 1 MiB around it.
LARGEST = sizes.request_bytes("32M")


@pytest.mark.parametrize("path", ["/api/index.php/documents/upload", "/index.php"])
def test_bodies_are_limited(web: Web, place: tuple[str, str], path: str) -> None:
    site, prefix = place
    answer = web.ask(site, prefix + path, {"Content-Length": str(LARGEST + 1)}, method="POST")
    assert answer.status == 413
    answer = web.ask(site, prefix + path, {"Content-Length": str(LARGEST)}, method="POST", body=bytes(LARGEST))
    assert _php(answer)["body"] == LARGEST


@pytest.mark.parametrize("size", [0, 1, 100_000, LARGEST])
def test_bodies_of_unknown_length_come_through(web: Web, size: int) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in _parts(size)) + b"0\r\n\r\n"
    answer = web.ask("norte", "/index.php", {"Transfer-Encoding": "chunked"}, method="POST", body=chunks)
    assert _php(answer)["body"] == size


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("path", ["/index.php", "/api/index.php/documents/upload"])
def test_bodies_of_unknown_length_are_limited(web: Web, path: str, method: str) -> None:
    """Apache counts them by templates/apache/body.lua.j2."""
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in _parts(LARGEST + 1)) + b"0\r\n\r\n"
    answer = web.ask("norte", path, {"Transfer-Encoding": "chunked"}, method=method, body=chunks)
    assert answer.status == web.server.too_long


def _parts(size: int) -> list[bytes]:
    return [bytes(min(65536, size - start)) for start in range(0, size, 65536)]


def test_an_api_that_is_off(web: Web) -> None:
    for path in ("/api/index.php/status", "/api/index.php", "/api/index.php/explorer/"):
        assert web.ask("off", path).status == 404
    assert _php(web.ask("off", "/"))["pool"] == "miclinik-off-quarantine"


TOKEN = {"X-Miclinik-Token": HOST_TOKEN}


@pytest.mark.parametrize(
    ("source", "shown", "status"),
    [
        ("127.0.0.2", {}, 403),
        ("127.0.0.3", {}, 200),
        # The host itself is root, who knows the token, or the PHP of another site, which does not.
        ("127.0.0.1", TOKEN, 200),
        ("127.0.0.1", {}, 403),
        ("127.0.0.1", {"X-Miclinik-Token": f"{HOST_TOKEN}0"}, 403),
        ("127.0.0.1", {"X-Miclinik-Token": HOST_TOKEN[:-1]}, 403),
        ("127.0.0.1", {"X-Miclinik-Token": ""}, 403),
        ("127.0.0.2", TOKEN, 403),
        ("127.0.0.3", TOKEN, 200),
    ],
)
def test_allowed_addresses(web: Web, source: str, shown: dict[str, str], status: int) -> None:
    for headers in (shown, {**FORGED, **shown}):
        answer = web.ask("closed", "/api/index.php/status", headers, source=source)
        assert answer.status == status
    assert web.ask("closed", "/", source=source).status == 200


def test_the_token_stays_with_the_web_server(web: Web) -> None:
    for site, path in (("closed", "/api/index.php/status"), ("norte", "/")):
        assert "HTTP_X_MICLINIK_TOKEN" not in _php(web.ask(site, path, TOKEN))


def test_an_unknown_name_gets_no_site(web: Web) -> None:
    if web.server.name == "nginx":
        with pytest.raises(ConnectionError):
            web.ask("unknown", "/")
    else:
        # Apache cannot hang up.
        assert web.ask("unknown", "/").status == 421


@pytest.mark.parametrize("path", ["/api/index.php/status", "/", "/none"])
def test_headers(web: Web, path: str) -> None:
    headers = web.ask("norte", path).headers
    assert headers["server"] == web.server.header
    assert "x-powered-by" not in headers
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["referrer-policy"] == "same-origin"


KEY = "hunter2hunter2"
MALFORMED = [f"/%zz?DOLAPIKEY={KEY}", f"/../..?DOLAPIKEY={KEY}", f"x?DOLAPIKEY={KEY}", f"/%00?DOLAPIKEY={KEY}"]


def _logs_with_key(web: Web) -> list[str]:
    # Anything else that the server writes while it runs is beside them.
    return [path.name for path in web.root.rglob("*.log") if KEY in path.read_text()]


def _wait_for(log: Path, text: str) -> None:
    """A server writes its log after it has answered."""
    deadline = time.monotonic() + 5
    while text not in log.read_text():
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def test_no_key_is_logged(web: Web) -> None:
    for path in ("/api/index.php/status", "/api/index.php/none.php", "/index.php", "/none", "/theme/eldy/style.css"):
        web.ask("norte", f"{path}?DOLAPIKEY={KEY}", {"Referer": f"http://x/?k={KEY}"})
    _wait_for(web.logs / "norte.api.log", "GET /api/index.php/status HTTP/1.1")
    assert _logs_with_key(web) == []


@pytest.mark.parametrize("site", ["norte", "unknown"])
@pytest.mark.parametrize("path", MALFORMED)
def test_no_key_of_a_malformed_request_is_logged(web: Web, site: str, path: str) -> None:
    for method in ("GET", "nonsense", "(GET)"):
        with contextlib.suppress(ConnectionError):
            assert web.ask(site, path, {"Referer": f"http://x/?k={KEY}"}, method=method).status >= 400
    assert _logs_with_key(web) == []


@pytest.mark.parametrize("server", SERVERS, ids=[server.name for server in SERVERS])
def test_no_key_is_logged_when_php_is_down(server: Server) -> None:
    with serve(server, php=False) as web:
        answer = web.ask("norte", f"/api/index.php/status?DOLAPIKEY={KEY}", {"Referer": f"http://x/?k={KEY}"})
        assert answer.status in {502, 503}
        _wait_for(web.logs / "norte.api.log", f" {answer.status} ")
        assert _logs_with_key(web) == []


POLICY = "frame-ancestors 'self'; base-uri 'self'; form-action 'self'; object-src 'self'"


@pytest.mark.parametrize("path", ["/index.php", "/api/index.php/status", "/theme/eldy/style.css", "/none"])
def test_a_policy_where_the_application_sends_none(web: Web, path: str) -> None:
    assert web.ask("norte", path).headers["content-security-policy"] == POLICY


def test_no_header_is_there_twice(web: Web) -> None:
    """The application sends some of them itself, and a policy of its own where it is told to."""
    answer = web.ask("norte", "/core/headers.php")
    assert sorted(answer.names) == sorted(set(answer.names))
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "x-powered-by" not in answer.headers


@pytest.mark.parametrize("status", [200, 403, 500])
def test_the_log_alone_says_that_a_guess_has_failed(web: Web, status: int) -> None:
    """By PHP's word: what a client sends counts for nothing."""
    forged = {"X-Miclinik-Failed": "key", "User-Agent": f"of {status}"}
    answer = web.ask("norte", f"/core/failed.php?status={status}", forged)
    assert (answer.status, [name for name in answer.headers if "miclinik" in name]) == (status, [])
    _wait_for(web.logs / "norte.access.log", f'"of {status}" password\n')
    web.ask("norte", "/admin/tool.php", {"X-Miclinik-Failed": "key", "User-Agent": "of none"})
    _wait_for(web.logs / "norte.access.log", '"of none" -\n')


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "CONNECT", "PURGE", "get"])
@pytest.mark.parametrize("path", ["/index.php", "/api/index.php/status"])
def test_methods_that_nobody_uses_are_refused(web: Web, method: str, path: str) -> None:
    # Nginx knows no method in small letters, and what it is to connect to neither.
    assert web.ask("norte", path, method=method).status in {400, 405}


def test_the_module_dav_has_its_methods(web: Web) -> None:
    assert _php(web.ask("shared", "/admin/tool.php", method="PROPFIND"))["REQUEST_METHOD"] == "PROPFIND"


def test_the_absolute_form_of_a_request(web: Web) -> None:
    """https://www.rfc-editor.org/rfc/rfc9112#section-3.2.2: the name in it counts, and not the one of the header."""
    seen = _php(web.ask("off", "http://norte.example.org/admin/tool.php?a=b"))
    assert (seen["pool"], seen["SCRIPT_NAME"]) == ("miclinik-norte-quarantine", "/admin/tool.php")
    assert web.ask("norte", "http://off.example.org/api/index.php/status").status == 404


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/api/index.php/status", "application/json", "{"),
        ("/api/index.php/products/1?api_key=KeyOfnorte1", "application/json", "{"),
        ("/", "text/plain", "The site is being worked on"),
        ("/admin/", "text/plain", "The site is being worked on"),
        ("/admin/tool.php/extra", "text/plain", "The site is being worked on"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_closed_site_says_so(web: Web, place: tuple[str, str], path: str, kind: str, body: str, method: str) -> None:
    site, prefix = place
    file = web.root / "srv/miclinik" / site / "closed"
    file.touch()
    try:
        answer = web.ask(site, prefix + path, method=method)
    finally:
        file.unlink()
    if web.server.name == "apache":
        kind = kind.replace("text/plain", "text/html")
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (503, kind)
    assert answer.headers["retry-after"] == "30"
    assert answer.body.startswith(body)
    assert "x-content-type-options" in answer.headers
    if kind == "application/json":
        assert json.loads(answer.body)["error"]["code"] == 503
    # Open again, at once.
    assert web.ask(site, prefix + path, method=method).status == 200
