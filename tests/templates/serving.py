# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lays out what was rendered below a folder and runs the real web server and PHP-FPM on it.

Nginx runs as whoever runs the tests; Apache, which refuses to run as root, as root's usual stand-in for it.
"""

from __future__ import annotations

import contextlib
import grp
import http.client
import os
import pwd
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import programs
from .rendering import Rendered

_PLACES = (
    "/etc/nginx",
    "/etc/apache2",
    "/etc/miclinik",
    "/etc/php",
    "/var/log/nginx",
    "/var/log/apache2",
    "/var/lib/miclinik",
    "/srv/miclinik",
    "/usr/local/lib/miclinik",
    "/run/miclinik-php",
)
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_ME, _US = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


@dataclass(frozen=True)
class Answer:
    """What the web server said."""

    status: int
    headers: Mapping[str, str]
    body: str
    #: Of all headers, as often as they are there.
    names: Sequence[str] = ()
    #: Of headers that may be there several times, all values.
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """What was rendered, as files of this test, and how the web server is started on them."""

    main: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    logs: Path


def lay_out(server: str, rendered: Mapping[str, Rendered], root: Path, ports: Mapping[int, int]) -> Layout:
    """Write everything below ``root`` with its paths and ports moved, and what the server's package brings."""
    (root / "var/log").mkdir(parents=True, exist_ok=True)
    owner, group = (_ME, _US) if server == "nginx" or os.geteuid() else ("www-data", "www-data")
    for dest, item in rendered.items():
        path = root / dest.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        if item.kind == "file":
            # On a host systemd makes the sockets.
            access = f"listen.owner = {owner}\nlisten.group = {group}\nlisten.mode = 0600"
            text = re.sub(r"(?m)^(listen = (.*)/.*)$", rf"\1\n{access}", _moved(item.content, root, ports))
            path.write_text(text, encoding="utf-8")
            for folder in re.findall(r"(?m)^listen = (.*)/", text):
                Path(folder).mkdir(parents=True, exist_ok=True)
        elif item.kind == "link" and not path.is_symlink():
            path.symlink_to(item.target)
        elif item.kind == "folder":
            path.mkdir(exist_ok=True)
    return _nginx(root) if server == "nginx" else _apache(root)


def _nginx(root: Path) -> Layout:
    for name in ("var/log/nginx", "etc/nginx/conf.d", "etc/nginx/sites-enabled"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "etc/nginx/fastcgi_params").write_text(Path("/etc/nginx/fastcgi_params").read_text())
    temporary = " ".join(f"{kind}_temp_path {root}/{kind};" for kind in _TEMPORARY)
    main = root / "etc/nginx/nginx.conf"
    main.write_text(
        f"daemon off; pid {root}/nginx.pid; error_log {root}/error.log;\nevents {{}}\nhttp {{\n{temporary}\n"
        "types { text/html html; text/css css; text/javascript js; image/png png; text/plain txt; }\n"
        "default_type application/octet-stream;\n"
        f"include {root}/etc/nginx/conf.d/*.conf;\ninclude {root}/etc/nginx/sites-enabled/*;\n}}\n"
    )
    user = ["-g", f"user {_ME} {_US};"] if os.geteuid() == 0 else []
    command = [programs.path("nginx"), "-p", str(root), "-c", str(main), "-e", str(root / "error.log")]
    return Layout(main, [*command, *user], {}, root / "var/log/nginx")


def _apache(root: Path) -> Layout:
    logs = root / "var/log/apache2"
    logs.mkdir(parents=True, exist_ok=True)
    root.chmod(0o755)
    top = root / "etc/apache2"
    if not (top / "mods-available").exists():
        (top / "mods-available").symlink_to("/etc/apache2/mods-available")
    user = "User www-data\nGroup www-data\n" if os.geteuid() == 0 else ""
    main = top / "apache2.conf"
    # As Debian has it, in the order of its own.
    main.write_text(
        f"ServerRoot {top}\nServerName localhost\nPidFile {root}/apache.pid\nErrorLog {root}/error.log\n"
        f"DefaultRuntimeDir {root}\n{user}LogLevel warn\n"
        "IncludeOptional mods-enabled/*.load\nIncludeOptional mods-enabled/*.conf\n"
        "<Directory />\nOptions FollowSymLinks\nAllowOverride None\nRequire all denied\n</Directory>\n"
        "ServerTokens OS\nServerSignature On\n"
        "IncludeOptional conf-enabled/*.conf\nIncludeOptional sites-enabled/*.conf\n"
    )
    environment = {"APACHE_LOG_DIR": str(logs), "APACHE_RUN_DIR": str(root)}
    return Layout(main, [programs.path("apache2"), "-f", str(main), "-DFOREGROUND"], environment, logs)


