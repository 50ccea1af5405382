# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was changed is put back by commands where what it was is known to the letter, and by none elsewhere."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import picture
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import merging, putting_back
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import case, failed, stroke

WEB = "systemctl reset-failed nginx; systemctl reload-or-restart nginx"


def _change(section: str, subject: str, what: str, was: str, now: str, **more: object) -> dict[str, Any]:
    given = {"section": section, "subject": subject, "what": what, "was": was, "is": now}
    return given | {"site": "", "own": False, "since": 0.0, "kept": False} | more


def _of(*found: dict[str, Any]) -> Case:
    return stroke(case(failed("web", "php")), "host:changes", list(found))


@pytest.mark.parametrize(
    ("change", "first", "last"),
    [
        (("files", "/etc/nginx/nginx.conf", "mode", "0644", "0600"), "chmod 0644 /etc/nginx/nginx.conf", WEB),
        (("files", "/etc/nginx/sites-enabled/a", "", "link to ../a", ""),
         "ln -sfn ../a /etc/nginx/sites-enabled/a", WEB),
        (("files", "/etc/nginx/conf.d/z.conf", "", "", "file"),
         "mkdir -p /root/miclinik-taken-away && mv -n /etc/nginx/conf.d/z.conf /root/miclinik-taken-away/", WEB),
        (("units", "nginx.service", "UnitFileState", "enabled", "masked"), "systemctl unmask nginx.service",
         "systemctl reset-failed nginx.service; systemctl enable --now nginx.service"),
        (("mounts", "/srv", "", "", "tmpfs rw"), "umount -l /srv", WEB.replace("reload-or-restart", "restart")),
        (("firewall", "inet drawn input", "", "", "tcp dport 443 drop"), "nft flush chain inet drawn input",
         "nft delete chain inet drawn input"),
        (("database server", "read_only", "", "OFF", "ON"),
         """mariadb --no-defaults -e 'SET GLOBAL read_only = '"'"'OFF'"'"''""", ""),
        (("database server", "max_connections", "", "151", "10"),
         "mariadb --no-defaults -e 'SET GLOBAL max_connections = 151'", ""),
        (("database tables", "table llx_a", "", "InnoDB", "now called llx_b"),
         "mariadb --no-defaults norte -e 'RENAME TABLE `llx_b` TO `llx_a`'", ""),
        (("database tables", "column llx_a.b", "", "int", "now called c"),
         "mariadb --no-defaults norte -e 'ALTER TABLE `llx_a` RENAME COLUMN `c` TO `b`'", ""),
    ],
)  # fmt: skip
def test_a_change_and_its_commands(change: tuple[str, ...], first: str, last: str) -> None:
    entry = _change(*change)
    found = putting_back.commands(entry, _of(entry))
    assert found[0] == first
    assert found[-1] == (last or first)


@pytest.mark.parametrize(
    "change",
    [
        ("files", "/etc/nginx/nginx.conf", "content", "", ""),
        ("files", "/srv/miclinik/norte/documents", "", "folder", ""),
        ("database tables", "table llx_a", "", "InnoDB", ""),
        ("database server", "sql_mode", "", "it's", "b"),
        ("firewall", "inet filter input", "rule", "", "tcp dport 443 drop"),
        ("accounts", "user norte", "", "uid 1", "uid 2"),
    ],
)
def test_what_has_to_be_found_out_has_no_command(change: tuple[str, ...]) -> None:
    entry = _change(*change)
    assert putting_back.commands(entry, _of(entry)) == ()


def test_a_rule_that_speaks_of_what_was_changed_gets_its_commands() -> None:
    table = _change("database tables", "table llx_user", "", "InnoDB", "now called llx_user_old", site="norte")
    said = Finding(
        "database-table-missing", "A table is not there (llx_user)", ("norte: llx_user: error 1146",), "look"
    )
    found = merging.exact(_of(table, _change("files", "/etc/hosts", "mode", "0644", "0600")), said)
    assert found.run == ("mariadb --no-defaults norte -e 'RENAME TABLE `llx_user_old` TO `llx_user`'",)


