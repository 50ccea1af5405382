# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No secret in a process' arguments, in a log, or in a file that others can read.

The secrets themselves never leave the host: the searches run there, and answer with names of files and numbers.
"""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

from .choices import WEB_SERVERS, choice, engine
from .conftest import HostedSite

PROCESS_LOG = "/run/processes.log"  # of watch_processes.py, which ran while the playbook did

# Reads the secrets itself, so that they are in no argument here either.
SEARCH = """
import json, os, stat, sys
def leaves(value):
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [value] if isinstance(value, str) else []
wanted = [text.encode() for text in leaves(json.load(open(sys.argv[1])))]
files, hits = 0, []
for top in sys.argv[3:]:
    walk = os.walk(top) if os.path.isdir(top) else [(os.path.dirname(top), [], [os.path.basename(top)])]
    for folder, _, names in walk:
        for name in names:
            path = os.path.join(folder, name)
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or (sys.argv[2] == "others" and not status.st_mode & stat.S_IROTH):
                continue
            files += 1
            content = open(path, "rb").read()
            if any(text in content for text in wanted):
                hits.append(path)
print(json.dumps({"secrets": len(wanted), "files": files, "hits": hits}))
"""


def search(host: Host, site: HostedSite, which: str, *places: str) -> dict[str, object]:
    """Search files of the host (`which`: "all", or "others" for those that others can read) for the site's secrets."""
    arguments = [SEARCH, f"{site.state}/secrets.json", which, *places]
    answer: dict[str, object] = json.loads(
        host.check_output("python3 -c " + " ".join(["%s"] * len(arguments)), *arguments)
    )
    assert isinstance(answer["secrets"], int)
    assert answer["secrets"] >= 5, "of the database, the administrator, the instance and an API user at least"
    return answer


def test_the_search_finds_what_is_there(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    server = choice(host, pytestconfig, "miclinik_web_server", "nginx")
    known = {f"{site.state}/keys.{server}"} if site.settings.get("api", {}).get("enabled", True) else set()
    # With Apache the token of the host itself is beside the keys.
    known |= {f"{site.state}/token.nginx"} if known and server == "nginx" else set()
    # Where events go, for the relay alone.
    known |= {file for file in (f"{site.state}/webhooks.json",) if host.file(file).exists}
    hits = search(host, site, "all", site.state, f"{site.home}/conf.php")["hits"]
    assert isinstance(hits, list)
    # A host that was switched has those that the other web server knew as well; nobody but root reads either.
    others = {f"{site.state}/keys.{name}" for name in WEB_SERVERS} - known
    assert set(hits) - others == {f"{site.state}/secrets.json", f"{site.home}/conf.php"} | known


def test_processes_showed_none(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    seen = host.file(PROCESS_LOG).content_string
    # The witness was there when it mattered.
    assert {"mariadb": "mariadbd", "postgresql": "postgres"}[engine(host, pytestconfig)] in seen
    assert "miclinik-bridge" in seen
    assert search(host, site, "all", PROCESS_LOG)["hits"] == []


def test_files_that_others_can_read_hold_none(host: Host, site: HostedSite) -> None:
    temporary = ("/tmp", "/var/tmp", "/run")  # noqa: S108 - searched, not written to
    answer = search(host, site, "others", "/etc", "/var", "/srv", "/usr/local", "/opt", "/root", "/home", *temporary)
    assert isinstance(answer["files"], int)
    assert answer["files"] > 500
    assert answer["hits"] == []


def test_logs_hold_none(host: Host, site: HostedSite) -> None:
    journal = "/run/journal-of-tests.txt"
    host.run_expect([0], "journalctl --no-pager -q -o cat > %s", journal)
    try:
        answer = search(host, site, "all", "/var/log", journal)
        assert isinstance(answer["files"], int)
        assert answer["files"] > 2
        assert answer["hits"] == []
    finally:
        host.run_expect([0], "rm %s", journal)