def _moved(text: str, root: Path, ports: Mapping[int, int]) -> str:
    for place in _PLACES:
        text = text.replace(place, f"{root}{place}")
    text = re.sub(r"(?m)^(\s*listen (?:\[::\]:)?)(\d+)\b", lambda m: f"{m[1]}{ports[int(m[2])]}", text)
    text = re.sub(r"(?m)^(Listen |<VirtualHost \*:)(\d+)\b", lambda m: f"{m[1]}{ports[int(m[2])]}", text)
    text = re.sub(r"(?m)^user = .*$", f"user = {_ME}", text)
    return re.sub(r"(?m)^group = .*$", f"group = {_US}", text)


def make_certificates(rendered: Mapping[str, Rendered], root: Path) -> None:
    """Put a certificate wherever a vhost wants one."""
    wanted = re.findall(
        r"(?:ssl_certificate(?:_key)?\s+|SSLCertificate(?:Key)?File \")(\S+)[;\"]",
        "".join(item.content for item in rendered.values()),
    )
    folders = {Path(name).parent for name in wanted}
    for folder in folders:
        place = root / str(folder).lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        programs.accept(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
                *("-subj", "/CN=test", "-days", "2"),
                *("-keyout", place / "key.pem", "-out", place / "certificate.pem"),
            ]
        )


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder with a short name: the path of a socket may have 107 characters."""
    with tempfile.TemporaryDirectory(prefix="web-") as name:
        yield Path(name)


@contextlib.contextmanager
def running(root: Path, layout: Layout, port: int, *, php: bool = True) -> Iterator[None]:
    """Run the web server, which listens on ``port``, and PHP-FPM with all pools below ``root`` (unless not ``php``)."""
    pools = [path for path in sorted(root.glob("etc/miclinik-php/*/*.conf")) if path.name != "php-fpm.conf"]
    included = "".join(f"include = {path}\n" for path in pools)
    (root / "fpm.conf").write_text(f"[global]\nerror_log = {root}/fpm.log\ndaemonize = no\n{included}")
    as_root = ["--allow-to-run-as-root"] if os.geteuid() == 0 else []
    fpm = [programs.path("php-fpm"), "-n", "-y", str(root / "fpm.conf"), *as_root]
    commands = [fpm, layout.command] if php else [layout.command]
    with contextlib.ExitStack() as stack:
        for command in commands:
            process = subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **layout.environment},
            )
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
        deadline = time.monotonic() + 10
        wanted = 2 * len(pools) if php else 0  # each has one for its state as well
        while not (_answers(port) and len(list(root.glob("run/miclinik-php/*/*.sock"))) == wanted):
            logs = "".join(path.read_text() for path in root.glob("*.log"))
            assert time.monotonic() < deadline, logs
            time.sleep(0.02)
        yield


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def ask(
    port: int,
    domain: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    method: str = "GET",
    source: str = "127.0.0.1",
    body: bytes = b"",
    binary: bool = False,
) -> Answer:
    """Ask for ``path`` as it is written, from the address ``source``.

    The body of a ``binary`` answer comes as one character a byte.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10, source_address=(source, 0))
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", domain)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        text = answer.read().decode("latin-1" if binary else "utf-8")
        pairs = [(name.lower(), value) for name, value in answer.getheaders()]
        names = [name for name, _ in pairs]
        values = {name: [value for one, value in pairs if one == name] for name in names}
        return Answer(answer.status, dict(pairs), text, names, values)
    finally:
        connection.close()