def test_nothing_is_put_back_by_command_while_it_is_not_known_whose_it_is() -> None:
    owner = _change("files", "/srv/miclinik/norte/documents", "owner", "norte", "sur")
    said = Finding("documents-other", "The documents are another site's", ("/srv/miclinik/norte/documents",), "look")
    assert merging.exact(_of(owner), said).run == ()


def test_an_account_that_was_renamed_gets_its_name_back() -> None:
    gone = _change("database account", "account norte", "", "login true, limit -1", "")
    owner = _change("database account", "database norte", "owner", "norte", "norte_old")
    said = Finding("database-password", "The database refuses the site's name and password", ("norte: login",), "look")
    ill = _of(gone, owner)
    stroke(ill, "host:units.database.name", "postgresql@17-main")
    found = merging.exact(ill, said)
    assert found.evidence[1] == "the account that the database belongs to is called norte_old now"
    assert found.run == (
        "runuser -u postgres -- psql -X -v ON_ERROR_STOP=1 -d postgres -c"
        """ 'ALTER ROLE "norte_old" RENAME TO "norte"'""",
    )
    # With another owner and the account still there it is the database that was given away.
    assert "RENAME" not in " ".join(merging.exact(_of(owner), said).run)


def test_an_account_that_is_gone_is_made_by_its_role_and_gets_no_rights_before() -> None:
    gone = _change("database account", "account norte@localhost", "", "there", "", site="norte")
    rights = _change("database account", "rights of norte@localhost on *.*", "", "GRANT USAGE", "", site="norte")
    said = Finding("database-password", "The database refuses the site's name and password", ("norte: login",), "look")
    found = merging.exact(_of(gone, rights), said)
    assert (found.run, found.mend.startswith("run the role database")) == ((), True)


def test_what_a_service_does_not_do_is_put_down_to_what_was_changed_of_it() -> None:
    limit = _change("files", "/etc/systemd/system/nginx.service.d/z.conf", "", "", "file")
    other = _change("files", "/etc/mysql/my.cnf", "mode", "0644", "0600")
    found = merging.exact(_of(other, limit), Finding("clock", "The web server's clock is wrong", ("7200 s",), "look"))
    assert found.run[0].startswith(
        "mkdir -p /root/miclinik-taken-away && mv -n /etc/systemd/system/nginx.service.d/z.conf"
    )


@pytest.mark.parametrize(("kept", "first"), [(True, "mkdir -p /root/miclinik-taken-away && cp -a"), (False, "")])
def test_what_a_unit_may_not_have_any_more_is_put_down_to_the_file_that_says_so(kept: bool, first: str) -> None:
    path = "/etc/systemd/system/nginx.service.d/miclinik.conf"
    words = ("content", "LimitNOFILE=65536", "LimitNOFILE=1")
    text = _change("files", path, *words, own=True, kept=kept)
    limit = _change("units", "nginx.service", "LimitNOFILE", "65536", "1")
    down = _change("units", "nginx.service", "ActiveState", "active", "failed")
    said = Finding("web-server-down", "The web server is down", ("service nginx is failed",), "start it", run=("x",))
    found = merging.exact(_of(text, limit, down), said)
    assert path in found.evidence[-1]
    assert "".join(found.run[:1]).startswith(first)
    assert found.run[1:] == (
        ("systemctl daemon-reload", "systemctl reset-failed nginx.service; systemctl restart nginx.service")
        if kept
        else ()
    )
    assert kept or found.mend == "run playbooks/site.yml, which writes it anew"


def test_a_program_that_is_gone_with_its_package_is_installed_and_not_started() -> None:
    package = _change("packages", "mariadb-server-core", "", "installed", "")
    program = _change("files", "/usr/sbin/mariadbd", "", "file", "")
    said = Finding(
        "database-down", "It is down", ("/usr/sbin/mariadbd: Shutdown complete",), "start it", run=("start",)
    )
    found = merging.exact(_of(program, package), said)
    assert "mariadb-server-core" in found.run[1]
    assert found.run[1].startswith("DEBIAN_FRONTEND=noninteractive apt-get install ")


def test_a_process_that_was_stopped_by_a_signal_goes_on() -> None:
    stopped = _change("units", "nginx.service", "MainProcess", "", "stopped by a signal")
    assert putting_back.commands(stopped, _of(stopped)) == ("systemctl kill -s CONT --kill-whom=all nginx.service",)


def test_who_took_a_port_is_stopped_by_its_unit() -> None:
    taken = _change("sockets", "tcp 0.0.0.0:443", "", "nginx", "python3")
    said = Finding("port-taken", "Another program has the port", ("bind() to 0.0.0.0:443 failed (98)",), "see who")
    first, second = merging.exact(_of(taken), said).run
    assert first.startswith("systemctl stop \"$(ps -o unit= -p \"$(ss -Hltnp 'sport = :443'")
    assert second == WEB.replace("reload-or-restart", "restart")


def test_an_extension_whose_package_was_removed_is_installed_before_it_is_switched_on() -> None:
    package = _change("packages", "php8.2-gd", "", "install ok installed", "deinstall ok config-files")
    module = _change("php", "module gd", "", "loaded", "")
    said = Finding(
        "php-extension", "PHP-FPM lacks an extension: gd", ("php-fpm -m does not list gd",), "run the role php"
    )
    found = merging.exact(_of(module, package), said)
    assert [
        line.partition(" php8.2-gd")[1] or line for line in found.run if "php" in line and "system" not in line
    ] == [
        " php8.2-gd",
        "phpenmod gd",
    ]


def test_a_column_under_another_name_is_the_cause_of_what_php_stops_at() -> None:
    line = "PHP Fatal error: Uncaught SqlError: Unknown column 'r.id' in 'IN/ALL/ANY' in /srv/miclinik/norte/a.php:111"
    column = _change("database tables", "column llx_rights_def.id", "", "int", "now called id_old", site="norte")
    seen = stroke(
        _of(column), "host:lines", [{"source": "php", "text": line, "count": 9, "site": "norte", "ours": True}]
    )
    first = diagnose(seen)[0]
    assert (first.id, first.run) == (
        "changed-schema",
        ("mariadb --no-defaults norte -e 'ALTER TABLE `llx_rights_def` RENAME COLUMN `id_old` TO `id`'",),
    )


def test_a_column_under_another_name_is_red_before_anybody_misses_it() -> None:
    column = _change("database tables", "column llx_menu.mainmenu", "", "text", "now called old", site="norte")
    gone = _change("database tables", "table llx_gone", "", "InnoDB", "", site="norte")
    assert [entry.id for entry in diagnose(stroke(case(), "host:changes", [column]))] == ["changed-schema"]
    assert diagnose(stroke(case(), "host:changes", [gone])) == []


def test_an_extension_is_put_down_to_its_package_or_its_file_by_whatever_name() -> None:
    said = Finding(
        "php-extension", "PHP lacks the extension of the database", ("mysqli is missing",), "run the role php"
    )
    module = _change("php", "module mysqli", "", "loaded", "")
    package = _change("packages", "php8.2-mysql", "", "install ok installed", "deinstall ok config-files")
    file = _change("files", "/etc/php/8.2/fpm/conf.d/20-mysqli.ini", "content", "extension=mysqli.so", "", kept=True)
    assert " php8.2-mysql" in " ".join(merging.exact(_of(module, package), said).run)
    assert "20-mysqli.ini" in " ".join(merging.exact(_of(module, file), said).run)


STOP = "systemctl stop mariadb miclinik-php@norte nginx; usermod -u 994 -g 993 norte"
WAS, NOW = "uid 994, gid 993, home /srv/miclinik/norte", "uid 4321, gid 993, home /srv/miclinik/norte"


@pytest.mark.parametrize(
    ("change", "commands"),
    [
        (("user norte", WAS, NOW), (STOP,)),
        (
            ("user norte", WAS, ""),
            (
                "getent group 993 >/dev/null || groupadd -r -g 993 norte",
                "useradd -r -M -u 994 -g 993 -d /srv/miclinik/norte -s /usr/sbin/nologin norte",
            ),
        ),
        (("www-data in group norte", "yes", ""), ("gpasswd -a www-data norte",)),
        (("www-data in group norte", "", "yes"), ()),
    ],
)
def test_an_account_of_the_host(change: tuple[str, str, str], commands: tuple[str, ...]) -> None:
    subject, was, now = change
    changed = _change("accounts", subject, "", was, now)
    made = putting_back.commands(changed, _of(changed))
    assert made[: len(commands)] == commands
    assert all(line.startswith("systemctl reset-failed") for line in made[len(commands) :])


def test_whose_number_changed_is_why_nothing_is_its_own() -> None:
    ill = _of(_change("accounts", "user norte", "", WAS, NOW))
    seen = "norte cannot read, or cannot write to, what is in /srv/miclinik/norte/documents/: produit (994:993 0700)"
    mend = "all at once: chown -R norte:norte /srv/miclinik/norte/documents/"
    stroke(ill, "here:places", [{"id": "documents-shut", "key": "name", "seen": seen, "mend": mend}])
    first, *others = diagnose(ill)
    assert (first.id, first.run[0]) == ("changed-accounts", STOP)
    assert [(entry.id, entry.follows) for entry in others if entry.id == "documents-shut"] == [
        ("documents-shut", "changed-accounts")
    ]


def test_a_drop_in_for_every_service_is_taken_from_all_of_ours() -> None:
    change = _change("files", "/etc/systemd/system/service.d/hard.conf", "", "", "file")
    made = putting_back.commands(change, _of(change))
    assert made[1] == "systemctl daemon-reload"
    assert [line.rpartition(" ")[2] for line in made[2:]] == ["mariadb", "miclinik-php@norte", "nginx"]


def test_what_a_new_package_switched_over_is_all_back_before_the_server_begins_again() -> None:
    """A module of PHP's makes Apache work in another way, of which our settings are not."""
    package = _change("packages", "libapache2-mod-php8.4", "", "", "install ok installed")
    gone = _change(
        "files", "/etc/apache2/mods-enabled/mpm_event.load", "", "link to ../mods-available/mpm_event.load", ""
    )
    new = _change("files", "/etc/apache2/mods-enabled/mpm_prefork.load", "", "", "link to ../x.load")
    said = Finding("web-server-down", "The web server is down", ("AH00526: Syntax error",), "start it", run=("start",))
    found = merging.exact(_of(package, gone, new), said)
    assert found.evidence[1].startswith("package libapache2-mod-php8.4: was 'nothing'")
    run = found.run
    assert [line.partition(" ")[0] for line in run[:-1]] == ["ln", "mkdir"]
    assert run[-1].startswith("systemctl reset-failed nginx; systemctl ")
    assert merging.exact(_of(package), said).run[0].startswith("dpkg -L libapache2-mod-php8.4 ")


def test_a_rule_that_refuses_is_told_with_the_file_that_is_new() -> None:
    new = _change("files", "/etc/apache2/conf-enabled/zz.conf", "", "", "file")
    said = Finding("forbidden-rule", "A rule of the web server refuses the request", ("AH01630",), "take it out")
    found = merging.exact(_of(new), said)
    assert found.evidence[1:] == ("/etc/apache2/conf-enabled/zz.conf: was 'nothing', is 'file'",)
    # A reload of Apache takes no other limits of its workers.
    assert [line.partition(" ")[0] for line in found.run] == ["mkdir", "systemctl"]
    assert found.run[1] == "systemctl reset-failed nginx; systemctl restart nginx"


def test_a_folder_of_logs_that_is_gone_is_made_again_and_none_of_data() -> None:
    gone = _change("files", "/var/log/nginx", "", "folder", "")
    made, *again = putting_back.commands(gone, _of(gone))
    assert made == f"python3 -c {shlex.quote(putting_back._FOLDER)} {picture.FILE} /var/log/nginx"
    assert "systemctl is-active -q nginx || { systemctl reset-failed nginx; systemctl restart nginx; }" in again
    for path in ("/var/lib/mysql", "/srv/miclinik/norte/documents"):
        assert putting_back.commands(_change("files", path, "", "folder", ""), _of(gone)) == ()


def test_a_link_to_a_release_that_is_none_leads_to_the_one_of_before() -> None:
    ill = stroke(case(failed("web")), "here:release", "none")
    stroke(ill, "here:files.code.there", False)
    stroke(ill, "here:files.code.kind", "")
    stroke(ill, "here:files.code.problem", "No such file or directory")
    stroke(ill, "here:recorded_release", "/srv/miclinik/norte/releases/22.0.4-0123456789ab")
    found = next(entry for entry in diagnose(ill) if entry.id == "code-missing")
    assert found.run[0] == "ln -sfn releases/22.0.4-0123456789ab /srv/miclinik/norte/current"
    assert "leads to none, and led to /srv/miclinik/norte/releases/22.0.4-0123456789ab" in found.evidence[1]
    stroke(ill, "here:recorded_release", "")
    assert next(entry for entry in diagnose(ill) if entry.id == "code-missing").mend == "run the role application"


def test_what_was_changed_in_one_go_is_put_back_in_one() -> None:
    new = [
        _change("files", f"/etc/miclinik-php/norte/{name}.conf", "", "", "file", since=since)
        for name, since in (("api", 1000.0), ("web", 1003.0), ("quarantine", 5000.0))
    ]
    first = diagnose(_of(*new))[0]
    moved = [line.split()[-2].rpartition("/")[2] for line in first.run if " mv " in line]
    assert moved == ["api.conf", "web.conf"]
    assert first.mend.endswith("; the same of what else was changed then (1)")


def test_a_unit_that_was_masked_by_hand_starts_again() -> None:
    link = _change("files", "/etc/systemd/system/postgresql@17-main.service", "", "", "link to /dev/null")
    assert putting_back.commands(link, _of(link)) == (
        "systemctl unmask postgresql@17-main.service",
        "systemctl reset-failed postgresql@17-main.service; systemctl start postgresql@17-main.service",
    )


def test_a_cluster_that_is_masked_is_more_than_down() -> None:
    unit = _change("units", "postgresql@17-main.service", "", "there", "")
    link = _change("files", "/etc/systemd/system/postgresql@17-main.service", "", "", "link to /dev/null")
    ill = _of(unit, link)
    stroke(ill, "host:units.database.name", "postgresql@17-main")
    down = Finding("database-down", "The database server is down", ("service postgresql@17-main is dead",), "start it")
    found = merging.exact(ill, down)
    assert found.run[0] == "systemctl unmask postgresql@17-main.service"
    assert found.evidence[1].startswith("/etc/systemd/system/postgresql@17-main.service: was 'nothing', is 'link")


@pytest.mark.parametrize(
    ("subject", "missed"),
    [
        ("column llx_product.tosell", True),
        ("table llx_commande", True),
        ("column llx_product_extrafields.colour", False),
        ("table llx_citas_visit", False),
    ],
)
def test_a_column_of_the_application_s_own_that_is_gone_is_missed_before_anybody_asks(
    subject: str, *, missed: bool
) -> None:
    gone = _change("database tables", subject, "", "smallint YES", "")
    found = diagnose(stroke(case(), "host:changes", [gone]))
    assert [subject.partition(" ")[2] in entry.cause for entry in found] == [True] * missed


def test_units_are_read_anew_before_any_of_them_begins_again() -> None:
    web, php = "systemctl reset-failed nginx; systemctl restart nginx", "systemctl restart php"
    lines = ("mv a", "systemctl daemon-reload", web, "mv b", "systemctl daemon-reload", php, web)
    assert putting_back.once(lines) == ("mv a", "mv b", "systemctl daemon-reload", php, web)


def test_a_server_that_takes_no_writes_by_its_configuration_takes_them_again_and_no_replica_is_made_another() -> None:
    new = _change("files", "/etc/mysql/mariadb.conf.d/99-zz.cnf", "", "", "file")
    said = Finding("database-read-only", "The database takes no writes", ("llx_const: error 1036",), "look")
    assert merging.exact(_of(new), said).run[1].endswith("systemctl restart mariadb")
    replica = Finding("database-read-only", "The same", ("the server says: the server is a replica",), "look")
    assert merging.exact(_of(new), replica).run == ()
